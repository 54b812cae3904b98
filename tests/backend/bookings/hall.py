"""A venue with slots, and people who want places in them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.app import House
from backend.bookings.documents import Slot
from backend.bookings.placing import SlotFull
from backend.bookings.planning import PlanFacts, SlotPlanning
from backend.bookings.rules import SlotKind
from backend.bookings.service import Bookings, BookingView
from backend.bookings.slots import ShownSlot, Slots, SlotSearch
from backend.bookings.sweeps import BookingSweeps, discrepancies
from backend.bookings.venue_hours import CalendarChange, VenueHours, WantedCalendar
from backend.cards.asking import Asking
from backend.cards.lifecycle import CardState
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.keys import Keys
from backend.foundation.refusals import Refusal
from backend.settings import Settings
from backend.venues.catalogue import AreaFacts, Catalogue, CatalogueEntry, Position
from backend.venues.rules import Accessibility, VenueKind
from backend.wiring import make_services
from shared.admission.opening import OpeningCalendar
from shared.admission.opening_hours import Hours, Week
from shared.clock import ManualClock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key

VENUE = 77
GANZHOU = Position(25.8453, 114.9336)
NINE_TO_FIVE = OpeningCalendar(Week.same_every_day(Hours(540, 1020)))
HERE = Organisation(f"venue-{VENUE}", LocalizedText("陶瓷博物馆", "Ceramics Museum"))
STAFF = Caller(staff_id="stf_venue", roles=frozenset({Role.VENUE_STAFF}), organisation=HERE)
DAY = timedelta(days=1)


def entry(number: int = VENUE, **changed: Any) -> CatalogueEntry:
    """Return a venue as the catalogue has it."""
    plain: dict[str, Any] = {
        "number": number,
        "name": LocalizedText("虔州陶瓷博物馆", "Qianzhou Ceramics Museum"),
        "kind": VenueKind.MUSEUM,
        "region": 360702,
        "address": LocalizedText("章贡区水东路1号", "1 Shuidong Road"),
        "position": GANZHOU,
        "capacity": 300,
        "areas": (AreaFacts("main", LocalizedText("主展厅", "Main hall"), 300),),
        "accessibility": (Accessibility.WHEELCHAIR,),
        "needs_booking": True,
        "accepts": None,
        "calendar": NINE_TO_FIVE,
    }
    return CatalogueEntry(**{**plain, **changed})


def plan(**changed: Any) -> PlanFacts:
    plain: dict[str, Any] = {
        "venue": VENUE,
        "code": "main",
        "area": "main",
        "kind": SlotKind.VISIT,
        "title": LocalizedText("主展厅", "Main hall"),
        "length_minutes": 60,
        "capacity": 50,
        "limit": min(5, changed.get("capacity", 50)),
    }
    return PlanFacts(**{**plain, **changed})


Placed = BookingView | SlotFull | Refusal


@dataclass
class Hall:
    """One server's services on a store that others may share."""

    house: House
    clock: ManualClock

    @property
    def bookings(self) -> Bookings:
        return self.house.services[Bookings]

    @property
    def hours(self) -> VenueHours:
        return self.house.services[VenueHours]

    @property
    def planning(self) -> SlotPlanning:
        return self.house.services[SlotPlanning]

    @property
    def sweeps(self) -> BookingSweeps:
        return self.house.services[BookingSweeps]

    async def open(self, *plans: PlanFacts, **changed: Any) -> list[ShownSlot]:
        """File the venue, plan its slots and return those of tomorrow."""
        await self.house.services[Catalogue].file([entry(**changed)])
        assert await self.planning.put(plans or (plan(),)) is None
        while await self.planning.plan_ahead():
            pass
        return await self.slots()

    async def slots(self, days: int = 1, quantity: int | None = None) -> list[ShownSlot]:
        """Return the slots of tomorrow and the days after it."""
        first = local_day(self.clock.now()) + DAY
        wanted = SlotSearch(VENUE, first, first + (days - 1) * DAY, quantity)
        found = await self.house.services[Slots].search(wanted)
        assert not isinstance(found, Refusal)
        return found

    async def slot(self, slot_id: str) -> dict[str, Any]:
        found: dict[str, Any] | None = await Slot.get_pymongo_collection().find_one(
            {"_id": slot_id}
        )
        assert found is not None
        return found

    async def book(
        self, who: int | str, slot: ShownSlot, quantity: int = 1, key: str = "", **more: Any
    ) -> Placed:
        return await self.bookings.place(
            person(who), key or new_key(), slot.facts.slot_id, quantity, **more
        )

    async def booked(self, who: int | str, slot: ShownSlot, quantity: int = 1) -> BookingView:
        """Book and confirm; it must succeed."""
        held = await self.book(who, slot, quantity)
        assert isinstance(held, BookingView), held
        confirmed = await self.bookings.confirm(person(who), new_key(), held.booking_id)
        assert isinstance(confirmed, BookingView), confirmed
        return confirmed

    async def wait(self, who: int | str, slot: ShownSlot, quantity: int = 1) -> BookingView:
        waiting = await self.book(who, slot, quantity, waits=True)
        assert isinstance(waiting, BookingView), waiting
        return waiting

    async def cancel(self, who: int | str, booking: BookingView) -> BookingView | Refusal:
        return await self.bookings.cancel(person(who), new_key(), booking.booking_id)

    async def state(self, who: int | str, booking: BookingView) -> str:
        found = await self.bookings.own(person(who).resident_id, booking.booking_id)
        assert isinstance(found, BookingView), found
        return found.state.value

    async def counts(self, slot: ShownSlot) -> tuple[int, int, int]:
        """Return free, taken and waiting of a slot, after the sums have been checked."""
        assert await discrepancies(5) == []
        row = await self.slot(slot.facts.slot_id)
        return row["free"], row["taken"], row["waiting"]

    async def change(
        self,
        calendar: OpeningCalendar,
        caller: Caller | None = STAFF,
        venue: int = VENUE,
        key: str = "",
        **more: Any,
    ) -> CalendarChange | Refusal:
        """Give the venue another calendar."""
        wanted = WantedCalendar(calendar.to_wire(), **more)
        return await self.hours.change_calendar(caller, key or new_key(), venue, wanted)

    def until(self, at: datetime) -> None:
        """Move the clock to an instant."""
        self.clock.advance((at - self.clock.now()).total_seconds())


