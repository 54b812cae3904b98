"""What the staff of a venue ask through its reader: counts, conflicts, who is expected."""

from http import HTTPStatus
from typing import Any

from litestar import get, post
from litestar.types import ControllerRouterHandler

from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.readers.asking import AnyRequest, object_of, problem_of, terminal_of, texts_of
from backend.readers.conflict_report import ConflictFacts, ConflictReport
from backend.readers.fleet_rules import Use
from backend.readers.flow import Flow
from backend.readers.look_up import LookUps
from shared.clock import Clock
from shared.localized_text import LocalizedText

Json = dict[str, Any]


def venue_routes(services: Services, clock: Clock) -> list[ControllerRouterHandler]:
    """Return the routes for what staff ask at a gate."""

    @get("/readers/v1/flow")
    async def flow(request: AnyRequest) -> Json:
        terminal = await terminal_of(request, services, clock, use=Use.FLOW)
        found = await services[Flow].of_today(terminal.venue_number)
        if isinstance(found, Refusal):
            raise problem_of(found)
        return found.to_wire()

    @get("/readers/v1/conflicts")
    async def conflicts(request: AnyRequest) -> Json:
        terminal = await terminal_of(request, services, clock, use=Use.CONFLICTS)
        found = await services[ConflictReport].of_gates(terminal)
        return {"conflicts": [_conflict(one) for one in found]}

    @post("/readers/v1/conflict-acknowledgements", status_code=HTTPStatus.OK)
    async def acknowledge(request: AnyRequest) -> Json:
        terminal = await terminal_of(request, services, clock, unblocked=True, use=Use.CONFLICTS)
        asked = object_of(await request.body())
        key, conflict, note, staff = texts_of(asked, ("key", "conflict", "note", "staff"))
        found = await services[ConflictReport].acknowledge_at_gate(
            terminal, staff, key, conflict, note
        )
        if isinstance(found, Refusal):
            raise problem_of(found)
        return _conflict(found)

    @post("/readers/v1/look-ups", status_code=HTTPStatus.OK)
    async def look_up(request: AnyRequest) -> Json:
        terminal = await terminal_of(request, services, clock, unblocked=True, use=Use.LOOK_UP)
        asked = object_of(await request.body())
        name, tail, reason, staff = texts_of(
            {"name": "", "tail": "", **asked}, ("name", "tail", "reason", "staff")
        )
        found = await services[LookUps].find(terminal, staff, name, tail, reason)
        if isinstance(found, Refusal):
            raise problem_of(found)
        return {
            "expected": [
                {
                    "name": one.person.masked_name,
                    "number": one.person.masked_number,
                    "starts_at": one.booking.starts_at.isoformat(),
                    "ends_at": one.booking.ends_at.isoformat(),
                    "quantity": one.booking.quantity,
                    "entered": one.booking.entered,
                }
                for one in found
            ]
        }

    return [flow, conflicts, acknowledge, look_up]


def _conflict(facts: ConflictFacts) -> Json:
    return {
        "id": facts.conflict_id,
        "kind": facts.kind.value,
        "at": facts.at.isoformat(),
        "entries": [
            {
                "venue_name": _words(row.venue_name),
                "lane_name": _words(row.lane_name),
                "at": row.at.isoformat(),
                "persons": row.persons,
                "flags": list(row.flags),
            }
            for row in facts.rows
        ],
        "acknowledged_at": facts.acknowledged_at and facts.acknowledged_at.isoformat(),
        "note": facts.note,
    }


def _words(text: LocalizedText) -> Json:
    return {"zh": text.zh, "en": text.en}
