"""Data keys in the store: made once, taken over, turned while people read and write (L21, S120)."""

import asyncio
import itertools
import json
import secrets
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from backend.app import House
from backend.foundation.data_keys import DataKeys, open_data_keys
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import InheritedKeys
from backend.foundation.kms import Kms
from backend.foundation.kms_file import FileKms
from backend.foundation.kms_pkcs11 import Pkcs11Kms
from backend.foundation.mongo import PyMongoError
from backend.foundation.person_keys import KeyPurpose, rewrap_keys
from backend.foundation.sealing import OWN_KEY, Sealer
from backend.foundation.suites import SealingAlgorithm
from backend.residents.service import Registration, Residents
from backend.settings import StartRefused, Suite
from shared.clock import ManualClock
from tests.backend.actors import REGION, id_number
from tests.support.hsm import MODULE, PIN, Hsm, hsm
from tests.support.processes import run_command

__all__ = ["hsm"]
PLACE = {"collection": "residents", "field": "name_sealed", "document": "res_1"}


@pytest.fixture
async def bare(house: House) -> House:
    """A house whose store has no data keys."""
    await house.store.database["data_keys"].delete_many({})
    return house


@pytest.fixture(params=["file intl", "file sm", "hsm intl", "hsm sm"])
def custody(
    request: pytest.FixtureRequest, tmp_path: Path, hsm: Hsm
) -> tuple[Callable[[], Kms], Callable[[str], None], Suite]:
    """Opens a Kms, destroys a key of it, and the suite."""
    place, _, suite = request.param.partition(" ")
    if place == "file":
        folder = tmp_path
        return (
            lambda: FileKms(folder, Suite(suite), production=False),
            lambda name: (folder / f"{name}.key").unlink(),
            Suite(suite),
        )
    token = hsm.new_token(f"drill-{secrets.token_hex(4)}")
    Pkcs11Kms(MODULE, token, PIN).make_key()
    return (
        lambda: Pkcs11Kms(MODULE, token, PIN),
        lambda name: hsm.destroy_key(token, f"yikatong-{name}"),
        Suite(suite),
    )


async def _stored(house: House, collection: str) -> dict[Any, dict[str, Any]]:
    return {one["_id"]: one async for one in house.store.database[collection].find({})}


@pytest.mark.feature("L21")
async def test_both_keys_turn_on_a_live_store_with_readers_and_writers(
    bare: House,
    clock: ManualClock,
    custody: tuple[Callable[[], Kms], Callable[[str], None], Suite],
) -> None:
    """S120, L21: re-wrapping touches keys alone; the old ones of both levels can go."""
    open_kms, destroy, suite = custody
    keys = await open_data_keys(open_kms(), suite, None, clock)
    city = _Busy(Residents(Sealer(keys.keyring)), clock)

    async with asyncio.TaskGroup() as people:
        for work in (city.write, city.write, city.read, city.read):
            people.create_task(work())
        people.create_task(_drill(bare, keys, clock, suite, city, open_kms))

    destroy("kek-1")
    await bare.store.database["data_keys"].delete_one({"_id": 1})
    fresh = Residents(Sealer((await open_data_keys(open_kms(), suite, None, clock)).keyring))
    for resident_id in city.registered:
        assert (await fresh.person(resident_id)).masked_name == "钟*明"
    heads = {bytes(one["name_sealed"][:3]) for one in (await _stored(bare, "residents")).values()}
    assert {head[1:] for head in heads} == {bytes((OWN_KEY, KeyPurpose.REGISTER))}


