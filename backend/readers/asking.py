"""What a reader's requests have in common: whose they are, their body, how they are refused."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from litestar import Request

from backend.bookings.queue_refusals import LINE_UNKNOWN, NOBODY_WAITS, NUMBER_UNKNOWN
from backend.foundation.access import required_key
from backend.foundation.idempotency import KEY_REUSED
from backend.foundation.operations import Services
from backend.foundation.problems import MALFORMED_BODY, Problem
from backend.foundation.refusals import Refusal
from backend.manifests.rules import SET_TOO_LARGE
from backend.readers.conflict_rules import CONFLICT_UNKNOWN
from backend.readers.fleet_rules import ALLOWED, TERMINAL_ROLE, WIPE_UNKNOWN, Use
from backend.readers.rules import (
    FUNCTION_NOT_ASKED,
    LOOK_UP_TOO_MANY,
    TERMINAL_BLOCKED,
    TERMINAL_KEY_IN_USE,
    TERMINAL_UNKNOWN,
    TOKEN_USED,
    TOKEN_WRONG,
    VENUE_UNKNOWN,
)
from backend.readers.service import TerminalFacts, Terminals
from shared.clock import Clock

AnyRequest = Request[Any, Any, Any]
_STATUSES = {
    TOKEN_WRONG.code: HTTPStatus.FORBIDDEN,
    TOKEN_USED.code: HTTPStatus.CONFLICT,
    TERMINAL_KEY_IN_USE.code: HTTPStatus.CONFLICT,
    TERMINAL_UNKNOWN.code: HTTPStatus.FORBIDDEN,
    VENUE_UNKNOWN.code: HTTPStatus.NOT_FOUND,
    FUNCTION_NOT_ASKED.code: HTTPStatus.NOT_FOUND,
    TERMINAL_BLOCKED.code: HTTPStatus.FORBIDDEN,
    TERMINAL_ROLE.code: HTTPStatus.FORBIDDEN,
    WIPE_UNKNOWN.code: HTTPStatus.NOT_FOUND,
    SET_TOO_LARGE.code: HTTPStatus.SERVICE_UNAVAILABLE,
    LINE_UNKNOWN.code: HTTPStatus.NOT_FOUND,
    NUMBER_UNKNOWN.code: HTTPStatus.CONFLICT,
    NOBODY_WAITS.code: HTTPStatus.CONFLICT,
    CONFLICT_UNKNOWN.code: HTTPStatus.NOT_FOUND,
    LOOK_UP_TOO_MANY.code: HTTPStatus.SERVICE_UNAVAILABLE,
    KEY_REUSED.code: HTTPStatus.CONFLICT,
    "reads_too_many": HTTPStatus.TOO_MANY_REQUESTS,
}


async def terminal_of(
    request: AnyRequest,
    services: Services,
    clock: Clock,
    *,
    unblocked: bool = False,
    lately: bool = False,
    use: Use = Use.LANES,
) -> TerminalFacts:
    """Return whose request it is; `lately`: as it was within two seconds.

    Raises:
        Problem: no terminal's, of one whose role does not allow `use`, or where `unblocked` is
            asked that of a blocked one.
    """
    key = await required_key(request, clock)
    terminals = services[Terminals]
    terminal = await (terminals.of_key_lately if lately else terminals.of_key)(key.thumbprint)
    if terminal is None:
        raise problem_of(TERMINAL_UNKNOWN)
    if use not in ALLOWED[terminal.role]:
        raise problem_of(TERMINAL_ROLE)
    if unblocked and terminal.blocked:
        raise problem_of(TERMINAL_BLOCKED)
    return terminal


def object_of(body: bytes) -> dict[str, Any]:
    """Return a body's JSON object.

    Raises:
        Problem: it is none.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY) from None
    if not isinstance(value, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY)
    return value


def texts_of(values: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    """Return the texts of those names.

    Raises:
        Problem: one of them is missing, too long or no text.
    """
    found = [values.get(name) for name in names]
    if not all(isinstance(one, str) and len(one) <= 400 for one in found):
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY)
    return [str(one) for one in found]


def problem_of(refused: Refusal) -> Problem:
    """Return a refusal as readers are answered."""
    return Problem(_STATUSES.get(refused.code, HTTPStatus.BAD_REQUEST), refused)
