import pytest

from backend.app import House
from shared.clock import ManualClock
from tests.backend.cross_region.outlet import Outlet


@pytest.fixture
async def outlet(house: House, clock: ManualClock) -> Outlet:
    """An outlet that is qualified for everything, with Shanghai in the alliance."""
    one = Outlet(house, clock)
    await one.join()
    return one
