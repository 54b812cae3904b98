"""A city that is attacked: people with phones who are signed in."""

import pytest

from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, id_number
from tests.backend.faults.schema_walk import Known

PHONE, NAME = "13970700077", "曾巩"


@pytest.fixture
def people(city: City) -> People:
    return People(city)


@pytest.fixture
async def known(people: People) -> Known:
    """Somebody with a card, a password and a phone, and what is true of them."""
    number = id_number(sequence="977")
    resident_id = await people.register(number, PHONE, NAME)
    await people.give_password(resident_id)
    holder = await people.card_of(resident_id, "977")
    return Known(number, PHONE, resident_id, await people.city.code(holder))


@pytest.fixture
async def device(people: People, known: Known) -> Device:
    """The phone of somebody known: enrolled for the card and signed in."""
    device = people.device()
    enrolled = await device.enrol(known.code)
    assert enrolled["__typename"] == "EnrolledDevice", enrolled
    assert (await device.sign_in(known.number))["__typename"] == "SessionTokens"
    return device
