"""Staff's part of the page over HTTP: only for who unlocked it, and only from the page itself."""

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.types import ControllerRouterHandler

from reader_service.console.asking import (
    COOKIE,
    AnyRequest,
    Refused,
    asked_of,
    staff_of,
    text_of,
    token_of,
)
from reader_service.console.chart import draw_hours
from reader_service.console.desk import PARTY_FORM, Json, StaffDesk, act_view, conflict_view
from reader_service.console.flow_table import flow_table
from reader_service.console.qr import draw_qr
from reader_service.console.queue_routes import queue_routes
from reader_service.console.sessions import IDLE_SECONDS
from reader_service.console.staff_register import Staff
from reader_service.console.views import emergency_view
from reader_service.lane.staff_acts import ACT_FORM, ActDone, ActRefused, ActResult
from shared.identity.age import local_day
from shared.wire.scans import MAX_PARTY, Direction, OverrideReason

E = TypeVar("E", Direction, OverrideReason)


def desk_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    """Return the routes of the staff's part."""
    return [
        *_session_routes(desk),
        *_lane_routes(desk),
        *_helpdesk_routes(desk),
        _emergency_route(desk),
        *_venue_routes(desk),
        *_backend_routes(desk),
        *queue_routes(desk),
    ]


def _session_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    @get("/api/session")
    async def session(request: AnyRequest) -> Json:
        return _who(desk, desk.sessions.staff(token_of(request)))

    @post("/api/session", status_code=200)
    async def unlock(request: AnyRequest) -> Response[Json]:
        asked = await asked_of(request)
        staff = await _pin(desk, text_of(asked, "staff"), text_of(asked, "pin"), None)
        token = desk.sessions.begin(staff)
        cookie = Cookie(COOKIE, value=token, httponly=True, samesite="strict", path="/")
        return Response(_who(desk, staff), cookies=[cookie])

    @post("/api/session/here", status_code=200)
    async def here(request: AnyRequest) -> Json:
        await asked_of(request)
        return _who(desk, staff_of(request, desk))

    @post("/api/session/end", status_code=200)
    async def lock(request: AnyRequest) -> Response[Json]:
        await asked_of(request)
        desk.sessions.end(token_of(request))
        answer = Response(_who(desk, None))
        answer.delete_cookie(COOKIE, path="/")
        return answer

    return [session, unlock, here, lock]


def _lane_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    @post("/api/lanes/{lane:int}/take-back", status_code=200)
    async def take_back(request: AnyRequest, lane: int) -> Json:
        asked, staff = await asked_of(request), staff_of(request, desk)
        return _acted(
            await desk.take_back(lane, text_of(asked, "key"), text_of(asked, "answer"), staff)
        )

    @post("/api/lanes/{lane:int}/by-hand", status_code=200)
    async def by_hand(request: AnyRequest, lane: int) -> Json:
        asked, staff = await asked_of(request), staff_of(request, desk)
        reason = _member(asked, "reason", OverrideReason)
        key, persons = text_of(asked, "key"), _persons(asked)
        refused = None if asked.get("refused") is None else text_of(asked, "refused")
        second = await _pin(desk, text_of(asked, "second"), text_of(asked, "second_pin"), staff)
        both = (staff, second)
        return _acted(await desk.let_by_hand(lane, key, reason, persons, both, refused))

    @post("/api/lanes/{lane:int}/more", status_code=200)
    async def more(request: AnyRequest, lane: int) -> Json:
        asked, _ = await asked_of(request), staff_of(request, desk)
        key, answer = text_of(asked, "key"), text_of(asked, "answer")
        return _acted(await desk.let_in_more(lane, key, answer, _persons(asked)))

    @post("/api/lanes/{lane:int}/party", status_code=200)
    async def party(request: AnyRequest, lane: int) -> Json:
        asked, _ = await asked_of(request), staff_of(request, desk)
        return _changed(await desk.expect_party(lane, _persons(asked)))

    @post("/api/lanes/{lane:int}/direction", status_code=200)
    async def direction(request: AnyRequest, lane: int) -> Json:
        asked, _ = await asked_of(request), staff_of(request, desk)
        return _changed(await desk.turn(lane, _member(asked, "direction", Direction)))

    return [take_back, by_hand, more, party, direction]


def _helpdesk_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    @post("/api/lanes/{lane:int}/check", status_code=200)
    async def check(request: AnyRequest, lane: int) -> Json:
        asked, staff = await asked_of(request), staff_of(request, desk)
        wait = asked.get("wait")
        if not isinstance(wait, bool):
            raise Refused(ACT_FORM)
        return _changed(await desk.expect_check(lane, staff if wait else None))

    @get("/api/lanes/{lane:int}/checks/{answer:str}")
    async def earlier(request: AnyRequest, lane: int, answer: str) -> Json:
        staff_of(request, desk)
        found = await desk.earlier_answers(lane, answer)
        if isinstance(found, ActRefused):
            raise Refused(found)
        return {"earlier": found}

    return [check, earlier]


