"""Gates to come in by."""

import pytest

from tests.backend.actors import City
from tests.backend.readers.gates import Gates


@pytest.fixture
async def gates(city: City) -> Gates:
    opened = Gates(city)
    await opened.open()
    return opened
