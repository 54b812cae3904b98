"""Finding venues: by words, nearness, kind, access and open now; each by an index, page by page."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.app import House
from backend.venues.catalogue import Catalogue, CatalogueEntry, Place, Position, VenueSearch
from backend.venues.delta import delta_venues
from backend.venues.ganzhou import CANTEEN, CAVES, LIBRARY, MUSEUM, PLACES
from backend.venues.rules import Accessibility, VenueKind, terms_asked, terms_of
from backend.venues.service import Venues
from shared.admission.circumstances import Circumstances, HeldBooking
from shared.admission.evidence import Evidence, Medium
from shared.admission.rules import AdmissionRules, decide
from shared.clock import LOCAL_ZONE, ManualClock
from shared.ecode.reasons import Reason
from shared.identity.regions import region_of
from tests.backend.actors import City
from tests.backend.bookings.hall import GANZHOU, entry

DELTA = list(delta_venues())
HANGZHOU = Position(30.27, 120.15)
SOME = [*PLACES, *DELTA[::25]]


@pytest.fixture
async def catalogue(house: House) -> Catalogue:
    catalogue = house.services[Catalogue]
    await catalogue.file(SOME)
    return catalogue


async def _all(catalogue: Catalogue, wanted: VenueSearch, first: int = 7) -> list[CatalogueEntry]:
    found: list[CatalogueEntry] = []
    after: Place | None = None
    while True:
        page = await catalogue.search(wanted, first, after)
        found += page.rows
        if not page.has_more:
            return found
        last = page.rows[-1]
        after = Place.of_cursor(Place(last.number, last.distance).to_cursor())


def test_the_delta_has_as_many_venues_of_each_kind_as_it_has() -> None:
    assert Counter(venue.kind for venue in DELTA) == {
        VenueKind.LIBRARY: 968,
        VenueKind.MUSEUM: 757,
        VenueKind.SCENIC_AREA: 1_100,
    }
    assert len({venue.number for venue in DELTA}) == 2_825
    assert DELTA[-1].number < 2**16
    assert list(delta_venues()) == DELTA
    for venue in DELTA:
        region = region_of(venue.region)
        assert region is not None
        assert region.county
        assert not region.abolished
    assert {venue.region // 10_000 for venue in DELTA} == {31, 32, 33, 34}
    assert len({venue.name.zh for venue in DELTA}) > 2_600


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("通天岩", CAVES),
        ("天岩", CAVES),
        ("赣州市博", MUSEUM),
        ("grott", CAVES),
        ("ＧＡＮＺＨＯＵ lib", LIBRARY),
    ],
)
async def test_any_part_of_a_name_finds_it(catalogue: Catalogue, text: str, number: int) -> None:
    assert [one.number for one in await _all(catalogue, VenueSearch(text=text))] == [number]


async def test_a_region_finds_its_venues(catalogue: Catalogue) -> None:
    found = await _all(catalogue, VenueSearch(text="赣州"))

    assert {one.number for one in found} == {one.number for one in PLACES}


@pytest.mark.parametrize("text", ["不存在的地方", "!!!", "\ud800", "🎫", "$where", "kind:MUSEUM"])
async def test_what_no_name_has_finds_nothing(catalogue: Catalogue, text: str) -> None:
    assert await _all(catalogue, VenueSearch(text=text)) == []


async def test_pages_neither_repeat_nor_lose_one(catalogue: Catalogue) -> None:
    found = await _all(catalogue, VenueSearch(kind=VenueKind.LIBRARY))

    wanted = [one.number for one in SOME if one.kind is VenueKind.LIBRARY]
    assert [one.number for one in found] == sorted(wanted)


async def test_the_nearest_comes_first_and_all_in_reach_are_found(catalogue: Catalogue) -> None:
    found = await _all(catalogue, VenueSearch(near=HANGZHOU))

    distances = [one.distance for one in found if one.distance is not None]
    assert distances == sorted(distances)
    assert distances[-1] <= 50_000
    inside = [one for one in SOME if one.position and _degrees(one.position) < 0.3]
    assert {one.number for one in inside} <= {one.number for one in found}
    libraries = await _all(catalogue, VenueSearch(near=HANGZHOU, kind=VenueKind.LIBRARY))
    assert [o.number for o in libraries] == [o.number for o in found if o.kind is VenueKind.LIBRARY]


async def test_venues_at_one_spot_are_paged_by_number(house: House) -> None:
    catalogue = house.services[Catalogue]
    await catalogue.file([entry(number) for number in range(1, 20)])
    found = await _all(catalogue, VenueSearch(near=GANZHOU), first=4)

    assert [one.number for one in found] == list(range(1, 20))


@pytest.mark.feature("S137")
@pytest.mark.parametrize(
    "need",
    [
        (Accessibility.WHEELCHAIR,),
        (Accessibility.SIGN_LANGUAGE,),
        (Accessibility.WHEELCHAIR, Accessibility.TOILET),
    ],
)
async def test_one_finds_the_venues_that_one_can_use(
    catalogue: Catalogue, need: tuple[Accessibility, ...]
) -> None:
    found = await _all(catalogue, VenueSearch(accessibility=need))

    wanted = {one.number for one in SOME if set(need) <= set(one.accessibility)}
    assert 0 < len(wanted) < len(SOME)
    assert {one.number for one in found} == wanted


async def test_what_is_filed_of_a_venue_is_what_its_gates_go_by(
    house: House, catalogue: Catalogue, clock: ManualClock
) -> None:
    """Whether it needs a booking, and whose cards it takes: from the catalogue to the decision."""
    assert catalogue is house.services[Catalogue]
    facts = [await house.services[Venues].facts(number) for number in (CAVES, MUSEUM, CANTEEN)]
    asked = [one.rules for one in facts if one is not None]

    def refused(rules: AdmissionRules, region: int, *booked: HeldBooking) -> Reason | None:
        evidence = Evidence(Medium.ECODE, region, authenticated=True)
        around = Circumstances(clock.now(), MUSEUM, bookings=booked)
        return decide(evidence, around, rules).answer.reason

    plain, by_booking, own_city = asked
    hour = timedelta(hours=1)
    held = HeldBooking("b", MUSEUM, clock.now() - hour, clock.now() + hour)
    shanghai, here = 310000, 360700
    assert [refused(one, here) for one in asked] == [None, Reason.BOOKING_NEEDED, None]
    assert refused(by_booking, here, held) is None
    assert refused(plain, shanghai) is None
    assert refused(own_city, shanghai) is Reason.REGION_NOT_ACCEPTED


@pytest.mark.parametrize("hour", [3, 8, 10, 17, 20])
async def test_open_now_is_what_the_calendars_say(
    catalogue: Catalogue, clock: ManualClock, hour: int
) -> None:
    local = clock.now().astimezone(LOCAL_ZONE)
    at = local.replace(hour=hour) + timedelta(days=local.hour > hour)
    clock.advance((at - local).total_seconds())
    found = await _all(catalogue, VenueSearch(open_now=True), first=40)

    wanted = [one.number for one in SOME if one.calendar and one.calendar.is_open(clock.now())]
    assert [one.number for one in found] == wanted


def test_terms_are_parts_of_words() -> None:
    assert "天岩" in terms_of(["通天岩"], None, ())
    assert set(terms_asked("通天岩", None, ())) <= set(terms_of(["通天岩"], None, ()))
    assert terms_asked("长" * 500, None, ())[:-1] == ["长长"]
    assert "kind:museum" not in terms_of(["kind:museum"], None, ())


@pytest.mark.parametrize(
    "wanted",
    [
        VenueSearch(),
        VenueSearch(text="图书馆"),
        VenueSearch(text="lib", kind=VenueKind.LIBRARY, open_now=True),
        VenueSearch(accessibility=tuple(Accessibility)),
        VenueSearch(near=HANGZHOU, text="博物馆", open_now=True),
    ],
)
async def test_every_search_has_its_index(
    house: House, catalogue: Catalogue, sent: list[tuple[str, dict[str, Any]]], wanted: VenueSearch
) -> None:
    sent.clear()
    page = await catalogue.search(wanted, 5, None)
    if page.rows:
        last = page.rows[-1]
        await catalogue.search(wanted, 5, Place(last.number, last.distance))
    await catalogue.of_numbers([1, 2])
    commands = [(name, command) for name, command in sent if name in {"find", "aggregate"}]
    assert commands
    for name, command in commands:
        stages = await _stages(house, command)
        assert "COLLSCAN" not in stages, (name, command)
        assert name == "aggregate" or "SORT" not in stages, (name, command)


async def test_a_text_reads_what_it_finds_and_little_more(
    house: House, catalogue: Catalogue, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    sent.clear()
    await catalogue.search(VenueSearch(text="通天岩"), 5, None)
    [find] = [command for name, command in sent if name == "find"]
    plain = {name: value for name, value in find.items() if name not in WITHOUT}
    told = await house.store.database.command({"explain": plain, "verbosity": "executionStats"})
    assert told["executionStats"]["totalDocsExamined"] <= 3


async def test_an_app_asks_for_venues(city: City, house: House, clock: ManualClock) -> None:
    await house.services[Catalogue].file(PLACES)
    near = {"latitude": 25.85, "longitude": 114.93}
    page = (await city.stranger().ask("Venues", near=near, first=2))["venues"]

    assert page["pageInfo"]["hasNextPage"]
    assert page["nodes"][0]["distance"] < page["nodes"][1]["distance"]
    cursor = page["pageInfo"]["endCursor"]
    after = (await city.stranger().ask("Venues", near=near, first=2, after=cursor))["venues"]
    assert page["nodes"][1]["number"] not in {one["number"] for one in after["nodes"]}
    one = (await city.stranger().ask("Venue", number=MUSEUM))["venue"]
    assert one["name"]["zh"] == "赣州市博物馆"
    assert one["acceptsAllRegions"]
    assert [area["code"] for area in one["areas"]] == ["main"]
    opening = datetime.fromisoformat(one["nextOpening"])
    assert opening >= clock.now() - timedelta(seconds=1)
    assert one["openNow"] is (opening == clock.now())
    unknown = (await city.stranger().ask("Venue", number=999))["venue"]
    assert unknown["code"] == "venue_unknown"
    nowhere = {"latitude": 91, "longitude": 0}
    refused = (await city.stranger().ask("Venues", near=nowhere))["venues"]
    assert refused["code"] == "position_form"


WITHOUT = {"lsid", "$db", "$clusterTime", "txnNumber", "startTransaction"}


async def _stages(house: House, command: dict[str, Any]) -> set[str]:
    plain = {name: value for name, value in command.items() if name not in WITHOUT}
    told = await house.store.database.command({"explain": plain, "verbosity": "queryPlanner"})
    return _winning(told)


def _winning(told: Any) -> set[str]:
    if isinstance(told, list):
        return set().union(*map(_winning, told)) if told else set()
    if not isinstance(told, dict):
        return set()
    own = {told["stage"]} if isinstance(told.get("stage"), str) else set()
    below = (value for name, value in told.items() if name not in {"rejectedPlans", "command"})
    return own.union(*map(_winning, below))


def _degrees(position: Position) -> float:
    return max(
        abs(position.latitude - HANGZHOU.latitude), abs(position.longitude - HANGZHOU.longitude)
    )
