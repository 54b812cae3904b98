"""A copy of a sheet 纸质当日码 at gates cut off from each other: the conflict report says so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.demo_city import VENUES
from backend.readers.booking import Booking
from backend.readers.conflict_rules import ConflictKind
from backend.readers.service import TerminalFacts
from backend.venues.service import Venues
from reader_service import console
from shared.admission.time_conditions import NotInside, Passback
from tests.backend.actors import City
from tests.backend.readers.gates import Gates

WORDS = Path(console.__file__).parent / "pages" / "desk_words.js"
A, B = (TerminalFacts(f"trm_{name}", 1) for name in "ab")
ELSEWHERE = TerminalFacts("trm_c", 2)
SHEET = {"medium": "paper", "device_serial": 0x7001, "counter": 9}


class Sheet:
    """One person's sheet of the day, and copies of it."""

    def __init__(self, city: City, gates: Gates, card_index: int) -> None:
        self._city, self.gates, self._card = city, gates, card_index

    async def rule(self, entries: int, **changed: Any) -> None:
        rules = replace(VENUES[0].rules, conditions=(), paper_entries=entries, **changed)
        await self._city.house.services[Venues].put(replace(VENUES[0], rules=rules))

    def entry(self, minutes: float, **changed: Any) -> dict[str, Any]:
        return self.gates.entry(minutes, card_index=self._card, **{**SHEET, **changed})

    async def upload(self, reader: TerminalFacts, *rows: dict[str, Any]) -> None:
        receipts = await self._city.house.services[Booking].book(reader, rows, self.gates.now)
        assert isinstance(receipts, list)

    async def found(self) -> list[tuple[str, dict[str, list[str]]]]:
        return [
            (one["kind"], {row["scan_id"]: row["flags"] for row in one["rows"]})
            for one in await self.gates.conflicts()
        ]


@pytest.fixture
async def sheet(city: City, gates: Gates) -> Sheet:
    await gates.open()
    made = Sheet(city, gates, await city.card_index(await city.holder()))
    await made.rule(1)
    return made


@pytest.mark.parametrize("late", [True, False], ids=["second first", "in order"])
@pytest.mark.parametrize("by", ["paper", "ecode"])
async def test_a_copy_at_two_gates_of_one_venue_is_reported_with_both(
    sheet: Sheet, by: str, *, late: bool
) -> None:
    own = {} if by == "paper" else {"medium": "ecode", "device_serial": 1, "counter": 3}
    here, there = sheet.entry(0, **own), sheet.entry(4)
    uploads = [(A, here), (B, there)]

    for reader, row in uploads[::-1] if late else uploads:
        assert await sheet.found() == []
        await sheet.upload(reader, row)

    assert await sheet.found() == [
        ("PAPER_DAY", {here["scan_id"]: [], there["scan_id"]: ["over_used"]})
    ], "a phone's entry counts for the sheet of the same card"
    [conflict] = await sheet.gates.conflicts()
    assert [row["terminal_id"] for row in conflict["rows"]] == ["trm_a", "trm_b"]
    assert "res_" not in conflict["subject"]
    await sheet.upload(B, sheet.gates.annulment(there))
    assert await sheet.found() == []


async def test_as_often_as_the_venue_allows_is_no_conflict_and_once_more_is(sheet: Sheet) -> None:
    await sheet.rule(2)
    await sheet.upload(A, sheet.entry(0))
    await sheet.upload(B, sheet.entry(3))
    assert await sheet.found() == []

    more = sheet.entry(5)
    await sheet.upload(A, more)

    [(kind, rows)] = await sheet.found()
    assert (kind, len(rows), rows[more["scan_id"]]) == ("PAPER_DAY", 3, ["over_used"])


async def test_an_honest_day_at_two_venues_is_not_reported(sheet: Sheet) -> None:
    await sheet.upload(A, sheet.entry(0))
    await sheet.upload(ELSEWHERE, sheet.entry(6))

    assert await sheet.found() == []


async def test_what_one_gate_knew_of_or_staff_looked_at_is_none(sheet: Sheet) -> None:
    by_hand = {"reason": "card_worn", "staff": "7", "second_staff": "8"}
    await sheet.upload(A, sheet.entry(0), sheet.entry(2))
    await sheet.upload(B, sheet.entry(4, override=by_hand))
    await sheet.upload(B, sheet.entry(5, verdict="refuse", reason="entries_used_up"))
    assert await sheet.found() == []


async def test_a_second_phone_entry_after_paper_is_the_venue_s_own_rule(sheet: Sheet) -> None:
    phone = {"medium": "ecode", "device_serial": 1}
    await sheet.upload(A, sheet.entry(0))
    await sheet.upload(B, sheet.entry(4, **phone, counter=3))
    assert await sheet.found() == [], "this venue lets phones in as often as they come"


async def test_a_sheet_against_anti_passback_is_told_as_both(sheet: Sheet) -> None:
    venues = sheet._city.house.services[Venues]
    rules = replace(VENUES[0].rules, conditions=(NotInside(Passback.HARD),), paper_entries=1)
    await venues.put(replace(VENUES[0], rules=rules))
    await sheet.upload(A, sheet.entry(0))
    await sheet.upload(B, sheet.entry(4))
    assert {kind for kind, _ in await sheet.found()} == {"PASSBACK", "PAPER_DAY"}


def test_the_desk_page_has_words_for_each_kind_of_conflict_in_both_languages() -> None:
    words = WORDS.read_text(encoding="utf-8")
    for kind in ConflictKind:
        assert words.count(f"{kind.value}: ") == 2, kind
