from dataclasses import replace

from backend.app import House
from backend.demo_city import VENUES
from backend.venues.catalogue import Catalogue
from backend.venues.ganzhou import PLACES
from backend.venues.service import Venues
from shared.clock import ManualClock
from shared.localized_text import LocalizedText


async def test_a_venue_comes_back_as_it_was_put(house: House) -> None:
    venues = house.services[Venues]
    for venue in VENUES:
        await venues.put(venue)

    assert [await venues.facts(venue.number) for venue in VENUES] == list(VENUES)
    assert await venues.facts(3) is None


async def test_filing_a_venue_in_the_catalogue_leaves_what_its_readers_are_told(
    house: House,
) -> None:
    venues = house.services[Venues]
    for venue in VENUES:
        await venues.put(venue)
    await house.services[Catalogue].file(PLACES)

    assert [await venues.facts(venue.number) for venue in VENUES] == [
        replace(venue, name=place.name) for venue, place in zip(VENUES, PLACES, strict=False)
    ]
    [entry] = await house.services[Catalogue].of_numbers([1])
    assert entry is not None
    assert entry.region == 360731


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
