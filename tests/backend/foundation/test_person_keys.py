"""Keys of each person, in both suites: what they sealed ends with them, and with nothing else."""

import asyncio
from typing import Any

import pytest

from backend.app import House
from backend.foundation import person_keys
from backend.foundation.audit import in_one_write
from backend.foundation.data_keys import DataKeys
from backend.foundation.mongo import Session
from backend.foundation.person_keys import (
    KeyDestroyed,
    KeyPurpose,
    PersonSealer,
    destroy_key,
    destroy_keys,
    fresh_sealers,
    keep_keys,
    new_keys,
    renew_key,
    rewrap_keys,
    sealer_of,
    sealers_of,
    store_fresh,
)
from backend.foundation.sealing import IndexKey, Keyring, SealBroken, Sealer, SealingKey
from backend.foundation.suites import NEW_INDEX, NEW_SEALING
from backend.residents.loading import PopulationLoading, Progress
from backend.residents.population import Population
from backend.residents.service import Residents
from backend.settings import Suite
from shared.clock import ManualClock

PLACE: Any = {"collection": "residents", "field": "name_sealed", "document": "res_1"}


def _ring(suite: Suite, *numbers: int) -> Sealer:
    algorithm = NEW_SEALING[suite]
    keys = {n: SealingKey(algorithm, bytes([n]) * algorithm.key_bytes) for n in numbers}
    return Sealer(Keyring(keys, max(numbers), IndexKey(NEW_INDEX[suite], bytes(32))))


@pytest.fixture(params=list(Suite))
def house_sealer(request: pytest.FixtureRequest) -> Sealer:
    return _ring(request.param, 1)


def _person(house_sealer: Sealer, clock: ManualClock, resident_id: str = "res_1") -> PersonSealer:
    keys = new_keys(house_sealer, resident_id, clock.now())
    return PersonSealer(house_sealer, resident_id, keys)


def test_a_value_says_whose_key_it_needs(house_sealer: Sealer, clock: ManualClock) -> None:
    own, other = _person(house_sealer, clock), _person(house_sealer, clock)
    for purpose in KeyPurpose:
        sealed = own.seal("钟小明", **PLACE, purpose=purpose)
        assert sealed[1:3] == bytes((0, purpose))
        assert own.open(sealed, **PLACE) == "钟小明"
        for stranger in (other, house_sealer):
            with pytest.raises(SealBroken):
                stranger.open(sealed, **PLACE)
        with pytest.raises(SealBroken):
            own.open(sealed, **{**PLACE, "field": "number_sealed"})
        swapped = bytes((sealed[0], 0, 3 - purpose)) + sealed[3:]
        with pytest.raises(SealBroken):
            own.open(swapped, **PLACE)
    assert own.open(house_sealer.seal("钟小明", **PLACE), **PLACE) == "钟小明"


