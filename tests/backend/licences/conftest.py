"""A desk, and somebody who shows their card there."""

import pytest

from backend.app import House
from shared.clock import ManualClock
from tests.backend.accounts.conftest import people
from tests.backend.assertions.test_assertions import Person, person
from tests.backend.licences.window import Window

__all__ = ["people", "person"]


@pytest.fixture
def window(house: House, clock: ManualClock, person: Person) -> Window:
    return Window(house, clock, person.holder.resident_id)