def _emergency_route(desk: StaffDesk) -> ControllerRouterHandler:
    @post("/api/emergency", status_code=200)
    async def emergency(request: AnyRequest) -> Json:
        # By number and PIN, whether the page is unlocked or not: nobody has time for two steps.
        asked = await asked_of(request)
        held = asked.get("held")
        if not isinstance(held, bool):
            raise Refused(ACT_FORM)
        key = text_of(asked, "key")
        staff = await _pin(desk, text_of(asked, "staff"), text_of(asked, "pin"), None)
        done = await desk.hold_gates(key, staff, held=held)
        if isinstance(done, ActRefused):
            raise Refused(done)
        return {"emergency": emergency_view(done)}

    return emergency


def _venue_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    @get("/api/flow")
    async def flow(request: AnyRequest) -> Json:
        staff_of(request, desk, renew=False)
        return await desk.flow()

    @get("/api/flow.svg", media_type="image/svg+xml")
    async def chart(request: AnyRequest) -> Response[bytes]:
        staff_of(request, desk, renew=False)
        hours, _ = await desk.hours()
        return Response(draw_hours(hours).encode(), media_type="image/svg+xml")

    @get("/api/flow.csv", media_type="text/csv; charset=utf-8")
    async def export(request: AnyRequest) -> Response[bytes]:
        staff_of(request, desk, renew=False)
        name = f"flow-{local_day(desk.clock.now())}.csv"
        named = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(flow_table(await desk.flow()), headers=named)

    @get("/api/conflicts")
    async def conflicts(request: AnyRequest) -> Json:
        staff_of(request, desk, renew=False)
        news = desk.news
        return {
            "as_of": news.conflicts_at and news.conflicts_at.isoformat(),
            "conflicts": [conflict_view(one) for one in news.conflicts],
        }

    @get("/api/device")
    async def device(request: AnyRequest) -> Json:
        staff_of(request, desk, renew=False)
        return desk.device()

    return [flow, chart, export, conflicts, device]


def _backend_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    """Return the routes behind which the backend is asked."""

    @post("/api/conflicts/{conflict:str}/acknowledge", status_code=200)
    async def acknowledge(request: AnyRequest, conflict: str) -> Json:
        asked, staff = await asked_of(request), staff_of(request, desk)
        key, note = text_of(asked, "key"), text_of(asked, "note")
        done = await desk.acknowledge(key, conflict, note, staff)
        if isinstance(done, ActRefused):
            raise Refused(done)
        return conflict_view(done)

    @post("/api/look-up", status_code=200)
    async def look_up(request: AnyRequest) -> Json:
        asked, staff = await asked_of(request), staff_of(request, desk)
        query = {"name": text_of(asked, "name"), "tail": text_of(asked, "tail")}
        found = await desk.look_up(query, text_of(asked, "reason"), staff)
        if isinstance(found, ActRefused):
            raise Refused(found)
        return {"expected": found}

    @get("/api/update-code")
    async def update_code(request: AnyRequest) -> Json:
        staff_of(request, desk)
        made = await desk.update_code()
        if isinstance(made, ActRefused):
            raise Refused(made)
        picture = await asyncio.to_thread(draw_qr, made.digits)
        until = made.valid_until.isoformat()
        return {"svg": picture, "valid_until": until, "left_out": made.left_out}

    return [acknowledge, look_up, update_code]


def _who(desk: StaffDesk, staff: Staff | None) -> Json:
    return {
        "staff": staff and {"id": staff.staff_id, "name": staff.name},
        "set_up": desk.sessions.set_up,
        "idle_seconds": IDLE_SECONDS,
    }


async def _pin(desk: StaffDesk, staff_id: str, pin: str, first: Staff | None) -> Staff:
    """Return whose PIN it is, as the second person where there is a first."""
    found = await desk.check_pin(staff_id, pin, first)
    if isinstance(found, ActRefused):
        raise Refused(found)
    return found


def _acted(result: ActResult) -> Json:
    if isinstance(result, ActDone):
        return act_view(result)
    raise Refused(result)


def _changed(refused: ActRefused | None) -> Json:
    if refused is not None:
        raise Refused(refused)
    return {"done": True}


def _persons(asked: Mapping[str, Any]) -> int:
    value = asked.get("persons")
    if type(value) is not int or not 1 <= value <= MAX_PARTY:
        raise Refused(PARTY_FORM)
    return value


def _member(asked: Mapping[str, Any], name: str, kind: type[E]) -> E:
    try:
        return kind(text_of(asked, name))
    except ValueError:
        raise Refused(ACT_FORM) from None