@pytest.mark.parametrize("sealed", [b"", b"\1", b"\1\0", b"\1\0\1", b"\1\0\7" + bytes(40), b"\2\0"])
def test_what_is_no_value_is_broken_and_no_crash(clock: ManualClock, sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        _person(_ring(Suite.INTL, 1), clock).open(sealed, **PLACE)


def test_a_wrapped_key_is_bound_to_its_person_and_purpose(
    house_sealer: Sealer, clock: ManualClock
) -> None:
    keys = new_keys(house_sealer, "res_1", clock.now())
    *whole, last = keys["register_key"]
    moved: list[tuple[str, dict[str, Any]]] = [
        ("res_2", keys),
        ("res_1", {"register_key": keys["account_key"]}),
        ("res_1", {"register_key": bytes([*whole, last ^ 1])}),
    ]
    for resident_id, stored in moved:
        own = PersonSealer(house_sealer, resident_id, stored)
        with pytest.raises(SealBroken) as error:
            own.seal("x", **PLACE)
        assert not isinstance(error.value, KeyDestroyed)
        assert resident_id not in str(error.value)


@pytest.mark.usefixtures("house")
async def test_a_destroyed_key_takes_what_it_sealed_along(
    house_sealer: Sealer, clock: ManualClock
) -> None:
    keys = new_keys(house_sealer, "res_1", clock.now())

    async def kept(session: Session) -> PersonSealer:
        return await keep_keys(house_sealer, keys, "res_1", session)

    own = await in_one_write(kept)
    again = await in_one_write(kept)
    sealed = {one: own.seal("x", **PLACE, purpose=one) for one in KeyPurpose}
    assert {again.open(one, **PLACE) for one in sealed.values()} == {"x"}

    async def lose(session: Session) -> None:
        await destroy_key("res_1", KeyPurpose.ACCOUNT, session)

    await in_one_write(lose)
    left = await sealer_of(house_sealer, "res_1")
    assert left.open(sealed[KeyPurpose.REGISTER], **PLACE) == "x"
    with pytest.raises(KeyDestroyed):
        left.open(sealed[KeyPurpose.ACCOUNT], **PLACE)
    with pytest.raises(KeyDestroyed):
        left.seal("x", **PLACE, purpose=KeyPurpose.ACCOUNT)

    async def renew(session: Session) -> PersonSealer:
        return await renew_key(house_sealer, "res_1", KeyPurpose.ACCOUNT, session)

    renewed = await in_one_write(renew)
    renewed.open(renewed.seal("y", **PLACE, purpose=KeyPurpose.ACCOUNT), **PLACE)
    with pytest.raises(SealBroken):
        renewed.open(sealed[KeyPurpose.ACCOUNT], **PLACE)

    async def lose_all(session: Session) -> None:
        await destroy_keys("res_1", session)

    await in_one_write(lose_all)
    with pytest.raises(KeyDestroyed):
        (await sealer_of(house_sealer, "res_1")).open(sealed[KeyPurpose.REGISTER], **PLACE)


@pytest.mark.parametrize("suite", Suite)
async def test_turning_data_keys_never_brings_a_destroyed_key_back(
    house: House, clock: ManualClock, suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is destroyed between the reading and the writing of the turn."""
    old, new = _ring(suite, 1), _ring(suite, 1, 2)
    assert await store_fresh(fresh_sealers(old, ["res_1", "res_2", "res_3"], clock.now()))
    own = (await sealers_of(old, ["res_2"]))["res_2"]
    sealed = own.seal("x", **PLACE)
    real = person_keys._rewrapped
    keys = house.store.database["person_keys"]
    read: list[str] = []

    def rewrapped(sealer: Sealer, row: dict[str, Any]) -> Any:
        read.append(row["_id"])
        return real(sealer, row)

    monkeypatch.setattr(person_keys, "_rewrapped", rewrapped)
    collection = person_keys.PersonKeys.get_pymongo_collection()
    write = collection.bulk_write
    destroyed = False

    async def bulk_write(*arguments: Any, **more: Any) -> Any:
        nonlocal destroyed
        if not destroyed:
            destroyed = True
            await keys.update_one({"_id": "res_1"}, {"$unset": {"account_key": ""}})
            await keys.delete_one({"_id": "res_3"})
        return await write(*arguments, **more)

    monkeypatch.setattr(collection, "bulk_write", bulk_write)
    monkeypatch.setattr(person_keys.PersonKeys, "get_pymongo_collection", lambda: collection)

    assert await rewrap_keys(new) == 2

    assert read.count("res_1") == 2, "judged again after it was destroyed"
    stored = {one["_id"]: one async for one in keys.find({})}
    assert stored.keys() == {"res_1", "res_2"}
    assert "account_key" not in stored["res_1"]
    assert {one["data_key"] for one in stored.values()} == {2}
    only_new = _ring(suite, 2)
    assert PersonSealer(only_new, "res_2", stored["res_2"]).open(sealed, **PLACE) == "x"


async def test_a_loading_cut_off_after_the_keys_goes_on_with_them(
    house: House, clock: ManualClock
) -> None:
    """The next try seals under the keys that are there, so that everybody can be read."""
    residents, ids = house.services[Residents], [Population(5).identifier(i) for i in range(40)]
    await residents.first_keys(residents.fresh_keys(ids[:25], clock.now()))
    loading = house.services[PopulationLoading]
    begun = await loading.begin(40, 5)
    assert isinstance(begun, Progress)
    async for _ in loading.load(begun, 5):
        pass

    people = await residents.persons(ids)
    assert len(people) == 40
    assert all(one.masked_name != "*" for one in people.values())


async def test_people_registered_at_once_have_one_set_of_keys(
    house: House, clock: ManualClock
) -> None:
    sealer = Sealer(house.services[DataKeys].keyring)

    async def kept(session: Session) -> PersonSealer:
        return await keep_keys(sealer, new_keys(sealer, "res_1", clock.now()), "res_1", session)

    owns = await asyncio.gather(*(in_one_write(kept) for _ in range(4)))
    sealed = owns[0].seal("x", **PLACE)
    assert {own.open(sealed, **PLACE) for own in owns} == {"x"}
