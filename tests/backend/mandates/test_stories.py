"""Long stories of families over years, against a second telling that knows only dates and deeds.

The second telling (`Told`) shares nothing with the rules: it counts birthdays, days and disputes
itself. Each planted fault must be found by the same stories that find none in the rules.
"""

import calendar
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from typing_extensions import override

from backend.foundation.audit_chain import FIRST_PREVIOUS, link_hash
from backend.mandates.scopes import Channel, Evidence, Relation, Scope
from shared.clock import LOCAL_ZONE
from tests.backend.mandates.memory import Fault, Memory
from tests.support.soak import SOAK

STORIES = settings(
    max_examples=2_000 if SOAK else 40,
    stateful_step_count=50 if SOAK else 30,
    deadline=None,
    database=None,
    derandomize=not SOAK,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
DAY = timedelta(days=1)
MONEY_AND_HEALTH = {Scope.PAY_SMALL, Scope.MEDICAL_VIEW}
DELICATE = {*MONEY_AND_HEALTH, Scope.STUDENT_VIEW}
LOOKS = {Scope.BENEFIT_VIEW, Scope.NOTICE_COPY}
ELDER, CHILD, YOUTH, WARD = "elder", "child", "youth", "ward"
DELEGATES = ("daughter", "son", "neighbour")
PAPERS = (Channel.DOCUMENT, Evidence.COURT_DECISION)
BIRTH_PAPERS = (Channel.DOCUMENT, Evidence.BIRTH_CERTIFICATE)
OWN_APP = (Channel.APP, Evidence.HOUSEHOLD_REGISTER)
YOUNG_APP = (Channel.APP, Evidence.BIRTH_CERTIFICATE)
GIVEN = {
    ELDER: (Relation.ELDER, OWN_APP),
    CHILD: (Relation.CHILD, BIRTH_PAPERS),
    YOUTH: (Relation.CHILD, YOUNG_APP),
    WARD: (Relation.WARD, PAPERS),
}


def years(birth: date, now: datetime) -> int:
    """Count birthdays up to now; without a 29 February the month's last day is one."""
    day = now.astimezone(LOCAL_ZONE).date()
    last = calendar.monthrange(day.year, birth.month)[1]
    reached = (day.month, day.day) >= (birth.month, min(birth.day, last))
    return day.year - birth.year - (not reached)


@dataclass
class Told:
    """A mandate as the people would tell of it."""

    principal: str
    delegate: str
    birth: date
    given: datetime
    days: int | None
    scopes: set[Scope]
    stopped: set[Scope] = field(default_factory=set)
    over: bool = False
    disputed: bool = False
    consented: bool = False
    reviewed: datetime | None = None
    used: datetime | None = None
    slept: bool = False

    def lives(self, now: datetime) -> bool:
        """Tell whether time or a deed has ended it."""
        grown = years(self.birth, self.given) < 18 <= years(self.birth, now)
        expired = self.days is not None and now >= self.given + self.days * DAY
        return not (self.over or grown or expired)

    def allows(self, by: str, scope: Scope, now: datetime, disputes: bool) -> bool:
        """Tell whether `by` may do this now; `disputes`: of any mandate of the principal."""
        if by != self.delegate or not self.lives(now) or self.disputed:
            return False
        if scope not in self.scopes - self.stopped or (scope is Scope.PAY_SMALL and disputes):
            return False
        age, then = years(self.birth, now), years(self.birth, self.given)
        if then < 14 <= age and not self.consented:
            return False
        if scope in DELICATE and (then < 16 <= age or self.slept or self.sleeps(now)):
            return False
        if scope in MONEY_AND_HEALTH and now < self.given + DAY:
            return False
        looked_at = self.reviewed or self.given
        return self.principal != WARD or scope in LOOKS or now < looked_at + 365 * DAY

    def sleeps(self, now: datetime) -> bool:
        """Tell whether nothing was done by it for half a year."""
        return now >= (self.used or self.given) + 180 * DAY


class Years(RuleBasedStateMachine):
    """An elder, a child, a youth and a ward; three who act for them; and time."""

    fault: ClassVar[Fault | None] = None
    met: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 3, 2, 4, tzinfo=UTC)
        self.told: list[Told] = []
        self.uses: list[tuple[str, int]] = []
        self.memory = Memory({}, self.fault)
        self.steps = 0
        self.draw: Random

    @initialize(
        leap=st.booleans(), month=st.integers(1, 12), older=st.booleans(), hour=st.integers(0, 23)
    )
    def begin(self, leap: bool, month: int, older: bool, hour: int) -> None:
        """Let children be born on leap days and on the last days of months, others anywhere."""
        self.now += timedelta(hours=hour)
        child = date(2012, 2, 29) if leap else date(2012 + older, month, 28)
        youth = date(2008, 2, 29) if leap and older else date(2010, month, 28)
        grown = date(1950, 5, 5)
        self.memory.births = {ELDER: grown, CHILD: child, YOUTH: youth, WARD: date(1990, 1, 31)}
        self.memory.births |= dict.fromkeys(DELEGATES, date(1975, 3, 10))

    @rule(luck=st.integers(0, 2**24))
    def step(self, luck: int) -> None:
        """Do a few things drawn by `luck`: one rule, as hypothesis leaves out rules by story."""
        self.steps += 1
        self.draw = Random(f"{luck} {self.steps}")  # noqa: S311 - a story, not a secret
        deeds = (
            *(self.use,) * 9,
            *(self.wait,) * 2,
            *(self.give,) * 3,
            *(self.stop, self.dispute, self.settle, self.consent_and_review),
            *(self.come_to_a_birthday, self.die),
        )
        for _ in range(5):
            deed = self.draw.choice(deeds) if self.told else self.give
            deed()
            self.met[deed.__name__] += 1

    def give(self) -> None:
        principal = self.draw.choice((ELDER, ELDER, CHILD, YOUTH, WARD))
        days = self.draw.choice((1, 31, 365, None, None))
        if principal == WARD or (principal == ELDER and days is None):
            days = None if principal == WARD else 365
        scopes = self.draw.sample(list(Scope), self.draw.randint(1, 6))
        if principal == ELDER and Scope.PAY_SMALL not in scopes:
            scopes.append(Scope.PAY_SMALL)
        relation, how = GIVEN[principal]
        who, birth = (principal, self.draw.choice(DELEGATES)), self.memory.births[principal]
        if self.memory.give(who, relation, scopes, days, how, self.now) is not None:
            return
        age = years(birth, self.now)
        assert principal != CHILD or age < 14, "D13: from fourteen on papers are not enough"
        assert principal != YOUTH or age < 18 or days is not None, "D4"
        self.told.append(Told(*who, birth, self.now, days, set(scopes)))

    def use(self) -> None:
        one, number = self._one()
        scope, by = self.draw.choice(sorted(one.scopes)), one.delegate
        if self.draw.random() < 0.3:  # what was perhaps not granted, and perhaps by another
            scope, by = self.draw.choice(list(Scope)), self.draw.choice((by, *DELEGATES))
        disputes = any(
            other.disputed and not other.over and other.principal == one.principal
            for other in self.told
        )
        may = one.allows(by, scope, self.now, disputes)
        done = self.memory.use(number, by, scope, self.now) is None
        assert done == may, (one, by, scope, self.now)
        self.met["done" if done else "refused"] += 1
        if done:
            one.slept = one.slept or one.sleeps(self.now)
            one.used = self.now
            self.uses.append((one.principal, number))

    def stop(self) -> None:
        one, number = self._one()
        scope = self.draw.choice((None, *one.scopes))
        self.memory.stop(number, scope, self.now)
        if scope is None:
            one.over = True
        elif not one.over:
            one.stopped.add(scope)

    def dispute(self) -> None:
        one, number = self._one()
        if self.memory.dispute(number):
            one.disputed = True

    def settle(self) -> None:
        upheld = self.draw.random() < 0.7
        for number, one in enumerate(self.told):
            if one.disputed and self.memory.settle(number, upheld=upheld):
                one.disputed, one.over = False, one.over or not upheld

    def consent_and_review(self) -> None:
        one, number = self._one()
        self.memory.consent(number, self.now)
        self.memory.review(number, self.now)
        one.consented = one.consented or years(one.birth, self.now) >= 14
        one.reviewed = self.now

    def die(self) -> None:
        who = self.draw.choice((ELDER, DELEGATES[1], *[None] * 8))  # deaths are rare
        if who is None:
            return
        self.memory.die(who)
        self.met["death"] += 1
        for one in self.told:
            one.over = one.over or who in {one.principal, one.delegate}

    def wait(self) -> None:
        self.now += timedelta(days=self.draw.choice((0.25, 1, 1, 1, 1, 30, 90, 180, 366)))

    def come_to_a_birthday(self) -> None:
        """Come to the instant a child has a birthday, or to the second before it."""
        birth = self.memory.births[self.draw.choice((CHILD, YOUTH))]
        age = self.draw.choice((14, 16, 18))
        last = calendar.monthrange(birth.year + age, birth.month)[1]
        day = datetime(birth.year + age, birth.month, min(birth.day, last), tzinfo=LOCAL_ZONE)
        at = day - timedelta(seconds=self.draw.choice((0, 1)))
        if self.now < at < self.now + 800 * DAY:
            self.now = at
            self.met["birthday"] += 1

    @invariant()
    def each_act_has_one_row_and_one_notice(self) -> None:
        assert [(row["subject"], row["mandate"]) for row in self.memory.rows] == self.uses, "D2"
        assert self.memory.notices == self.uses, "D23"
        for row in self.memory.rows:
            assert row["actor"] == self.told[row["mandate"]].delegate != row["subject"], "D2"

    @invariant()
    def nobody_sees_another_delegate(self) -> None:
        for who in DELEGATES:
            seen = {self.told[number].delegate for number in self.memory.seen_by(who)}
            assert seen <= {who}, "D25"

    @override
    def teardown(self) -> None:
        head = FIRST_PREVIOUS
        for row, link in zip(self.memory.rows, self.memory.links, strict=True):
            head = link_hash(head, row)
            assert head == link, "D32"

    def _one(self) -> tuple[Told, int]:
        """Return one of the mandates, the last ones more often."""
        last = max(0, len(self.told) - self.draw.choice((3, 3, 100)))
        number = self.draw.randrange(last, len(self.told))
        return self.told[number], number


def _run(fault: Fault | None) -> Counter[str]:
    met: Counter[str] = Counter()
    machine = type("Years", (Years,), {"fault": fault, "met": met})
    seed(20)(run_state_machine_as_test)(machine, settings=STORIES)
    return met


@pytest.mark.feature("D13")
def test_d9_d13_d23_d25_d32_years_of_families_agree_with_a_second_telling() -> None:
    met = _run(None)

    assert min(met[what] for what in ("done", "refused", "dispute", "birthday", "death")) > 20, met


@pytest.mark.parametrize("fault", list(Fault), ids=lambda fault: fault.name.lower())
def test_the_stories_find_each_planted_fault(fault: Fault) -> None:
    with pytest.raises(AssertionError):
        _run(fault)
