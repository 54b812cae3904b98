"""Placing bookings: never more than a slot has, whoever asks at once, and each exactly once.

A plain transaction a booking costs ten times one guarded update where many want the same slot: they
conflict and begin again. Here those who come while a write is under way wait for the next, which
takes all of them: one transaction for slots, bookings, what people have ahead and the audit rows.
It is done whole or not at all, wherever the power goes. What was judged is guarded by conditions in
the write itself, so several servers can place bookings in the same slot; the one whose condition
fails judges again.
"""

import asyncio
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from backend.bookings import bookers, deeds
from backend.bookings import refusals as no
from backend.bookings.documents import PlaceBooking, Slot
from backend.bookings.no_shows import Missed, NoShowReading
from backend.bookings.rules import (
    BookingState,
    Limits,
    OpenBooking,
    Sitting,
    SlotFacts,
    SlotKind,
    refusal_of_person,
    refusal_of_slot,
    refusal_to_sit,
    refusal_to_wait,
)
from backend.bookings.sittings import Sittings
from backend.bookings.slots import DECIDING, ShownSlot, Slots, facts_of
from backend.figures import BookingFigures
from backend.foundation import audit
from backend.foundation.audit import Deed
from backend.foundation.idempotency import KEY_REUSED
from backend.foundation.mongo import BulkWriteError, DuplicateKeyError, Session, Store, UpdateOne
from backend.foundation.problems import INTERNAL
from backend.foundation.refusals import Refusal
from backend.mandates.acting import Acting, record_act
from shared.clock import Clock

MOST_AT_ONCE = 200
_TRIES = 40
_LONGEST_PAUSE = 0.05
_DUPLICATE_KEY = 11000
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlaceWish:
    """One request for places; `waits` asks for a place in the waiting list instead.

    `refused` is what else forbids it: it is said only to a request that was not granted before.
    """

    booking_id: str
    request_hash: bytes
    resident_id: str
    slot_id: str
    quantity: int
    waits: bool = False
    origin: str = ""
    refused: Refusal | None = None
    acting: Acting | None = None


@dataclass(frozen=True, slots=True)
class SlotFull:
    """The slot has not so many places; `next_free` is the next one that has."""

    refused: Refusal
    next_free: ShownSlot | None


Answer = Row | SlotFull | Refusal
"""A booking as it is stored, or why there is none."""


class _Stale(Exception):
    """Something changed between judgement and write; nothing was written."""


class _NoLonger(_Stale):
    """A mandate does not allow the booking any more, when it is written."""

    def __init__(self, booking_id: str, refused: Refusal) -> None:
        super().__init__(booking_id)
        self.booking_id = booking_id
        self.refused = refused


@dataclass(slots=True)
class _SlotCount:
    """A slot as it was read, and what this round takes of it."""

    facts: SlotFacts
    turns: int
    free: int
    taken: int = 0
    joined: int = 0


@dataclass(slots=True)
class _Round:
    """One judgement of some wishes, and what it would write."""

    now: datetime
    known: Mapping[str, Row]
    slots: Mapping[str, _SlotCount]
    bookers: Mapping[str, Row]
    ahead: dict[str, list[OpenBooking]]
    sittings: Mapping[str, Sequence[Sitting]]
    missed: Missed
    new: dict[str, dict[str, Any]] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    acts: dict[str, tuple[Deed, Acting]] = field(default_factory=dict)
    full: dict[str, _SlotCount] = field(default_factory=dict)


