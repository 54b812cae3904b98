"""A till to store value at."""

import pytest

from backend.app import House
from shared.clock import ManualClock
from tests.backend.stored_value.till import Till


@pytest.fixture
def till(house: House, clock: ManualClock) -> Till:
    return Till(house, clock)
