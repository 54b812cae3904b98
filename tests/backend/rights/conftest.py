"""Accounts as in the city, with password work that takes no time."""

from dataclasses import replace

import pytest

from backend.settings import Settings
from tests.backend.accounts.actors import People
from tests.backend.actors import City


@pytest.fixture(scope="session")
def settings(settings: Settings) -> Settings:
    """The settings of all tests, with the least password work."""
    quick = replace(settings.accounts, password_kib=8, password_passes=1, password_lanes=1)
    return replace(settings, accounts=quick)


@pytest.fixture
def people(city: City) -> People:
    return People(city)
