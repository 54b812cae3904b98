"""Stored rows of examinations as values, and the area's deeds in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.exams import rules
from backend.exams.documents import ExamSeat, StoredExamSession
from backend.exams.rules import ExamSession, SeatFacts
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System
from backend.foundation.deeds import AreaDeeds
from backend.foundation.idempotency import Answer
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText

MOST_SHOWN = 50
Row = Mapping[str, Any]
WORDS: Mapping[str, LocalizedText] = {
    "exams.session": LocalizedText("设置了考试场次", "Described a session of an examination"),
    "exams.opened": LocalizedText("开放了考试报名", "Opened an examination for registration"),
    "exams.registered": LocalizedText("报名了考试", "Registered for an examination"),
    "exams.withdrawn": LocalizedText("退出了考试报名", "Withdrew from an examination"),
    "exams.listed": LocalizedText(
        "查看了考试报名名单（姓名、号码已隐去部分）",
        "Read the roll of an examination; names and numbers masked",
    ),
    "exams.assigned": LocalizedText("安排了考试座位", "Assigned a seat in an examination"),
    "exams.checked_in": LocalizedText("核验身份后准予入场考试", "Let in to an examination"),
    "exams.impersonated": LocalizedText("登记了替考嫌疑", "Noted impersonation in an examination"),
}
of_holder = AreaDeeds("exams", WORDS).of_holder


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat as its person or the door sees it."""

    session: ExamSession
    seat: int
    entered_at: datetime | None
    photo: str | None


async def session_row(code: str, transaction: Session | None = None) -> Row | Refusal:
    """Return a session's row by its code."""
    if not rules.is_code(code):
        return rules.SESSION_UNKNOWN
    sessions = StoredExamSession.get_pymongo_collection()
    row = await sessions.find_one({"_id": code}, session=transaction)
    return rules.SESSION_UNKNOWN if row is None else row


async def session_of(code: str, transaction: Session | None = None) -> ExamSession | Refusal:
    """Return a session by its code."""
    row = await session_row(code, transaction)
    return row if isinstance(row, Refusal) else session_in(row)


async def own_session(
    caller: Caller, code: str, transaction: Session | None = None
) -> ExamSession | Refusal:
    """Return a session of the caller's own department."""
    row = await own_row(caller, code, transaction)
    return row if isinstance(row, Refusal) else session_in(row)


async def own_row(caller: Caller, code: str, transaction: Session | None = None) -> Row | Refusal:
    """Return a session of the caller's own department as it is stored."""
    row = await session_row(code, transaction)
    if isinstance(row, Refusal):
        return row
    return row if row["owner"] == caller.organisation.code else rules.SESSION_OF_OTHERS


async def seat_told(done: Answer | Refusal) -> SeatView | Refusal:
    """Return the seat that an answer kept by `Once` names, as it is by now."""
    if isinstance(done, Refusal):
        return done
    row = await ExamSeat.get_pymongo_collection().find_one({"_id": done["seat"]})
    known = rules.NO_SEAT if row is None else await session_of(row["session"])
    if row is None or isinstance(known, Refusal):
        return rules.NO_SEAT
    return seat_view(row, known)


def session_in(row: Row) -> ExamSession:
    """Return a session as stored."""
    numbers = ("owner", "venue", "starts_at", "ends_at", "seats", "early_minutes", "late_minutes")
    fields = {one: row[one] for one in numbers}
    return ExamSession(code=row["_id"], name=LocalizedText(**row["name"]), **fields)


def facts_in(row: Row) -> SeatFacts:
    """Return what of a stored seat decides whether its holder is let in."""
    return SeatFacts(row["seat"], "entered_at" in row, "impersonated_at" in row)


def seat_view(row: Row, known: ExamSession) -> SeatView:
    """Return a stored seat as its person or the door sees it."""
    return SeatView(known, row["seat"], row.get("entered_at"), row.get("photo"))


def by_staff(
    by: Caller,
    action: str,
    resident_id: str | None,
    at: datetime,
    reason: str = "",
    result: str = audit.OK,
) -> Deed:
    """Return what staff did; the person concerned finds it among the uses of their data."""
    return Deed(
        at=at,
        actor=by.actor,
        action=action,
        words=WORDS[action],
        system=System.COUNTER if by.staff_id else System.BATCH,
        subject=resident_id,
        organisation=by.organisation,
        reason=reason,
        result=result,
    )
