"""What the staff of a hospital do with queue numbers 排队号 through its reader: list, call, settle.

Nothing here says whose a number is.
"""

from http import HTTPStatus
from typing import Any

from litestar import get, post
from litestar.types import ControllerRouterHandler

from backend.bookings.queue_rules import Settlement
from backend.bookings.queue_serving import QueueNumber, QueueServing, Serving
from backend.foundation.audit import Actor, ActorKind, Organisation, System
from backend.foundation.operations import Services
from backend.foundation.problems import MALFORMED_BODY, Problem
from backend.foundation.refusals import Refusal
from backend.readers.asking import AnyRequest, object_of, problem_of, terminal_of, texts_of
from backend.readers.fleet_rules import Use
from backend.readers.rules import STAFF_FORM, is_staff_number
from backend.readers.service import TerminalFacts
from shared.clock import Clock
from shared.localized_text import LocalizedText

_MOST_NUMBER = 1_000_000
Json = dict[str, Any]


def queue_routes(services: Services, clock: Clock) -> list[ControllerRouterHandler]:
    """Return the routes for the queues of a terminal's venue."""

    @get("/readers/v1/visit-queues")
    async def departments(request: AnyRequest) -> Json:
        terminal = await terminal_of(request, services, clock, use=Use.VISIT_QUEUE)
        found = await services[QueueServing].departments(terminal.venue_number)
        return {
            "departments": [
                {"plan": one.plan, "title": {"zh": one.title.zh, "en": one.title.en}}
                for one in found
            ]
        }

    @get("/readers/v1/visit-queues/{plan:str}")
    async def queue(request: AnyRequest, plan: str) -> Json:
        terminal = await terminal_of(request, services, clock, use=Use.VISIT_QUEUE)
        found = await services[QueueServing].of_day(terminal.venue_number, plan)
        if isinstance(found, Refusal):
            raise problem_of(found)
        return {"numbers": [_number(one) for one in found]}

    @post("/readers/v1/queue-calls", status_code=HTTPStatus.OK)
    async def call(request: AnyRequest) -> Json:
        terminal = await terminal_of(request, services, clock, unblocked=True, use=Use.VISIT_QUEUE)
        asked = object_of(await request.body())
        key, plan, desk, staff = texts_of(asked, ("key", "plan", "desk", "staff"))
        number = None if asked.get("number") is None else _number_in(asked)
        by, venue = _serving(terminal, staff), terminal.venue_number
        done = await services[QueueServing].call(by, key, venue, plan, desk, number)
        return _done(done)

    @post("/readers/v1/queue-settlements", status_code=HTTPStatus.OK)
    async def settle(request: AnyRequest) -> Json:
        terminal = await terminal_of(request, services, clock, unblocked=True, use=Use.VISIT_QUEUE)
        asked = object_of(await request.body())
        key, plan, settlement, staff = texts_of(asked, ("key", "plan", "settlement", "staff"))
        if settlement not in Settlement.__members__:
            raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY)
        by, where = _serving(terminal, staff), (terminal.venue_number, plan)
        number = _number_in(asked)
        done = await services[QueueServing].settle(by, key, *where, number, Settlement[settlement])
        return _done(done)

    return [departments, queue, call, settle]


def _serving(terminal: TerminalFacts, staff: str) -> Serving:
    """Return who serves: whoever unlocked a terminal's page, by their number there."""
    if not is_staff_number(staff):
        raise problem_of(STAFF_FORM)
    venue = terminal.venue_number
    return Serving(
        Actor(ActorKind.TERMINAL, f"{terminal.terminal_id}/{staff}"),
        terminal.terminal_id,
        Organisation(f"venue-{venue}", LocalizedText(f"{venue}号场馆", f"Venue {venue}")),
        System.READER,
    )


def _number_in(asked: Json) -> int:
    number = asked.get("number")
    if type(number) is not int or not 1 <= number <= _MOST_NUMBER:
        raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY)
    return number


def _done(done: QueueNumber | Refusal) -> Json:
    if isinstance(done, Refusal):
        raise problem_of(done)
    return _number(done)


def _number(one: QueueNumber) -> Json:
    return {
        "number": one.number,
        "state": one.state.value,
        "slot_starts_at": one.slot_starts_at.isoformat(),
        "late": one.late,
        "desk": one.desk,
    }
