"""A family in the city."""

import pytest

from tests.backend.actors import City
from tests.backend.mandates.family import Family


@pytest.fixture
def family(city: City) -> Family:
    return Family(city)
