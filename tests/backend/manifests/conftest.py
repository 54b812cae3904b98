"""A museum that asks for a booking, with slots, and its real reader."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest
from litestar import Litestar

from backend.app import House
from backend.bookings.service import BookingView
from backend.bookings.slots import ShownSlot, Slots, SlotSearch
from backend.demo_city import VENUES
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.foundation.refusals import Refusal
from backend.settings import Settings
from backend.venues.catalogue import Catalogue
from backend.venues.service import Venues
from reader_service.lane.board import LaneAnswer
from shared.admission.condition import Condition
from shared.admission.entitlement_conditions import BookingHeld
from shared.admission.holder_conditions import UnauthenticatedCard
from shared.clock import ManualClock
from shared.ecode.certificate import Certificate
from shared.identity.age import local_day
from tests.backend.actors import City, Holder, Phone
from tests.backend.bookings.hall import DAY, Hall, entry, plan
from tests.backend.cards.gate import certificate_in
from tests.backend.lane import VenueLane, venue_lane

VENUE = 1


@dataclass
class Visitor:
    """A resident with a card and a phone that shows its code."""

    holder: Holder
    phone: Phone
    certificate: Certificate

    @property
    def name(self) -> str:
        return self.holder.resident_id.removeprefix("res_")


@dataclass
class Museum:
    """The museum, whoever comes there, and its reader."""

    city: City
    hall: Hall
    lane: VenueLane

    async def visitor(self, sequence: str, digest: bytes | None = None) -> Visitor:
        holder = await self.city.holder(sequence, digest)
        phone = self.city.stranger()
        enrolled = await phone.enrol(await self.city.code(holder))
        return Visitor(holder, phone, certificate_in(enrolled))

    async def slot(self, days: int = 1) -> ShownSlot:
        """Return the first slot of a day ahead."""
        return (await self.slots(days))[0]

    async def slots(self, days: int = 1) -> list[ShownSlot]:
        """Return the slots of a day ahead."""
        day = local_day(self.hall.clock.now()) + days * DAY
        found = await self.hall.house.services[Slots].search(SlotSearch(VENUE, day, day))
        assert not isinstance(found, Refusal)
        return found

    async def booked(self, who: Visitor, slot: ShownSlot, quantity: int = 1) -> BookingView:
        return await self.hall.booked(who.name, slot, quantity)

    def show(self, who: Visitor) -> LaneAnswer:
        """Show a code a minute later: somebody who comes again, not the one still there."""
        self.hall.clock.advance(60)
        return self.lane.show(who.phone, who.certificate)

    async def refresh(self) -> bool:
        """A round of the reader, when the backend's set has rested."""
        self.hall.clock.advance(30)
        return await self.lane.refresh()

    def until(self, at: datetime) -> None:
        self.hall.until(at)

    async def ask(self, *conditions: Condition) -> None:
        """Have the museum ask for something else."""
        rules = replace(
            VENUES[0].rules,
            conditions=conditions,
            unauthenticated_card=UnauthenticatedCard.LOOK,
        )
        facts = replace(VENUES[0], rules=rules)
        await self.city.house.services[Venues].put(facts)


@pytest.fixture
async def museum(
    city: City,
    house: House,
    app: Litestar,
    settings: Settings,
    keys: Keys,
    mongod: RunningMongod,
    clock: ManualClock,
    tmp_path: Path,
) -> AsyncIterator[Museum]:
    hall = Hall(house, clock)
    await house.services[Catalogue].file([entry(VENUE)])
    assert await hall.planning.put([plan(venue=VENUE)]) is None
    while await hall.planning.plan_ahead():
        pass
    await city.venue(VENUE)
    async with venue_lane(city, app, settings, keys, mongod.uri, tmp_path) as lane:
        made = Museum(city, hall, lane)
        await made.ask(BookingHeld())
        yield made
