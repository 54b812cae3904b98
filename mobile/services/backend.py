"""The backend as the app sees it: one GraphQL operation in, one value out, never an exception."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from mobile.core.trouble import (
    INTERCEPTED,
    NONSENSE,
    NOT_UNDERSTOOD,
    SERVER_DOWN,
    UNREACHABLE,
    Trouble,
)
from mobile.services.city_time import CityTime
from mobile.services.transport import NoAnswer, Reply, Told, Transport
from shared.ecode.algorithms import SoftwareKey

_PATH = "/graphql"
_CLOCK_OFF = "clock_off"
_OK = 200
_REDIRECTS = range(300, 400)
_NETWORK_SIGN_IN = 511

Data = Mapping[str, Any]


class Backend:
    """Sends operations, each proven by the device's key."""

    def __init__(
        self, url: str, time: CityTime, open_transport: Callable[[], Awaitable[Transport]]
    ) -> None:
        self._url = url
        self._time = time
        self._open_transport = open_transport
        self._transport: Transport | None = None

    async def ask(
        self,
        operation: str,
        variables: Data,
        key: SoftwareKey,
        access: str = "",
        acting_for: str = "",
    ) -> Data | Trouble:
        """Run the operation of that name and return its data, or why there is none.

        With an `access` token the request speaks for the resident who signed in; `acting_for` names
        the mandate under which it is made for another, if it is.
        """
        body = _body(operation, variables)

        async def post(transport: Transport, url: str, headers: dict[str, str]) -> Reply:
            return await transport.post(url, body, {**headers, "Content-Type": "application/json"})

        request = _Request("POST", _PATH, body, post, acting_for)
        reply = await self._twice(request, key, access)
        return reply if isinstance(reply, Trouble) else _read(reply)

    async def fetch(self, path: str, key: SoftwareKey, access: str, told: Told) -> bytes | Trouble:
        """Return the file at `path`, or why there is none; `told` hears how far it came."""

        async def get(transport: Transport, url: str, headers: dict[str, str]) -> Reply:
            return await transport.get(url, headers, told)

        reply = await self._twice(_Request("GET", path, b"", get), key, access)
        if isinstance(reply, Trouble):
            return reply
        return reply.body if reply.status == _OK else _problem(reply)

    async def close(self) -> None:
        """Close the connections."""
        if self._transport is not None:
            await self._transport.close()

    async def _twice(self, request: "_Request", key: SoftwareKey, access: str) -> Reply | Trouble:
        """Send a request, and once more if the phone's clock was off.

        By more than a proof allows, that is: the server says so, and its own time is taken from
        the answer.
        """
        asked = self._time.reading()
        reply = await self._send(request, key, access)
        if isinstance(reply, Trouble) or reply.status == _OK:
            return reply
        server_time = _date(reply)
        if _problem(reply).code == _CLOCK_OFF and server_time:
            self._time.settle(server_time, asked)
            reply = await self._send(request, key, access)
        return reply

    async def _send(self, request: "_Request", key: SoftwareKey, access: str) -> Reply | Trouble:
        from shared.wire.request_proof import HEADER, sign_request  # noqa: PLC0415, after frame 1

        url = self._url + request.path
        path, now = urlsplit(url).path, self._time.now()
        proof = sign_request(key, request.method, path, request.body, now, request.acting_for)
        headers = {HEADER: proof}
        if access:
            headers["Authorization"] = f"DPoP {access}"
        try:
            if self._transport is None:
                self._transport = await self._open_transport()
            return await request.send(self._transport, url, headers)
        except NoAnswer:
            return UNREACHABLE


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked for; `send` sends it with the headers that prove it."""

    method: str
    path: str
    body: bytes
    send: Callable[[Transport, str, dict[str, str]], Awaitable[Reply]]
    acting_for: str = ""


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
    if reply.status != _OK:
        return _problem(reply)
    try:
        document = json.loads(reply.body)
        if document.get("errors"):
            return Trouble.of_wire(document["errors"][0]["extensions"])
        data = document["data"]
    except NONSENSE:
        return _nonsense(reply)
    return data if isinstance(data, dict) else NOT_UNDERSTOOD


def _problem(reply: Reply) -> Trouble:
    """Return why there is no answer of status 200."""
    try:
        return Trouble.of_problem(json.loads(reply.body))
    except NONSENSE:
        return _nonsense(reply)


def _nonsense(reply: Reply) -> Trouble:
    """Return what an answer tells that is none of the service: who gave it."""
    if reply.status == _NETWORK_SIGN_IN or reply.status in _REDIRECTS:
        return INTERCEPTED
    if reply.status >= 500:
        return SERVER_DOWN
    return INTERCEPTED if reply.body.lstrip()[:1] == b"<" else NOT_UNDERSTOOD


def _date(reply: Reply) -> datetime | None:
    try:
        date = parsedate_to_datetime(reply.date)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
