"""What registration, look-up and sealing cost, and whether a larger city makes them dearer.

The populations are made up; `YIKATONG_BENCH_MILLION=1` adds one of a million. Acts in
the larger city stand beside those in the smaller one, loading beside `insert_many` of documents
that are ready, sealing beside bare AES-GCM, all in one run.
"""

import asyncio
import gc
import os
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

import uvloop
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.app import House, open_house
from backend.foundation.data_keys import DataKeys
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.foundation.person_keys import PersonSealer, new_keys
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import IndexKey, Keyring, Sealer, SealingKey
from backend.foundation.suites import NEW_INDEX, NEW_SEALING
from backend.residents.loading import BATCH, PopulationLoading
from backend.residents.population import DIVISION, Population
from backend.residents.rules import PersonField
from backend.residents.service import Residents
from backend.settings import GANZHOU, Suite, read_settings
from shared.clock import SystemClock
from shared.identity.id_number import check_character
from shared.identity.masking import mask_id_number, mask_name, mask_phone
from tests.bench.measure import Row, interleave, microseconds

_CLOCK = SystemClock()
_SEED = 11
_SMALL, _LARGE = 10_000, 1_000_000
_ACTS = 400
_GROWTH = 1.2
_RAW_BATCHES = 8
_OWN = "reading a person under keys of their own"
_DATA = "reading a person under data keys"
_PLACE = {"collection": "residents", "field": "name_sealed", "document": "res_1"}
Figures = dict[str, float]


def run() -> list[Row]:
    """Measure sealing, then each city in a store of its own."""
    sizes = [_SMALL, _LARGE] if os.environ.get("YIKATONG_BENCH_MILLION") else [_SMALL]
    rows = _sealing_rows()
    cities: dict[int, Figures] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
            settings = read_settings({"YIKATONG_DATA_DIR": folder})
            with (
                embedded_mongod(settings) as mongod,
                asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            ):
                cities[size] = runner.run(_city(settings, mongod.uri, size))
        rows += _city_rows(size, cities[size])
    if len(cities) > 1:
        rows += _growth_rows(cities[_SMALL], cities[_LARGE])
    return rows


def _sealing_rows() -> list[Row]:
    bare, value = AESGCM(bytes(32)), "36999919880312901"
    place = "\0".join(_PLACE.values()).encode()
    sealers = {suite: _sealer(suite) for suite in Suite}
    actions: dict[str, Callable[[], object]] = {
        "bare AES-256-GCM with a nonce": lambda: bare.encrypt(
            secrets.token_bytes(12), value.encode(), place
        )
    }
    for suite, sealer in sealers.items():
        sealed = sealer.seal(value, **_PLACE)
        actions[f"seal, {suite}"] = lambda one=sealer: one.seal(value, **_PLACE)  # type: ignore[misc]
        actions[f"open, {suite}"] = lambda one=sealer, it=sealed: one.open(it, **_PLACE)  # type: ignore[misc]
        own = new_keys(sealer, "res_1", _CLOCK.now())
        private = PersonSealer(sealer, "res_1", own).seal(value, **_PLACE)  # type: ignore[arg-type]
        actions[f"unwrap a person's key and open, {suite}"] = (
            lambda one=sealer, keys=own, it=private: PersonSealer(one, "res_1", keys).open(  # type: ignore[misc]
                it, **_PLACE
            )
        )
        actions[f"blind index, {suite}"] = lambda one=sealer: one.blind_index(value, purpose="n")  # type: ignore[misc]
    samples = interleave(actions, 5_000)
    base_name = next(iter(actions))
    base = samples[base_name].p50()
    return [
        Row(
            name,
            microseconds(sample),
            *(("bare AES-GCM", sample.p50() / base) if name != base_name else ()),
        )
        for name, sample in samples.items()
    ]


def _sealer(suite: Suite) -> Sealer:
    algorithm = NEW_SEALING[suite]
    key = SealingKey(algorithm, bytes(algorithm.key_bytes))
    return Sealer(Keyring({1: key}, 1, IndexKey(NEW_INDEX[suite], bytes(32))))


async def _city(settings: Any, uri: str, size: int) -> Figures:
    keys = load_keys(settings)
    async with open_house(settings, uri, keys, _CLOCK, os.environ) as house:
        loading = house.services[PopulationLoading]
        begun = await loading.begin(size, _SEED)
        assert not isinstance(begun, Refusal), begun
        began = time.perf_counter()
        async for _ in loading.load(begun, _SEED):
            pass
        figures = {"load": size / (time.perf_counter() - began)}
        figures["raw"] = await _raw_rate(house)
        figures |= await _acts(house, size)
        return figures | await _price_of_keys(house, size)