def person(who: int | str, card: CardState | None = CardState.ACTIVE) -> Asking:
    return Asking(f"res_{who}", f"thumbprint {who}", card)


async def leave_a_booking(house: House, clock: ManualClock, resident_id: str, venue: int) -> None:
    """Have a resident book, and the venue close what they booked: a row of every kind."""
    hall = Hall(house, clock)
    await hall.house.services[Catalogue].file([entry(venue)])
    await hall.planning.put([plan(venue=venue)])
    await hall.planning.plan_ahead()
    day = local_day(clock.now()) + DAY
    found = await house.services[Slots].search(SlotSearch(venue, day, day))
    assert not isinstance(found, Refusal)
    placed = await hall.book(resident_id.removeprefix("res_"), found[0])
    assert isinstance(placed, BookingView), placed
    assert placed.venue == venue
    at = found[0].facts.starts_at
    why = LocalizedText("设备检修", "Repairs")
    until = at + timedelta(minutes=1)
    assert await hall.hours.close_slots(OPERATOR, new_key(), venue, at, until, why) == 1
    await hall.sweeps.sweep()


def code(answer: object) -> str:
    """Return what a refusal is called, or what there is instead."""
    refused = answer.refused if isinstance(answer, SlotFull) else answer
    return refused.code if isinstance(refused, Refusal) else type(answer).__name__


async def another_server(hall: Hall, settings: Settings, keys: Keys) -> Hall:
    """Return a second server on the same store."""
    store = hall.house.store
    services = await make_services(settings, store, keys, hall.clock, {})
    return Hall(House(store, services), hall.clock)
