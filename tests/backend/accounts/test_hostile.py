"""No text a client sends to sign in becomes a query operator, a traceback or a line of a log."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from backend.foundation.logs import EventFormatter
from backend.schema import SCHEMA_FILE
from shared.wire.request_proof import sign_request
from tests.backend.accounts.actors import PASSWORD, Device, People
from tests.backend.actors import City, document, id_number, new_key
from tests.backend.test_hostile_text import HOSTILE, OBJECTS, _check

OPERATIONS: dict[str, dict[str, str]] = {
    "SignInWithPassword": {
        "idempotencyKey": "",
        "login": "nobody",
        "password": "wrong password",
        "deviceName": "x",
    },
    "RequestSmsCode": {"phone": "13970799999"},
    "SignInWithSms": {
        "idempotencyKey": "",
        "phone": "13970799999",
        "code": "000000",
        "deviceName": "x",
        "number": id_number(),
    },
    "SignInStaff": {
        "idempotencyKey": "",
        "login": "nobody",
        "password": "wrong password",
        "code": "000000",
        "deviceName": "x",
    },
    "SetPassword": {"currentPassword": PASSWORD, "newPassword": "a whole new sentence"},
    "RefreshSession": {"idempotencyKey": "", "refreshToken": "x"},
    "EndSession": {"sessionId": "ses_x"},
}
SCHEMA = SCHEMA_FILE.read_text(encoding="utf-8")
PLACES = [(operation, name) for operation, wish in OPERATIONS.items() for name in wish]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Every log line so far, in the form it has on stderr."""
    caplog.set_level(logging.DEBUG, "yikatong")
    formatter = EventFormatter()
    return lambda: "\n".join(formatter.format(record) for record in caplog.records)


def test_every_text_of_every_sign_in_operation_is_there() -> None:
    for operation, wish in OPERATIONS.items():
        assert f"input {operation}Input" in SCHEMA
        block = SCHEMA.partition(f"input {operation}Input {{")[2].partition("}")[0]
        assert {line.split(":")[0].strip() for line in block.strip().splitlines()} == set(wish)


@pytest.mark.parametrize(("operation", "name"), PLACES)
async def test_arguments(
    people: People,
    lines: Callable[[], str],
    sent: list[tuple[str, dict[str, Any]]],
    operation: str,
    name: str,
) -> None:
    device = await people.signed_in() if operation in {"SetPassword", "EndSession"} else None
    for text in [*HOSTILE, *OBJECTS]:
        wish = {**OPERATIONS[operation], name: text}
        if "idempotencyKey" in wish and name != "idempotencyKey":
            wish["idempotencyKey"] = new_key()
        answer = await (device or people.device()).post(document(operation), {"input": wish})
        assert answer.status_code == 200, answer.text
        _check(answer.text, lines(), sent)
        people.city.clock.advance(1)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text)[:20])
async def test_the_header_that_carries_the_token(
    people: People,
    lines: Callable[[], str],
    sent: list[tuple[str, dict[str, Any]]],
    text: str,
) -> None:
    device = people.device()
    raw = b"DPoP " + text.encode("utf-8", "surrogatepass")
    body = json.dumps({"query": "{ serverTime }"}).encode()
    proof = _proof(people, device, body)
    headers = [(b"DPoP", proof), (b"Authorization", raw), (b"Content-Type", b"application/json")]

    answer = await device.client.post("/graphql", content=body, headers=headers)

    assert answer.status_code == 401
    _check(answer.text, lines(), sent)


async def test_signing_in_and_out_leaves_no_secret_in_the_log(
    people: People, city: City, lines: Callable[[], str]
) -> None:
    phone = "13970700077"
    await people.register(id_number(sequence="951"), phone)
    device = await people.signed_in()
    tokens = [str(device.access), device.refresh]
    await device.renew_session()
    tokens += [str(device.access), device.refresh]
    await people.device().sign_in(id_number(), "a wrong password")
    await people.device().do("RequestSmsCode", phone=phone)
    text = (await people.inbox())[0]
    code = text.partition("验证码")[2][:6]
    wish = {"idempotencyKey": new_key(), "phone": phone, "code": code, "deviceName": "x"}
    await people.device().do("SignInWithSms", **wish)
    clerk = await people.staff("xie.yu")
    totp = clerk.code()
    await clerk.sign_in(totp)
    await device.do("SignOut")

    log = lines()
    assert '"route": "/graphql"' in log
    for secret in (
        *tokens, PASSWORD, "a wrong password", code, phone, totp, clerk.secret, clerk.password,
        *clerk.recovery_codes, id_number(), "谢雨",
    ):  # fmt: skip
        assert secret
        assert secret not in log
    rows = str(await city.house.store.database["audit_rows"].find().to_list())
    for secret in (*tokens, PASSWORD, code, phone, clerk.secret, id_number()):
        assert secret not in rows


def _proof(people: People, device: Device, body: bytes) -> bytes:
    return sign_request(device.key, "POST", "/graphql", body, people.city.clock.now()).encode()
