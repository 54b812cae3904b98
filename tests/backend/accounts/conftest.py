"""Accounts as in the city."""

import pytest

from backend.app import House
from backend.foundation.operations import Services
from tests.backend.accounts.actors import People
from tests.backend.actors import City


@pytest.fixture
def services(house: House) -> Services:
    return house.services


@pytest.fixture
def people(city: City) -> People:
    return People(city)
