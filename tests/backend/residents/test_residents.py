import asyncio
from datetime import date
from typing import Any

import pytest

from backend.app import House
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import SealBroken
from backend.residents.service import Residents
from shared.clock import ManualClock
from tests.backend.actors import REGION, City, id_number

RARE_NAME = "\U00020bb7田·㐱"


@pytest.mark.feature("S1")
async def test_a_second_registration_leads_to_the_same_person(
    house: House, clock: ManualClock
) -> None:
    """S1: no duplicate, also when sent at once and typed differently."""
    residents = house.services[Residents]
    number = id_number(sequence="905")
    assert number.endswith("X")
    typed = [number, number.lower(), f" {number} ", number]

    answers = await asyncio.gather(
        *(residents.register(one, "钟小明", REGION, clock.now()) for one in typed)
    )

    registered = [answer for answer in answers if not isinstance(answer, Refusal)]
    assert len(registered) == len(typed)
    assert len({answer.resident_id for answer in registered}) == 1
    assert sorted(answer.existed for answer in registered) == [False, True, True, True]
    assert await house.store.database["residents"].count_documents({}) == 1


@pytest.mark.feature("S1")
@pytest.mark.parametrize("last", [c for c in "0123456789X" if c != id_number()[-1]])
async def test_a_wrong_check_character_is_refused(
    house: House, clock: ManualClock, last: str
) -> None:
    """S1: MOD 11-2 decides, and nothing is stored."""
    answer = await house.services[Residents].register(
        id_number()[:-1] + last, "钟小明", REGION, clock.now()
    )

    assert isinstance(answer, Refusal)
    assert answer.code == "id_number_check_character"
    assert await house.store.database["residents"].count_documents({}) == 0


@pytest.mark.parametrize("name", ["", "  ", "x" * 51, "王\u0000明", "王\n明", "\udcff"])
async def test_a_name_that_is_none_is_refused(house: House, clock: ManualClock, name: str) -> None:
    answer = await house.services[Residents].register(id_number(), name, REGION, clock.now())

    assert isinstance(answer, Refusal)
    assert answer.code == "name_form"


async def test_other_areas_learn_masked_values_and_the_birth_date(city: City, house: House) -> None:
    resident_id = await city.resident(name=RARE_NAME)

    person = await house.services[Residents].person(resident_id)

    assert person.masked_name == "\U00020bb7*㐱"
    assert person.masked_number == "3699**********9017"
    assert person.birth == date(1988, 3, 12)
    assert "1988" not in repr(person)


@pytest.mark.feature("L19")
async def test_at_rest_neither_number_nor_name_nor_birth_date_can_be_read(
    city: City, house: House
) -> None:
    """Raw bytes of every collection, as a thief of the data files would see them."""
    holder = await city.holder()
    await city.phone(holder)
    number, name = id_number(), "钟小明"

    raw = b""
    for collection in await house.store.database.list_collection_names():
        batches: Any = house.store.database[collection].find_raw_batches({})
        async for batch in batches:
            raw += batch

    assert holder.resident_id.encode() in raw
    for secret in (number, name, number[6:14], "1988-03-12", "D15600901"):
        assert secret.encode() not in raw


async def test_a_sealed_value_moved_to_another_resident_does_not_open(
    city: City, house: House
) -> None:
    one, other = await city.resident(), await city.resident(id_number(sequence="777"))
    collection = house.store.database["residents"]
    moved = await collection.find_one({"_id": one})
    assert moved is not None
    await collection.update_one({"_id": other}, {"$set": {"name_sealed": moved["name_sealed"]}})

    with pytest.raises(SealBroken):
        await house.services[Residents].person(other)
