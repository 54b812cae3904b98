from datetime import timedelta
from typing import Any

import pytest

from tests.backend.actors import City, Phone, Terminal, code_scan, document, scan


@pytest.fixture
async def phone(city: City) -> Phone:
    return await city.phone(await city.holder())


@pytest.fixture
async def terminal(city: City) -> Terminal:
    return await city.terminal()


async def test_a_visit_is_shown_with_its_place_and_its_reason(
    city: City, phone: Phone, terminal: Terminal
) -> None:
    sent = scan(city.clock.now())
    checked = scan(city.clock.now(), verdict="again", reason=None, detail={"checked_by": "u01"})
    await terminal.upload(sent, checked)  # a helpdesk's check is no visit

    home = await phone.ask("Home")

    assert home["visits"]["nodes"] == [
        {
            "id": sent["scan_id"],
            "at": city.clock.now().isoformat(),
            "venueName": {
                "zh": "中央红军长征出发地纪念园",
                "en": "Central Red Army Long March Departure Memorial Park",
            },
            "laneName": {"zh": "2号通道", "en": "Lane 2"},
            "medium": "CARD",
            "verdict": "LOOK",
            "reason": home["visits"]["nodes"][0]["reason"],
        }
    ]
    assert set(home["visits"]["nodes"][0]["reason"]) == {"zh", "en"}
    assert home["serverTime"] == city.clock.now().isoformat()


async def test_pages_follow_one_another_without_a_gap_or_a_repeat(
    city: City, phone: Phone, terminal: Terminal
) -> None:
    """Also where many visits have the same instant, and new ones come in between."""
    at = city.clock.now()
    scans = [scan(at - timedelta(minutes=minute // 4)) for minute in range(23)]
    await terminal.upload(*scans)

    seen: list[str] = []
    after: str | None = None
    more = True
    while more:
        page = (await phone.ask("Visits", first=5, after=after))["visits"]
        seen += [visit["id"] for visit in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        await terminal.upload(scan(at + timedelta(seconds=len(seen))))

    ordered = sorted(scans, key=lambda one: (one["scanned_at"], one["scan_id"]), reverse=True)
    assert seen == [one["scan_id"] for one in ordered]


async def test_a_home_costs_six_reads(
    city: City,
    phone: Phone,
    terminal: Terminal,
    sent: list[tuple[str, dict[str, Any]]],
) -> None:
    await terminal.upload(*(scan(city.clock.now()) for _ in range(40)))
    sent.clear()

    await phone.ask("Home")

    assert sorted((name, command[name]) for name, command in sent) == [
        ("aggregate", "cards"),  # with whom the holder's record was merged into
        ("aggregate", "residents"),  # with the keys of the person
        ("aggregate", "subsidy_payments"),
        ("find", "bookings"),
        ("find", "residents"),  # whose payments are this person's: records that were merged
        ("find", "scans"),
    ]


async def test_nobody_sees_anothers_visits(city: City, phone: Phone, terminal: Terminal) -> None:
    other = await city.phone(await city.holder("902", digest=None))
    await terminal.upload(scan(city.clock.now()))

    assert len((await phone.ask("Visits"))["visits"]["nodes"]) == 1
    assert (await other.ask("Visits"))["visits"]["nodes"] == []
    assert (await city.stranger().ask("Visits"))["visits"]["nodes"] == []


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"verdict": "refuse", "reason": "replayed"}, "REFUSED"),
        ({"verdict": "refuse", "reason": "region_not_accepted"}, "REFUSED"),
        # Refused before its signatures were checked: the index may be anybody's.
        ({"verdict": "refuse", "reason": "stale"}, None),
        ({"verdict": "refuse", "reason": "proof_forged"}, None),
        ({"verdict": "again", "reason": "damaged"}, None),
        ({"verdict": "system", "reason": "lists_too_old"}, None),
    ],
)
async def test_only_what_a_code_proves_is_its_holders_visit(
    city: City, terminal: Terminal, changed: dict[str, Any], shown: str | None
) -> None:
    holder = await city.holder("907", digest=None)
    phone = await city.phone(holder)
    await terminal.upload(code_scan(city.clock.now(), await city.card_index(holder), **changed))

    visits = (await phone.ask("Visits"))["visits"]["nodes"]

    assert [visit["verdict"] for visit in visits] == ([shown] if shown else [])


@pytest.mark.parametrize("first", [0, -1, 51, 2**31 - 1])
async def test_a_page_has_a_size(phone: Phone, first: int) -> None:
    answer = (await phone.post(document("Visits"), {"first": first})).json()

    assert answer["errors"][0]["extensions"]["code"] == "page_size"


@pytest.mark.parametrize("after", ["", "x", "WzAsIHsiJG5lIjogIiJ9XQ==", "😀", "a\u0000", "$where"])
async def test_a_made_up_cursor_is_refused(phone: Phone, after: str) -> None:
    answer = (await phone.post(document("Visits"), {"after": after})).json()

    assert answer["errors"][0]["extensions"]["code"] == "cursor_unknown"
    assert set(answer["errors"][0]["extensions"]["text"]) == {"zh", "en"}
