"""The backend over HTTP, as a reader uses it. Every answer is doubted and bounded in size."""

import asyncio
import json
import platform
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self, TypeVar

from reader_service.offline_holdings import OfferedSet
from reader_service.snapshot import Kind
from reader_service.sync.terminal import Terminal
from reader_service.sync.venue_news import Conflict, Expected, InvalidNews, UpdateToShow
from shared.clock import Clock
from shared.localized_text import LocalizedText
from shared.wire.admission_check import AdmissionAnswer, AdmissionCheck, InvalidCheck
from shared.wire.enrolment import InvalidEnrolment, TerminalEnrolment
from shared.wire.flow import InvalidFlow, VenueFlow
from shared.wire.offline_set import CARD_KEY_BYTES, CARD_KEY_HEADER, DELTA
from shared.wire.request_proof import HEADER, sign_request
from shared.wire.scan_receipt import ScanUpload

if TYPE_CHECKING:
    import httpx

VERSION = "0.1.0"
_MOST_BYTES = 32_000_000
_WITHIN_SECONDS, _CONNECTED_WITHIN_SECONDS = 10.0, 5.0
_ETAG = re.compile(r'(W/)?"[!#-~]{1,128}"')
_CARD_KEY = re.compile(rf"[0-9a-f]{{{2 * CARD_KEY_BYTES}}}")
_PROVEN = frozenset({Kind.TERMINAL_STANDING, Kind.MANIFEST, Kind.FUNCTION_LIST})

T = TypeVar("T")

UNREACHABLE = "unreachable"
_CANNOT_REACH = LocalizedText(
    "连不上后台。请检查网络；本机照常放行。",
    "The backend cannot be reached. Check the network; the lanes go on.",
)
NONSENSE = LocalizedText(
    "后台的回答看不懂。请联系管理员。",
    "The backend's answer is not understood. Tell the administrator.",
)


class SyncProblem(Exception):
    """A step was not done; `code` names why and `text` says it with what to do.

    Codes: `unreachable`, `nonsense`, the backend's own, and those of `rounds`.
    """

    def __init__(self, code: str, text: LocalizedText) -> None:
        super().__init__(code)
        self.code = code
        self.text = text


@dataclass(frozen=True, slots=True)
class Download:
    """A document's bytes and how the backend calls its state."""

    body: bytes
    etag: str | None


