"""Desks at windows, and people who show their cards there."""

import pytest

from backend.app import House
from backend.foundation.operations import Services
from tests.backend.accounts.conftest import people

__all__ = ["people"]


@pytest.fixture
def services(house: House) -> Services:
    return house.services
