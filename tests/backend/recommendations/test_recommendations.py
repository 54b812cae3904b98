"""S54: recommendations from one's own visits, with a switch that gives everybody's list."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.foundation.audit import AuditRow
from backend.readers.documents import Scan
from backend.recommendations.rules import KINDS, Basis, Candidate, Visited, recommended
from backend.venues.catalogue import Catalogue
from backend.venues.rules import VenueKind
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, code_scan, id_number, new_key
from tests.backend.bookings.hall import entry

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
CITY = [
    Candidate(1, VenueKind.MUSEUM),
    Candidate(2, VenueKind.SCENIC_AREA),
    Candidate(3, VenueKind.LIBRARY),
    Candidate(4, VenueKind.LIBRARY),
]
visits = st.lists(
    st.builds(
        Visited,
        st.integers(1, 9),
        st.sampled_from([*VenueKind, None]),
        st.timedeltas(timedelta(0), timedelta(days=200)).map(lambda ago: NOW - ago),
    ),
    max_size=12,
)


def _venues(seen: list[Visited], *, personalised: bool = True) -> tuple[Basis, list[int]]:
    found = recommended(CITY, seen, NOW, personalised=personalised, first=4)
    return found.basis, [one.venue for one in found.venues]


def _went(venue: int, kind: VenueKind, *days: int) -> list[Visited]:
    return [Visited(venue, kind, NOW - timedelta(days=ago)) for ago in days]


def test_the_kind_most_visited_comes_first_and_what_was_just_seen_last() -> None:
    seen = _went(3, VenueKind.LIBRARY, 1, 5, 30) + _went(1, VenueKind.MUSEUM, 40)
    assert _venues(seen) == (Basis.OWN_VISITS, [4, 1, 2, 3])


def test_too_few_or_too_old_visits_give_everybody_s_list_and_say_so() -> None:
    plain = [1, 2, 3, 4]
    assert _venues([]) == (Basis.TOO_LITTLE, plain)
    assert _venues(_went(3, VenueKind.LIBRARY, 1, 2)) == (Basis.TOO_LITTLE, plain)
    assert _venues(_went(3, VenueKind.LIBRARY, 100, 120, 150)) == (Basis.TOO_LITTLE, plain)


def test_visits_to_a_hospital_are_never_drawn_on() -> None:
    assert VenueKind.HOSPITAL not in KINDS
    assert _venues(_went(9, VenueKind.HOSPITAL, 1, 2, 3, 4))[0] is Basis.TOO_LITTLE


@given(visits)
def test_with_the_switch_off_no_visit_changes_anything(seen: list[Visited]) -> None:
    assert _venues(seen, personalised=False) == (Basis.EVERYBODY, [1, 2, 3, 4])


@given(visits)
def test_nothing_is_lost_or_twice_and_the_same_history_says_the_same(seen: list[Visited]) -> None:
    _, found = _venues(seen)
    assert sorted(found) == [1, 2, 3, 4]
    assert _venues(list(reversed(seen)))[1] == found


@pytest.fixture
async def reader(city: City) -> Device:
    """Return the phone of somebody who went to libraries, signed in."""
    people = People(city)
    kinds = (VenueKind.MUSEUM, VenueKind.LIBRARY, VenueKind.LIBRARY)
    venues = [entry(number, kind=kind) for number, kind in enumerate(kinds, 101)]
    await city.house.services[Catalogue].file(venues)
    number = id_number(sequence="954")
    resident_id = await people.register(number, "13970700954")
    await people.give_password(resident_id)
    holder, device = await people.card_of(resident_id, "954"), people.device()
    assert (await device.sign_in(number))["__typename"] == "SessionTokens"
    terminal, index = await city.terminal(), await city.card_index(holder)
    at = city.clock.now() - timedelta(days=1)
    await terminal.upload_body(
        {
            "version": 2,
            "scans": [
                code_scan(at + timedelta(minutes=n), index, 7 + n, version=2) for n in range(3)
            ],
        }
    )
    await Scan.get_pymongo_collection().update_many({}, {"$set": {"venue_number": 103}})
    return device


@pytest.mark.feature("S54", "L10")
async def test_the_switch_is_off_at_first_and_off_again_gives_everybody_s_list(
    reader: Device,
) -> None:
    async def shown() -> tuple[str, list[int]]:
        found = (await reader.ask("Recommendations"))["recommendations"]
        return found["basis"], [one["venue"]["number"] for one in found["nodes"]]

    async def choose(key: str, *, personalised: bool) -> bool:
        wish = {"idempotencyKey": key, "personalised": personalised}
        done = await reader.do("ChooseRecommendations", **wish)
        return bool(done["personalised"])

    assert await shown() == ("EVERYBODY", [101, 102, 103])
    key = new_key()
    for _ in range(2):
        assert await choose(key, personalised=True) is True
    assert await shown() == ("OWN_VISITS", [102, 101, 103])
    assert await choose(new_key(), personalised=False) is False
    assert await shown() == ("EVERYBODY", [101, 102, 103])
    rows = await AuditRow.find({"action": {"$regex": "^recommendations"}}).to_list()
    assert sorted(one.action for one in rows) == ["recommendations.off", "recommendations.on"]


@pytest.mark.feature("S54")
async def test_what_a_delegate_showed_for_another_is_no_history_of_their_own(
    reader: Device,
) -> None:
    wish = {"idempotencyKey": new_key(), "personalised": True}
    await reader.do("ChooseRecommendations", **wish)
    scans = Scan.get_pymongo_collection()
    one = await scans.find_one({})
    assert one is not None
    changed = {"visitor": "res_principal", "shown_by": one["visitor"], "mandate": "mnd_1"}
    await scans.update_many({}, {"$set": changed})

    found = (await reader.ask("Recommendations"))["recommendations"]
    assert found["basis"] == "TOO_LITTLE"
