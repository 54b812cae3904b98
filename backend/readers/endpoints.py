"""Plain HTTP for readers: enrolment, signed downloads, batched uploads."""

import json
from http import HTTPStatus
from typing import Any

from litestar import Request, Response, get, post
from litestar.types import ControllerRouterHandler

from backend.cards.status_list import StatusLists
from backend.foundation.access import required_key
from backend.foundation.downloads import signed_download
from backend.foundation.keys import Keys
from backend.foundation.operations import Services
from backend.foundation.problems import MALFORMED_BODY, Problem
from backend.foundation.refusals import Refusal
from backend.functions.lists import FunctionLists
from backend.manifests.rules import SET_TOO_LARGE
from backend.manifests.service import OfflineSets
from backend.readers.booking import Booking
from backend.readers.rules import (
    FUNCTION_NOT_ASKED,
    LIST_NOT_READY,
    TERMINAL_BLOCKED,
    TERMINAL_FORM,
    TERMINAL_KEY_IN_USE,
    TERMINAL_UNKNOWN,
    TOKEN_USED,
    TOKEN_WRONG,
    TOO_MANY_SCANS,
    VENUE_UNKNOWN,
)
from backend.readers.service import TerminalFacts, TerminalRequest, Terminals
from backend.readers.trust import own_trust_list
from backend.venues.service import Venues
from shared.clock import Clock
from shared.wire.offline_set import CARD_KEY_HEADER, DELTA
from shared.wire.scans import READABLE_VERSIONS, UPLOAD_LIMIT

AnyRequest = Request[Any, Any, Any]
_STATUSES = {
    TOKEN_WRONG.code: HTTPStatus.FORBIDDEN,
    TOKEN_USED.code: HTTPStatus.CONFLICT,
    TERMINAL_KEY_IN_USE.code: HTTPStatus.CONFLICT,
    TERMINAL_FORM.code: HTTPStatus.BAD_REQUEST,
    TERMINAL_UNKNOWN.code: HTTPStatus.FORBIDDEN,
    VENUE_UNKNOWN.code: HTTPStatus.NOT_FOUND,
    FUNCTION_NOT_ASKED.code: HTTPStatus.NOT_FOUND,
    TERMINAL_BLOCKED.code: HTTPStatus.FORBIDDEN,
    SET_TOO_LARGE.code: HTTPStatus.SERVICE_UNAVAILABLE,
}


def reader_routes(
    services: Services, keys: Keys, clock: Clock, region: int
) -> list[ControllerRouterHandler]:
    """Return the routes under `/readers/v1`."""
    return [
        *_enrolment_routes(services, clock),
        *_list_routes(services, keys, clock, region),
        *_terminal_routes(services, clock),
    ]


def _enrolment_routes(services: Services, clock: Clock) -> list[ControllerRouterHandler]:
    @post("/readers/v1/enrolments", status_code=HTTPStatus.CREATED)
    async def enrol(request: AnyRequest) -> dict[str, Any]:
        asked = _enrolment(_object(await request.body()))
        answer = await services[Terminals].enrol(asked, clock.now())
        if isinstance(answer, Refusal):
            raise _problem(answer)
        return answer.to_wire()

    return [enrol]


def _list_routes(
    services: Services, keys: Keys, clock: Clock, region: int
) -> list[ControllerRouterHandler]:
    @get("/readers/v1/trust-list", sync_to_thread=False)
    def trust_list(request: AnyRequest) -> Response[bytes]:
        text = own_trust_list(keys, region, clock.now())
        return signed_download(request, text.encode(), "text/plain")

    @get("/readers/v1/status-list")
    async def status_list(request: AnyRequest) -> Response[bytes]:
        content = await services[StatusLists].newest()
        if content is None:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, LIST_NOT_READY)
        return signed_download(request, content, "application/octet-stream")

    return [trust_list, status_list]


