"""The conflict report: both gates by name, by the time of the scans, however they came in."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.app import House
from backend.bookings.rules import BookingState
from backend.cards.lifecycle import CardEvent
from backend.foundation.access import Caller, Role
from backend.foundation.audit import AuditRow, Organisation
from backend.foundation.pages import Page
from backend.foundation.refusals import Refusal
from backend.passes.rules import PassState
from backend.readers.conflict_report import ConflictFacts, ConflictReport
from backend.readers.conflict_rules import ConflictState, GateEntry, rows_of
from backend.readers.conflicts import same_code
from backend.readers.documents import Scan
from shared.localized_text import LocalizedText
from tests.backend.actors import City, code_scan, new_key
from tests.backend.readers.gates import Gates
from tests.support.soak import SOAK

BOUNDED = settings(
    max_examples=300 if SOAK else 6,
    deadline=None,
    database=None,
    derandomize=not SOAK,
    suppress_health_check=list(HealthCheck),
)
Run = Callable[[Awaitable[Any]], Any]
Rows = list[tuple[int, dict[str, Any]]]


def staff(venue: int, role: Role = Role.VENUE_STAFF) -> Caller:
    here = Organisation(f"venue-{venue}", LocalizedText("场馆", "Venue"))
    return Caller(staff_id="stf_a", roles=frozenset({role}), thumbprint="t", organisation=here)


@pytest.fixture
async def run() -> Run:
    """Runs a coroutine on the tests' loop from a test that is none itself."""
    return asyncio.get_running_loop().run_until_complete


async def _page(house: House, venue: int, **more: Any) -> Page[ConflictFacts]:
    caller = more.pop("caller", None) or staff(venue)
    asked = {"first": 20, "after": None, **more}
    page = await house.services[ConflictReport].page(caller, venue, **asked)
    assert isinstance(page, Page), page
    return page


