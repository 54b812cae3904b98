"""Certificate renewal and card state change beside a raw conditional update, in the same run.

Everything runs in one process on a real store with other people's cards in it; the rounds go in
turn, so that a noisy moment hits all of them alike. `BENCH_CARDS` names the sizes, by default
10000,100000; a size is reached by adding cards. A ratio is the raw update's time divided by ours.
"""

import asyncio
import itertools
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import uvloop
from typing_extensions import override

from backend.app import House, open_house
from backend.cards.card_service_frame import Wish
from backend.cards.card_services import CardServices
from backend.cards.commands import COUNTER
from backend.cards.documents import Card
from backend.cards.enrolment import Enrolment, EnrolmentRequest
from backend.cards.lifecycle import CardEvent
from backend.demo_city import seed
from backend.foundation.audit_outbox import AuditOutbox
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.foundation.refusals import Refusal
from backend.settings import Settings, read_settings
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.wire.request_proof import ProvenKey, thumbprint
from tests.backend.actors import City
from tests.bench.measure import Row, Sample, microseconds, table

_ROUNDS = 400
_AT_ONCE, _BURSTS = 16, 25
_MEASURED_AT_ONCE = ("raw update", "renewal", "renewal judged afresh")
_BATCH = 5_000
_LEAST_SHARE = 0.5
_MOST_GROWTH = 1.2
_SIZES = [int(size) for size in os.environ.get("BENCH_CARDS", "10000,100000").split(",")]
Action = Callable[[], Awaitable[object]]


class _PassingClock(SystemClock):
    """Each renewal comes an hour after the one before, so that no certificate is like the last."""

    hours = 0

    @override
    def now(self) -> datetime:
        return super().now() + timedelta(hours=self.hours)


_CLOCK = _PassingClock()


