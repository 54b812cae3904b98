"""Carrying closings out: what is due is done, each person in one transaction of all areas.

Several servers may sweep at once: whoever finds the closing changed stops. Whatever ends in the
middle leaves the person as they were, and the next sweep does it whole.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Any, cast

from backend.cards.service import Cards
from backend.foundation import audit
from backend.foundation.kept_running import attempt, rounds
from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.residents.same_person import same_person
from backend.residents.service import Residents
from backend.rights import deeds
from backend.rights.closing_rules import (
    LOOK_AGAIN,
    UNDER_WAY,
    ClosingEvent,
    ClosingFacts,
    ClosingState,
    decide,
    due_event,
)
from backend.rights.documents import Closing
from shared.clock import Clock
from shared.localized_text import LocalizedText

BATCH = 200
LOOK_SECONDS = 60.0
TRY_AGAIN = timedelta(hours=1)
Row = Mapping[str, Any]
_DONE: Mapping[ClosingEvent, tuple[str, LocalizedText]] = {
    ClosingEvent.CLOSE_ACCOUNT: ("rights.account_closed", deeds.ACCOUNT_CLOSED),
    ClosingEvent.ERASE: ("rights.erased", deeds.ERASED),
    ClosingEvent.REOPEN: ("rights.reopened", deeds.REOPENED),
}


class ClosingSweep:
    """Carries out the closings whose time has come; `steps` are the areas', in their order."""

    def __init__(
        self, residents: Residents, cards: Cards, steps: Sequence[Leaving], clock: Clock
    ) -> None:
        self._residents = residents
        self._cards = cards
        self._steps = steps
        self._clock = clock

    async def run(self, limit: int = BATCH) -> int:
        """Do what is due of up to `limit` closings, and return how many people it changed."""
        now = self._clock.now()
        found = Closing.get_pymongo_collection().find(
            {"state": {"$in": list(UNDER_WAY)}, "due_at": {"$lte": now}}
        )
        rows = await found.sort("due_at").limit(limit).to_list()
        due = await self._due(rows, now)
        return sum([await self._tried(row, now) for row in due])

    async def keep_sweeping(self) -> None:
        """Sweep for ever; a failure is logged and tried again."""
        await rounds(self.run, LOOK_SECONDS, until_idle=True)

    async def _due(self, rows: Sequence[Row], now: datetime) -> list[Row]:
        """Return those to be carried out; those that wait for a card are looked at later."""
        whose = [row["resident_id"] for row in rows]
        holders = await self._cards.holders_among(whose)
        open_again = await self._residents.with_account(whose)
        due: list[Row] = []
        waiting: list[Row] = []
        for row in rows:
            resident_id = row["resident_id"]
            facts = _facts(row, resident_id in holders, resident_id in open_again)
            (waiting if due_event(facts, now) is None else due).append(row)
        if waiting:
            await _look_later([row["_id"] for row in waiting], now + LOOK_AGAIN)
        return due

    async def _tried(self, row: Row, now: datetime) -> bool:
        done = await attempt(
            lambda one: audit.in_one_write(lambda session: self._carry_out(one, now, session)), row
        )
        if done is None:
            await _look_later([row["_id"]], now + TRY_AGAIN)
        return bool(done)

    async def _carry_out(self, row: Row, now: datetime, session: Session) -> bool:
        resident_id = row["resident_id"]
        people = await same_person(resident_id, session)
        present = await self._present(row, session)
        counts = await self._cards.holds_card(resident_id, session)
        open_again = await self._residents.with_account([resident_id], session)
        event = due_event(_facts(present, counts, resident_id in open_again), now)
        if event is None:
            return False
        outcome = decide(ClosingState(present["state"]), event)
        if not isinstance(outcome, ClosingState):
            return False
        if present["state"] == ClosingState.REQUESTED:
            for step, one in product(self._steps, people):
                await step.close_account(one, now, session)
        if event is ClosingEvent.ERASE:
            for step, one in product(self._steps, people):
                await step.erase(one, now, session)
        await self._write(present, outcome, now, session)
        await audit.record(deeds.of_house(*_DONE[event], resident_id, now), session)
        return True

    async def _present(self, row: Row, session: Session) -> Row:
        """Return the closing as it stands in this transaction."""
        wanted = {"_id": row["_id"]}
        found = await Closing.get_pymongo_collection().find_one(wanted, session=session)
        if found is None:
            raise LookupError("no such closing")
        return cast("Row", found)

    async def _write(
        self, present: Row, outcome: ClosingState, now: datetime, session: Session
    ) -> None:
        change: dict[str, Any] = {"state": outcome}
        if present["state"] == ClosingState.REQUESTED:
            change["closed_at"] = now
        if outcome is ClosingState.ACCOUNT_CLOSED:
            change["due_at"] = now + LOOK_AGAIN
        else:
            change["settled_at"] = now
        await Closing.get_pymongo_collection().update_one(
            {"_id": present["_id"]}, {"$set": change}, session=session
        )


def _facts(row: Row, counts: bool, account_open: bool) -> ClosingFacts:
    return ClosingFacts(ClosingState(row["state"]), row["effective_at"], counts, account_open)


async def _look_later(ids: Sequence[str], at: datetime) -> None:
    await Closing.get_pymongo_collection().update_many(
        {"_id": {"$in": list(ids)}, "state": {"$in": list(UNDER_WAY)}}, {"$set": {"due_at": at}}
    )
