from dataclasses import replace
from datetime import datetime

import pytest

from backend.app import House
from backend.demo_city import VENUES
from backend.venues.catalogue import Catalogue
from backend.venues.ganzhou import PLACES
from backend.venues.service import Venues
from shared.admission.circumstances import Circumstances
from shared.admission.evidence import Evidence, Medium
from shared.admission.opening import OpeningCalendar
from shared.admission.opening_hours import Hours, Week
from shared.admission.rules import AdmissionRules, decide
from shared.admission.time_conditions import Open
from shared.clock import LOCAL_ZONE, ManualClock
from shared.ecode.reasons import Reason
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

    places = {place.number: place for place in PLACES}
    for venue in VENUES:
        place = places[venue.number]
        assert place.calendar is not None
        filed = replace(venue, name=place.name, calendar=place.calendar.to_wire())
        assert await venues.facts(venue.number) == filed
    [entry] = await house.services[Catalogue].of_numbers([1])
    assert entry is not None
    assert entry.region == 360731


@pytest.mark.feature("S56")
async def test_gates_follow_the_calendar_unless_the_rules_name_times(house: House) -> None:
    venues, place = house.services[Venues], PLACES[1]
    assert place.calendar is not None
    await venues.put(replace(VENUES[1], rules=AdmissionRules()))
    await house.services[Catalogue].file([place])
    told = await venues.facts(place.number)
    assert told is not None
    assert told.gate_rules.conditions == (Open(place.calendar),)
    assert told.rules.conditions == ()
    shut = datetime(2026, 11, 25, 23, tzinfo=LOCAL_ZONE)
    proven = Evidence(Medium.ECODE, 360700, authenticated=True)
    answer = decide(proven, Circumstances(shut, place.number), told.gate_rules).answer
    assert answer.reason in {Reason.NOT_OPEN, Reason.CLOSED_FOR_LONG}

    always = Open(OpeningCalendar(Week.same_every_day(Hours(0, 1440))))
    own = replace(told, rules=AdmissionRules(conditions=(always,)))
    assert own.gate_rules is own.rules
    assert decide(proven, Circumstances(shut, place.number), own.gate_rules).answer.verdict.opens


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