def run() -> list[Row]:
    """Start the store and measure at each size."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        settings = read_settings({"YIKATONG_DATA_DIR": folder})
        with (
            embedded_mongod(settings) as mongod,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            return runner.run(_measure(settings, mongod.uri))


async def _measure(settings: Settings, uri: str) -> list[Row]:
    keys = load_keys(settings)
    rows: list[Row] = []
    medians: dict[str, list[float]] = {}
    async with open_house(settings, uri, keys, _CLOCK, {}) as house:
        actions = await _actions(house)
        # As in the server: the rows that renewals leave are moved to the log beside them.
        draining = asyncio.create_task(house.services[AuditOutbox].keep_drained())
        held = 0
        for size in _SIZES:
            await _add_cards(house, held, size)
            held = size
            alone = await _in_turn(actions)
            rates = {name: await _rate(actions[name]) for name in _MEASURED_AT_ONCE}
            rows += _rows(size, alone, rates)
            for name, sample in alone.items():
                medians.setdefault(name, []).append(sample.p50())
        draining.cancel()
    if len(_SIZES) > 1:
        raw = medians.pop("raw update")
        rows += [_growth(name, found, raw) for name, found in medians.items()]
    return rows


@dataclass(slots=True)
class _Phone:
    """A phone, the card it speaks for, and its last certificate."""

    card_id: str
    key: ProvenKey
    held: bytes


async def _phones(house: House) -> list[_Phone]:
    """Enrol phones of different residents."""
    phones = []
    for number in range(_AT_ONCE):
        holder = await City(None, house, _CLOCK).holder(f"{500 + number}", None)  # type: ignore[arg-type]
        code = await house.services[Enrolment].new_code(holder.card_id)
        private = SoftwareKey.generate(Algorithm.ED25519)
        key = ProvenKey(private.public, thumbprint(private.public))
        wish = EnrolmentRequest(secrets.token_hex(8), code, "bench", "127.0.0.1")
        issued = _done(await house.services[Enrolment].enrol(wish, key))
        phones.append(_Phone(holder.card_id, key, issued.certificate.raw))
    return phones


async def _actions(house: House) -> dict[str, Action]:
    residents = await seed(house.services, _CLOCK.now())
    phones = itertools.cycle(await _phones(house))
    enrolment, services = house.services[Enrolment], house.services[CardServices]
    cards, turns = Card.get_pymongo_collection(), itertools.count()

    async def raw() -> object:
        """What a renewal cannot do without: one write under its condition."""
        phone = next(phones)
        bound = {"thumbprint": phone.key.thumbprint, "state": "BOUND"}
        until = _CLOCK.now() + timedelta(seconds=next(turns))
        done = await cards.update_one(
            {"_id": phone.card_id, "state": "ACTIVE", "devices": {"$elemMatch": bound}},
            {"$set": {"devices.$.certified_until": until}},
        )
        if done.modified_count != 1:
            raise RuntimeError("the raw update changed nothing")
        return done

    async def renew() -> object:
        """As the app does: it tells what it holds."""
        phone = next(phones)
        _CLOCK.hours += 1
        issued = _done(await enrolment.renew(secrets.token_hex(8), phone.key, phone.held))
        phone.held = issued.certificate.raw
        return issued

    async def renew_afresh() -> object:
        """As after a change, or once in 30 days: card and holder are judged."""
        phone = next(phones)
        _CLOCK.hours += 1
        issued = _done(await enrolment.renew(secrets.token_hex(8), phone.key))
        phone.held = issued.certificate.raw
        return issued

    async def change() -> object:
        turn = next(changes)
        event = CardEvent.LIFT_SUSPENSION if turn % 2 else CardEvent.SUSPEND
        wish = Wish(COUNTER, secrets.token_hex(8), card_in_hand=True)
        return _done(await services.serve(wish, residents[0].card_id, event))

    changes = itertools.count()
    return {
        "raw update": raw,
        "renewal": renew,
        "renewal judged afresh": renew_afresh,
        "state change": change,
    }


def _done(answer: Any) -> Any:
    if isinstance(answer, Refusal):
        raise TypeError(answer.code)
    return answer


async def _in_turn(actions: Mapping[str, Action]) -> dict[str, Sample]:
    samples = {name: Sample() for name in actions}
    for _ in range(20):
        for action in actions.values():
            await action()
    for _ in range(_ROUNDS):
        for name, action in actions.items():
            cpu, wall = time.process_time_ns(), time.perf_counter_ns()
            await action()
            samples[name].wall.append((time.perf_counter_ns() - wall) / 1000)
            samples[name].cpu.append((time.process_time_ns() - cpu) / 1000)
    return samples


async def _rate(action: Action) -> float:
    """Return how many a second are done, several at once, each for another phone."""
    began = time.perf_counter()
    for _ in range(_BURSTS):
        await asyncio.gather(*(action() for _ in range(_AT_ONCE)))
    return _AT_ONCE * _BURSTS / (time.perf_counter() - began)


def _rows(size: int, alone: Mapping[str, Sample], rates: Mapping[str, float]) -> list[Row]:
    raw = alone["raw update"]
    share = raw.p50() / alone["renewal"].p50()
    change = raw.p50() / alone["state change"].p50()
    many, afresh_many = (rates[name] / rates["raw update"] for name in _MEASURED_AT_ONCE[1:])
    afresh = raw.p50() / alone["renewal judged afresh"].p50()
    where = f"{size:,} cards"
    return [
        Row(f"raw conditional update, {where}", microseconds(raw)),
        Row(f"certificate renewal, {where}", microseconds(alone["renewal"]), "the raw update",
            share, f"≥ {_LEAST_SHARE}", share >= _LEAST_SHARE),
        Row(f"certificate renewal judged afresh, {where}",
            microseconds(alone["renewal judged afresh"]), "the raw update", afresh),
        Row(f"card state change with its event and key, {where}",
            microseconds(alone["state change"]), "the raw update", change),
        Row(f"renewals, {_AT_ONCE} at once, {where}",
            f"{rates['renewal']:,.0f}/s", f"{rates['raw update']:,.0f}/s raw", many,
            f"≥ {_LEAST_SHARE}", many >= _LEAST_SHARE),
        Row(f"renewals judged afresh, {_AT_ONCE} at once, {where}",
            f"{rates['renewal judged afresh']:,.0f}/s", f"{rates['raw update']:,.0f}/s raw",
            afresh_many),
    ]  # fmt: skip


def _growth(name: str, medians: list[float], raw: list[float]) -> Row:
    """Return what more cards cost, beyond what the machine's own mood did to the raw update."""
    growth = (medians[-1] / medians[0]) / (raw[-1] / raw[0])
    return Row(
        f"{name} at {_SIZES[-1]:,} cards",
        f"{medians[-1]:,.0f} µs, raw {raw[-1]:,.0f}",
        f"at {_SIZES[0]:,} ({medians[0]:,.0f} µs, raw {raw[0]:,.0f})",
        growth,
        f"≤ {_MOST_GROWTH} ×",
        growth <= _MOST_GROWTH,
    )


async def _add_cards(house: House, held: int, size: int) -> None:
    cards, now = house.store.database["cards"], _CLOCK.now()
    for start in range(held, size, _BATCH):
        rows = [_card(number, now) for number in range(start, min(start + _BATCH, size))]
        await cards.insert_many(rows, ordered=False)
        if start % 100_000 == 0 and start:
            sys.stderr.write(f"{start:,} of {size:,} cards\n")


def _card(number: int, now: datetime) -> dict[str, Any]:
    return {
        "_id": f"card_bench{number}",
        "resident_id": f"res_bench{number}",
        "region": 360700,
        # Not drawn: these meet no other. The seeded cards' own indexes are above 2**31 or drawn.
        "card_index": number,
        "card_digest": number.to_bytes(16),
        "generation": 3,
        "version": 1,
        "state": "LOST" if number % 100 == 0 else "ACTIVE",
        "account_reference": f"acc_bench{number}",
        "account_active": True,
        "number_sealed": secrets.token_bytes(39),
        "number_tail": "0000",
        "number_kept": False,
        "pin": {"wrong": 0, "unlocks": 0},
        "devices": [
            {
                "serial": 1,
                "thumbprint": f"bench{number}",
                "algorithm": 0,
                "public_key": secrets.token_bytes(32),
                "name": "手机",
                "state": "BOUND",
                "enrolled_at": now,
                "certified_until": now,
            }
        ],
        "issued_at": now,
        "changed_at": now - timedelta(days=1),
        "expires_at": now + timedelta(days=3650),
        "revision": 0,
    }


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
