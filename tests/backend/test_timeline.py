"""记录一生: what happened in several areas in one stable line, a page at a time (S38)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.app import House
from backend.cards.lifecycle import CardEvent
from backend.foundation.pages import Page
from backend.library.documents import LibraryLoan
from backend.library.rules import LoanState
from backend.timeline.rules import TimelineCategory, TimelineRow, one_line
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from tests.backend.actors import City, Phone, scan
from tests.backend.bookings.hall import Hall, plan
from tests.backend.bookings.test_api import _do, _slots

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
WORDS = LocalizedText("字", "word")


@pytest.fixture
def hall(house: House, clock: ManualClock) -> Hall:
    return Hall(house, clock)


def row(kind: TimelineCategory, identifier: str, hours: int) -> TimelineRow:
    return TimelineRow(identifier, NOON - timedelta(hours=hours), kind, WORDS, WORDS)


def test_rows_of_one_moment_keep_one_order_whichever_page_they_came_in() -> None:
    visits = [row(TimelineCategory.VISIT, f"v{n}", 0) for n in (3, 1)]
    passes = [row(TimelineCategory.PASS, name, 0) for name in ("v2", "a")]
    one = one_line([Page(visits, has_more=False), Page(passes, has_more=False)], 10)
    other = one_line([Page(passes, has_more=False), Page(visits, has_more=False)], 10)

    assert [found.row_id for found in one.rows] == ["v3", "v2", "v1", "a"]
    assert one == other


@pytest.mark.parametrize("first", [1, 2, 3, 7])
def test_pages_follow_one_another_without_a_gap_or_a_repeat(first: int) -> None:
    kinds = list(TimelineCategory)
    everything = [row(kinds[n % 3], f"r{n:02d}", n // 4) for n in range(23)]

    def source(kind: TimelineCategory, after: TimelineRow | None) -> Page[TimelineRow]:
        own = sorted((r for r in everything if r.category is kind), key=_place, reverse=True)
        left = [r for r in own if after is None or _place(r) < _place(after)]
        return Page(left[:first], has_more=len(left) > first)

    seen: list[TimelineRow] = []
    more = True
    while more:
        after = seen[-1] if seen else None
        page = one_line([source(kind, after) for kind in kinds], first)
        seen += page.rows
        more = page.has_more
    assert seen == sorted(everything, key=_place, reverse=True)


def _place(found: TimelineRow) -> tuple[datetime, str]:
    return found.at, found.row_id


async def _all(phone: Phone, first: int, **wish: Any) -> list[tuple[str, str]]:
    seen: list[tuple[str, str]] = []
    after, more = None, True
    while more:
        page = (await phone.ask("Timeline", first=first, after=after, **wish))["timeline"]
        seen += [(one["category"], one["id"]) for one in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return seen


async def test_a_life_is_read_in_pages_and_by_kind_at_one_price(
    city: City, hall: Hall, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    await hall.open(plan(capacity=4))
    phone, terminal = await city.phone(await city.holder()), await city.terminal()
    assert await _all(phone, 5) == []
    booked = []
    for slot in (await _slots(phone, hall))[:2]:
        made = await _do(phone, "BookPlace", slot=slot["id"], quantity=1)
        booked.append(made["booking"]["id"])
        await _do(phone, "ConfirmBooking", booking=booked[-1])
    at = city.clock.now()
    await terminal.upload(*(scan(at - timedelta(minutes=n // 2)) for n in range(7)))
    assert {kind for kind, _ in await _all(phone, 3)} == {"VISIT"}, "what is ahead is no past"

    city.clock.advance(48 * 3600)
    whole = await _all(phone, 50)
    assert len(whole) == len(set(whole)) == 9
    assert [one for kind, one in whole if kind == "BOOKING"] == booked[::-1]
    assert await _all(phone, 2) == whole, "the same line, whatever the pages"
    assert await _all(phone, 3, categories=["BOOKING"]) == whole[:2]
    assert await _all(phone, 3, categories=["PASS"]) == []
    assert await _all(phone, 3, categories=[]) == []

    reads = []
    for first in (1, 50):
        sent.clear()
        await phone.ask("Timeline", first=first)
        reads.append(sorted(str(command[name]) for name, command in sent))
    assert reads[0] == reads[1], "as many reads, however much is found"
    assert len(reads[0]) <= 11, reads[0]


@pytest.mark.feature("S38")
async def test_the_cards_own_life_and_what_was_borrowed_stand_in_the_line(city: City) -> None:
    holder = await city.holder()
    phone = await city.phone(holder)
    for event in (CardEvent.SUSPEND, CardEvent.LIFT_SUSPENSION):
        city.clock.advance(60)
        await city.served(holder, event)
    for number in range(3):
        city.clock.advance(60)
        await _borrowed(holder.resident_id, f"loan_{number}", city.clock.now())
    city.clock.advance(60)

    page = (await phone.ask("Timeline", first=5))["timeline"]["nodes"]
    told = [(one["category"], one["title"]["zh"], one["detail"]["zh"]) for one in page]
    assert told == [
        *[("LOAN", "已下架的图书", "借书 · 借阅中")] * 3,
        ("CARD", "解挂", "正常"),
        ("CARD", "临时挂失", "临时挂失"),
    ]
    whole = await _all(phone, 50)
    assert await _all(phone, 2) == await _all(phone, 3) == whole
    loans = [one for one in whole if one[0] == "LOAN"]
    assert await _all(phone, 2, categories=["LOAN"]) == loans
    other = await city.phone(await city.holder("902", digest=None))
    assert not {one for one in await _all(other, 5) if one in whole}


async def _borrowed(resident_id: str, loan: str, at: datetime) -> None:
    await LibraryLoan(
        id=loan,
        resident_id=resident_id,
        copy_id="copy",
        title="none",
        state=LoanState.OPEN,
        lent_at=at,
        lent_in="city",
        due_at=at,
    ).insert()


async def test_nobody_reads_anothers_life(city: City) -> None:
    phone, terminal = await city.phone(await city.holder()), await city.terminal()
    await terminal.upload(scan(city.clock.now()))
    other = await city.phone(await city.holder("902", digest=None))

    assert len(await _all(phone, 5, categories=["VISIT"])) == 1
    assert await _all(other, 5, categories=["VISIT"]) == []
    assert (await city.stranger().ask("Timeline"))["timeline"]["code"] == "device_unknown"
    page = await phone.ask("Timeline", first=1)
    assert page["timeline"]["nodes"][0]["title"]["zh"]
