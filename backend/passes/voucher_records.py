"""A voucher as it is stored: read, seen by its holder, and changed while it is as it was judged."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backend.foundation.audit import Deed
from backend.foundation.idempotency import Answer
from backend.foundation.mongo import ReturnDocument, Session
from backend.foundation.refusals import Refusal
from backend.mandates.acting import Acting, record_act
from backend.passes import voucher_refusals as no
from backend.passes.documents import TrainingVoucher, VoucherProgramme
from backend.passes.voucher_rules import (
    Course,
    Programme,
    ShownVoucherState,
    VoucherEvent,
    VoucherFacts,
    VoucherState,
    present_state,
    refusal_of,
    shown_state,
)
from shared.admission.circumstances import DayRange
from shared.identifiers import is_identifier
from shared.localized_text import LocalizedText

Row = Mapping[str, Any]
Change = dict[str, Any]
Step = Callable[[Row, VoucherFacts], Awaitable[Change | Refusal]]
ACTIONS: Mapping[VoucherEvent, str] = {
    VoucherEvent.RESERVE: "vouchers.reserved",
    VoucherEvent.CONFIRM: "vouchers.confirmed",
    VoucherEvent.SETTLE: "vouchers.settled",
    VoucherEvent.RELEASE: "vouchers.released",
    VoucherEvent.REVOKE: "vouchers.revoked",
}


@dataclass(frozen=True, slots=True)
class Settled:
    """What a voucher paid for: hours attended of hours planned, and what is owed, in fen."""

    attended: int
    planned: int
    fen: int
    at: datetime


@dataclass(frozen=True, slots=True)
class VoucherView:
    """A voucher as its holder sees it; `course` and `held_until` while it is reserved."""

    voucher_id: str
    name: LocalizedText
    facts: VoucherFacts
    state: ShownVoucherState
    issued_at: datetime
    course: Course | None
    held_until: datetime | None
    settled: Settled | None


def freed() -> Change:
    """Return the write that makes a voucher free again."""
    return {"$set": {"state": VoucherState.ISSUED.value}, "$unset": {"reservation": ""}}


def guard(row: Row) -> dict[str, Any]:
    """Match a voucher only while it is as it was judged."""
    return {"_id": row["_id"], "revision": row["revision"]}


async def change(
    row: Row,
    event: VoucherEvent,
    step: Step,
    deed: Deed,
    session: Session,
    acting: Acting | None = None,
) -> Answer | Refusal:
    """Do a step on a voucher where its state allows the event, with the audit row."""
    facts = facts_in(row)
    work = refusal_of(event, facts, deed.at) or await step(row, facts)
    if isinstance(work, Refusal):
        return work
    written = dict(work)
    written["$set"] = {**work["$set"], "changed_at": deed.at}
    written["$inc"] = {"revision": 1}
    vouchers = TrainingVoucher.get_pymongo_collection()
    done = await vouchers.update_one(guard(row), written, session=session)
    if done.matched_count == 0:
        return no.ALREADY_RESERVED if event is VoucherEvent.RESERVE else no.VOUCHER_CHANGED
    return await record_act(deed, acting, session) or {"voucher": row["_id"]}


async def counted(programme: str, session: Session) -> Row | Refusal:
    """Count one more voucher of a programme, if it gives out any, and return the programme."""
    programmes = VoucherProgramme.get_pymongo_collection()
    within = {"$lt": ["$issued", {"$ifNull": ["$quota", {"$add": ["$issued", 1]}]}]}
    run: Row | None = await programmes.find_one_and_update(
        {"_id": programme, "closed": False, "$expr": within},
        {"$inc": {"issued": 1}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if run is not None:
        return run
    known = await programmes.find_one({"_id": programme}, {"_id": 1}, session=session)
    return no.PROGRAMME_UNKNOWN if known is None else no.PROGRAMME_CLOSED


async def read(voucher_id: str, session: Session | None = None) -> Row | None:
    """Return a stored voucher."""
    if not is_identifier(voucher_id):
        return None
    vouchers = TrainingVoucher.get_pymongo_collection()
    return await vouchers.find_one({"_id": voucher_id}, session=session)


def stored(programme: Programme) -> dict[str, Any]:
    """Return a programme as it is stored, without what was issued of it."""
    fields = {
        "name": {"zh": programme.name.zh, "en": programme.name.en},
        "value_fen": programme.value_fen,
        "course_types": list(programme.course_types),
        "valid_days": programme.valid_days,
        "hold_days": programme.hold_days,
        "least_percent": programme.least_percent,
        "quota": programme.quota,
        "closed": programme.closed,
    }
    return {name: value for name, value in fields.items() if value is not None}


def facts_in(row: Row) -> VoucherFacts:
    """Return what of a stored voucher decides."""
    reservation = row.get("reservation")
    return VoucherFacts(
        state=VoucherState(row["state"]),
        days=DayRange(date.fromisoformat(row["first"]), date.fromisoformat(row["last"])),
        course_types=frozenset(row["course_types"]),
        value_fen=row["value_fen"],
        least_percent=row["least_percent"],
        held_until=reservation and reservation["until"],
    )


def view(row: Row, now: datetime) -> VoucherView:
    """Return a stored voucher as its holder sees it now."""
    facts, settled = facts_in(row), row.get("settlement")
    reserved = row.get("reservation")
    if present_state(facts, now) is VoucherState.ISSUED:
        reserved = None  # it lapsed
    course = reserved and Course(
        reserved["course_type"],
        reserved["course"],
        reserved["provider"],
        date.fromisoformat(reserved["starts_on"]),
    )
    waits = reserved is not None and facts.state is VoucherState.RESERVED
    return VoucherView(
        voucher_id=row["_id"],
        name=LocalizedText(**row["name"]),
        facts=facts,
        state=shown_state(facts, now),
        issued_at=row["issued_at"],
        course=course,
        held_until=facts.held_until if waits else None,
        settled=settled and Settled(**settled),
    )