class PlacingDesk:
    """Takes wishes and writes them in groups; one a server."""

    def __init__(
        self, store: Store, slots: Slots, sittings: Sittings, figures: BookingFigures, clock: Clock
    ) -> None:
        self._store = store
        self._sittings = sittings
        self._slots = slots
        self._figures = figures
        self._clock = clock
        self._no_shows = NoShowReading(figures)
        self._limits = Limits(per_day=figures.per_day, ahead=figures.ahead)
        self._queue: list[tuple[PlaceWish, asyncio.Future[Answer]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def place(self, wish: PlaceWish) -> Answer:
        """Return the booking of a wish: made now, or the first time it came."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._queue.append((wish, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await answer

    async def _write_all(self) -> None:
        while self._queue:
            group, self._queue = self._queue[:MOST_AT_ONCE], self._queue[MOST_AT_ONCE:]
            try:
                answers = await self._write([wish for wish, _ in group])
            except Exception as error:  # noqa: BLE001 - belongs to those who asked, not to this task
                for _, answer in group:
                    if not answer.done():
                        answer.set_exception(error)
                continue
            for (_, answer), told in zip(group, answers, strict=True):
                if not answer.done():  # whoever asked may be gone; the booking stands
                    answer.set_result(told)

    async def _write(self, wishes: Sequence[PlaceWish]) -> list[Answer]:
        for _ in range(_TRIES):
            judged = await self._read(wishes)
            answers = [self._judge(judged, wish) for wish in wishes]
            try:
                if judged.new:
                    await self._commit(judged)
            except _NoLonger as late:
                wishes = [
                    replace(one, refused=late.refused) if one.booking_id == late.booking_id else one
                    for one in wishes
                ]
                continue
            except _Stale:
                await asyncio.sleep(secrets.randbelow(1000) / 1000 * _LONGEST_PAUSE)
                continue
            return await self._explained(wishes, answers, judged)
        return [INTERNAL] * len(wishes)

    async def _read(self, wishes: Sequence[PlaceWish]) -> _Round:
        ids = {"$in": [wish.booking_id for wish in wishes]}
        known = PlaceBooking.get_pymongo_collection().find({"_id": ids})
        slot_ids = {"$in": list({wish.slot_id for wish in wishes})}
        slots = Slot.get_pymongo_collection().find({"_id": slot_ids}, {**DECIDING, "turns": 1})
        now, residents = self._clock.now(), {wish.resident_id for wish in wishes}
        found, rows, ahead, missed = await asyncio.gather(
            known.to_list(),
            slots.to_list(),
            bookers.of_residents(residents),
            self._no_shows.of_residents(residents, now),
        )
        exams = {row["_id"] for row in rows if row["kind"] == SlotKind.EXAM}
        sit = {wish.resident_id for wish in wishes if wish.slot_id in exams}
        return _Round(
            now=now,
            known={row["_id"]: row for row in found},
            slots={row["_id"]: _count(row) for row in rows},
            bookers=ahead,
            ahead={resident: bookers.ahead_in(row) for resident, row in ahead.items()},
            # Read after what they have ahead: who registers since changes that, and it is stale.
            sittings=await self._sittings.not_over(sit, now) if sit else {},
            missed=missed,
        )

    def _judge(self, judged: _Round, wish: PlaceWish) -> Answer:
        known = judged.new.get(wish.booking_id) or judged.known.get(wish.booking_id)
        if known is not None:
            same = bytes(known["request_hash"]) == wish.request_hash
            return known if same else KEY_REUSED
        slot = judged.slots.get(wish.slot_id)
        if wish.refused is not None or slot is None:
            return wish.refused or no.SLOT_UNKNOWN
        ahead = judged.ahead.setdefault(wish.resident_id, [])
        refused = refusal_of_slot(slot.facts, wish.quantity, judged.now) or refusal_of_person(
            slot.facts, ahead, self._limits, judged.now
        )
        refused = refused or refusal_to_sit(slot.facts, judged.sittings.get(wish.resident_id, ()))
        refused = refused or self._no_shows.refusal(
            judged.missed, wish.resident_id, slot.facts.kind, judged.now
        )
        if refused is not None:
            return refused
        return self._wait(judged, wish, slot) if wish.waits else self._take(judged, wish, slot)

    def _take(self, judged: _Round, wish: PlaceWish, slot: _SlotCount) -> Answer:
        if slot.free < wish.quantity:
            judged.full[wish.booking_id] = slot
            return no.slot_full(wish.quantity, None)
        slot.free -= wish.quantity
        slot.taken += wish.quantity
        held = {
            "state": BookingState.HELD.value,
            "expires_at": min(judged.now + self._figures.hold, slot.facts.closes_at),
        }
        return _made(judged, wish, slot.facts, held, "bookings.placed")

    def _wait(self, judged: _Round, wish: PlaceWish, slot: _SlotCount) -> Answer:
        seen = replace(slot.facts, free=slot.free, waiting=slot.facts.waiting + slot.joined)
        refused = refusal_to_wait(seen, wish.quantity, self._figures.waiting)
        if refused is not None:
            return refused
        slot.joined += 1
        turn = {"state": BookingState.WAITING.value, "turn": slot.turns + slot.joined}
        return _made(judged, wish, slot.facts, turn, "bookings.waits")

    async def _commit(self, judged: _Round) -> None:
        new = list(judged.new.values())
        changed = {one["resident_id"] for one in new}

        async def transact(session: Session) -> None:
            await _write_slots(judged.slots.values(), session)
            await bookers.write(
                [
                    bookers.replaced(one, judged.bookers.get(one), judged.ahead[one], judged.now)
                    for one in sorted(changed)
                ],
                session,
            )
            await PlaceBooking.get_pymongo_collection().insert_many(
                new, ordered=False, session=session
            )
            if judged.deeds:
                await audit.record_all(judged.deeds, session)
            for booking_id, (deed, acting) in judged.acts.items():
                refused = await record_act(deed, acting, session)
                if refused is not None:
                    raise _NoLonger(booking_id, refused)

        try:
            async with self._store.client.start_session() as session:
                await session.with_transaction(transact)
        except DuplicateKeyError as error:
            raise _Stale from error
        except BulkWriteError as error:
            failures = (error.details or {}).get("writeErrors", [])
            if any(failure["code"] != _DUPLICATE_KEY for failure in failures):
                raise
            raise _Stale from error

    async def _explained(
        self, wishes: Sequence[PlaceWish], answers: Sequence[Answer], judged: _Round
    ) -> list[Answer]:
        """Return the answers, those of full slots with the next that has room."""
        if not judged.full:
            return list(answers)
        found: dict[tuple[str, int], ShownSlot | None] = {}
        explained: list[Answer] = []
        for wish, answer in zip(wishes, answers, strict=True):
            slot = judged.full.get(wish.booking_id)
            if slot is None or not isinstance(answer, Refusal):
                explained.append(answer)
                continue
            asked = (wish.slot_id, wish.quantity)
            if asked not in found:  # at most one read a slot and quantity, however many ask
                found[asked] = await self._slots.next_with_room(slot.facts, wish.quantity)
            free = found[asked]
            starts_at = free.facts.starts_at if free else None
            explained.append(SlotFull(no.slot_full(wish.quantity, starts_at), free))
        return explained


def guard(slot: SlotFacts, taken: int, joined: int, turns: int) -> dict[str, Any]:
    """Return the condition under which a slot gives `taken` places and takes `joined` to wait."""
    condition: dict[str, Any] = {"_id": slot.slot_id, "state": slot.state.value}
    if joined:  # places that were freed meanwhile belong to those who wait: judge again
        return condition | {"free": slot.free, "turns": turns}
    return condition | {"free": {"$gte": taken}}


async def _write_slots(slots: Iterable[_SlotCount], session: Session) -> None:
    changes = [
        UpdateOne(
            guard(one.facts, one.taken, one.joined, one.turns),
            {
                "$inc": {
                    "free": -one.taken,
                    "taken": one.taken,
                    "waiting": one.joined,
                    "turns": one.joined,
                }
            },
        )
        for one in slots
        if one.taken or one.joined
    ]
    done = await Slot.get_pymongo_collection().bulk_write(changes, session=session)
    if done.matched_count != len(changes):
        raise _Stale


def _made(
    judged: _Round, wish: PlaceWish, slot: SlotFacts, more: Mapping[str, Any], action: str
) -> Row:
    row = {
        "_id": wish.booking_id,
        "request_hash": wish.request_hash,
        "resident_id": wish.resident_id,
        "slot": slot.slot_id,
        "plan": slot.slot_id.rpartition(".")[0],
        "venue": slot.venue,
        "kind": slot.kind.value,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "cancel_by": slot.cancel_by,
        "quantity": wish.quantity,
        "placed_at": judged.now,
        "changed_at": judged.now,
        "entered": 0,
        "forfeited": False,
        "moves": [],
        **more,
    }
    judged.new[wish.booking_id] = row
    judged.ahead[wish.resident_id].append(bookers.entry(wish.booking_id, slot))
    deed = deeds.of_booker(action, wish.resident_id, judged.now, wish.origin)
    if wish.acting is None:
        judged.deeds.append(deed)
    else:
        judged.acts[wish.booking_id] = (deed, wish.acting)
    return row


def _count(row: Row) -> _SlotCount:
    facts = facts_of(row)
    return _SlotCount(facts, row["turns"], facts.free)