class _Busy:
    """Registers people and reads them without a pause, until `stop`."""

    def __init__(self, residents: Residents, clock: ManualClock) -> None:
        self.residents = residents
        self.clock = clock
        self.registered: list[str] = []
        self.stop = asyncio.Event()
        self._numbers = itertools.count(100)
        self._moved = asyncio.Condition()

    async def write(self) -> None:
        while not self.stop.is_set():
            number = id_number(sequence=f"{next(self._numbers):03d}")
            done = await self.residents.register(number, "钟小明", REGION, self.clock.now())
            assert isinstance(done, Registration)
            async with self._moved:
                self.registered.append(done.resident_id)
                self._moved.notify_all()

    async def read(self) -> None:
        while not self.stop.is_set():
            await asyncio.sleep(0)
            for resident_id in self.registered[-5:]:
                assert (await self.residents.person(resident_id)).masked_name == "钟*明"

    async def until(self, more: int) -> None:
        goal = len(self.registered) + more
        async with self._moved:
            await self._moved.wait_for(lambda: len(self.registered) >= goal)


async def _drill(
    house: House,
    keys: DataKeys,
    clock: ManualClock,
    suite: Suite,
    city: _Busy,
    open_kms: Callable[[], Kms],
) -> None:
    try:
        await city.until(10)
        before, people = await _stored(house, "data_keys"), await _stored(house, "residents")
        operator = await open_data_keys(open_kms(), suite, None, clock)  # another process
        assert await operator.rewrap() == ("kek-2", 2)
        after = await _stored(house, "data_keys")
        assert {one["kek"] for one in after.values()} == {"kek-2"}
        assert all(after[number]["wrapped"] != before[number]["wrapped"] for number in before)
        now = await _stored(house, "residents")
        assert all(now[resident_id] == one for resident_id, one in people.items())
        await city.until(10)
        number, used_from = await operator.make(timedelta(seconds=60))
        assert (number, used_from) == (2, clock.now() + timedelta(seconds=60))
        await keys.refresh()
        assert keys.keyring.current == 1, "not before its moment"
        assert keys.keyring.numbers == {1, 2}, "but known to every server by then"
        clock.advance(60)
        await keys.refresh()
        assert keys.keyring.current == 2
        await city.until(10)
        people = await _stored(house, "residents")
        wrapped = [one["data_key"] for one in (await _stored(house, "person_keys")).values()]
        assert set(wrapped) == {1, 2}
        assert await rewrap_keys(Sealer(keys.keyring), batch=7) == wrapped.count(1)
        after_turn = (await _stored(house, "person_keys")).values()
        assert {one["data_key"] for one in after_turn} == {2}
        assert {one["register_key"][1] for one in after_turn} == {2}
        now = await _stored(house, "residents")
        assert all(now[resident_id] == one for resident_id, one in people.items())
        await city.until(10)
    finally:
        city.stop.set()


async def test_the_keys_of_an_installation_from_before_go_on(
    bare: House, clock: ManualClock, tmp_path: Path
) -> None:
    """A development machine's stored values open, and its people are found."""
    inherited, kms = (
        InheritedKeys(b"\x11" * 32, b"\x22" * 32),
        FileKms(tmp_path, Suite.SM, production=False),
    )

    keys = await open_data_keys(kms, Suite.SM, inherited, clock)

    assert tuple(Sealer(keys.keyring).seal("x", **PLACE)[:2]) == (SealingAlgorithm.AES_256_GCM, 1)
    again = await open_data_keys(kms, Suite.SM, None, clock)
    one, other = Sealer(keys.keyring), Sealer(again.keyring)
    assert other.open(one.seal("钟小明", **PLACE), **PLACE) == "钟小明"
    assert one.blind_index("x", purpose="p") == other.blind_index("x", purpose="p")
    raw = json.dumps(await _stored(bare, "data_keys"), default=str)
    assert "\\x11\\x11" not in raw


async def test_servers_that_start_at_once_share_one_set_of_keys(
    bare: House, clock: ManualClock, tmp_path: Path
) -> None:
    kms = FileKms(tmp_path, Suite.INTL, production=False)

    opened = await asyncio.gather(*(open_data_keys(kms, Suite.INTL, None, clock) for _ in range(6)))

    sealed = Sealer(opened[0].keyring).seal("钟小明", **PLACE)
    assert {Sealer(one.keyring).open(sealed, **PLACE) for one in opened} == {"钟小明"}
    assert len(await _stored(bare, "data_keys")) == 2


