"""Pardoning no-shows 爽约免记: by staff of the venue, with a reason, before who shows their card.

The booking stays what it was, and counts no more.
"""

from dataclasses import dataclass

from backend.bookings import deeds
from backend.bookings import refusals as no
from backend.bookings.documents import KEPT, PlaceBooking
from backend.bookings.no_shows import COUNTED
from backend.bookings.visit_queues import DeskEvidence
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may_at
from backend.foundation.refusals import Refusal
from backend.residents.same_person import same_person
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class PardonWish:
    """At which venue, what is shown there (a code or a card), and why it does not count."""

    venue: int
    code: str | None
    identification_code: str | None
    reason: str


class NoShowPardons:
    """Lets staff pardon."""

    def __init__(self, evidence: DeskEvidence, once: Once, clock: Clock) -> None:
        self._evidence = evidence
        self._once = once
        self._clock = clock

    async def pardon(self, caller: Caller | None, key: str, wish: PardonWish) -> int | Refusal:
        """Pardon what the holder of a shown card missed at this venue; return how many bookings."""
        refused = may_at(caller, Act.NO_SHOW_PARDON, (wish.venue,))
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        reason = audit.reason_of(wish.reason)
        if isinstance(reason, Refusal):
            return reason
        by, who = caller, caller.actor.id
        request = {
            "act": "pardon no-shows",
            "venue": str(wish.venue),
            "shown": wish.code or wish.identification_code or "",
            "reason": reason,
        }
        kept = await self._once.answered(caller=who, key=key, request=request)
        if kept is not None:
            return _count(kept)
        shown = await self._evidence.at_desk(wish.code, wish.identification_code)
        if isinstance(shown, Refusal):
            return shown

        async def act(session: Session) -> Answer | Refusal:
            now = self._clock.now()
            missed = {
                "resident_id": {"$in": await same_person(shown.resident_id, session)},
                "ends_at": {"$gt": now - KEPT},
                "venue": wish.venue,
                **COUNTED,
            }
            change = {"$set": {"pardoned": now}}
            bookings = PlaceBooking.get_pymongo_collection()
            done = await bookings.update_many(missed, change, session=session)
            refused = None if done.matched_count else no.NOTHING_TO_PARDON
            refused = refused or await shown.use(session)
            if refused is not None:
                return refused
            deed = deeds.of_staff(
                by, "bookings.pardoned", deeds.PARDONED, shown.resident_id, now, reason=reason
            )
            await audit.record(deed, session)
            return {"pardoned": done.matched_count}

        now = self._clock.now()
        return _count(
            await self._once.perform(caller=who, key=key, request=request, now=now, act=act)
        )


def _count(done: Answer | Refusal) -> int | Refusal:
    return done if isinstance(done, Refusal) else int(done["pardoned"])
