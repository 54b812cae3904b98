"""Accounts as in the city."""

import pytest

from tests.backend.accounts.actors import People
from tests.backend.actors import City


@pytest.fixture
def people(city: City) -> People:
    return People(city)
