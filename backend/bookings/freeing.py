"""Giving places back: who waits gets them in the same write, and is told.

A place that was free for a moment could be taken by whoever asks just then; here it goes from one
person to the next without being free in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.bookings import bookers, deeds
from backend.bookings.documents import BookingNotice, PlaceBooking, Slot
from backend.bookings.queue_rules import RETURNS, QueueState
from backend.bookings.rules import (
    KEEPS_PLACES,
    BookingFacts,
    BookingState,
    Waiting,
    next_offers,
    offered_until,
)
from backend.bookings.slots import DECIDING, facts_of
from backend.figures import BookingFigures
from backend.foundation import audit
from backend.foundation.mongo import ReturnDocument, Session
from shared.localized_text import LocalizedText

Row = Mapping[str, Any]
MOST_WAITING = 1_000


@dataclass(frozen=True, slots=True)
class News:
    """What somebody is told of their booking; `code` is stable."""

    code: str
    words: LocalizedText


OFFER = News(
    "booking_offered",
    LocalizedText(
        "候补成功，已为您保留名额，请在截止时间前确认。",
        "There are places for you now. Confirm before the time is over.",
    ),
)
OFFER_MISSED = News(
    "booking_offer_missed",
    LocalizedText(
        "名额未在截止时间前确认，已释放。", "The places were not confirmed and are freed."
    ),
)


def closed_news(why: LocalizedText) -> News:
    """Return what those who booked a closed slot are told."""
    return News(
        "booking_closed",
        LocalizedText(
            f"场馆取消了该时段：{why.zh}。您的预约已取消，不计违约。",
            f"The venue closed this slot: {why.en}. Your booking is cancelled, at no loss.",
        ),
    )


def booking_facts(row: Row) -> BookingFacts:
    """Return what of a stored booking decides."""
    return BookingFacts(
        state=BookingState(row["state"]),
        quantity=row["quantity"],
        starts_at=row["starts_at"],
        cancel_by=row["cancel_by"],
        expires_at=row.get("expires_at"),
        entered=row["entered"],
        checked_in="queue" in row and row["queue"]["state"] not in RETURNS,
    )


async def end(
    rows: Sequence[Row], to: BookingState, more: Row, now: datetime, session: Session
) -> None:
    """End bookings as they were read; their people no longer have them ahead.

    Raises:
        RuntimeError: one changed since; the transaction's snapshot forbids it.
    """
    ended = PlaceBooking.get_pymongo_collection()
    done = await ended.update_many(
        {"_id": {"$in": [row["_id"] for row in rows]}, "state": {"$in": _states(rows)}},
        {"$set": {"state": to.value, "changed_at": now, **more}, "$unset": {"expires_at": ""}},
        session=session,
    )
    if done.matched_count != len(rows):
        raise RuntimeError("a booking changed inside the transaction that judged it")
    queued = [row["_id"] for row in rows if "queue" in row]
    if queued and to not in KEEPS_PLACES:
        left = {"$set": {"queue.state": QueueState.LEFT.value}}
        await ended.update_many({"_id": {"$in": queued}}, left, session=session)
    changes = [bookers.without(row["resident_id"], row["_id"]) for row in rows]
    await bookers.write(changes, session)


async def give_back(
    slot_id: str, rows: Sequence[Row], figures: BookingFigures, now: datetime, session: Session
) -> None:
    """Give back what ended bookings had of a slot, and offer it to who waits.

    `rows` are the bookings as they were before they ended, those that waited included.
    """
    waited = sum(row["state"] == BookingState.WAITING for row in rows)
    places = sum(row["quantity"] for row in rows if row["state"] != BookingState.WAITING)
    slots = Slot.get_pymongo_collection()
    slot = await slots.find_one_and_update(
        {"_id": slot_id},
        {"$inc": {"free": places, "taken": -places, "waiting": -waited}},
        DECIDING,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if slot is not None and slot["waiting"] and slot["free"]:
        await _offer(slot, figures, now, session)


async def tell(
    rows: Sequence[Row], news: News, now: datetime, session: Session, about: str = ""
) -> None:
    """Leave a notice for each booking's person, once per booking and news `about` something."""
    words = {"zh": news.words.zh, "en": news.words.en}
    remark = {"code": news.code, "words": words, "at": now}
    await PlaceBooking.get_pymongo_collection().update_many(
        {"_id": {"$in": [row["_id"] for row in rows]}}, {"$set": {"remark": remark}},
        session=session,
    )  # fmt: skip
    notices = [
        {
            "_id": f"{row['_id']}.{news.code}{about}",
            "resident_id": row["resident_id"],
            "booking": row["_id"],
            "sms_at": now,
            **remark,
        }
        for row in rows
    ]
    await BookingNotice.get_pymongo_collection().insert_many(notices, session=session)


async def _offer(slot: Row, figures: BookingFigures, now: datetime, session: Session) -> None:
    until = offered_until(facts_of(slot), figures.offer, now)
    if until is None:
        return
    bookings = PlaceBooking.get_pymongo_collection()
    found = bookings.find(
        {"slot": slot["_id"], "state": BookingState.WAITING.value},
        {"resident_id": 1, "quantity": 1},
        session=session,
    )
    rows = {row["_id"]: row async for row in found.sort("turn", 1).limit(MOST_WAITING)}
    waiting = [Waiting(one, row["resident_id"], row["quantity"]) for one, row in rows.items()]
    offers = next_offers(waiting, slot["free"])
    if not offers:
        return
    await bookings.update_many(
        {"_id": {"$in": [one.booking_id for one in offers]}},
        {"$set": {"state": BookingState.OFFERED.value, "changed_at": now, "expires_at": until}},
        session=session,
    )
    places = sum(one.quantity for one in offers)
    await Slot.get_pymongo_collection().update_one(
        {"_id": slot["_id"]},
        {"$inc": {"free": -places, "taken": places, "waiting": -len(offers)}},
        session=session,
    )
    await tell([rows[one.booking_id] for one in offers], OFFER, now, session)
    await audit.record_all(
        [deeds.of_house("bookings.offered", one.resident_id, now) for one in offers], session
    )


def _states(rows: Sequence[Row]) -> list[str]:
    return sorted({row["state"] for row in rows})
