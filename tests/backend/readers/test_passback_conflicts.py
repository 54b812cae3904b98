"""Anti-passback 反潜回 over gates cut off from each other: the conflict report says so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.demo_city import VENUES
from backend.readers.booking import Booking
from backend.readers.passback_rules import Passage, PassbackRule, not_together
from backend.readers.service import TerminalFacts
from backend.venues.service import Venues
from shared.admission.composition import AllOf, AnyOf
from shared.admission.condition import Condition
from shared.admission.time_conditions import NotInside, Passback, SinceLastEntry
from tests.backend.actors import City
from tests.backend.readers.gates import Gates

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HARD = NotInside(Passback.HARD)
A, B = (TerminalFacts(f"trm_{name}", 1) for name in "ab")


@pytest.mark.parametrize(
    ("conditions", "rule"),
    [
        ((), None),
        ((NotInside(Passback.SOFT),), None),
        ((HARD,), PassbackRule(inside=True)),
        ((AllOf((SinceLastEntry(30), HARD)),), PassbackRule(inside=True, minutes=30)),
        ((AnyOf((HARD, SinceLastEntry(30))),), None),
    ],
    ids=["none", "soft", "hard", "both", "one of two"],
)
def test_only_what_everybody_is_asked_is_a_rule(
    conditions: Sequence[Condition], rule: PassbackRule | None
) -> None:
    assert PassbackRule.of(conditions) == rule


@pytest.mark.parametrize(
    ("passed", "inside", "timed"),
    [
        ("a0 b5", "ab", "ab"),
        ("a0 b40", "ab", ""),
        ("a0 a5", "", ""),
        ("a0 x3 b5", "", "ab"),
        ("a0 x3 b50 a55", "ba", "ba"),
        ("x0 b5", "", ""),
    ],
)
def test_the_entries_that_do_not_go_together(passed: str, inside: str, timed: str) -> None:
    """A letter is the reader, x an exit at one of them; the number its minute."""
    rows = [
        Passage(f"{at}{one[0]}", one[0], NOON + timedelta(minutes=int(one[1:])), one[0] == "x")
        for at, one in enumerate(passed.split())
    ]

    def odd(rule: PassbackRule) -> str:
        return "".join(name[1] for name in sorted(not_together(rows, rule)))

    assert odd(PassbackRule(inside=True)) == inside
    assert odd(PassbackRule(minutes=30)) == timed


class Hall:
    """A venue with two readers, and one person's card."""

    def __init__(self, city: City, gates: Gates, card_index: int) -> None:
        self.gates, self._city, self._card = gates, city, card_index
        self._counter = 0

    async def rule(self, *conditions: Condition) -> None:
        venue = VENUES[0]
        rules = replace(venue.rules, conditions=conditions)
        await self._city.house.services[Venues].put(replace(venue, rules=rules))

    def entry(self, minutes: float, **changed: Any) -> dict[str, Any]:
        self._counter += 1
        return self.gates.entry(minutes, card_index=self._card, counter=self._counter, **changed)

    async def upload(self, reader: TerminalFacts, *rows: dict[str, Any]) -> None:
        await self._city.house.services[Booking].book(reader, rows, self.gates.now)

    async def found(self) -> list[list[str]]:
        conflicts = await self.gates.conflicts()
        assert {one["kind"] for one in conflicts} <= {"PASSBACK"}
        return [[row["scan_id"] for row in one["rows"]] for one in conflicts]


@pytest.fixture
async def hall(city: City, gates: Gates) -> Hall:
    await gates.open()
    index = await city.card_index(await city.holder())
    made = Hall(city, gates, index)
    await made.rule(HARD)
    return made


async def test_both_gates_are_named_once_the_second_journal_comes(hall: Hall) -> None:
    here, there = hall.entry(1), hall.entry(0)

    await hall.upload(A, here)
    assert await hall.found() == []
    await hall.upload(B, there)

    assert await hall.found() == [[there["scan_id"], here["scan_id"]]], "by the scans' time"
    [conflict] = await hall.gates.conflicts()
    assert [row["terminal_id"] for row in conflict["rows"]] == ["trm_b", "trm_a"]
    assert {flag for row in conflict["rows"] for flag in row["flags"]} == {"passback"}
    assert "res_" not in conflict["subject"]


async def test_an_exit_that_comes_late_or_an_annulment_settles_it(hall: Hall) -> None:
    first, again = hall.entry(0), hall.entry(5)
    await hall.upload(A, first)
    await hall.upload(B, again)
    assert len(await hall.found()) == 1

    await hall.upload(B, hall.gates.annulment(again))
    assert await hall.found() == []

    third = hall.entry(8)
    await hall.upload(B, third)
    assert len(await hall.found()) == 1
    await hall.upload(A, hall.entry(7, direction="out"))
    assert await hall.found() == []


async def test_what_the_venue_does_not_refuse_is_no_conflict(hall: Hall) -> None:
    by_hand = {"reason": "card_worn", "staff": "7", "second_staff": "8"}
    await hall.upload(A, hall.entry(0))
    await hall.upload(B, hall.entry(5, override=by_hand))
    assert await hall.found() == [], "staff looked at them"

    await hall.rule(NotInside(Passback.SOFT))
    await hall.upload(B, hall.entry(6))
    assert await hall.found() == []
