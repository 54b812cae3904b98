"""Attendance from taps: which days, from when to when, and what a forgotten tap costs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.foundation.refusals import Refusal
from backend.readers.attendance_rules import Passage, attendance, month_span
from tests.backend.actors import City, Phone, code_scan


def tap(text: str, *, out: bool = False) -> Passage:
    """A tap at a local time of November 2026, such as 03T08:30."""
    return Passage(datetime.fromisoformat(f"2026-11-{text}:00+08:00"), out)


@pytest.mark.feature("S84")
def test_a_days_taps_make_its_attendance_in_whatever_order_they_come() -> None:
    taps = [
        tap("03T08:30"),
        tap("03T12:00", out=True),
        tap("03T13:30"),
        tap("03T13:31"),  # the card laid on twice
        tap("03T18:00", out=True),
        tap("03T18:05", out=True),
        tap("04T22:00"),  # over night
        tap("05T06:00", out=True),
    ]

    for shift in range(len(taps)):
        first, second = attendance(taps[shift:][::-1] + taps[:shift])

        assert (first.day.day, first.first_in, first.last_out) == (
            3,
            tap("03T08:30").at,
            tap("03T18:00").at,
        )
        assert (first.inside, first.unpaired) == (timedelta(hours=8), 0)
        assert (second.day.day, second.inside) == (4, timedelta(hours=8))


@pytest.mark.feature("S84")
def test_a_forgotten_exit_is_no_time_and_told() -> None:
    day = attendance([tap("03T08:00"), tap("04T09:00", out=True), tap("04T10:00")])

    assert [(one.day.day, one.inside, one.last_out, one.unpaired) for one in day] == [
        (3, timedelta(0), None, 1),
        (4, timedelta(0), None, 1),
    ]
    assert attendance([tap("03T08:00", out=True)]) == []


@pytest.mark.parametrize("month", ["", "2026-13", "2026-1", "2026-11-01", "$ne", "٢٠٢٦-11"])
def test_what_is_no_month_is_refused(month: str) -> None:
    assert isinstance(month_span(month), Refusal)
    assert month_span("2026-12") == (
        datetime(2026, 11, 30, 16, tzinfo=UTC),
        datetime(2026, 12, 31, 16, tzinfo=UTC),
    )


@pytest.mark.feature("S84")
async def test_the_holder_sees_their_own_days_and_an_annulled_tap_is_none(city: City) -> None:
    holder = await city.holder("907", digest=None)
    phone, other = await city.phone(holder), await city.phone(await city.holder("902", digest=None))
    terminal, now, card = await city.terminal(), city.clock.now(), await city.card_index(holder)

    def passed(minutes: float, counter: int, **changed: Any) -> dict[str, Any]:
        at = now - timedelta(minutes=minutes)
        return code_scan(at, card, counter, **{"version": 2, **changed})

    entry, refused = passed(90, 1), passed(80, 2, verdict="refuse", reason="already_inside")
    undone = passed(20, 4)
    own: dict[str, Any] = {
        "scan_id": "a" * 32,
        "verdict": "system",
        "admits": None,
        "counted_on": [],
    }
    word = {**undone, **own, "annuls": undone["scan_id"]}
    leaving = passed(30, 3, direction="out")
    await terminal.upload(leaving, refused, entry, undone, word)
    month = (now + timedelta(hours=8)).strftime("%Y-%m")

    told = (await phone.ask("Attendance", venue=1, month=month))["attendance"]["nodes"]

    assert [(one["minutesInside"], one["unpaired"]) for one in told] == [(60, 0)]
    for asked, venue in ((other, 1), (phone, 2)):
        again = await asked.ask("Attendance", venue=venue, month=month)
        assert again["attendance"]["nodes"] == []


@pytest.mark.feature("S84")
async def test_the_holder_need_not_know_which_building(city: City) -> None:
    holder = await city.holder("908", digest=None)
    phone, other = await city.phone(holder), await city.phone(await city.holder("903", digest=None))
    now, card = city.clock.now(), await city.card_index(holder)
    first, second = await city.terminal(1), await city.terminal(2)
    refused = {"verdict": "refuse", "reason": "already_inside"}
    for terminal, minutes, counter, changed in (
        (first, 40, 1, {}),
        (first, 30, 2, {"direction": "out", "version": 2}),
        (first, 1, 3, refused),
        (second, 20, 4, {}),
        (first, 50, 5, {}),
    ):
        await terminal.upload(
            code_scan(now - timedelta(minutes=minutes), card, counter, **dict(changed))
        )
    month = (now + timedelta(hours=8)).strftime("%Y-%m")

    async def asked(who: Phone, **page: Any) -> Any:
        return (await who.ask("AttendanceVenues", month=month, **page))["attendanceVenues"]

    whole = await asked(phone)
    assert [(one["venue"], one["lastIn"]) for one in whole["nodes"]] == [
        (venue, (now - timedelta(minutes=minutes)).isoformat())
        for venue, minutes in ((2, 20), (1, 40))
    ], "what was refused or went out is no entry"
    paged = await asked(phone, first=1)
    rest = await asked(phone, first=1, after=paged["pageInfo"]["endCursor"])
    assert paged["nodes"] + rest["nodes"] == whole["nodes"]
    assert not rest["pageInfo"]["hasNextPage"]
    assert (await asked(other))["nodes"] == []
    earlier = await phone.ask("AttendanceVenues", month="2025-01")
    assert earlier["attendanceVenues"]["nodes"] == []
