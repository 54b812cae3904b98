"""What becomes of one booking: confirmed, cancelled, moved; each once, each with its audit row."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.bookings import bookers, deeds
from backend.bookings import refusals as no
from backend.bookings.documents import PlaceBooking, Slot
from backend.bookings.freeing import booking_facts, end, give_back
from backend.bookings.placing import SlotFull, guard
from backend.bookings.rules import (
    BookingState,
    Limits,
    SlotFacts,
    is_forfeited,
    refusal_of_person,
    refusal_of_slot,
    refusal_to_confirm,
    refusal_to_move,
    refusal_to_sit,
)
from backend.bookings.sittings import Sittings
from backend.bookings.slots import DECIDING, Slots, facts_of
from backend.figures import BookingFigures
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.mandates.acting import Acting, record_act
from shared.clock import Clock

Row = Mapping[str, Any]
Work = Callable[[Row, datetime, Session], Awaitable[Answer | Refusal]]


@dataclass(frozen=True, slots=True)
class Change:
    """One request to change a resident's booking, by the thumbprint of the key that asks.

    `refused` is what else forbids it: it is said only to a request that was not granted before.
    """

    resident_id: str
    thumbprint: str
    key: str
    booking_id: str
    refused: Refusal | None = None
    acting: Acting | None = None


class BookingChanges:
    """Changes bookings for those whose they are."""

    def __init__(
        self, once: Once, slots: Slots, sittings: Sittings, figures: BookingFigures, clock: Clock
    ) -> None:
        self._once = once
        self._sittings = sittings
        self._slots = slots
        self._figures = figures
        self._clock = clock

    async def confirm(self, change: Change) -> Row | Refusal:
        """Confirm places that are held or offered; a confirmed booking stays as it is."""

        async def work(row: Row, now: datetime, session: Session) -> Answer | Refusal:
            if row["state"] == BookingState.CONFIRMED:
                return {}
            refused = refusal_to_confirm(booking_facts(row), now)
            if refused is not None:
                return refused
            await PlaceBooking.get_pymongo_collection().update_one(
                {"_id": row["_id"], "state": row["state"]},
                {
                    "$set": {"state": BookingState.CONFIRMED.value, "changed_at": now},
                    "$unset": {"expires_at": "", "remark": ""},
                },
                session=session,
            )
            return await _recorded("bookings.confirmed", change, now, session)

        return await self._changed(change, "confirm", work)

    async def cancel(self, change: Change, *, waiting_only: bool = False) -> Row | Refusal:
        """Cancel a booking, free or forfeited by when it is; its places go to who waits.

        With `waiting_only` it must be on the waiting list, or offered from it.
        """

        async def work(row: Row, now: datetime, session: Session) -> Answer | Refusal:
            if waiting_only and row["state"] not in _FROM_WAITING:
                return no.NOT_WAITING
            forfeited = is_forfeited(booking_facts(row), now)
            if isinstance(forfeited, Refusal):
                return forfeited
            more = {"forfeited": True} if forfeited else {}
            await end([row], BookingState.CANCELLED, more, now, session)
            await give_back(row["slot"], [row], self._figures, now, session)
            return await _recorded("bookings.cancelled", change, now, session)

        return await self._changed(change, "leave" if waiting_only else "cancel", work)

    async def move(self, change: Change, slot_id: str) -> Row | SlotFull | Refusal:
        """Move a confirmed booking to another slot of its venue and kind, or leave it untouched."""
        full: list[tuple[SlotFacts, int]] = []

        async def work(row: Row, now: datetime, session: Session) -> Answer | Refusal:
            full.clear()
            slot = await _slot(slot_id, session)
            if isinstance(slot, Refusal):
                return slot
            refused = self._refusal_to_move(row, slot, now) or await self._refusal_there(
                row, slot, now, session
            )
            if refused is not None:
                return refused
            if not await _taken(slot, row["quantity"], session):
                full.append((slot, row["quantity"]))
                return no.slot_full(row["quantity"], None)
            await _put_there(row, slot, now, session)
            await give_back(row["slot"], [row], self._figures, now, session)
            return await _recorded("bookings.moved", change, now, session)

        moved = await self._changed(change, f"move to {slot_id}", work)
        if not (full and isinstance(moved, Refusal)):
            return moved
        free = await self._slots.next_with_room(*full[0])
        return SlotFull(no.slot_full(full[0][1], free.facts.starts_at if free else None), free)

    def _refusal_to_move(self, row: Row, slot: SlotFacts, now: datetime) -> Refusal | None:
        if row["venue"] != slot.venue or row["kind"] != slot.kind or row["slot"] == slot.slot_id:
            return no.OTHER_VENUE
        return refusal_to_move(booking_facts(row), now) or refusal_of_slot(
            slot, row["quantity"], now
        )

    async def _refusal_there(
        self, row: Row, slot: SlotFacts, now: datetime, session: Session
    ) -> Refusal | None:
        whose = row["resident_id"]
        stored = (await bookers.of_residents([whose], session)).get(whose)
        others = [one for one in bookers.ahead_in(stored) if one.booking_id != row["_id"]]
        limits = Limits(per_day=self._figures.per_day, ahead=self._figures.ahead)
        sits = await self._sittings.not_over([whose], now, session)
        refused = refusal_of_person(slot, others, limits, now)
        refused = refused or refusal_to_sit(slot, sits.get(whose, ()))
        if refused is None:
            ahead = [*others, bookers.entry(row["_id"], slot)]
            await bookers.write([bookers.replaced(whose, stored, ahead, now)], session)
        return refused

    async def _changed(self, change: Change, what: str, work: Work) -> Row | Refusal:
        """Do `work` once on a booking of the resident and return it as it then is."""

        async def act(session: Session) -> Answer | Refusal:
            row = await _own(change, session)
            if change.refused is not None or row is None:
                return change.refused or no.BOOKING_UNKNOWN
            return await work(row, self._clock.now(), session)

        done = await self._once.perform(
            caller=change.thumbprint,
            key=change.key,
            request={
                "act": f"booking: {what}",
                "booking": change.booking_id,
                "resident": change.resident_id,
            },
            now=self._clock.now(),
            act=act,
        )
        return done if isinstance(done, Refusal) else await _own(change) or no.BOOKING_UNKNOWN


_FROM_WAITING = {BookingState.WAITING.value, BookingState.OFFERED.value}


async def _recorded(
    action: str, change: Change, now: datetime, session: Session
) -> Answer | Refusal:
    deed = deeds.of_booker(action, change.resident_id, now)
    return await record_act(deed, change.acting, session) or {}


async def _own(change: Change, session: Session | None = None) -> Row | None:
    return await PlaceBooking.get_pymongo_collection().find_one(
        {"_id": change.booking_id, "resident_id": change.resident_id}, session=session
    )


async def _slot(slot_id: str, session: Session) -> SlotFacts | Refusal:
    row = await Slot.get_pymongo_collection().find_one({"_id": slot_id}, DECIDING, session=session)
    return no.SLOT_UNKNOWN if row is None else facts_of(row)


async def _taken(slot: SlotFacts, quantity: int, session: Session) -> bool:
    done = await Slot.get_pymongo_collection().update_one(
        guard(slot, quantity, 0, 0),
        {"$inc": {"free": -quantity, "taken": quantity}},
        session=session,
    )
    return done.matched_count == 1


async def _put_there(row: Row, slot: SlotFacts, now: datetime, session: Session) -> None:
    await PlaceBooking.get_pymongo_collection().update_one(
        {"_id": row["_id"]},
        {
            "$set": {
                "slot": slot.slot_id,
                "plan": slot.slot_id.rpartition(".")[0],
                "starts_at": slot.starts_at,
                "ends_at": slot.ends_at,
                "cancel_by": slot.cancel_by,
                "changed_at": now,
            },
            "$push": {"moves": row["slot"]},
        },
        session=session,
    )
