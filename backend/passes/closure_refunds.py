"""Tickets of days on which a venue closed, given back all at once (rain, repairs).

Some at a time, each lot one transaction: killed, the same request goes on with what is left.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may_at
from backend.foundation.refusals import Refusal
from backend.passes import deeds
from backend.passes import refusals as no
from backend.passes.changes import give_back
from backend.passes.documents import StoredPass
from backend.passes.rules import PassState
from shared.clock import Clock

AT_ONCE = 50
MOST_DAYS = 366


class ClosureRefunds:
    """Gives tickets of closed days back."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def refund(
        self, caller: Caller | None, key: str, venue: int, first: date, last: date, why: str
    ) -> int | Refusal:
        """Give back every unused pass that is good at `venue` alone and on these days alone.

        Whoever holds one finds it given back, and by whom and why; what was paid for it the counter
        pays back. Returns how many were given back now: repeated, those that came in between.
        """
        refused = may_at(caller, Act.PASS_REVOKE, (venue,))
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        by, reason, now = caller, audit.reason_of(why), self._clock.now()
        if isinstance(reason, Refusal):
            return reason
        if not 0 <= (last - first).days < MOST_DAYS:
            return no.DAY_FORM

        async def order(session: Session) -> Answer:
            deed = deeds.of_staff(by, "passes.closure", None, now, reason)
            await audit.record(deed, session)
            return {}

        ordered = await self._once.perform(
            caller=by.staff_id or "operator",
            key=key,
            request={
                "act": "refund closed days",
                "venue": str(venue),
                "days": f"{first} {last}",
                "why": reason,
            },
            now=now,
            act=order,
        )
        if isinstance(ordered, Refusal):
            return ordered
        given_back = 0
        while lot := await _lot(venue, first, last):
            given_back += await self._give_back(by, lot, reason)
        return given_back

    async def _give_back(self, by: Caller, lot: list[Mapping[str, Any]], reason: str) -> int:
        now = self._clock.now()

        async def act(session: Session) -> int:
            done = 0
            for row in lot:
                deed = deeds.of_staff(by, "passes.refunded", row["resident_id"], now, reason)
                # Whoever came in on it meanwhile keeps it.
                done += await give_back(row, deed, now, session) is None
            return done

        return await audit.in_one_write(act)


async def _lot(venue: int, first: date, last: date) -> list[Mapping[str, Any]]:
    """Return some that are to be given back; what was is not among the next."""
    wanted = {
        "venues": [venue],  # one that is good elsewhere too is none of the closed days
        "state": PassState.ACTIVE.value,
        "used": 0,
        "over": 0,
        "first": {"$gte": first.isoformat()},
        "last": {"$gte": first.isoformat(), "$lte": last.isoformat()},
    }
    found = StoredPass.get_pymongo_collection().find(wanted)
    return await found.hint("closure").limit(AT_ONCE).to_list()
