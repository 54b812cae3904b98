"""Reaching who is called, or soon will be, while they look at no screen 叫号通知.

A notice may be read by others on a locked screen: it tells the number and nothing of the venue, the
department or the desk, whose names can tell an illness. Where to go stands in the booking.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.bookings.documents import PlaceBooking
from backend.foundation.mongo import Session
from backend.mandates.copies import CopiedNotice, tell_with_copies
from shared.localized_text import LocalizedText

CALLED, SOON = "queue.called", "queue.soon"
Row = Mapping[str, Any]


async def tell_called(row: Row, now: datetime, session: Session) -> None:
    """Tell somebody that their number is called; `row` is their booking as the call wrote it.

    Each call is told once: its count stands in the place, and in the notice's id.
    """
    number = row["queue"]["number"]
    notice_id = f"queue.{row['_id']}.called.{row['queue']['calls']}"
    await _tell([(row, notice_id, called_words(number), called_copy(number))], CALLED, now, session)


async def tell_soon(waiting: Sequence[Row], now: datetime, session: Session) -> None:
    """Tell the first who wait how many are before them, in their order; each once a visit."""
    new = [(ahead, row) for ahead, row in enumerate(waiting) if not row["queue"].get("told_soon")]
    if not new:
        return
    await PlaceBooking.get_pymongo_collection().update_many(
        {"_id": {"$in": [row["_id"] for _, row in new]}},
        {"$set": {"queue.told_soon": True}},
        session=session,
    )
    notices = [
        (
            row,
            f"queue.{row['_id']}.soon",
            soon_words(row["queue"]["number"], ahead),
            soon_copy(row["queue"]["number"], ahead),
        )
        for ahead, row in new
    ]
    await _tell(notices, SOON, now, session)


def called_words(number: int) -> LocalizedText:
    """Return what somebody is told whose number is called; it ends without a full stop."""
    return LocalizedText(
        f"您的排队号{number}已叫到，请马上过去；去哪里请看预约或问工作人员",
        f"Your queue number {number} is called: go now; your booking or the staff say where",
    )


def called_copy(number: int) -> LocalizedText:
    """Return the same for who gets copies; it follows the name."""
    return LocalizedText(
        f"的排队号{number}已叫到，请提醒马上过去",
        f"is called, with queue number {number}: remind them to go now",
    )


def soon_words(number: int, ahead: int) -> LocalizedText:
    """Return what somebody is told before whom `ahead` are called."""
    zh = f"前面还有{ahead}位" if ahead else "是下一位"
    en = f"has {ahead} before it" if ahead else "is next"
    return LocalizedText(
        f"您的排队号{number}{zh}，请到附近等候", f"Your queue number {number} {en}: wait nearby"
    )


def soon_copy(number: int, ahead: int) -> LocalizedText:
    """Return the same for who gets copies; it follows the name."""
    zh = f"前面还有{ahead}位" if ahead else "是下一位"
    en = f"has {ahead} before them" if ahead else "is next"
    return LocalizedText(
        f"的排队号{number}{zh}，请提醒到附近等候",
        f"{en}, with queue number {number}: remind them to wait nearby",
    )


async def _tell(
    notices: Sequence[tuple[Row, str, LocalizedText, LocalizedText]],
    code: str,
    now: datetime,
    session: Session,
) -> None:
    """Leave notices, but none for who closed their account since."""
    told = [
        CopiedNotice(notice_id, row["resident_id"], own, copy)
        for row, notice_id, own, copy in notices
        if row["resident_id"]
    ]
    await tell_with_copies(told, code, now, session)
