"""A network of two libraries to borrow from."""

import pytest

from backend.app import House
from shared.clock import ManualClock
from tests.backend.library.reading_room import ReadingRoom


@pytest.fixture
async def room(house: House, clock: ManualClock) -> ReadingRoom:
    room = ReadingRoom(house, clock)
    await room.furnish()
    return room
