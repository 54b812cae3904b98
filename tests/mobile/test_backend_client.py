"""What the app makes of every kind of answer: a value, never an exception."""

import json
from datetime import timedelta

import pytest

from mobile.core.trouble import INTERCEPTED, NOT_UNDERSTOOD, SERVER_DOWN, UNREACHABLE, Trouble
from mobile.services.backend import Backend
from mobile.services.city_time import CityTime
from mobile.services.http_transport import HttpTransport
from mobile.services.transport import NoAnswer, Reply, Transport
from shared.clock import ManualClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.wire.request_proof import HEADER, read_request, thumbprint
from tests.support.ui import START

KEY = SoftwareKey.generate(Algorithm.ED25519)
CLOCK_OFF = {
    "code": "clock_off",
    "detail": {"zh": "时钟不准", "en": "clock off"},
    "next_step": {"zh": "校时", "en": "set it"},
}


class Scripted:
    """A transport that gives prepared replies."""

    def __init__(self, *replies: Reply | NoAnswer) -> None:
        self.replies = list(replies)
        self.sent: list[tuple[str, bytes, dict[str, str]]] = []

    async def get(self, *_: object) -> Reply:
        """Have no files."""
        raise NoAnswer("no files here")

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Give the next reply."""
        self.sent.append((url, body, headers))
        reply = self.replies.pop(0)
        if isinstance(reply, NoAnswer):
            raise reply
        return reply

    async def close(self) -> None:
        """Have nothing to close."""


def backend(transport: Scripted, clock: ManualClock | None = None) -> Backend:
    async def opened() -> Transport:
        return transport

    return Backend("http://city", CityTime(clock or ManualClock(START)), opened)


async def ask(*replies: Reply | NoAnswer) -> object:
    return await backend(Scripted(*replies)).ask("Home", {"first": 1}, KEY)


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (NoAnswer("timeout"), UNREACHABLE),
        (Reply(502, "", b"<html>a proxy's page</html>"), SERVER_DOWN),
        (Reply(200, "", b"<html>a hotel's page</html>"), INTERCEPTED),
        (Reply(403, "", b"\n<!DOCTYPE html>"), INTERCEPTED),
        (Reply(302, "", b""), INTERCEPTED),
        (Reply(511, "", b"<html>sign in to this network</html>"), INTERCEPTED),
        (Reply(200, "", b""), NOT_UNDERSTOOD),
        (Reply(500, "", b""), SERVER_DOWN),
        (Reply(200, "", b'{"data": {"card": {"id": "car'), NOT_UNDERSTOOD),
        (Reply(404, "", b"{}"), NOT_UNDERSTOOD),
        (Reply(500, "", b"[]"), SERVER_DOWN),
        (Reply(200, "", b"[]"), NOT_UNDERSTOOD),
        (Reply(200, "", b'"text"'), NOT_UNDERSTOOD),
        (Reply(200, "", b'{"data": null}'), NOT_UNDERSTOOD),
        (Reply(200, "", b'{"data": null, "errors": [{"message": "x"}]}'), NOT_UNDERSTOOD),
        (Reply(200, "", b'{"data": {"card": {}}, "errors": [{}]}'), NOT_UNDERSTOOD),
        (Reply(200, "", b"\xff\xfe"), NOT_UNDERSTOOD),
        (Reply(200, "", b"[" * 200_000), NOT_UNDERSTOOD),
        (Reply(503, "", b"[" * 200_000), SERVER_DOWN),
    ],
)
async def test_every_answer_has_a_meaning(reply: Reply | NoAnswer, meaning: Trouble) -> None:
    assert await ask(reply) == meaning


async def test_problems_and_errors_keep_their_own_words() -> None:
    problem = {**CLOCK_OFF, "code": "too_many"}
    extensions = {"code": "too_many", "text": CLOCK_OFF["detail"], "nextStep": {"zh": "", "en": ""}}
    for reply in (
        Reply(429, "", json.dumps(problem).encode()),
        Reply(200, "", json.dumps({"data": None, "errors": [{"extensions": extensions}]}).encode()),
    ):
        answer = await ask(reply)
        assert isinstance(answer, Trouble)
        assert (answer.code, answer.text.zh) == ("too_many", "时钟不准")


async def test_a_request_is_proven_by_the_devices_key() -> None:
    transport = Scripted(Reply(200, "", b'{"data": {"card": null}}'))
    assert await backend(transport).ask("Home", {"first": 1}, KEY) == {"card": None}

    url, body, headers = transport.sent[0]
    proven = read_request(headers[HEADER], "POST", "/graphql", body, START)
    assert url == "http://city/graphql"
    assert proven.thumbprint == thumbprint(KEY.public)
    assert json.loads(body)["operationName"] == "Home"


async def test_a_clock_that_is_off_is_set_by_the_answer_and_the_request_repeated_once() -> None:
    refused = Reply(401, "Sun, 22 Nov 2026 07:30:02 GMT", json.dumps(CLOCK_OFF).encode())
    transport = Scripted(refused, Reply(200, "", b'{"data": {}}'))
    client = backend(transport)
    assert await client.ask("Home", {"first": 1}, KEY) == {}

    _, body, headers = transport.sent[1]
    later = START + timedelta(hours=1)
    proven = read_request(headers[HEADER], "POST", "/graphql", body, later)
    assert proven.public == KEY.public
    still = backend(Scripted(refused, refused))
    answer = await still.ask("Home", {"first": 1}, KEY)
    assert isinstance(answer, Trouble)
    assert answer.code == "clock_off"


async def test_a_wrong_date_in_that_answer_is_no_crash() -> None:
    refused = Reply(401, "yesterday", json.dumps(CLOCK_OFF).encode())

    answer = await ask(refused, refused)
    assert isinstance(answer, Trouble)
    assert answer.code == "clock_off"


async def test_a_closed_port_is_no_answer() -> None:
    transport = HttpTransport()
    with pytest.raises(NoAnswer):
        await transport.post("http://127.0.0.1:9/graphql", b"{}", {})
    await transport.close()
