"""Giving seats: one to one person by hand, or by lot to all who registered."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from backend.bookings.rules import Sitting
from backend.cards.refusals import NO_CARD
from backend.cards.service import Cards
from backend.exams import registration_rules as no
from backend.exams import rules
from backend.exams.documents import ExamRegistration, ExamSeat, StoredExamSession
from backend.exams.records import (
    Row,
    SeatView,
    by_staff,
    own_session,
    seat_told,
)
from backend.exams.registration_rules import RegistrationState
from backend.exams.rules import LONGEST, ExamSession
from backend.exams.sittings import booked_sittings, hold_person
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session, UpdateOne
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.mandates.notices import tell_each
from backend.residents.same_person import same_person
from shared.clock import Clock
from shared.identifiers import is_identifier

DRAWN_AT_ONCE = 200
"""Seats that are drawn in one transaction."""
_STANDS = RegistrationState.REGISTERED.value


class ExamSeating:
    """Gives seats, as the department that holds the examination."""

    def __init__(self, cards: Cards, once: Once, clock: Clock) -> None:
        self._cards = cards
        self._once = once
        self._clock = clock

    async def assign(
        self, caller: Caller | None, key: str, session: str, resident_id: str, seat: int
    ) -> SeatView | Refusal:
        """Give a card holder a seat: one a session, and none at the time of another.

        Whoever registered has their place already; anybody else takes one.
        """
        refused = may(caller, Act.EXAM_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        now = self._clock.now()

        async def act(transaction: Session) -> Answer | Refusal:
            known = await own_session(caller, session, transaction)
            if isinstance(known, Refusal):
                return known
            holds = is_identifier(resident_id) and await self._cards.holds_card(
                resident_id, transaction
            )
            if not holds:
                return NO_CARD
            # Two sessions that clash are two documents: only this write makes one wait.
            await hold_person(resident_id, transaction)
            fault = await _unseatable(known, resident_id, seat, transaction)
            fault = fault or await _placed(known, resident_id, now, transaction)
            if fault is not None:
                return fault
            row = _seat_row(known, seat, resident_id, now)
            await ExamSeat.get_pymongo_collection().insert_one(row, session=transaction)
            await _tell(known, [row], now, transaction)
            await audit.record(by_staff(caller, "exams.assigned", resident_id, now), transaction)
            return {"seat": row["_id"]}

        request = {"act": "exam seat", "session": session, "who": resident_id, "seat": str(seat)}
        who = caller.actor.id
        done = await self._once.perform(caller=who, key=key, request=request, now=now, act=act)
        return await seat_told(done)

    async def draw(self, caller: Caller | None, key: str, session: str) -> int | Refusal:
        """Give all who registered a seat by lot 随机编排, once nobody can register any more.

        Stopped half-way it goes on where it stopped. Returns how many seats of the session are
        given.
        """
        refused = may(caller, Act.EXAM_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        now = self._clock.now()
        request = {"act": "exam draw", "session": session}
        who = caller.actor.id
        kept = await self._once.answered(caller=who, key=key, request=request)
        while kept is None:

            async def batch(transaction: Session) -> int | Refusal:
                return await _drawn(caller, session, now, transaction)

            drawn = await audit.in_one_write(batch)
            if isinstance(drawn, Refusal):
                return drawn
            if not drawn:
                break

        async def act(transaction: Session) -> Answer | Refusal:
            seats = ExamSeat.get_pymongo_collection()
            given = await seats.count_documents({"session": session}, session=transaction)
            return {"given": str(given)}

        done = await self._once.perform(caller=who, key=key, request=request, now=now, act=act)
        return done if isinstance(done, Refusal) else int(done["given"])


def place_guard(session: str, most: int) -> dict[str, Any]:
    """Match a session only while fewer than `most` of its places are taken."""
    return {"_id": session, "taken": {"$not": {"$gte": most}}}


async def around(
    known: ExamSession, resident_id: str, transaction: Session
) -> tuple[list[Row], list[Row]]:
    """Return somebody's seats and standing registrations at the time of a session, its own too."""
    held_then = {
        "resident_id": {"$in": await same_person(resident_id, transaction)},
        "starts_at": {"$gt": known.starts_at - LONGEST, "$lt": known.ends_at},
        "ends_at": {"$gt": known.starts_at},
    }
    seats = ExamSeat.get_pymongo_collection().find(held_then, session=transaction)
    registered = ExamRegistration.get_pymongo_collection().find(
        {**held_then, "state": _STANDS}, session=transaction
    )
    return await seats.to_list(), await registered.to_list()


