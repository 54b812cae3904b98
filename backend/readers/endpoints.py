"""Plain HTTP for readers: enrolment, signed downloads, batched uploads."""

from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.types import ControllerRouterHandler

from backend.cards.status_list import StatusLists
from backend.cards.update_codes import update_code
from backend.foundation.downloads import signed_download
from backend.foundation.keys import Keys
from backend.foundation.operations import Services
from backend.foundation.problems import MALFORMED_BODY, Problem
from backend.foundation.refusals import Refusal
from backend.functions.lists import FunctionLists
from backend.manifests.service import OfflineSets
from backend.readers.asking import AnyRequest, object_of, problem_of, terminal_of
from backend.readers.booking import Booking
from backend.readers.fleet_endpoints import fleet_routes
from backend.readers.fleet_rules import Use
from backend.readers.online_checks import OnlineChecks
from backend.readers.queue_endpoints import queue_routes
from backend.readers.receipts import Receipts
from backend.readers.rules import (
    FUNCTION_NOT_ASKED,
    LIST_NOT_READY,
    TERMINAL_FORM,
    TOO_MANY_SCANS,
    VENUE_UNKNOWN,
)
from backend.readers.service import TerminalRequest, Terminals
from backend.readers.trust import own_trust_list
from backend.readers.venue_endpoints import venue_routes
from backend.venues.service import Venues
from shared.clock import Clock
from shared.wire.admission_check import AdmissionCheck, InvalidCheck
from shared.wire.offline_set import CARD_KEY_HEADER, DELTA
from shared.wire.scan_receipt import JournalPart
from shared.wire.scans import READABLE_VERSIONS, UPLOAD_LIMIT, InvalidScan


def reader_routes(
    services: Services, keys: Keys, clock: Clock, region: int
) -> list[ControllerRouterHandler]:
    """Return the routes under `/readers/v1`."""
    return [
        *_enrolment_routes(services, clock),
        *_list_routes(services, keys, clock, region),
        *_terminal_routes(services, clock),
        *venue_routes(services, clock),
        *queue_routes(services, clock),
        *fleet_routes(services, clock),
    ]


def _enrolment_routes(services: Services, clock: Clock) -> list[ControllerRouterHandler]:
    @post("/readers/v1/enrolments", status_code=HTTPStatus.CREATED)
    async def enrol(request: AnyRequest) -> dict[str, Any]:
        asked = _enrolment(object_of(await request.body()))
        answer = await services[Terminals].enrol(asked, clock.now())
        if isinstance(answer, Refusal):
            raise problem_of(answer)
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

    @get("/readers/v1/update-code")
    async def code(request: AnyRequest) -> dict[str, Any]:
        await terminal_of(request, services, clock, unblocked=True, use=Use.UPDATE_CODE)
        made = await update_code(region, keys, clock.now())
        if isinstance(made, Refusal):
            raise problem_of(made)
        valid_until = made.valid_until.isoformat()
        return {"digits": made.digits, "valid_until": valid_until, "left_out": made.left_out}

    return [trust_list, status_list, code]


def _terminal_routes(services: Services, clock: Clock) -> list[ControllerRouterHandler]:
    @get("/readers/v1/terminal-standing")
    async def terminal_standing(request: AnyRequest) -> Response[bytes]:
        terminal = await terminal_of(request, services, clock)
        text = services[Terminals].standing(terminal, clock.now())
        return signed_download(request, text.encode(), "text/plain")

    @get("/readers/v1/manifest")
    async def manifest(request: AnyRequest) -> Response[bytes]:
        terminal = await terminal_of(request, services, clock)
        venue = await services[Venues].facts(terminal.venue_number)
        if venue is None:
            raise problem_of(VENUE_UNKNOWN)
        text = services[Venues].manifest(venue, clock.now())
        return signed_download(request, text.encode(), "text/plain")

    @post("/readers/v1/scans", status_code=HTTPStatus.OK)
    async def scans(request: AnyRequest) -> dict[str, Any]:
        terminal = await terminal_of(request, services, clock)
        values, now = object_of(await request.body()), clock.now()
        rows = _scan_rows(values)
        part = _journal_part(values, len(rows))
        receipts = await services[Booking].book(terminal, rows, now)
        if isinstance(receipts, Refusal):
            raise problem_of(receipts)
        answer: dict[str, Any] = {"receipts": [receipt.to_wire() for receipt in receipts]}
        if part is not None:
            await services[Receipts].note(terminal, part.report, now)
            answer["receipt"] = services[Receipts].signed(terminal, part, rows, receipts, now)
        return answer

    more = [
        _function_route(services, clock),
        _offline_route(services, clock),
        _check_route(services, clock),
    ]
    return [terminal_standing, manifest, scans, *more]


def _check_route(services: Services, clock: Clock) -> ControllerRouterHandler:
    @post("/readers/v1/checks", status_code=HTTPStatus.OK)
    async def checks(request: AnyRequest) -> dict[str, Any]:
        # Whether it is blocked by now is read with the visitor's card.
        terminal = await terminal_of(request, services, clock, lately=True)
        try:
            asked = AdmissionCheck.of_wire(object_of(await request.body()))
        except InvalidCheck as error:
            raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY) from error
        answer = await services[OnlineChecks].answer(terminal, asked)
        if isinstance(answer, Refusal):
            raise problem_of(answer)
        return answer.to_wire()

    return checks


def _function_route(services: Services, clock: Clock) -> ControllerRouterHandler:
    @get("/readers/v1/function-list")
    async def function_list(request: AnyRequest) -> Response[bytes]:
        terminal = await terminal_of(request, services, clock)
        venue = await services[Venues].facts(terminal.venue_number)
        code = venue.rules.required_function if venue else None
        if code is None:
            raise problem_of(FUNCTION_NOT_ASKED)
        content = await services[FunctionLists].newest(code)
        if content is None:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, LIST_NOT_READY)
        return signed_download(request, content, "application/octet-stream")

    return function_list


def _offline_route(services: Services, clock: Clock) -> ControllerRouterHandler:
    @get("/readers/v1/offline-set")
    async def offline_set(request: AnyRequest) -> Response[bytes]:
        terminal = await terminal_of(request, services, clock, unblocked=True, use=Use.OFFLINE_SET)
        known = request.headers.get("If-None-Match", "").split(",")
        asked = [one.strip() for one in request.headers.get("A-IM", "").split(",")]
        found = await services[OfflineSets].download(
            terminal.venue_number, known, delta=DELTA in asked
        )
        if isinstance(found, Refusal):
            raise problem_of(found)
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


def _enrolment(values: dict[str, Any]) -> TerminalRequest:
    parts = [values.get(name) for name in ("token", "public_key", "name", "version")]
    if not all(isinstance(part, str) for part in parts):
        raise problem_of(TERMINAL_FORM)
    return TerminalRequest(*map(str, parts))


def _journal_part(values: dict[str, Any], rows: int) -> JournalPart | None:
    """Return what an upload says of its journal; without it there is no signed receipt."""
    if values.get("journal") is None:
        return None
    try:
        part = JournalPart.of_wire(values["journal"])
    except InvalidScan as error:
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY) from error
    if len(part.numbers) != rows:
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY)
    return part


def _scan_rows(values: dict[str, Any]) -> list[Any]:
    rows = values.get("scans")
    version = values.get("version")
    known = type(version) is int and version in READABLE_VERSIONS
    if not known or not isinstance(rows, list):
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY)
    if len(rows) > UPLOAD_LIMIT:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, TOO_MANY_SCANS)
    return rows
