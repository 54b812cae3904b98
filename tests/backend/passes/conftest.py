"""A desk to take passes from."""

import pytest

from backend.app import House
from shared.clock import ManualClock
from tests.backend.passes.desk import Desk


@pytest.fixture
def desk(house: House, clock: ManualClock) -> Desk:
    return Desk(house, clock)