async def _price_of_keys(house: House, size: int) -> Figures:
    """Read people under keys of their own and, in turn, the same under the house's data key."""
    residents, sealer = house.services[Residents], Sealer(house.services[DataKeys].keyring)
    ids = [Population(_SEED).identifier(secrets.randbelow(size)) for _ in range(_ACTS)]
    flat = house.store.database["flat"]
    fields = {one: f"{one.value}_sealed" for one in PersonField}
    for resident_id in set(ids):
        found = await residents.stored(resident_id)
        assert found is not None
        values = {
            name: sealer.seal(value, collection="flat", field=name, document=resident_id)
            for one, name in fields.items()
            if (value := residents.open(found, one)) is not None
        }
        kept = {name: found[name] for name in ("status", "assurance", "origins")}
        await flat.insert_one({"_id": resident_id, **kept, **values})

    async def under_data_keys(resident_id: str) -> None:
        found = await flat.find_one({"_id": resident_id})
        assert found is not None
        values = {
            name: sealer.open(found[name], collection="flat", field=name, document=resident_id)
            for name in fields.values()
            if name in found
        }
        masks = mask_name, mask_id_number, mask_phone
        for mask, name in zip(masks, ("name_sealed", "number_sealed", "phone_sealed"), strict=True):
            mask(values.get(name, ""))

    async def under_own_keys(resident_id: str) -> None:
        await residents.person(resident_id)

    figures: dict[str, list[float]] = {_OWN: [], _DATA: []}
    gc.collect()
    for resident_id in ids:
        for name, act in ((_OWN, under_own_keys), (_DATA, under_data_keys)):
            began = time.perf_counter_ns()
            await act(resident_id)
            figures[name].append((time.perf_counter_ns() - began) / 1000)
    await flat.drop()
    return {name: median(times[20:]) for name, times in figures.items()}


async def _raw_rate(house: House) -> float:
    """Return rows a second of `insert_many` alone, on copies of what was loaded."""
    ready = await house.store.database["residents"].find({}).to_list(BATCH)
    target = house.store.database["raw"]
    await target.create_index("number_index", unique=True)
    await target.create_index("phone_index", sparse=True)
    times = []
    for _ in range(_RAW_BATCHES):
        rows = [
            {**row, "_id": secrets.token_hex(16), "number_index": secrets.token_bytes(32)}
            for row in ready
        ]
        began = time.perf_counter()
        await target.insert_many(rows, ordered=False)
        times.append(time.perf_counter() - began)
    await target.drop()
    return BATCH / median(times)


async def _acts(house: House, size: int) -> Figures:
    residents, population = house.services[Residents], Population(_SEED)
    known = [secrets.randbelow(size) for _ in range(_ACTS)]
    fresh = [_unused(number) for number in range(_ACTS)]
    now = _CLOCK.now()

    async def register(number: str) -> None:
        await residents.register(number, "钟小明", GANZHOU, now)

    async def look_up(index: int) -> None:
        if not await residents.of_login(population.person(index).number):
            raise LookupError("somebody loaded is not found")

    async def read(index: int) -> None:
        await residents.person(population.identifier(index))

    async def again(index: int) -> None:
        person = population.person(index)
        await residents.register(person.number, person.name, GANZHOU, now)

    return {
        "registration": await _p50(register, fresh),
        "registration of one known": await _p50(again, known),
        "look-up by number": await _p50(look_up, known),
        "reading a person": await _p50(read, known),
    }


async def _p50(act: Callable[[Any], Awaitable[None]], subjects: list[Any]) -> float:
    for subject in subjects[:20]:
        await act(subject)
    times = []
    gc.collect()
    for subject in subjects[20:]:
        began = time.perf_counter_ns()
        await act(subject)
        times.append((time.perf_counter_ns() - began) / 1000)
    return median(times)


def _unused(number: int) -> str:
    digits = f"{DIVISION[:-1]}719900101{number % 1000:03d}"[:17]
    return digits + check_character(digits)


def _city_rows(size: int, figures: Figures) -> list[Row]:
    ratio = figures["raw"] / figures["load"]
    rows = [
        Row(f"insert_many alone, {size:,}", f"{figures['raw']:,.0f} residents/s"),
        Row(
            f"made up, sealed and loaded, {size:,}",
            f"{figures['load']:,.0f} residents/s",
            "insert_many's time",
            ratio,
        ),
    ]
    rows.append(
        Row(f"{_OWN}, {size:,}", f"{figures[_OWN]:,.0f} µs", _DATA, figures[_OWN] / figures[_DATA])
    )
    told = {"raw", "load", _OWN}
    acts = {name: value for name, value in figures.items() if name not in told}
    return rows + [Row(f"{name}, {size:,}", f"{value:,.0f} µs") for name, value in acts.items()]


def _growth_rows(small: Figures, large: Figures) -> list[Row]:
    return [
        Row(
            f"{name}, {_LARGE:,} people",
            f"{large[name]:,.0f} µs",
            f"that of {_SMALL:,}",
            large[name] / small[name],
            f"≤ {_GROWTH} ×",
            large[name] / small[name] <= _GROWTH,
        )
        for name in small
        if name not in {"raw", "load"}
    ]