@pytest.mark.parametrize(("lost", "named"), [(0, "no index key"), (1, "no sealing key")])
async def test_a_store_that_lost_a_key_stops_the_start_and_is_left_as_it_is(
    bare: House, clock: ManualClock, tmp_path: Path, lost: int, named: str
) -> None:
    kms = FileKms(tmp_path, Suite.INTL, production=False)
    await open_data_keys(kms, Suite.INTL, None, clock)
    await bare.store.database["data_keys"].delete_one({"_id": lost})
    before = await _stored(bare, "data_keys")

    with pytest.raises(StartRefused, match=named):
        await open_data_keys(kms, Suite.INTL, None, clock)
    assert await _stored(bare, "data_keys") == before


async def test_a_first_start_that_fails_half_way_leaves_no_key(
    bare: House, clock: ManualClock, tmp_path: Path
) -> None:
    """One key alone would be a store that no server can open."""
    kms = FileKms(tmp_path, Suite.INTL, production=False)
    database = bare.store.database
    await database.command("collMod", "data_keys", validator={"_id": {"$ne": 1}})
    try:
        with pytest.raises(PyMongoError):
            await open_data_keys(kms, Suite.INTL, None, clock)
    finally:
        await database.command("collMod", "data_keys", validator={})
    assert await _stored(bare, "data_keys") == {}
    assert (await open_data_keys(kms, Suite.INTL, None, clock)).keyring.numbers


@pytest.mark.usefixtures("bare")
async def test_keys_made_at_once_have_numbers_of_their_own(
    clock: ManualClock, tmp_path: Path
) -> None:
    kms = FileKms(tmp_path, Suite.INTL, production=False)
    keys = await open_data_keys(kms, Suite.INTL, None, clock)

    made = await asyncio.gather(*(keys.make() for _ in range(4)))

    assert sorted(number for number, _ in made) == [2, 3, 4, 5]


@pytest.mark.feature("L19")
@pytest.mark.parametrize("field", ["wrapped", "algorithm", "use", "kek"])
async def test_an_altered_data_key_stops_the_start_and_is_named(
    bare: House, clock: ManualClock, tmp_path: Path, field: str
) -> None:
    """L19: one byte or one word of a wrapped key's record is enough."""
    kms = FileKms(tmp_path, Suite.INTL, production=False)
    await open_data_keys(kms, Suite.INTL, None, clock)
    stored = (await _stored(bare, "data_keys"))[1]
    flipped = bytes(stored["wrapped"][:-1]) + bytes([stored["wrapped"][-1] ^ 1])
    other = {"wrapped": flipped, "algorithm": 2, "use": "index", "kek": "kek-9"}[field]
    await bare.store.database["data_keys"].update_one({"_id": 1}, {"$set": {field: other}})

    with pytest.raises(StartRefused):
        await open_data_keys(kms, Suite.INTL, None, clock)


def test_the_commands_turn_keys_and_load_people(mongod: RunningMongod, tmp_path: Path) -> None:
    environ = {
        "YIKATONG_DATA_DIR": str(tmp_path),
        "YIKATONG_MONGODB_URI": mongod.uri,
        "YIKATONG_DATABASE": "key_commands",
    }

    def run(*arguments: str) -> str:
        done = run_command(*arguments, environ=environ)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert run("seed-population", "--size", "1500", "--seed", "3") == "1500"
    assert run("keys", "rotate") == "kek-2: 2"
    assert run("keys", "new", "--after", "0").startswith("2: ")
    assert run("keys", "people") == "1500"
    assert run("keys", "people") == "0"
    (tmp_path / "keys" / "kek-1.key").unlink()
    assert run("seed-population", "--size", "1600", "--seed", "3") == "1600"
