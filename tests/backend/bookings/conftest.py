"""A hall to book places in."""

import pytest

from backend.app import House
from shared.clock import ManualClock
from tests.backend.bookings.hall import Hall


@pytest.fixture
def hall(house: House, clock: ManualClock) -> Hall:
    return Hall(house, clock)
