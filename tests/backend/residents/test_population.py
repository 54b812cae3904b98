"""The made-up population: the same for the same seed, fit for the rules, like a city's."""

from collections import Counter
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.app import House
from backend.foundation.refusals import Refusal
from backend.residents.loading import BATCH, PopulationLoading, Progress
from backend.residents.population import AS_OF, LARGEST, Population
from backend.residents.rules import Identity, identity_of, phone_of
from backend.residents.service import Residents
from shared.identity.age import age_on
from shared.identity.regions import region_of

SEEDED = Population(7)


@given(st.integers(0, LARGEST - 1), st.integers(0, 2**32))
def test_everybody_passes_the_rules_of_registration(index: int, seed: int) -> None:
    person = Population(seed).person(index)
    identity = identity_of(person.number, person.name, AS_OF)

    assert isinstance(identity, Identity)
    assert (identity.number.birth, identity.name) == (person.birth, person.name)
    assert not identity.number.division_known
    assert person.phone is None or phone_of(person.phone) == person.phone
    assert region_of(person.region) is not None


def test_the_same_seed_is_the_same_city_and_another_is_not() -> None:
    people = [SEEDED.person(index) for index in range(500)]

    assert people == [Population(7).person(index) for index in range(500)]
    assert people != [Population(8).person(index) for index in range(500)]
    assert SEEDED.identifier(3) == Population(7).identifier(3) != SEEDED.identifier(4)


@pytest.mark.parametrize("start", [0, LARGEST - 30_000])
def test_nobody_has_another_ones_number(start: int) -> None:
    people = [SEEDED.person(index) for index in range(start, start + 30_000)]

    assert len({person.number for person in people}) == len(people)
    assert all(person.number.startswith("369998") for person in people)


def test_ages_names_and_districts_look_like_a_city() -> None:
    people = [SEEDED.person(index) for index in range(20_000)]
    share = Counter(min(age_on(person.birth, AS_OF) // 20, 4) for person in people)
    names = Counter(person.name[0] for person in people)

    assert [round(share[band] / 200) for band in range(5)] == [23, 28, 30, 16, 3]
    assert [name for name, _ in names.most_common(4)] == ["王", "李", "张", "刘"]
    assert any("·" in person.name for person in people)
    assert any(ord(sign) > 0xFFFF for person in people for sign in person.name)
    assert len({person.region for person in people}) == 18
    assert {person.generation for person in people} == {2, 3}


def test_there_are_at_most_ten_million() -> None:
    with pytest.raises(ValueError, match="10000000"):
        SEEDED.person(LARGEST)


async def _load(house: House, size: int, batches: int | None = None, seed: int = 7) -> list[int]:
    loading = house.services[PopulationLoading]
    begun = await loading.begin(size, seed)
    assert isinstance(begun, Progress)
    steps: list[int] = []
    async for progress in loading.load(begun, seed):
        steps.append(progress.loaded)
        if len(steps) == batches:
            break
    return steps


async def test_loading_goes_on_where_it_was_cut_off_and_ends_once(house: House) -> None:
    residents = house.store.database["residents"]
    size = 2 * BATCH + 500

    assert await _load(house, size, batches=1) == [BATCH]
    # Cut off between a batch and its mark: half of the next one is there already.
    await house.store.database["loaded_populations"].update_one({}, {"$set": {"loaded": 500}})
    await _load(house, size)
    before = await residents.count_documents({})
    again = await _load(house, size)

    assert (before, again) == (size, [])
    assert await residents.count_documents({}) == size
    ids = [SEEDED.identifier(index) for index in range(size)]
    assert await residents.count_documents({"_id": {"$in": ids}}) == size


async def test_a_larger_size_adds_and_the_people_can_be_found(house: House) -> None:
    await _load(house, 100)
    await _load(house, 300)

    for index in islice(range(300), 0, None, 60):
        found = await house.services[Residents].of_login(SEEDED.person(index).number)
        assert found == [SEEDED.identifier(index)]


async def test_another_seed_and_a_senseless_size_are_refused(house: House) -> None:
    await _load(house, 10)
    loading = house.services[PopulationLoading]

    other, none, many = (
        await loading.begin(10, 8),
        await loading.begin(0, 7),
        await loading.begin(LARGEST + 1, 7),
    )
    codes = [answer.code for answer in (other, none, many) if isinstance(answer, Refusal)]
    assert codes == ["population_other_seed", "population_size", "population_size"]
