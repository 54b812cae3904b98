"""What an audit row costs, and whether "who used my data" stays as fast as it grows.

A card is suspended and the suspension lifted, with its row and with the row left out, in turn; a
certificate is renewed in the same way, beside the raw conditional update that it comes down to.
Pages of data use are read for residents with a thousand and a hundred thousand rows in one store.
"""

import asyncio
import gc
import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import uvloop

from backend.app import House, open_house
from backend.cards import certificates
from backend.cards.card_service_frame import Wish
from backend.cards.card_services import CardServices
from backend.cards.commands import COUNTER
from backend.cards.enrolment import Enrolment, EnrolmentRequest
from backend.cards.lifecycle import CardEvent
from backend.datause.service import DataUse
from backend.demo_city import seed
from backend.foundation import audit
from backend.foundation.audit import Actor, ActorKind, Deed, System
from backend.foundation.audit_chain import Sequencer
from backend.foundation.audit_verify import Sound, verify
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.foundation.pages import Position
from backend.settings import Settings, read_settings
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.localized_text import LocalizedText
from shared.wire.request_proof import ProvenKey, thumbprint
from tests.bench.measure import Row, Sample, microseconds, table

Action = Callable[[], Awaitable[object]]
_CLOCK = SystemClock()
_ROUNDS = 300
_FEW, _MANY = 1_000, 100_000
_CHAINED = 20_000
_BATCH = 5_000


