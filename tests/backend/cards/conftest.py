"""A gate beside the backend, and people who can sign in."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.app import House
from backend.cards.card_services import CardServices
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.settings import Settings
from shared.clock import ManualClock
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import DIGEST, City, Holder
from tests.backend.cards.gate import Gate


@pytest.fixture
def gate(
    mongod: RunningMongod,
    settings: Settings,
    house: House,
    keys: Keys,
    clock: ManualClock,
    tmp_path: Path,
) -> Gate:
    return Gate(mongod, settings, house, keys, clock, tmp_path)


@pytest.fixture
def services(house: House) -> CardServices:
    return house.services[CardServices]


@dataclass
class SignedIn:
    """A card's holder with a phone that is signed in, and not bound to the card yet."""

    holder: Holder
    device: Device
    city: City

    async def bind(self) -> None:
        enrolled = await self.device.enrol(await self.city.code(self.holder))
        assert enrolled["__typename"] == "EnrolledDevice", enrolled


@pytest.fixture
async def signed_in(city: City) -> SignedIn:
    device = await People(city).signed_in("901")
    return SignedIn(await city.holder("901", DIGEST), device, city)
