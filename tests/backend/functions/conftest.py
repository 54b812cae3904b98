"""A city with a registry of functions, and a venue that asks for one."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from litestar import Litestar

from backend.app import House
from backend.demo_city import VENUES
from backend.foundation.access import OPERATOR
from backend.foundation.audit import Organisation
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.foundation.operations import Services
from backend.functions.registry import FunctionRegistry
from backend.functions.rules import CardFunction, FunctionStatus
from backend.settings import Settings
from backend.venues.service import Venues
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from shared.trust.function_list import FunctionGrant
from tests.backend.accounts.conftest import people
from tests.backend.actors import City, new_key
from tests.backend.lane import VenueLane, venue_lane

__all__ = ["people"]
BUSES = Organisation("360700-jt", LocalizedText("赣州市交通运输局", "Ganzhou Transport Bureau"))


@pytest.fixture
def services(house: House) -> Services:
    return house.services


@pytest.fixture
def transit(clock: ManualClock) -> CardFunction:
    """Transit, which people ask for; it has run for a month."""
    return CardFunction(
        code="transit",
        owner=BUSES,
        name=LocalizedText("公共交通", "Public transport"),
        status=FunctionStatus.OPEN,
        grant=FunctionGrant.ON_REQUEST,
        since=clock.now() - timedelta(days=30),
        params={"scheme": "交通联合"},
    )


@pytest.fixture
async def open_transit(services: Services, transit: CardFunction) -> CardFunction:
    """Transit, registered."""
    assert await services[FunctionRegistry].put(OPERATOR, new_key(), transit) == transit
    return transit


@pytest.fixture
async def lane(
    city: City,
    app: Litestar,
    settings: Settings,
    keys: Keys,
    mongod: RunningMongod,
    tmp_path: Path,
) -> AsyncIterator[VenueLane]:
    """The real reader of a venue that asks for transit."""
    museum = VENUES[0]
    rules = replace(museum.rules, required_function="transit")
    await city.house.services[Venues].put(replace(museum, rules=rules))
    async with venue_lane(city, app, settings, keys, mongod.uri, tmp_path) as made:
        yield made