def run() -> list[Row]:
    """Start the store and measure."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        settings = read_settings({"YIKATONG_DATA_DIR": folder})
        with (
            embedded_mongod(settings) as mongod,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            return runner.run(_measure(settings, mongod.uri))


async def _measure(settings: Settings, uri: str) -> list[Row]:
    async with open_house(settings, uri, load_keys(settings), _CLOCK, {}) as house:
        residents = await seed(house.services, _CLOCK.now())
        card = residents[0].card_id
        key = SoftwareKey.generate(Algorithm.ED25519)
        phone = ProvenKey(key.public, thumbprint(key.public))
        code = await house.services[Enrolment].new_code(card)
        wish = EnrolmentRequest(secrets.token_hex(8), code, "bench", "127.0.0.1")
        await house.services[Enrolment].enrol(wish, phone)
        rows = await _renewal_rows(house, card, phone)
        rows += await _state_rows(house, card)
        rows += await _page_rows(house)
        return [*rows, *await _chain_rows(house)]


async def _state_rows(house: House, card: str) -> list[Row]:
    services = house.services[CardServices]

    async def both() -> None:
        for event in (CardEvent.SUSPEND, CardEvent.LIFT_SUSPENSION):
            await services.serve(Wish(COUNTER, secrets.token_hex(8), True), card, event)

    async def without() -> None:
        with _no_rows():
            await both()

    samples = await _interleave({"with": both, "without": without}, _ROUNDS)
    return _pair("two card state changes", samples, 1.2)


async def _renewal_rows(house: House, card: str, phone: ProvenKey) -> list[Row]:
    enrolment = house.services[Enrolment]
    cards = house.store.database["cards"]
    number = 0

    async def renew() -> None:
        await enrolment.renew(secrets.token_hex(8), phone)

    async def without() -> None:
        with _no_rows():
            await renew()

    async def raw() -> None:
        nonlocal number
        number += 1
        held = {"thumbprint": phone.thumbprint, "state": "BOUND"}
        await cards.update_one(
            {"_id": card, "state": "ACTIVE", "devices": {"$elemMatch": held}},
            {"$set": {"devices.$.renewal_key": number.to_bytes(32)}},
        )

    samples = await _interleave({"with": renew, "without": without, "raw": raw}, _ROUNDS)
    rows = _pair("a renewal", samples, None)
    for name, subject in (("with", "renewal with its row"), ("without", "renewal without")):
        share = samples["raw"].p50() / samples[name].p50()
        goal = "≥ 0.5 ×" if name == "with" else ""
        met = share >= 0.5 if name == "with" else None
        figure = f"{1e6 / samples[name].p50():,.0f}/s one after another"
        rows.append(Row(subject, figure, "a raw conditional update's rate", share, goal, met))
    rows.append(Row("raw conditional update", microseconds(samples["raw"])))
    return rows


def _pair(subject: str, samples: Mapping[str, Sample], goal: float | None) -> list[Row]:
    ratio = samples["with"].p50() / samples["without"].p50()
    return [
        Row(f"{subject}, no row", microseconds(samples["without"])),
        Row(
            f"{subject}, with the audit row",
            microseconds(samples["with"]),
            "without",
            ratio,
            f"≤ {goal} ×" if goal else "",
            ratio <= goal if goal else None,
        ),
    ]


async def _page_rows(house: House) -> list[Row]:
    """Two residents in one store, one with a hundred times the rows of the other."""
    few, many = "res_few", "res_many"
    await _fill(house, few, _FEW)
    await _fill(house, many, _MANY)
    uses, now = house.services[DataUse], _CLOCK.now()
    deep = Position(now - timedelta(seconds=_MANY // 2), "zzz")

    async def first_of_few() -> None:
        assert len((await uses.uses(few, 20, None)).rows) == 20

    async def first_of_many() -> None:
        assert len((await uses.uses(many, 20, None)).rows) == 20

    async def middle_of_many() -> None:
        assert len((await uses.uses(many, 20, deep)).rows) == 20

    samples = await _interleave(
        {"few": first_of_few, "many": first_of_many, "middle": middle_of_many}, _ROUNDS
    )
    rows = [Row(f"page of 20 of {_FEW:,} rows", microseconds(samples["few"]))]
    for name, words in (("many", "page"), ("middle", "page in the middle")):
        ratio = samples[name].p50() / samples["few"].p50()
        subject = f"{words} of 20 of {_MANY:,} rows"
        figure = microseconds(samples[name])
        rows.append(Row(subject, figure, f"of {_FEW:,}", ratio, "≤ 1.2 ×", ratio <= 1.2))
    return rows


async def _chain_rows(house: House) -> list[Row]:
    collection = house.store.database["audit_rows"]
    await collection.delete_many({})
    await house.store.database["audit_links"].delete_many({})
    await house.store.database["audit_chain"].delete_many({})
    await house.services[Sequencer].catch_up()
    await _fill(house, "res_chained", _CHAINED)
    began = time.perf_counter()
    linked = await house.services[Sequencer].catch_up()
    chained = time.perf_counter() - began
    began = time.perf_counter()
    found = await verify()
    verified = time.perf_counter() - began
    if linked != _CHAINED or not isinstance(found, Sound):
        raise RuntimeError(f"the chain is not whole: {linked}, {found}")
    return [
        Row("rows linked as they arrive", f"{_CHAINED / chained:,.0f} rows/s"),
        Row("rows verified", f"{_CHAINED / verified:,.0f} rows/s"),
    ]


async def _fill(house: House, resident: str, count: int) -> None:
    collection, now = house.store.database["audit_rows"], _CLOCK.now()
    actor, words = (
        Actor(ActorKind.STAFF, "stf_bench"),
        LocalizedText("查看了您的登记信息", "Looked"),
    )
    for start in range(0, count, _BATCH):
        deeds = (
            Deed(now - timedelta(seconds=n), actor, "bench.read", words, System.COUNTER, resident)
            for n in range(start, min(start + _BATCH, count))
        )
        await collection.insert_many([audit.row_of(deed) for deed in deeds], ordered=False)


@contextmanager
def _no_rows() -> Iterator[None]:
    async def nothing(*_: object) -> None:
        return None

    def nowhere(_: object) -> dict[str, object]:
        return {}

    with patch.object(audit, "record", nothing), patch.object(certificates, "pushed", nowhere):
        yield


async def _interleave(actions: Mapping[str, Action], rounds: int) -> dict[str, Sample]:
    """Await the actions in turn, so that a noisy moment hits all of them alike."""
    samples = {name: Sample() for name in actions}
    for _ in range(20):
        for action in actions.values():
            await action()
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, action in actions.items():
                cpu, wall = time.process_time_ns(), time.perf_counter_ns()
                await action()
                samples[name].wall.append((time.perf_counter_ns() - wall) / 1000)
                samples[name].cpu.append((time.process_time_ns() - cpu) / 1000)
    finally:
        gc.enable()
    return samples


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