def _terminal_routes(services: Services, clock: Clock) -> list[ControllerRouterHandler]:
    @get("/readers/v1/terminal-standing")
    async def terminal_standing(request: AnyRequest) -> Response[bytes]:
        terminal = await _terminal(request, services, clock)
        text = services[Terminals].standing(terminal, clock.now())
        return signed_download(request, text.encode(), "text/plain")

    @get("/readers/v1/manifest")
    async def manifest(request: AnyRequest) -> Response[bytes]:
        terminal = await _terminal(request, services, clock)
        venue = await services[Venues].facts(terminal.venue_number)
        if venue is None:
            raise _problem(VENUE_UNKNOWN)
        text = services[Venues].manifest(venue, clock.now())
        return signed_download(request, text.encode(), "text/plain")

    @post("/readers/v1/scans", status_code=HTTPStatus.OK)
    async def scans(request: AnyRequest) -> dict[str, Any]:
        terminal = await _terminal(request, services, clock)
        rows = _scan_rows(_object(await request.body()))
        receipts = await services[Booking].book(terminal, rows, clock.now())
        if isinstance(receipts, Refusal):
            raise _problem(receipts)
        return {"receipts": [receipt.to_wire() for receipt in receipts]}

    more = [_function_route(services, clock), _offline_route(services, clock)]
    return [terminal_standing, manifest, scans, *more]


def _function_route(services: Services, clock: Clock) -> ControllerRouterHandler:
    @get("/readers/v1/function-list")
    async def function_list(request: AnyRequest) -> Response[bytes]:
        terminal = await _terminal(request, services, clock)
        venue = await services[Venues].facts(terminal.venue_number)
        code = venue.rules.required_function if venue else None
        if code is None:
            raise _problem(FUNCTION_NOT_ASKED)
        content = await services[FunctionLists].newest(code)
        if content is None:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, LIST_NOT_READY)
        return signed_download(request, content, "application/octet-stream")

    return function_list


def _offline_route(services: Services, clock: Clock) -> ControllerRouterHandler:
    @get("/readers/v1/offline-set")
    async def offline_set(request: AnyRequest) -> Response[bytes]:
        terminal = await _terminal(request, services, clock)
        if terminal.blocked:
            raise _problem(TERMINAL_BLOCKED)
        known = request.headers.get("If-None-Match", "").split(",")
        asked = [one.strip() for one in request.headers.get("A-IM", "").split(",")]
        found = await services[OfflineSets].download(
            terminal.venue_number, known, delta=DELTA in asked
        )
        if isinstance(found, Refusal):
            raise _problem(found)
        headers = {
            "ETag": found.etag,
            "Cache-Control": "no-cache, private",
            "Vary": "A-IM",
            CARD_KEY_HEADER: found.card_key.hex(),
        }
        if found.content is None:
            return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
        status = HTTPStatus.OK
        if found.base is not None:
            status = HTTPStatus.IM_USED
            headers |= {"IM": DELTA, "Delta-Base": found.base}
        return Response(
            found.content,
            status_code=status,
            headers=headers,
            media_type="application/octet-stream",
        )

    return offline_set


async def _terminal(request: AnyRequest, services: Services, clock: Clock) -> TerminalFacts:
    key = await required_key(request, clock)
    terminal = await services[Terminals].of_key(key.thumbprint)
    if terminal is None:
        raise _problem(TERMINAL_UNKNOWN)
    return terminal


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY) from None
    if not isinstance(value, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY)
    return value


def _enrolment(values: dict[str, Any]) -> TerminalRequest:
    parts = [values.get(name) for name in ("token", "public_key", "name", "version")]
    if not all(isinstance(part, str) for part in parts):
        raise _problem(TERMINAL_FORM)
    return TerminalRequest(*map(str, parts))


def _scan_rows(values: dict[str, Any]) -> list[Any]:
    rows = values.get("scans")
    version = values.get("version")
    known = type(version) is int and version in READABLE_VERSIONS
    if not known or not isinstance(rows, list):
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY)
    if len(rows) > UPLOAD_LIMIT:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_MANY_SCANS)
    return rows


def _problem(refused: Refusal) -> Problem:
    return Problem(_STATUSES[refused.code], refused)
