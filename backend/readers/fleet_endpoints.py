"""What readers say of themselves: heartbeats, and that they are wiped."""

from http import HTTPStatus
from typing import Any

from litestar import post
from litestar.types import ControllerRouterHandler

from backend.foundation.access import required_key
from backend.foundation.operations import Services
from backend.foundation.problems import MALFORMED_BODY, Problem
from backend.foundation.refusals import Refusal
from backend.readers.asking import AnyRequest, object_of, problem_of, terminal_of
from backend.readers.fleet import Fleet
from backend.readers.fleet_rules import read_health
from shared.clock import Clock


def fleet_routes(services: Services, clock: Clock) -> list[ControllerRouterHandler]:
    """Return the routes for what readers say of themselves."""

    @post("/readers/v1/heartbeats", status_code=HTTPStatus.OK)
    async def heartbeat(request: AnyRequest) -> dict[str, Any]:
        terminal = await terminal_of(request, services, clock)
        health = read_health(object_of(await request.body()))
        if isinstance(health, Refusal):
            raise problem_of(health)
        heard_at = await services[Fleet].hear(terminal.terminal_id, health)
        return {"heard_at": heard_at.isoformat()}

    @post("/readers/v1/wipe-acknowledgements", status_code=HTTPStatus.OK)
    async def wiped(request: AnyRequest) -> dict[str, Any]:
        # Not `terminal_of`: whose first word was heard and its answer lost is no terminal any more.
        key = await required_key(request, clock)
        order = object_of(await request.body()).get("order")
        if not isinstance(order, str):
            raise Problem(HTTPStatus.BAD_REQUEST, MALFORMED_BODY)
        done = await services[Fleet].acknowledge_wipe(key.thumbprint, order)
        if isinstance(done, Refusal):
            raise problem_of(done)
        return {"acknowledged": done}

    return [heartbeat, wiped]
