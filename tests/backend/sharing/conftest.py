"""Departments that share data, the systems that ask for them, and people whose data they are."""

import pytest

from backend.foundation.access import Role
from tests.backend.accounts.actors import People
from tests.backend.accounts.conftest import people
from tests.backend.sharing.desk import SharingDesk, consumer_of, officer

__all__ = ["people"]


@pytest.fixture
async def desk(people: People) -> SharingDesk:
    """A bureau's officer, the security officer, and a registered system that asks."""
    bureau = officer("stf_bureau", Role.DEPARTMENT_OFFICER)
    guard = officer("stf_guard", Role.SECURITY_OFFICER)
    desk = SharingDesk(people, bureau, guard, consumer_of(people.city))
    await desk.register(desk.consumer, "housing_fund")
    return desk
