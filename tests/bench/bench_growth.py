"""What a larger city costs: the same acts in a small city and a large one, in turn.

Each city is a process of its own with a store of its own: made-up people with their cards and
phones, an account and a row of the audit log each. The two take turns of a few acts, so that a
noisy moment hits both alike; each act is about somebody drawn from the whole city. A ratio is the
large city's median divided by the small one's. A raw update and a raw read of somebody's newest
audit rows stand beside them: how they grow is what caches and the machine do to any program, and
each act's growth is told against that of its own kind too.

Without a switch only the small city is measured. `YIKATONG_BENCH_MILLION=1` sets a million people
beside it, `YIKATONG_BENCH_CITY=N` any number.
"""

import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import uvloop

from backend.accounts.device import Device
from backend.accounts.passwords import Passwords
from backend.accounts.sessions import Tokens
from backend.accounts.sign_in import SignIn
from backend.app import House, open_house
from backend.cards.card_service_frame import CardChange, Wish
from backend.cards.card_services import CardServices
from backend.cards.commands import COUNTER
from backend.cards.documents import Card
from backend.cards.enrolment import Enrolment
from backend.cards.lifecycle import CardEvent, CardState
from backend.cards.made_up_cards import made_up_cards
from backend.cards.rules import DeviceState
from backend.datause.service import DataUse
from backend.foundation.audit import OPERATOR, AuditRow, Deed, System, row_of
from backend.foundation.audit_outbox import AuditOutbox
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.foundation.refusals import Refusal
from backend.residents.loading import PopulationLoading
from backend.residents.population import Population
from backend.settings import Settings, read_settings
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, PublicKey
from shared.localized_text import LocalizedText
from shared.wire.request_proof import ProvenKey
from tests.bench.measure import Row

SMALL, MILLION = 10_000, 1_000_000
GROWTH = 1.2
TURNS, ACTS_A_TURN = 40, 8
RAW, RAW_READ = "raw conditional update", "raw read of somebody's newest rows"
PAGE = '"who used my data", a page'
_SEED, _SUBJECTS, _BATCH = 11, 1_500, 5_000
_CLOCK = SystemClock()
_PASSWORD = "a sentence for the bench"  # noqa: S105 - nobody's
_WORDS = LocalizedText("查看", "looked")
Figures = dict[str, list[float]]


def run() -> list[Row]:
    """Measure the small city, and beside it the large one where it is asked for."""
    large = _large()
    with ExitStack() as stack:
        cities = [stack.enter_context(_city(size)) for size in [SMALL, *([large] if large else [])]]
        found: list[Figures] = [{} for _ in cities]
        for _ in range(TURNS):
            for city, figures in zip(cities, found, strict=True):
                for name, times in city().items():
                    figures.setdefault(name, []).extend(times)
    rows = [Row(f"{name}, {SMALL:,} people", _told(times)) for name, times in found[0].items()]
    return rows + (_growth_rows(large, *found) if large else [])


def _large() -> int:
    asked = os.environ.get("YIKATONG_BENCH_CITY")
    return int(asked) if asked else MILLION if os.environ.get("YIKATONG_BENCH_MILLION") else 0


def _growth_rows(large: int, small: Figures, found: Figures) -> list[Row]:
    growth = {name: median(times) / median(small[name]) for name, times in found.items()}
    rows = []
    for name, times in found.items():
        raw = name in {RAW, RAW_READ}
        goal, met = ("", None) if raw else (f"≤ {GROWTH} ×", growth[name] <= GROWTH)
        beside = f"that of {SMALL:,}"
        rows.append(Row(f"{name}, {large:,} people", _told(times), beside, growth[name], goal, met))
        if not raw:
            of_kind = RAW_READ if name == PAGE else RAW
            beyond = growth[name] / growth[of_kind]
            rows.append(Row(f"{name}, growth", f"{growth[name]:.2f}", f"the {of_kind}'s", beyond))
    return rows


def _told(times: list[float]) -> str:
    return f"{median(times):,.0f} µs, p99 {sorted(times)[int(len(times) * 0.99)]:,.0f}"


