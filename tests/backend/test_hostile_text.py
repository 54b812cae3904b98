"""No text a client sends becomes a query operator, a traceback or a line of a log."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from backend.foundation.logs import EventFormatter
from shared.identity.id_number import check_character
from tests.backend.actors import City, document, id_number, new_key, scan

HOSTILE = [
    '{"$ne": null}',
    "$where",
    "this.a == 1",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "😀",
    "',$or:[{}]",
    "../../etc/passwd",
    "%00",
    "\u202e",
    "x" * 100_000,
    id_number(),
]
OBJECTS: list[Any] = [{"$ne": None}, {"$gt": ""}, ["$where"], 7, True]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Return the log lines since the last call, in the form they have on stderr."""
    caplog.set_level(logging.DEBUG, "yikatong")
    formatter = EventFormatter()

    def read() -> str:
        said = "\n".join(formatter.format(record) for record in caplog.records)
        caplog.clear()
        return said

    return read


def _check(answer: str, log: str, sent: list[tuple[str, dict[str, Any]]]) -> None:
    """Judge an answer, and what was logged and sent to the store since the one before."""
    assert "internal_error" not in answer
    assert '"error"' not in log
    assert not _valid_numbers(log)
    commands = [command.get("filter", command.get("query")) for _, command in sent]
    assert "$where" not in str(commands)
    assert "'$gt': ''" not in str(commands)
    sent.clear()


def _valid_numbers(text: str) -> list[str]:
    spans = (text[start : start + 18].upper() for start in range(len(text) - 17))
    return [
        span
        for span in spans
        if span[:17].isascii() and span[:17].isdigit() and check_character(span[:17]) == span[17]
    ]


@pytest.mark.parametrize(
    ("operation", "place"),
    [
        ("EnrolDevice", ("input", "idempotencyKey")),
        ("EnrolDevice", ("input", "enrolmentCode")),
        ("EnrolDevice", ("input", "deviceName")),
        ("RenewCertificate", ("input", "idempotencyKey")),
        ("RenewCertificate", ("input", "heldCertificate")),
        ("Visits", ("after",)),
    ],
)
async def test_arguments_of_operations(
    city: City,
    lines: Callable[[], str],
    sent: list[tuple[str, dict[str, Any]]],
    operation: str,
    place: tuple[str, ...],
) -> None:
    variables: dict[str, Any] = {"first": 5} if operation == "Visits" else {"input": {}}
    if operation != "Visits":
        variables["input"] = {"idempotencyKey": new_key()}
    if operation == "EnrolDevice":
        variables["input"] |= {"enrolmentCode": "0000000000", "deviceName": "x"}
    inner = variables
    for name in place[:-1]:
        inner = inner[name]
    for text in (*HOSTILE, *OBJECTS):
        inner[place[-1]] = text
        answer = await city.stranger().post(document(operation), variables)
        _check(answer.text, lines(), sent)


@pytest.mark.parametrize("name", list(scan(datetime(2026, 1, 1, tzinfo=UTC))))
async def test_parts_of_a_scan(
    city: City,
    lines: Callable[[], str],
    sent: list[tuple[str, dict[str, Any]]],
    name: str,
) -> None:
    terminal = await city.terminal()
    for text in (*HOSTILE, *OBJECTS):
        body = {"version": 1, "scans": [scan(city.clock.now(), **{name: text})]}
        answer = await terminal.send("POST", "/readers/v1/scans", json.dumps(body).encode())
        _check(answer.text, lines(), sent)


async def test_headers_and_addresses(
    city: City, lines: Callable[[], str], sent: list[tuple[str, dict[str, Any]]]
) -> None:
    for text in HOSTILE:
        raw = text.encode("utf-8", "surrogatepass")
        address = "/readers/v1/" + "".join(f"%{byte:02x}" for byte in raw[:300])
        headers = [(b"DPoP", raw), (b"If-None-Match", raw), (b"User-Agent", raw)]
        answers = [
            await city.client.get(address),
            await city.client.get("/readers/v1/manifest", headers=headers),
            await city.client.get("/readers/v1/trust-list", headers=headers),
        ]
        _check("".join(answer.text for answer in answers), lines(), sent)


async def test_the_story_of_a_resident_leaves_no_trace_of_who_it_is(
    city: City, lines: Callable[[], str]
) -> None:
    phone = await city.phone(await city.holder())
    await (await city.terminal()).upload(scan(city.clock.now()))
    await phone.ask("Home")

    log = lines()
    assert '"route": "/graphql"' in log
    for secret in (id_number(), "钟小明", "D15600901", "钟*明", phone.key.public.raw.hex()):
        assert secret not in log
