"""The app's own services book at the real backend: what each expects of the other holds."""

from pathlib import Path

from mobile.core.booking import Booking, BookingState
from mobile.core.slot import SlotFull
from mobile.core.venue import Position, Venue, VenuePage, VenueWish
from shared.identity.age import local_day
from tests.backend.actors import City
from tests.backend.app_services import services_in
from tests.backend.bookings.hall import DAY, GANZHOU, VENUE, Hall, plan


async def test_an_app_finds_a_venue_and_books_it(city: City, hall: Hall, tmp_path: Path) -> None:
    await hall.open(plan(capacity=4))
    services = services_in(city, tmp_path)
    holder = await city.holder("901", digest=None)
    assert await services.enrolment.submit(await city.code(holder)) is None

    here = Position(GANZHOU.latitude, GANZHOU.longitude)
    page = await services.venues.search(VenueWish("陶瓷", here, wheelchair=True))
    assert isinstance(page, VenuePage), page
    [found] = page.venues
    assert found.number == VENUE
    assert found.distance is not None
    assert found.distance < 100  # metres: the phone rounds where it is before it asks
    venue = await services.venues.venue(VENUE)
    assert isinstance(venue, Venue), venue
    assert venue.openings
    assert venue.accessibility == ("WHEELCHAIR",)

    tomorrow = local_day(city.clock.now()) + DAY
    slots = await services.bookings.slots(VENUE, tomorrow, tomorrow)
    assert isinstance(slots, tuple), slots
    assert [slot.free for slot in slots] == [4] * 8
    held = await services.bookings.place(slots[0].identifier, 4)
    assert isinstance(held, Booking), held
    assert held.state is BookingState.HELD
    assert held.address is not None
    booked = await services.bookings.confirm(held.identifier)
    assert isinstance(booked, Booking), booked
    assert booked.state is BookingState.CONFIRMED

    await _is_full_for_another(city, tmp_path / "other", slots[0].identifier)
    assert await services.bookings.read() is None
    known = services.bookings.known
    assert known is not None
    assert known.bookings == (booked,)
    gone = await services.bookings.cancel(booked.identifier)
    assert isinstance(gone, Booking), gone
    assert gone.state is BookingState.CANCELLED


async def _is_full_for_another(city: City, folder: Path, slot: str) -> None:
    services = services_in(city, folder)
    holder = await city.holder("902", digest=None)
    assert await services.enrolment.submit(await city.code(holder)) is None
    full = await services.bookings.place(slot, 1)
    assert isinstance(full, SlotFull), full
    assert full.next_free is not None
    waits = await services.bookings.place(slot, 1, waits=True)
    assert isinstance(waits, Booking), waits
    assert waits.state is BookingState.WAITING