@contextmanager
def _city(size: int) -> Iterator[Callable[[], Figures]]:
    """Start a city and yield what lets it take its turn."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bench_growth", str(size)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told, asked = process.stdout, process.stdin
        told.readline()  # it is loaded

        def turn() -> Figures:
            asked.write("turn\n")
            asked.flush()
            figures: Figures = json.loads(told.readline())
            return figures

        yield turn
        asked.close()


@dataclass(frozen=True)
class _Subject:
    """Somebody with a card in use and a phone."""

    resident_id: str
    number: str
    card_id: str
    phone: ProvenKey


Act = Callable[[_Subject], Awaitable[object]]


def _serve_city(size: int) -> None:
    """Be a city: load it, then take a turn for each line."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        settings = read_settings({"YIKATONG_DATA_DIR": folder})
        cheap = replace(settings.accounts, password_kib=8, password_passes=1, password_lanes=1)
        settings = replace(settings, accounts=replace(cheap, address_tries=10**6))
        with (
            embedded_mongod(settings) as mongod,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(_live(settings, mongod.uri, size))


async def _live(settings: Settings, uri: str, size: int) -> None:
    async with open_house(settings, uri, load_keys(settings), _CLOCK, {}) as house:
        await _load(house, settings, size)
        async with _drained(house):
            acts, subjects = _acts(house), _subjects(size)
            for _ in range(10):
                await _turn(acts, subjects)
            sys.stdout.write("loaded\n")
            sys.stdout.flush()
            while await asyncio.to_thread(sys.stdin.readline):
                sys.stdout.write(json.dumps(await _turn(acts, subjects)) + "\n")
                sys.stdout.flush()


@asynccontextmanager
async def _drained(house: House) -> AsyncIterator[None]:
    """Move the rows that renewals leave to the log, as the server does."""
    task = asyncio.create_task(house.services[AuditOutbox].keep_drained())
    try:
        yield
    finally:
        task.cancel()


async def _turn(acts: dict[str, Act], subjects: list[_Subject]) -> Figures:
    figures: Figures = {name: [] for name in acts}
    for _ in range(ACTS_A_TURN):
        for name, act in acts.items():
            subject = secrets.choice(subjects)
            began = time.perf_counter_ns()
            await act(subject)
            figures[name].append((time.perf_counter_ns() - began) / 1000)
    return figures


def _acts(house: House) -> dict[str, Act]:
    services, cards = house.services, Card.get_pymongo_collection()
    rows = AuditRow.get_pymongo_collection()
    halted: list[_Subject] = []

    async def raw(one: _Subject) -> object:
        held = {"thumbprint": one.phone.thumbprint, "state": "BOUND"}
        return await cards.update_one(
            {"_id": one.card_id, "state": "ACTIVE", "devices": {"$elemMatch": held}},
            {"$set": {"devices.$.certified_until": _CLOCK.now()}},
        )

    async def renew(one: _Subject) -> object:
        return _done(await services[Enrolment].renew(secrets.token_hex(8), one.phone))

    async def change(one: _Subject) -> object:
        wish = Wish(COUNTER, secrets.token_hex(8), card_in_hand=True)
        if halted:
            back = halted.pop()
            event = CardEvent.LIFT_SUSPENSION
            return _done(await services[CardServices].serve(wish, back.card_id, event))
        halted.append(one)
        changed = await services[CardServices].serve(wish, one.card_id, CardEvent.SUSPEND)
        assert isinstance(changed, CardChange), changed
        return changed

    async def enter(one: _Subject) -> object:
        device = Device(one.phone, "bench", secrets.token_hex(8), "127.0.0.1")
        tokens = await services[SignIn].with_password(one.number, _PASSWORD, device)
        assert isinstance(tokens, Tokens), tokens
        return tokens

    async def raw_read(one: _Subject) -> object:
        wanted = {"subject": one.resident_id, "disclosed": True}
        newest = rows.find(wanted).sort([("at", -1), ("_id", -1)]).limit(21)
        return await newest.to_list()

    async def page(one: _Subject) -> object:
        found = await services[DataUse].uses(one.resident_id, 20, None)
        assert found.rows
        return found

    return {
        RAW: raw,
        "sign-in without the hash": enter,
        "certificate renewal": _while_in_use(renew, halted),
        "card state change": change,
        RAW_READ: raw_read,
        PAGE: page,
    }


def _while_in_use(act: Act, halted: list[_Subject]) -> Act:
    """Pass by whoever's card is suspended at the moment."""

    async def guarded(one: _Subject) -> object:
        return None if one in halted else await act(one)

    return guarded


def _done(answer: object) -> object:
    if isinstance(answer, Refusal):
        raise TypeError(answer.code)
    return answer


def _subjects(size: int) -> list[_Subject]:
    """Draw people of the whole city who have a card in use and a bound phone."""
    population = Population(_SEED)
    found: dict[str, _Subject] = {}
    while len(found) < min(_SUBJECTS, size // 10):
        index = secrets.randbelow(size)
        person = population.person(index)
        for card in made_up_cards(population, index, person):
            bound = [one for one in card.phones if one.state is DeviceState.BOUND]
            if card.state is CardState.ACTIVE and bound:
                public = PublicKey(Algorithm.ED25519, bound[0].public_key)
                phone = ProvenKey(public, bound[0].thumbprint)
                who = population.identifier(index)
                found[who] = _Subject(who, person.number, card.card_id, phone)
    return list(found.values())


async def _load(house: House, settings: Settings, size: int) -> None:
    loading, began = house.services[PopulationLoading], time.perf_counter()
    begun = await loading.begin(size, _SEED)
    assert not isinstance(begun, Refusal), begun
    async for progress in loading.load(begun, _SEED):
        if progress.loaded % 100_000 == 0:
            rate = progress.loaded / (time.perf_counter() - began)
            sys.stderr.write(f"{progress.loaded:,} of {size:,} people, {rate:,.0f}/s\n")
    hashed = await Passwords(settings.accounts).hash(_PASSWORD)
    population, now = Population(_SEED), _CLOCK.now()
    for start in range(0, size, _BATCH):
        people = [population.identifier(at) for at in range(start, min(start + _BATCH, size))]
        accounts: list[dict[str, Any]] = [
            {"_id": who, "password_hash": hashed, "password_set_at": now} for who in people
        ]
        rows = [row_of(Deed(now, OPERATOR, "bench", _WORDS, System.BATCH, who)) for who in people]
        await house.store.database["accounts"].insert_many(accounts, ordered=False)
        await house.store.database["audit_rows"].insert_many(rows, ordered=False)


if __name__ == "__main__":
    _serve_city(int(sys.argv[1]))
