"""Whatever families do in whatever order: nobody acts for another without a mandate of that moment.

What may be done is told a second time here, from what was done and when, and compared with the
store: each use that came about has one row and one notice, and no delegate learns of another.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
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
from typing_extensions import override

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow
from backend.foundation.audit_chain import Sequencer
from backend.foundation.audit_verify import Sound, verify
from backend.foundation.refusals import Refusal
from backend.mandates.acting import MandateUses, record_act
from backend.mandates.counter import MandateCounter
from backend.mandates.deeds import of_caller
from backend.mandates.documents import Mandate, MandateNotice
from backend.mandates.ending import end_of
from backend.mandates.granting import terms_of
from backend.mandates.reach import Delegable
from backend.mandates.rules import Ending, MandateState
from backend.mandates.scopes import Relation, Scope
from backend.mandates.service import Invited, Mandates
from backend.mandates.sweeps import MandateSweeps
from backend.mandates.views import MandateView, MandateViews, Side
from tests.backend.actors import City, id_number, new_key
from tests.backend.mandates.test_life import CLERK
from tests.support.soak import SOAK

BOUNDED = settings(
    max_examples=300 if SOAK else 6,
    stateful_step_count=40 if SOAK else 14,
    deadline=None,
    database=None,
    derandomize=not SOAK,
    suppress_health_check=list(HealthCheck),
)
COLLECTIONS = (
    *("mandates", "mandate_parties", "mandate_notices", "kept_answers"),
    *("audit_rows", "audit_links", "audit_chain"),
)
Run = Callable[[Awaitable[Any]], Any]
DAY = timedelta(days=1)
SLEEP, COOLING = 180 * DAY, DAY
SENSITIVE = {Scope.MEDICAL_VIEW, Scope.PAY_SMALL, Scope.STUDENT_VIEW}
COOLED = {Scope.MEDICAL_VIEW, Scope.PAY_SMALL}
ACT = "mandates.notices"
PICK = st.integers(0, 5)
SCOPE = st.sampled_from(
    [Scope.BOOK, Scope.BENEFIT_VIEW, Scope.MEDICAL_VIEW, Scope.PAY_SMALL, Scope.CARD_SHOW]
)


@pytest.fixture
async def run() -> Run:
    """Runs a coroutine on the tests' loop from a test that is none itself, as generators need."""
    return asyncio.get_running_loop().run_until_complete


@dataclass
class Given:
    """A mandate as it was given, and what became of it."""

    mandate: str
    principal: str
    delegate: str
    at: datetime
    ends_at: datetime
    scopes: dict[Scope, datetime | None]
    used_at: datetime
    over: bool = False
    disputed: bool = False
    uses: int = 0

    def allows(self, scope: Scope, now: datetime, disputes: bool) -> bool:
        """Tell whether it lets its delegate do this now; `disputes`: of any of the principal's."""
        if self.over or self.disputed or now >= self.ends_at or scope not in self.scopes:
            return False
        stopped = self.scopes[scope]
        if stopped is not None and now >= stopped:
            return False
        if scope in COOLED and now < self.at + COOLING:
            return False
        if scope is Scope.PAY_SMALL and disputes:
            return False
        return scope not in SENSITIVE or now < self.used_at + SLEEP


@dataclass
class World:
    city: City
    run: Run
    elder: str = ""
    delegates: list[str] = field(default_factory=list)
    born: int = 0
    answers: Counter[bool] = field(default_factory=Counter)


