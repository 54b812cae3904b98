"""Plain HTTP for the systems of other regions: requests signed by the key registered for each."""

import json
from http import HTTPStatus
from typing import Any

from litestar import Request, Response, post
from litestar.types import ControllerRouterHandler

from backend.cards.lifecycle import CardEvent, ReplacementReason
from backend.cross_region.alliance import sender
from backend.cross_region.incoming import IncomingCase, IncomingCases
from backend.cross_region.issuing_region import RegionAnswer, Said
from backend.cross_region.rules import (
    CASE_REUSED,
    CASE_UNKNOWN,
    REGION_NOT_ALLIED,
    REQUEST_FORM,
    SENDER_UNKNOWN,
    is_outlet,
    is_peer_case,
    shown_text,
)
from backend.foundation.access import required_key
from backend.foundation.operations import Services
from backend.foundation.problems import MALFORMED_BODY, Problem, words
from backend.foundation.refusals import Refusal
from backend.venues.recognition import LIST_UNKNOWN, ListState, RecognitionLists
from shared.clock import Clock
from shared.identifiers import is_identifier
from shared.localized_text import LocalizedText

AnyRequest = Request[Any, Any, Any]
MAX_FIELD = 300
MAX_SERIAL = 2**31 - 1
_STATUSES = {
    SENDER_UNKNOWN.code: HTTPStatus.FORBIDDEN,
    REGION_NOT_ALLIED.code: HTTPStatus.FORBIDDEN,
    CASE_UNKNOWN.code: HTTPStatus.NOT_FOUND,
    CASE_REUSED.code: HTTPStatus.CONFLICT,
    LIST_UNKNOWN.code: HTTPStatus.NOT_FOUND,
}


def cross_region_routes(services: Services, clock: Clock) -> list[ControllerRouterHandler]:
    """Return the routes under `/cross-region/v1`."""

    @post("/cross-region/v1/cases", status_code=HTTPStatus.OK)
    async def perform(request: AnyRequest) -> Response[dict[str, Any]]:
        key = await required_key(request, clock)
        asked = _case(_object(await request.body()))
        done = await services[IncomingCases].perform(key.thumbprint, asked)
        if isinstance(done, Refusal):
            raise _problem(done)
        told: dict[str, Any] = {"case": done.case_id, "outcome": done.said.value}
        if done.text is not None:
            told |= {"code": done.code, "text": words(done.text)}
        return Response(told)

    @post("/cross-region/v1/results", status_code=HTTPStatus.OK)
    async def answered(request: AnyRequest) -> Response[dict[str, Any]]:
        key = await required_key(request, clock)
        said = _said(_object(await request.body()))
        state = await services[IncomingCases].answered(key.thumbprint, said)
        if isinstance(state, Refusal):
            raise _problem(state)
        return Response({"case": said.case_id, "state": state.value})

    @post("/cross-region/v1/recognition", status_code=HTTPStatus.OK)
    async def recognised(request: AnyRequest) -> Response[dict[str, Any]]:
        key = await required_key(request, clock)
        region = await _allied_region(key.thumbprint, clock)
        body = _object(await request.body())
        told = (_text(body, "list"), _serial(body), body.get("items"))
        state = await services[RecognitionLists].list_theirs(region, *told)
        if isinstance(state, Refusal):
            raise _problem(state)
        return Response(_recognition(state))

    return [perform, answered, recognised]


async def _allied_region(thumbprint: str, clock: Clock) -> int:
    """Return the region of a system whose word counts."""
    known = await sender(thumbprint)
    if known is None:
        raise _problem(SENDER_UNKNOWN)
    region, member = known
    left = member.has_left(clock.now())
    if left is not None:
        raise _problem(left)
    return region


def _serial(body: dict[str, Any]) -> int:
    value = body.get("serial")
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_SERIAL:
        raise Problem(HTTPStatus.BAD_REQUEST, REQUEST_FORM)
    return value


def _recognition(state: ListState) -> dict[str, Any]:
    """Return a list as the other side sees it: both sides', and what came of them."""
    return {
        "list": state.code,
        **state.lists.to_wire(),
        "in_force": [item.to_wire() for item in state.lists.in_force()],
        "pending": [
            {"region": region, "item": item.to_wire()} for region, item in state.lists.pending()
        ],
    }


def _case(body: dict[str, Any]) -> IncomingCase:
    peer_case, outlet = _text(body, "case"), _text(body, "outlet")
    name = shown_text(_both(body.get("outlet_name")))
    try:
        item = CardEvent(_text(body, "item"))
        reason = ReplacementReason(_text(body, "reason")) if body.get("reason") else None
    except ValueError:
        raise Problem(HTTPStatus.BAD_REQUEST, REQUEST_FORM) from None
    in_hand = body.get("card_in_hand", False)
    if not (is_peer_case(peer_case) and is_outlet(outlet) and isinstance(in_hand, bool)):
        raise Problem(HTTPStatus.BAD_REQUEST, REQUEST_FORM)
    if name is None:
        raise Problem(HTTPStatus.BAD_REQUEST, REQUEST_FORM)
    number, person = _text(body, "number"), _text(body, "name")
    return IncomingCase(peer_case, outlet, name, item, reason, in_hand, number, person)


def _said(body: dict[str, Any]) -> RegionAnswer:
    case_id = _text(body, "case")
    try:
        said = Said(_text(body, "outcome"))
    except ValueError:
        raise Problem(HTTPStatus.BAD_REQUEST, REQUEST_FORM) from None
    if not is_identifier(case_id):
        raise Problem(HTTPStatus.NOT_FOUND, CASE_UNKNOWN)
    code = _text(body, "code") if "code" in body else None
    text = _both(body["text"]) if "text" in body else None
    return RegionAnswer(case_id, said, code, text)


def _both(value: object) -> LocalizedText:
    if not isinstance(value, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, REQUEST_FORM)
    return LocalizedText(_text(value, "zh"), _text(value, "en"))


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or len(value) > MAX_FIELD:
        raise Problem(HTTPStatus.BAD_REQUEST, REQUEST_FORM)
    return value


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY) from None
    if not isinstance(value, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY)
    return value


def _problem(why: Refusal) -> Problem:
    return Problem(_STATUSES.get(why.code, HTTPStatus.UNPROCESSABLE_ENTITY), why)
