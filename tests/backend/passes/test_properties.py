"""Whatever is done in whatever order: uses are conserved and never below zero."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from backend.passes.documents import PassAllowance, PassStock, PassUse, StoredPass
from backend.passes.rules import PassState
from backend.passes.views import PassView
from tests.backend.actors import new_key
from tests.backend.passes.desk import VENUE_STAFF, Desk, product
from tests.support.soak import SOAK

BOUNDED = settings(
    max_examples=200 if SOAK else 8,
    stateful_step_count=30 if SOAK else 12,
    deadline=None,
    database=None,
    derandomize=not SOAK,
    suppress_health_check=list(HealthCheck),
)
COLLECTIONS = ("passes", "pass_uses", "pass_stocks", "pass_allowances", "kept_answers")
QUOTA = 5
Run = Callable[[Awaitable[Any]], Any]
WHO = st.sampled_from(["a", "b"])
PICK = st.integers(0, 20)


@pytest.fixture
async def run() -> Run:
    """Runs a coroutine on the tests' loop from a test that is none itself, as generators need."""
    return asyncio.get_running_loop().run_until_complete


@dataclass
class World:
    desk: Desk
    run: Run


class Holders(RuleBasedStateMachine):
    """Two people, passes of three uses each, a stock of five, gates that repeat and annul."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.held: list[str] = []
        self.scans: list[tuple[str, str, int]] = []

    @initialize()
    def open(self) -> None:
        for name in COLLECTIONS:
            self.world.run(self.world.desk.house.store.database[name].delete_many({}))
        self.scans = []
        self.world.run(self.world.desk.open(product(uses=3, quota=QUOTA, valid_days=40)))
        self.held = [self.world.run(self.world.desk.held(who)) for who in ("a", "b")]

    @rule(who=WHO, quantity=st.integers(0, 4), again=st.booleans())
    def take(self, who: str, quantity: int, again: bool) -> None:
        key = new_key()
        taken = self.world.run(self.world.desk.take(who, key=key, quantity=quantity))
        if again:
            assert self.world.run(self.world.desk.take(who, key=key, quantity=quantity)) == taken
        if isinstance(taken, PassView):
            self.held.append(taken.pass_id)

    @rule(pick=PICK, persons=st.integers(1, 4), late=st.booleans())
    def enter(self, pick: int, persons: int, late: bool) -> None:
        for held in self._one(pick):
            scan = new_key()
            self.scans.append((held, scan, persons))
            if late:
                self.world.desk.later(hours=1)
            self.world.run(self.world.desk.count(held, persons, scan))

    @rule(back=st.integers(1, 3), annul=st.booleans())
    def tell_again(self, back: int, annul: bool) -> None:
        if self.scans:
            held, scan, persons = self.scans[-min(back, len(self.scans))]
            self.world.run(self.world.desk.count(held, 0 if annul else persons, scan))

    @rule(who=WHO, pick=PICK)
    def refund(self, who: str, pick: int) -> None:
        for held in self._one(pick):
            self.world.run(self.world.desk.refund(who, held))

    @rule(giver=WHO, taker=WHO, pick=PICK)
    def hand_on(self, giver: str, taker: str, pick: int) -> None:
        for held in self._one(pick):
            self.world.run(self.world.desk.hand_on(giver, taker, held))

    @rule(pick=PICK)
    def revoke(self, pick: int) -> None:
        for held in self._one(pick):
            revoking = self.world.desk.passes.revoke(VENUE_STAFF, new_key(), held, "重复发放")
            self.world.run(revoking)

    @rule(days=st.sampled_from([1, 20, 45]))
    def let_time_pass(self, days: int) -> None:
        self.world.desk.later(days=days)

    @invariant()
    def every_use_is_one_that_a_scan_made_and_adds_up_with_what_is_left(self) -> None:
        counted: dict[str, int] = defaultdict(int)
        over: dict[str, int] = defaultdict(int)
        for use in self.world.run(_rows(PassUse)):
            counted[use["pass_id"]] += use["counted"]
            over[use["pass_id"]] += use["persons"] - use["counted"]
        for row in self.world.run(_rows(StoredPass)):
            assert row["left"] >= 0
            assert row["left"] + row["used"] == row["uses"]
            assert (row["used"], row["over"]) == (counted[row["_id"]], over[row["_id"]])

    @invariant()
    def what_is_out_is_what_was_taken_from_the_stock(self) -> None:
        rows = self.world.run(_rows(StoredPass))
        out = sum(row["quantity"] for row in rows if row["state"] != PassState.REFUNDED)
        stocks = self.world.run(_rows(PassStock))
        assert sum(stock["taken"] for stock in stocks) == out <= QUOTA
        for allowance in self.world.run(_rows(PassAllowance)):
            assert 0 <= allowance["taken"] <= 5

    def _one(self, pick: int) -> list[str]:
        return [self.held[pick % len(self.held)]] if self.held else []


@pytest.mark.soak
@pytest.mark.feature("S53")
def test_uses_are_conserved_whatever_is_done(run: Run, desk: Desk) -> None:
    bound = type("BoundHolders", (Holders,), {"world": World(desk, run)})
    run_state_machine_as_test(bound, settings=BOUNDED)


async def _rows(document: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await document.get_pymongo_collection().find({}).to_list()
    return rows