async def _unseatable(
    known: ExamSession, resident_id: str, seat: int, transaction: Session
) -> Refusal | None:
    seated, registered = await around(known, resident_id, transaction)
    if any(one["session"] == known.code for one in seated):
        return rules.SEATED
    others = [one for one in (*seated, *registered) if one["session"] != known.code]
    sits = [Sitting(one["starts_at"], one["ends_at"]) for one in others]
    sits += await booked_sittings(resident_id, transaction)
    fault = rules.seat_fault(known, seat, sits)
    if fault is not None:
        return fault
    wanted = {"_id": f"{known.code}.{seat}"}
    seats = ExamSeat.get_pymongo_collection()
    taken = await seats.find_one(wanted, {"_id": 1}, session=transaction)
    return None if taken is None else rules.SEAT_TAKEN


async def _placed(
    known: ExamSession, resident_id: str, now: datetime, transaction: Session
) -> Refusal | None:
    """Give somebody the place they registered for, or another that is free."""
    own = {"session": known.code, "resident_id": resident_id, "state": _STANDS}
    seated = {"$set": {"state": RegistrationState.SEATED.value, "changed_at": now}}
    registrations = ExamRegistration.get_pymongo_collection()
    done = await registrations.update_one(own, seated, session=transaction)
    if done.matched_count:
        return None
    sessions = StoredExamSession.get_pymongo_collection()
    more = {"$inc": {"taken": 1}}
    found = await sessions.update_one(
        place_guard(known.code, known.seats), more, session=transaction
    )
    return None if found.matched_count else no.FULL


async def _drawn(
    caller: Caller, session: str, now: datetime, transaction: Session
) -> int | Refusal:
    """Draw seats for the next of those who registered; return for how many."""
    known = await own_session(caller, session, transaction)
    if isinstance(known, Refusal):
        return known
    # Whoever draws or gives a seat in this session at the same moment waits for this write.
    changed = {"$set": {"changed_at": now}}
    sessions = StoredExamSession.get_pymongo_collection()
    closed = {"_id": session, "registration.closes_at": {"$lte": now}}
    done = await sessions.update_one(closed, changed, session=transaction)
    if done.matched_count == 0:
        opened = {"_id": session, "registration": {"$ne": None}}
        row = await sessions.find_one(opened, {"_id": 1}, session=transaction)
        return no.NEVER_OPENED if row is None else no.STILL_OPEN
    registrations = ExamRegistration.get_pymongo_collection()
    waiting = registrations.find({"session": session, "state": _STANDS}, session=transaction)
    rows = await waiting.limit(DRAWN_AT_ONCE).to_list()
    if not rows:
        return 0
    seats = ExamSeat.get_pymongo_collection()
    given = seats.find({"session": session}, {"session": 1, "seat": 1}, session=transaction)
    used = {one["seat"] async for one in given}
    free = [number for number in range(1, known.seats + 1) if number not in used]
    numbers = secrets.SystemRandom().sample(free, len(rows))
    pairs = list(zip(rows, numbers, strict=True))
    made = [_seat_row(known, number, row["resident_id"], now) for row, number in pairs]
    await seats.insert_many(made, session=transaction)
    await _tell(known, made, now, transaction)
    seated = {"$set": {"state": RegistrationState.SEATED.value, "changed_at": now}}
    await registrations.bulk_write(
        [UpdateOne({"_id": row["_id"]}, seated) for row in rows], session=transaction
    )
    deeds = [by_staff(caller, "exams.assigned", row["resident_id"], now) for row in rows]
    await audit.record_all(deeds, transaction)
    return len(rows)


async def _tell(
    known: ExamSession, seats: Sequence[Row], now: datetime, transaction: Session
) -> None:
    """Leave everybody a notice of their seat, in the write that gives it: so it is told once."""
    notices = [
        (f"exams.{row['_id']}", row["resident_id"], no.seat_told(known, row["seat"]))
        for row in seats
    ]
    await tell_each(notices, "exams.seated", now, transaction)


def _seat_row(known: ExamSession, seat: int, resident_id: str, now: datetime) -> dict[str, Any]:
    return {
        "_id": f"{known.code}.{seat}",
        "session": known.code,
        "seat": seat,
        "resident_id": resident_id,
        "starts_at": known.starts_at,
        "ends_at": known.ends_at,
        "assigned_at": now,
    }
