"""Plain HTTP for consumers: a signed POST, whose body alone names the person."""

import json
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from litestar import Request, post
from litestar.types import ControllerRouterHandler

from backend.foundation.access import required_key
from backend.foundation.idempotency import KEY_FORM, KEY_REUSED
from backend.foundation.inbox import MESSAGE_ALTERED, MESSAGE_TOO_EARLY
from backend.foundation.operations import Services
from backend.foundation.problems import MALFORMED_BODY, Problem
from backend.foundation.refusals import Refusal
from backend.sharing import refusals as no
from backend.sharing.consumers import Consumer, Consumers
from backend.sharing.exchange import Exchange, SharedAnswer, SharedRequest
from backend.sharing.messages import ConsumerMessages, MessageKind
from shared.clock import Clock

PATH = "/sharing/v1/requests"
MESSAGES_PATH = "/sharing/v1/messages"
MOST_MESSAGES = 2**31
MAX_TEXT = 100
MAX_FIELDS = 20
TEXTS = ("idempotency_key", "agreement", "purpose", "number")
AnyRequest = Request[Any, Any, Any]
_STATUSES = {
    no.CONSUMER_UNKNOWN.code: HTTPStatus.FORBIDDEN,
    no.CONSUMER_STOPPED.code: HTTPStatus.FORBIDDEN,
    MESSAGE_ALTERED.code: HTTPStatus.CONFLICT,
    MESSAGE_TOO_EARLY.code: HTTPStatus.CONFLICT,
    no.AGREEMENT_UNKNOWN.code: HTTPStatus.NOT_FOUND,
    no.PERSON_NOT_SHARED.code: HTTPStatus.NOT_FOUND,
    no.RATE_MINUTE.code: HTTPStatus.TOO_MANY_REQUESTS,
    no.RATE_DAY.code: HTTPStatus.TOO_MANY_REQUESTS,
    no.ANSWER_OVER.code: HTTPStatus.GONE,
    KEY_FORM.code: HTTPStatus.BAD_REQUEST,
    KEY_REUSED.code: HTTPStatus.CONFLICT,
    **dict.fromkeys(
        (
            *(no.NOT_IN_FORCE.code, no.NOT_BEGUN.code, no.EXPIRED.code, no.SUSPENDED.code),
            *(no.ENDED.code, no.PURPOSE_NOT_AGREED.code, no.FIELD_NOT_AGREED.code),
        ),
        HTTPStatus.FORBIDDEN,
    ),
}


def sharing_routes(services: Services, clock: Clock) -> list[ControllerRouterHandler]:
    """Return the routes under `/sharing/v1`."""

    @post(PATH, status_code=HTTPStatus.OK)
    async def ask(request: AnyRequest) -> dict[str, Any]:
        consumer = await known_consumer(request, services, clock)
        asked = _asked(_object(await request.body()))
        answer = await services[Exchange].ask(consumer, asked)
        if isinstance(answer, Refusal):
            # What is wrong with a number is told as it is at a counter.
            status = _STATUSES.get(answer.code, HTTPStatus.BAD_REQUEST)
            raise Problem(status, answer)
        return _wire(answer)

    @post(MESSAGES_PATH, status_code=HTTPStatus.OK)
    async def tell(request: AnyRequest) -> dict[str, Any]:
        consumer = await known_consumer(request, services, clock)
        number, kind, agreement = _message(_object(await request.body()))
        receipt = await services[ConsumerMessages].take(consumer, number, kind, agreement)
        if isinstance(receipt, Refusal):
            raise Problem(_STATUSES[receipt.code], receipt)
        return asdict(receipt)

    return [ask, tell]


async def known_consumer(request: AnyRequest, services: Services, clock: Clock) -> Consumer:
    """Return whose system signed a request.

    Raises:
        Problem: no proof, or the key of nobody.
    """
    key = await required_key(request, clock)
    consumer = await services[Consumers].of_key(key.thumbprint)
    if consumer is None:
        await services[Consumers].note_unknown(key.thumbprint)
        raise Problem(HTTPStatus.FORBIDDEN, no.CONSUMER_UNKNOWN)
    return consumer


def _object(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY) from None
    if not isinstance(values, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY)
    return values


def _message(values: dict[str, Any]) -> tuple[int, MessageKind, str]:
    number, kind = values.get("number"), values.get("kind")
    agreement = values.get("agreement", "")
    numbered = type(number) is int and 1 <= number < MOST_MESSAGES
    if not numbered or kind not in list(MessageKind) or not _is_text(agreement):
        raise Problem(HTTPStatus.BAD_REQUEST, no.MESSAGE_FORM)
    return int(str(number)), MessageKind(str(kind)), agreement


def _asked(values: dict[str, Any]) -> SharedRequest:
    key, agreement, purpose, number = texts = [values.get(name) for name in TEXTS]
    fields = values.get("fields")
    listed = fields is None or (isinstance(fields, list) and 0 < len(fields) <= MAX_FIELDS)
    if not listed or not all(map(_is_text, (*texts, *(fields or ())))):
        raise Problem(HTTPStatus.BAD_REQUEST, no.REQUEST_FORM)
    chosen = None if fields is None else tuple(fields)
    return SharedRequest(str(key), str(agreement), str(purpose), str(number), chosen)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT and value.isprintable()


def _wire(answer: SharedAnswer) -> dict[str, Any]:
    return {
        "agreement": answer.agreement,
        "version": answer.version,
        "purpose": answer.purpose,
        "values": {one.value: value for one, value in answer.values.items()},
        "answered_at": answer.answered_at.isoformat(),
    }
