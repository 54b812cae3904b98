"""What a sign-in (without the password's hash), a refresh and a checked token cost.

Ten thousand accounts with a session each. A conditional write on one document stands beside them in
the same turn; a request with a token stands beside the same request without.
"""

import asyncio
import json
import secrets
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import httpx

from backend.accounts.device import Device
from backend.accounts.documents import Account, DeviceSession, SignInMethod
from backend.accounts.passwords import Passwords
from backend.accounts.sessions import Sessions, Tokens
from backend.accounts.sign_in import SignIn
from backend.app import House, make_app, open_house
from backend.foundation.embedded_mongod import embedded_mongod
from backend.foundation.keys import load_keys
from backend.foundation.refusals import Refusal
from backend.residents.service import Residents
from backend.settings import read_settings
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.identity.id_number import check_character
from shared.wire.request_proof import ProvenKey, sign_request, thumbprint
from tests.bench.measure import Row, Sample

_ACCOUNTS, _ROUNDS = 10_000, 300
_CLOCK = SystemClock()
_PASSWORD = "a sentence for the bench"  # noqa: S105 - nobody's
_QUERY = json.dumps({"query": "{ serverTime }"}).encode()
Action = Callable[[], Awaitable[object]]


def run() -> list[Row]:
    """Fill the store and measure."""
    with tempfile.TemporaryDirectory(prefix="yikatong-bench-") as folder:
        settings = read_settings({"YIKATONG_DATA_DIR": folder})
        cheap = replace(settings.accounts, password_kib=8, password_passes=1, password_lanes=1)
        settings = replace(settings, accounts=replace(cheap, address_tries=10**6))
        with embedded_mongod(settings) as mongod:

            async def measured() -> list[Row]:
                keys = load_keys(settings)
                async with open_house(settings, mongod.uri, keys, _CLOCK, {}) as house:
                    app = make_app(settings, house, keys, _CLOCK)
                    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
                    async with httpx.AsyncClient(
                        transport=transport, base_url="http://b"
                    ) as client:
                        hashed = await Passwords(settings.accounts).hash(_PASSWORD)
                        return await _measure(house, client, str(hashed))

            return asyncio.run(measured())


async def _measure(house: House, client: httpx.AsyncClient, hashed: str) -> list[Row]:
    key = SoftwareKey.generate(Algorithm.ED25519)
    proven = ProvenKey(key.public, thumbprint(key.public))
    numbers = await _fill(house, hashed)
    sign_in, sessions = house.services[SignIn], house.services[Sessions]
    tokens = await _signed_in(sign_in, numbers[0], proven)
    raw = house.store.database["bench"]
    await raw.insert_one({"_id": "one", "count": 0})
    latest = [tokens.refresh]

    async def enter() -> None:
        await _signed_in(sign_in, secrets.choice(numbers), proven)

    async def refresh() -> None:
        renewed = await sessions.refresh(latest[0], secrets.token_hex(8), proven)
        assert isinstance(renewed, Tokens)
        latest[0] = renewed.refresh

    async def write() -> None:
        await raw.find_one_and_update({"_id": "one"}, {"$inc": {"count": 1}})

    async def plain() -> None:
        await _ask(client, key, None)

    async def checked() -> None:
        await _ask(client, key, tokens.access)

    samples = await _in_turn(
        {
            "conditional write": write,
            "sign-in without the hash": enter,
            "refresh": refresh,
            "request": plain,
            "request with a token": checked,
        }
    )
    return _rows(samples)


def _rows(samples: dict[str, Sample]) -> list[Row]:
    write, plain = samples["conditional write"].p50(), samples["request"].p50()
    refresh = samples["refresh"].p50() / write
    baselines = {
        "sign-in without the hash": ("the conditional write", write),
        "refresh": ("the conditional write", write),
        "request with a token": ("the request without", plain),
    }
    rows = []
    for name, sample in samples.items():
        figure = f"{sample.p50():,.0f} µs, p99 {sample.p99():,.0f}"
        beside = baselines.get(name)
        ratio = sample.p50() / beside[1] if beside else None
        goal, met = ("≤ 2 ×", refresh <= 2) if name == "refresh" else ("", None)
        rows.append(Row(name, figure, beside[0] if beside else "", ratio, goal, met))
    return rows


async def _fill(house: House, hashed: str) -> list[str]:
    """Store the accounts; a hundred of them are residents who can sign in."""
    now = _CLOCK.now()
    numbers = []
    for sequence in range(100):
        digits = f"36999919880312{sequence:03}"
        number = digits + check_character(digits)
        registered = await house.services[Residents].register(number, "钟小明", 360700, now)
        assert not isinstance(registered, Refusal)
        await _account(registered.resident_id, hashed).insert()
        numbers.append(number)
    accounts = [_account(f"res_{number}", hashed) for number in range(_ACCOUNTS - 100)]
    await Account.insert_many(accounts)
    await DeviceSession.insert_many([_session(number) for number in range(_ACCOUNTS)])
    return numbers


def _account(resident_id: str, hashed: str) -> Account:
    return Account(id=resident_id, password_hash=hashed, password_set_at=_CLOCK.now())


def _session(number: int) -> DeviceSession:
    now = _CLOCK.now()
    return DeviceSession(
        id=f"ses_{number}",
        subject=f"res_{number}",
        thumbprint=secrets.token_urlsafe(32),
        device_name="x",
        method=SignInMethod.PASSWORD,
        roles=[],
        organisation="platform",
        organisation_zh="x",
        organisation_en="x",
        refresh_hash=secrets.token_bytes(32),
        started_at=now,
        renewed_at=now,
        expires_at=now + timedelta(days=30),
    )


async def _signed_in(sign_in: SignIn, number: str, key: ProvenKey) -> Tokens:
    device = Device(key, "bench", secrets.token_hex(8), "127.0.0.1")
    tokens = await sign_in.with_password(number, _PASSWORD, device)
    assert isinstance(tokens, Tokens)
    return tokens


async def _ask(client: httpx.AsyncClient, key: SoftwareKey, access: str | None) -> None:
    proof = sign_request(key, "POST", "/graphql", _QUERY, _CLOCK.now())
    headers = {"DPoP": proof, "Content-Type": "application/json"}
    if access is not None:
        headers["Authorization"] = f"DPoP {access}"
    answer = await client.post("/graphql", content=_QUERY, headers=headers)
    assert "serverTime" in answer.text


async def _in_turn(actions: dict[str, Action]) -> dict[str, Sample]:
    samples = {name: Sample() for name in actions}
    for turn in range(_ROUNDS + 20):
        for name, action in actions.items():
            began = time.perf_counter_ns()
            await action()
            if turn >= 20:
                samples[name].wall.append((time.perf_counter_ns() - began) / 1000)
    return samples