class Families(RuleBasedStateMachine):
    """An elder and a youth of nearly eighteen, three who act for them, and time."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Given] = []
        self.youth, self.adult_at = "", self.now

    @property
    def now(self) -> datetime:
        return self.world.city.clock.now()

    @initialize()
    def begin(self) -> None:
        world, database = self.world, self.world.city.house.store.database
        for name in COLLECTIONS:
            world.run(database[name].delete_many({}))
        today, world.born = self.now.astimezone().date(), world.born + 1
        birth = today.replace(year=today.year - 18, day=1) + timedelta(days=62)
        number = id_number(f"{birth:%Y%m%d}", f"{world.born:03}")
        self.youth, self.given = world.run(world.city.resident(number)), []
        self.adult_at = datetime.fromisoformat(f"{birth.year + 18}-{birth:%m-%d}T00:00:00+08:00")

    @rule(
        what=st.sampled_from(
            ["give", "use", "use", "use", "stop", "dispute", "settle", "die", "time"]
        ),
        pick=PICK,
        scopes=st.sets(SCOPE, max_size=4),
        scope=SCOPE,
        days=st.sampled_from([1, 31, 365, 365]),
        wait=st.sampled_from([0.5, 1, 1, 1, 30, 61, 181]),
        often=st.booleans(),
        rarely=st.integers(0, 4).map(lambda one: one == 0),
    )
    def step(
        self,
        what: str,
        pick: int,
        scopes: set[Scope],
        scope: Scope,
        days: int,
        wait: float,
        often: bool,
        rarely: bool,
    ) -> None:
        """Do one thing; all are one rule, because hypothesis leaves out rules by the story."""
        if what == "give" or not self.given:
            self.give(pick % 3, often, scopes, days, rarely)
        elif what == "use":
            held = sorted(self.given[pick % len(self.given)].scopes)
            self.use(pick, held[pick % len(held)] if often else scope, rarely)
        elif what == "stop":
            self.stop(pick, often, None if rarely else scope)
        elif what == "dispute":
            self.dispute(pick)
        elif what == "settle":
            self.settle(pick, often)
        elif what == "die":
            self.die(4 if rarely else 0)
        else:
            self.let_time_pass(wait, often)

    def give(self, who: int, youth: bool, scopes: set[Scope], days: int, other: bool) -> None:
        principal = self.youth if youth else self.world.elder
        relation = Relation.CHILD if youth else Relation.OTHER if other else Relation.ELDER
        delegate, wished = self.world.delegates[who], sorted(scopes)
        done = self.world.run(self._give(principal, delegate, relation, wished, days))
        if not isinstance(done, MandateView):
            return
        now, chosen = self.now, wished or [Scope.CARD_SHOW, Scope.BOOK]
        assert relation is not Relation.OTHER or set(chosen) <= {Scope.BENEFIT_VIEW}, "D27"
        ends_at = now + timedelta(days=days)
        self.given.append(
            Given(
                *(done.mandate_id, principal, delegate, now),
                min(ends_at, self.adult_at) if youth and now < self.adult_at else ends_at,  # D13
                dict.fromkeys(chosen),
                now,
            )
        )

    def use(self, pick: int, scope: Scope, stranger: bool) -> None:
        for one in self._one(pick):
            others = [who for who in self.world.delegates if who != one.delegate]
            by = others[0] if stranger else one.delegate
            done = self.world.run(self._use(one.mandate, by, scope))
            disputes = any(
                other.disputed and not other.over and other.principal == one.principal
                for other in self.given
            )
            may = not stranger and one.allows(scope, self.now, disputes)
            assert done == may, (one, scope)
            self.world.answers[done] += 1
            if done:
                self._note_use(one)

    def stop(self, pick: int, by_delegate: bool, scope: Scope | None) -> None:
        for one in self._one(pick):
            by = Caller(resident_id=one.delegate if by_delegate else one.principal, thumbprint="t")
            mandates = self.world.city.house.services[Mandates]
            done = self.world.run(mandates.stop(by, new_key(), one.mandate, scope))
            if scope is None:
                assert not isinstance(done, Refusal), "D7: at any time"
                one.over = True
            elif not isinstance(done, Refusal) and scope in one.scopes:
                one.scopes[scope] = min(one.scopes[scope] or self.now, self.now)
                stored = done.state.value
                one.over = one.over or stored == "ENDED"

    def dispute(self, pick: int) -> None:
        for one in self._one(pick):
            by = Caller(resident_id=one.principal, thumbprint="t")
            mandates = self.world.city.house.services[Mandates]
            done = self.world.run(mandates.dispute(by, new_key(), one.mandate))
            one.disputed = one.disputed or not isinstance(done, Refusal)

    def settle(self, pick: int, upheld: bool) -> None:
        for one in self._one(pick):
            counter = self.world.city.house.services[MandateCounter]
            done = self.world.run(
                counter.settle(CLERK, new_key(), one.mandate, "已核对证件", upheld=upheld)
            )
            if not isinstance(done, Refusal):
                one.disputed, one.over = False, not upheld

    def die(self, who: int) -> None:
        if who != 4:  # deaths are rare
            return
        gone, now = self.world.delegates[2], self.now
        self.world.run(
            audit.in_one_write(lambda session: end_of([gone], Ending.DEATH, now, session))
        )
        for one in self.given:
            one.over = one.over or gone in {one.principal, one.delegate}

    def let_time_pass(self, days: float, swept: bool) -> None:
        self.world.city.clock.advance(days * 86_400)
        if swept:
            self.world.run(self.world.city.house.services[MandateSweeps].sweep())

    @invariant()
    def each_use_has_one_row_and_one_notice(self) -> None:
        expected = Counter({one.mandate: one.uses for one in self.given if one.uses})
        rows, notices = self.world.run(self._told())
        assert Counter(row.mandate for row in rows) == expected, "D2"
        assert Counter(one.mandate for one in notices) == expected, "D23"
        people = {(one.mandate, one.delegate, one.principal) for one in self.given}
        assert {(row.mandate, row.actor["id"], row.subject) for row in rows} <= people
        assert {(one.mandate, one.person) for one in notices} <= {(m, p) for m, _, p in people}

    @invariant()
    def quotas_hold(self) -> None:
        live = [one for one in self.given if not one.over and self.now < one.ends_at]
        assert max(Counter(one.principal for one in live).values(), default=0) <= 3, "D10"
        recent = [one for one in self.given if one.at > self.now - timedelta(days=30)]
        assert max(Counter(one.delegate for one in recent).values(), default=0) <= 6, "D11"

    @override
    def teardown(self) -> None:
        """At the end of a story: what delegates see of one another, and the journal's chain."""
        for who in self.world.delegates:
            self.world.run(self._sees_nobody_else(who))
        self.world.run(self.world.city.house.services[Sequencer].catch_up())
        assert isinstance(self.world.run(verify()), Sound), "D32"

    def _one(self, pick: int) -> list[Given]:
        return [self.given[pick % len(self.given)]] if self.given else []

    def _note_use(self, one: Given) -> None:
        if self.now >= one.used_at + SLEEP:  # what slept is not woken by another use
            for scope in SENSITIVE & one.scopes.keys():
                one.scopes[scope] = min(one.scopes[scope] or self.now, self.now)
        one.used_at, one.uses = self.now, one.uses + 1

    async def _give(
        self, principal: str, delegate: str, relation: Relation, scopes: list[Scope], days: int
    ) -> MandateView | Refusal:
        mandates = self.world.city.house.services[Mandates]
        by, other = [Caller(resident_id=one, thumbprint=one) for one in (principal, delegate)]
        terms = terms_of(relation, scopes, days)
        invited = await mandates.invite(by, new_key(), Side.PRINCIPAL, terms)
        assert isinstance(invited, Invited), invited
        taken = await mandates.take(other, new_key(), invited.invitation)
        assert isinstance(taken, MandateView), taken
        return await mandates.confirm(by, new_key(), taken.mandate_id)

    async def _use(self, mandate: str, delegate: str, scope: Scope) -> bool:
        caller = Caller(resident_id=delegate, thumbprint=delegate, acting_for=mandate)
        services = self.world.city.house.services
        acting = await services[MandateUses].acting(caller, Delegable(scope))
        if isinstance(acting, Refusal):
            return False
        deed = replace(of_caller(None, ACT, acting.principal, self.now), mandate=mandate)
        return await audit.in_one_write(lambda s: record_act(deed, acting, s)) is None

    async def _told(self) -> tuple[list[AuditRow], list[MandateNotice]]:
        rows = await AuditRow.find({"action": ACT}).to_list()
        return rows, await MandateNotice.find({"code": ACT}).to_list()

    async def _sees_nobody_else(self, who: str) -> None:
        views = self.world.city.house.services[MandateViews]
        caller = Caller(resident_id=who, thumbprint=who)
        page = await views.page(caller, Side.DELEGATE, 100, None)
        assert not isinstance(page, Refusal)
        theirs = {one.mandate for one in self.given if one.delegate == who}
        stored = await Mandate.find({"delegate": who}).to_list()
        assert theirs <= {one.mandate_id for one in page.rows} == {one.id for one in stored}
        others = [one.mandate for one in self.given if one.delegate != who]
        for mandate in others[:2]:
            assert isinstance(await views.acts(caller, mandate, 1, None), Refusal), "D25"
        named = {one.id for one in stored if one.state is not MandateState.OFFERED}
        notices = await MandateNotice.find({"person": who}).to_list()
        assert {one.mandate for one in notices} <= named, "D25"


@pytest.mark.soak
@pytest.mark.feature("D9")
@pytest.mark.feature("D25")
@pytest.mark.feature("D32")
def test_nobody_acts_without_a_mandate_of_that_scope_at_that_instant(city: City, run: Run) -> None:
    world = World(city, run, run(city.resident(id_number("19480229", "981"))))
    for sequence in ("982", "983", "984"):
        world.delegates.append(run(city.resident(id_number("19750310", sequence))))

    bound = type("BoundFamilies", (Families,), {"world": world})
    run_state_machine_as_test(bound, settings=BOUNDED)

    assert min(world.answers[True], world.answers[False]) > 0  # the stories were about something
