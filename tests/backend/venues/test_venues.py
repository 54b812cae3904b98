from dataclasses import replace

from backend.app import House
from backend.demo_city import VENUES
from backend.venues.service import Venues
from shared.clock import ManualClock
from shared.localized_text import LocalizedText


async def test_a_venue_comes_back_as_it_was_put(house: House) -> None:
    venues = house.services[Venues]
    for venue in VENUES:
        await venues.put(venue)

    assert [await venues.facts(venue.number) for venue in VENUES] == list(VENUES)
    assert await venues.facts(3) is None


async def test_a_manifest_changes_with_the_hour_and_with_the_venue(
    house: House, clock: ManualClock
) -> None:
    venues, venue = house.services[Venues], VENUES[0]
    first = venues.manifest(venue, clock.now())
    clock.advance(60)
    assert venues.manifest(venue, clock.now()) == first
    renamed = replace(venue, name=LocalizedText("新名", "New name"))

    assert venues.manifest(renamed, clock.now()) != first
    clock.advance(3600)
    assert venues.manifest(venue, clock.now()) != first