class Backend:
    """The endpoints for readers, asked in one terminal's name.

    `clock_ahead` is by how many seconds this reader's clock was ahead of the backend's at the last
    answer, to the second; None before there was one.
    """

    def __init__(self, base_url: str, terminal: Terminal, clock: Clock) -> None:
        self._terminal = terminal
        self._clock = clock
        self.clock_ahead: float | None = None
        self.compare: Callable[[datetime], float] = self._ahead_of
        self._base_url = base_url
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Open for use."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        if self._client is not None:
            await self._client.aclose()

    async def enrol(self, token: str) -> TerminalEnrolment:
        """Trade a one-time token for an enrolment of this terminal's key.

        Raises:
            SyncProblem: the token is not good, or no sensible answer came.
        """
        request = {
            "token": token,
            "public_key": self._terminal.key.public.to_pem(),
            "name": platform.node()[:64] or "reader",
            "version": VERSION,
        }
        answer = await self.post_json("/readers/v1/enrolments", request)
        try:
            return TerminalEnrolment.of_wire(answer)
        except InvalidEnrolment as error:
            raise SyncProblem("nonsense", NONSENSE) from error

    async def upload(self, upload: ScanUpload) -> str:
        """Hand over scans and return the backend's signed receipt, not verified yet.

        Raises:
            SyncProblem: none of them is known to be booked.
        """
        answer = await self.post_json("/readers/v1/scans", upload.to_wire())
        receipt = answer.get("receipt") if isinstance(answer, dict) else None
        if not isinstance(receipt, str):
            raise SyncProblem("nonsense", NONSENSE)
        return receipt

    async def download(self, kind: Kind, etag: str | None) -> Download | None:
        """Return a document, or None when `etag` is still its state.

        Raises:
            SyncProblem: it could not be had.
        """
        path = f"/readers/v1/{kind.value}"
        headers = {"If-None-Match": etag} if etag else {}
        if kind in _PROVEN:
            headers[HEADER] = self._proof("GET", path, b"")
        response, body = await self._ask("GET", path, headers)
        if response.status_code == HTTPStatus.NOT_MODIFIED and etag:
            return None
        if response.status_code != HTTPStatus.OK:
            raise _problem(body)
        state = response.headers.get("ETag", "")
        return Download(body, state if _ETAG.fullmatch(state) else None)

    async def download_holdings(self, etag: str | None) -> OfferedSet:
        """Return the venue's offline set, what changed of it since `etag`, or that nothing did.

        Raises:
            SyncProblem: it could not be had.
        """
        path, asked_at = f"/readers/v1/{Kind.OFFLINE_SET.value}", self._clock.now()
        headers = {HEADER: self._proof("GET", path, b"")}
        if etag:
            headers |= {"If-None-Match": etag, "A-IM": DELTA}
        response, body = await self._ask("GET", path, headers)
        state, key = response.headers.get("ETag", ""), response.headers.get(CARD_KEY_HEADER, "")
        unchanged = response.status_code == HTTPStatus.NOT_MODIFIED and etag is not None
        if not unchanged and response.status_code not in {HTTPStatus.OK, HTTPStatus.IM_USED}:
            raise _problem(body)
        return OfferedSet(
            body=None if unchanged else body,
            etag=state if _ETAG.fullmatch(state) else None,
            card_key=bytes.fromhex(key) if _CARD_KEY.fullmatch(key) else None,
            asked_at=asked_at,
            came_at=self._clock.now(),
        )

    async def flow(self) -> VenueFlow:
        """Return the venue's counts of today.

        Raises:
            SyncProblem: they could not be had.
        """
        asked_at = self._clock.now()
        try:
            return VenueFlow.of_wire(await self.get_json("/readers/v1/flow"), asked_at)
        except InvalidFlow as error:
            raise SyncProblem("nonsense", NONSENSE) from error

    async def conflicts(self) -> list[Conflict]:
        """Return the latest conflicts that the venue's gates are in.

        Raises:
            SyncProblem: they could not be had.
        """
        answer = await self.get_json("/readers/v1/conflicts")
        return _all_of(Conflict.of_wire, answer, "conflicts")

    async def acknowledge(self, key: str, conflict_id: str, note: str, staff: str) -> Conflict:
        """Note that staff looked at a conflict and what they found.

        Raises:
            SyncProblem: it is not noted, or not known to be.
        """
        asked = {"key": key, "conflict": conflict_id, "note": note, "staff": staff}
        answer = await self.post_json("/readers/v1/conflict-acknowledgements", asked)
        try:
            return Conflict.of_wire(answer)
        except InvalidNews as error:
            raise SyncProblem("nonsense", NONSENSE) from error

    async def look_up(self, query: Mapping[str, str], reason: str, staff: str) -> list[Expected]:
        """Return who is expected today by a name or a number's tail; masked and written down.

        Raises:
            SyncProblem: nobody was looked up, or no sensible answer came.
        """
        asked = {**query, "reason": reason, "staff": staff}
        answer = await self.post_json("/readers/v1/look-ups", asked)
        return _all_of(Expected.of_wire, answer, "expected")

    async def update_code(self) -> UpdateToShow:
        """Return what was stopped lately, to be shown to a reader without a network.

        Raises:
            SyncProblem: there is none, or no sensible answer came.
        """
        try:
            return UpdateToShow.of_wire(await self.get_json("/readers/v1/update-code"))
        except InvalidNews as error:
            raise SyncProblem("nonsense", NONSENSE) from error

    async def check(self, asked: AdmissionCheck) -> AdmissionAnswer:
        """Return what the backend decides about one visitor.

        Raises:
            SyncProblem: it did not answer, or nothing that is understood.
        """
        try:
            return AdmissionAnswer.of_wire(
                await self.post_json("/readers/v1/checks", asked.to_wire())
            )
        except InvalidCheck as error:
            raise SyncProblem("nonsense", NONSENSE) from error

    async def beat(self, health: Mapping[str, Any]) -> None:
        """Say how this reader is.

        Raises:
            SyncProblem: nobody heard it.
        """
        await self.post_json("/readers/v1/heartbeats", health)

    async def acknowledge_wipe(self, order: str) -> None:
        """Say that everything but this reader's key is erased.

        Raises:
            SyncProblem: it is not known to have been heard.
        """
        await self.post_json("/readers/v1/wipe-acknowledgements", {"order": order})

    async def get_json(self, path: str) -> Any:
        """Return what the backend answers to a signed question.

        Raises:
            SyncProblem: it refused, or no sensible answer came.
        """
        response, body = await self._ask("GET", path, {HEADER: self._proof("GET", path, b"")})
        if response.status_code != HTTPStatus.OK:
            raise _problem(body)
        return _json(body)

    async def post_json(self, path: str, request: Mapping[str, Any]) -> Any:
        """Return what the backend answers to a signed wish.

        Raises:
            SyncProblem: it refused, or no sensible answer came.
        """
        content = json.dumps(request).encode()
        headers = {
            "Content-Type": "application/json",
            HEADER: self._proof("POST", path, content),
        }
        response, body = await self._ask("POST", path, headers, content)
        if response.status_code not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            raise _problem(body)
        return _json(body)

    async def _ask(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes | None = None
    ) -> "tuple[httpx.Response, bytes]":
        client = await self._opened()
        import httpx  # noqa: PLC0415 - see `_open_client`

        body = bytearray()
        try:
            async with client.stream(method, path, headers=headers, content=content) as response:
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > _MOST_BYTES:
                        raise SyncProblem("nonsense", NONSENSE)
        except httpx.HTTPError as error:
            raise SyncProblem(UNREACHABLE, _CANNOT_REACH) from error
        self._compare_clocks(response.headers.get("Date", ""))
        return response, bytes(body)

    async def _opened(self) -> "httpx.AsyncClient":
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(_open_client, self._base_url)
        return self._client

    def _compare_clocks(self, said: str) -> None:
        try:
            there = parsedate_to_datetime(said)
            self.clock_ahead = self.compare(there)
        except (TypeError, ValueError):
            return  # It said nothing of the time.

    def _ahead_of(self, there: datetime) -> float:
        return (self._clock.now() - there).total_seconds()

    def _proof(self, method: str, path: str, body: bytes) -> str:
        return sign_request(self._terminal.key, method, path, body, self._clock.now())


