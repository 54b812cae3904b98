"""The backend as the app sees it: one GraphQL operation in, one value out, never an exception."""

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from mobile.core.trouble import NOT_UNDERSTOOD, SERVER_DOWN, UNREACHABLE, Trouble
from mobile.services.city_time import CityTime
from mobile.services.transport import NoAnswer, Reply, Transport
from shared.ecode.algorithms import SoftwareKey

_PATH = "/graphql"
_CLOCK_OFF = "clock_off"

Data = Mapping[str, Any]


class Backend:
    """Sends operations, each proven by the device's key."""

    def __init__(
        self, url: str, time: CityTime, open_transport: Callable[[], Awaitable[Transport]]
    ) -> None:
        self._url = url + _PATH
        self._path = urlsplit(self._url).path
        self._time = time
        self._open_transport = open_transport
        self._transport: Transport | None = None

    async def ask(
        self, operation: str, variables: Data, key: SoftwareKey, access: str = ""
    ) -> Data | Trouble:
        """Run the operation of that name and return its data, or why there is none.

        With an `access` token the request speaks for the resident who signed in.

        A phone whose clock is off by more than a proof allows is told so by the server; the
        server's own time is then taken from the answer and the request made once more.
        """
        body = _body(operation, variables)
        answer = await self._send(body, key, access)
        if isinstance(answer, Trouble) and answer.code == _CLOCK_OFF:
            answer = await self._send(body, key, access)
        return answer

    async def close(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            await self._transport.close()

    async def _send(self, body: bytes, key: SoftwareKey, access: str) -> Data | Trouble:
        from shared.wire.request_proof import HEADER, sign_request  # noqa: PLC0415, after frame 1

        if self._transport is None:
            self._transport = await self._open_transport()
        asked = self._time.reading()
        proof = sign_request(key, "POST", self._path, body, self._time.now())
        headers = {HEADER: proof, "Content-Type": "application/json"}
        if access:
            headers["Authorization"] = f"DPoP {access}"
        try:
            reply = await self._transport.post(self._url, body, headers)
        except NoAnswer:
            return UNREACHABLE
        answer = _read(reply)
        server_time = _date(reply)
        if isinstance(answer, Trouble) and answer.code == _CLOCK_OFF and server_time:
            self._time.settle(server_time, asked)
        return answer


def _body(operation: str, variables: Data) -> bytes:
    document = {
        "operationName": operation,
        "query": _document(operation),
        "variables": variables,
    }
    return json.dumps(document, separators=(",", ":")).encode()


@cache
def _document(operation: str) -> str:
    folder = files("shared.wire") / "operations"
    return (folder / f"{operation}.graphql").read_text("utf-8")


def _read(reply: Reply) -> Data | Trouble:
    unreadable = SERVER_DOWN if reply.status >= 500 else NOT_UNDERSTOOD
    try:
        document = json.loads(reply.body)
        if reply.status != 200:
            return Trouble.of_problem(document)
        if document.get("errors"):
            return Trouble.of_wire(document["errors"][0]["extensions"])
        data = document["data"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return unreadable
    return data if isinstance(data, dict) else unreadable


def _date(reply: Reply) -> datetime | None:
    try:
        date = parsedate_to_datetime(reply.date)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