def _same_code(gates: Gates, counter: int, minutes: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return one showing at a gate of each venue; the second gate was a little earlier."""
    one = gates.entry(minutes, counter=counter)
    other = gates.entry(minutes - 0.05, counter=counter, card_index=one["card_index"])
    return one, other


@pytest.mark.feature("S24")
async def test_both_gates_are_named_in_the_order_of_the_scans(gates: Gates, house: House) -> None:
    """S24: two readers without a network let in one showing; the upload brings it to light."""
    one, other = _same_code(gates, 7, 0)

    await gates.book(0, one)
    assert await gates.conflicts() == []
    await gates.book(1, other)

    for venue in (1, 2):
        [conflict] = (await _page(house, venue)).rows
        assert [row.scan_id for row in conflict.rows] == [other["scan_id"], one["scan_id"]]
        assert [(row.venue, row.lane, row.terminal) for row in conflict.rows] == [
            (2, 1, "trm_other"),
            (1, 1, "trm_one"),
        ]
        assert len({row.venue_name for row in conflict.rows}) == 2
        assert conflict.state is ConflictState.OPEN
    assert await gates.flags(one) == await gates.flags(other) == ["two_gates"]


@pytest.mark.parametrize("first", [0, 1])
async def test_a_ticket_at_two_gates_is_reported_by_the_time_of_the_scans(
    gates: Gates, first: int
) -> None:
    ticket = await gates.ticket("a")
    rows = [gates.entry(0, counted_on=[ticket]), gates.entry(1, counted_on=[ticket])]

    for gate in (first, 1 - first, first):
        await gates.book(gate, rows[gate])

    [conflict] = await gates.conflicts()
    assert [(row["venue"], row["flags"]) for row in conflict["rows"]] == [
        (1, []),
        (2, ["over_used"]),
    ]
    await gates.book(0, gates.annulment(rows[0]))
    assert await gates.conflicts() == []


async def test_a_refunded_ticket_that_an_offline_gate_let_in_is_booked_and_reported(
    gates: Gates,
) -> None:
    refunded = {"state": PassState.REFUNDED, "ended_at": gates.now}
    ticket = await gates.ticket("a", **refunded)

    [receipt] = await gates.book(0, gates.entry(counted_on=[ticket]))

    assert receipt.outcome.value == "recorded"
    [conflict] = await gates.conflicts()
    assert conflict["rows"][0]["flags"] == ["refunded"]


async def test_what_did_not_happen_is_no_conflict(gates: Gates) -> None:
    one, other = _same_code(gates, 7, 0)
    await gates.book(0, one)
    await gates.book(1, other)

    await gates.book(1, gates.annulment(other))

    assert await gates.conflicts() == []
    assert await gates.flags(one) == []


async def test_a_card_that_was_stopped_before_it_came_in_is_booked_and_reported(
    city: City, gates: Gates
) -> None:
    holder = await city.holder()
    index = await city.card_index(holder)
    before = code_scan(city.clock.now(), index)
    city.clock.advance(60)
    await city.served(holder, CardEvent.SUSPEND)
    city.clock.advance(60)
    after = code_scan(city.clock.now(), index, 9, version=2)

    receipts = await gates.book(0, before, after)

    assert [one.outcome.value for one in receipts] == ["recorded", "recorded"]
    [conflict] = await gates.conflicts()
    assert conflict["kind"] == "STOPPED_CARD"
    assert [row["scan_id"] for row in conflict["rows"]] == [after["scan_id"]]
    assert (await gates.scan(before))["flags"] == []
    await gates.book(0, gates.annulment(after))
    assert await gates.conflicts() == []


async def test_a_conflict_is_looked_at_once_and_opens_again_when_one_more_joins(
    gates: Gates, house: House
) -> None:
    report, key = house.services[ConflictReport], new_key()
    booking = await gates.booking("a")
    await gates.book(0, gates.entry(counted_on=[booking]))
    await gates.book(1, gates.entry(1, counted_on=[booking]))
    [conflict] = (await _page(house, 2)).rows

    for _ in range(2):
        seen = await report.acknowledge(staff(2), key, 2, conflict.conflict_id, "  已回访  ")
        assert isinstance(seen, ConflictFacts), seen
        assert (seen.state, seen.note) == (ConflictState.ACKNOWLEDGED, "已回访")
    [deed] = await AuditRow.find(AuditRow.action == "readers.conflict_acknowledged").to_list()
    assert (deed.actor["id"], deed.origin) == ("stf_a", conflict.conflict_id)
    assert (await _page(house, 1, state=ConflictState.OPEN)).rows == []
    await gates.book(0, *[])  # what changes nothing leaves it looked at
    assert len((await _page(house, 1, state=ConflictState.ACKNOWLEDGED)).rows) == 1

    await gates.book(0, gates.entry(2, counted_on=[booking]))

    [again] = (await _page(house, 1, state=ConflictState.OPEN)).rows
    assert (again.conflict_id, again.note, len(again.rows)) == (conflict.conflict_id, None, 3)


async def test_a_page_follows_another_the_latest_entry_first(gates: Gates, house: House) -> None:
    for number in range(5):
        one, other = _same_code(gates, number, number)
        await gates.book(0, one)
        await gates.book(1, other)

    first = await _page(house, 1, first=3)
    rest = await _page(house, 1, first=3, after=first.rows[-1].position)

    assert (first.has_more, rest.has_more) == (True, False)
    times = [one.at for one in (*first.rows, *rest.rows)]
    assert times == sorted(times, reverse=True)
    assert len(times) == 5


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (None, "sign_in_needed"),
        (staff(1, Role.OUTLET_CLERK), "not_permitted"),
        (Caller(resident_id="res_a"), "not_permitted"),
        (staff(2), "venue_of_others"),
        (staff(2, Role.SYSTEM_ADMINISTRATOR), None),
        (staff(1), None),
    ],
)
async def test_it_is_for_the_venues_own_staff_and_administrators(
    house: House, caller: Caller | None, code: str | None
) -> None:
    report = house.services[ConflictReport]
    page = await report.page(caller, 1, 20, None)
    done = await report.acknowledge(caller, new_key(), 1, "cfl_none", "已核实")

    assert (page.code if isinstance(page, Refusal) else None) == code
    assert isinstance(done, Refusal)
    assert done.code == (code or "scan_conflict_unknown")


async def test_a_conflict_of_other_venues_cannot_be_looked_at(gates: Gates, house: House) -> None:
    booking = await gates.booking("a", state=BookingState.CANCELLED)
    await gates.book(0, gates.entry(counted_on=[booking]))
    [conflict] = await gates.conflicts()

    done = await house.services[ConflictReport].acknowledge(
        staff(2), new_key(), 2, conflict["_id"], "已核实"
    )

    assert isinstance(done, Refusal)
    assert done.code == "scan_conflict_unknown"


@pytest.mark.soak
@given(order=st.randoms(use_true_random=False))
@BOUNDED
def test_whatever_order_they_are_uploaded_in_it_comes_to_the_same(
    run: Run, gates: Gates, order: random.Random
) -> None:
    run(_comes_to_the_same(gates, order))


async def _comes_to_the_same(gates: Gates, order: random.Random) -> None:
    rows = _day(gates)
    await _begin(gates)
    for row in rows:
        await gates.book(*row)
    in_turn = await _told(gates, rows)
    assert [one["kind"] for one in in_turn[0]].count("SAME_CODE") == 1
    assert len(in_turn[0]) == 4

    await _begin(gates)
    mixed = [*rows, *order.sample(rows, 4)]
    order.shuffle(mixed)
    cuts = sorted(order.sample(range(1, len(mixed)), 4))
    parts = [mixed[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]
    uploads = [
        gates.book(gate, *[row for where, row in part if where == gate])
        for part in parts
        for gate in (0, 1)
    ]
    if order.random() < 0.5:
        await asyncio.gather(*uploads)
    else:
        for upload in uploads:
            await upload

    assert await _told(gates, rows) == in_turn


def _day(gates: Gates) -> Rows:
    """Return entries of a day at two gates, in the order in which they happened."""
    one, other = _same_code(gates, 7, 0)
    kept, annulled = _same_code(gates, 8, 1)
    back = gates.entry(2, counted_on=["bkg_r"])
    return [
        (1, other),
        (0, one),
        (1, annulled),
        (0, kept),
        (1, gates.annulment(annulled)),
        (1, gates.entry(1.5, counted_on=["bkg_q"])),
        (0, gates.entry(1.6, party=3, admits=2, counted_on=["bkg_q"])),
        (0, back),
        (0, gates.annulment(back, 0.5)),
        (0, gates.annulment(back, 0.7)),
        (1, gates.entry(3, counted_on=["bkg_r"])),
        (0, gates.entry(4, counted_on=["bkg_s"])),
        (0, gates.entry(4.2, counted_on=["bkg_none"])),
        (0, gates.entry(4.5, direction="out")),
    ]


async def _begin(gates: Gates) -> None:
    database = gates.house.store.database
    for name in ("scans", "scan_conflicts", "bookings"):
        await database[name].delete_many({})
    await gates.booking("q", 2)
    await gates.booking("r")
    await gates.booking("s", state=BookingState.CANCELLED)


async def _told(gates: Gates, rows: Rows) -> tuple[Any, ...]:
    """Return all that is told of the scans."""
    scans = [await gates.scan(row) for _, row in rows]
    return (
        await gates.conflicts(),
        [await gates.entered(f"bkg_{one}") for one in "qrs"],
        [await gates.inside(venue) for venue in (1, 2)],
        [sorted(scan["flags"]) for scan in scans],
        [scan.get("annulled_by") for scan in scans],
        await Scan.get_pymongo_collection().count_documents({"due": True}),
    )


def test_rows_stand_by_the_time_of_their_scans_whatever_their_ids() -> None:
    at, words = datetime(2026, 5, 1, tzinfo=UTC), {"zh": "门", "en": "Gate"}
    late, early = (
        GateEntry(
            scan_id, 1, words, lane, words, "trm", at + timedelta(minutes=lane), 1, frozenset()
        )
        for scan_id, lane in (("a", 2), ("b", 1))
    )
    rows = rows_of(same_code(b"code"), [late, early], None, judged=False)
    assert [row["scan_id"] for row in rows] == ["b", "a"]