def _open_client(base_url: str) -> "httpx.AsyncClient":
    """Load the library and the authorities, which takes longer than anything else of a start.

    Nobody at a gate waits for the backend, so it is done beside the lanes, not before them.
    """
    import httpx  # noqa: PLC0415

    return httpx.AsyncClient(
        base_url=base_url,
        timeout=httpx.Timeout(_WITHIN_SECONDS, connect=_CONNECTED_WITHIN_SECONDS),
        verify=_certificates(),
        # A venue's proxy settings would send signed requests elsewhere.
        trust_env=False,
        headers={"User-Agent": f"yikatong-reader/{VERSION}"},
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Return the machine's trusted authorities, a city's own among them; slow to load."""
    return ssl.create_default_context()


def _all_of(read: Callable[[Any], T], answer: Any, name: str) -> list[T]:
    try:
        return [read(row) for row in answer[name]]
    except (KeyError, TypeError, InvalidNews) as error:
        raise SyncProblem("nonsense", NONSENSE) from error


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SyncProblem("nonsense", NONSENSE) from error


def _problem(body: bytes) -> SyncProblem:
    """Return the refusal that a problem document (RFC 9457) tells, or `nonsense`."""
    try:
        values = _json(body)
        code, parts = values["code"], (values["detail"], values["next_step"])
        zh, en = ("".join(part["zh"] for part in parts), " ".join(part["en"] for part in parts))
    except (SyncProblem, KeyError, TypeError):
        return SyncProblem("nonsense", NONSENSE)
    if not (isinstance(code, str) and len(code) <= 64 and len(zh) + len(en) <= 1000):
        return SyncProblem("nonsense", NONSENSE)
    return SyncProblem(code, LocalizedText(zh, en))
