"""Staff's part of the page over HTTP: only for who unlocked it, and only from the page itself."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.types import ControllerRouterHandler

from reader_service.console.chart import draw_hours
from reader_service.console.desk import (
    PARTY_FORM,
    Json,
    StaffDesk,
    act_view,
    conflict_view,
    words,
)
from reader_service.console.flow_table import flow_table
from reader_service.console.qr import draw_qr
from reader_service.console.sessions import (
    IDLE_SECONDS,
    NO_STAFF,
    PAGE_LOCKED,
    SAME_PERSON,
    TOO_MANY,
    WRONG_PIN,
)
from reader_service.console.staff_register import Staff
from reader_service.console.views import emergency_view
from reader_service.lane.staff_acts import ACT_FORM, ActDone, ActRefused, ActResult
from reader_service.sync.backend import UNREACHABLE
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from shared.wire.scans import MAX_PARTY, Direction, OverrideReason

COOKIE = "yikatong-staff"
_MOST_BODY = 4096
_STATUSES = {
    ACT_FORM.code: 400,
    PARTY_FORM.code: 400,
    PAGE_LOCKED.code: 401,
    NO_STAFF.code: 403,
    WRONG_PIN.code: 403,
    SAME_PERSON.code: 403,
    TOO_MANY.code: 429,
    UNREACHABLE: 503,
}
_FROM_ELSEWHERE = ActRefused(
    "from_elsewhere",
    LocalizedText("请求不是来自本页面。", "The request does not come from this page."),
    LocalizedText("请在本机页面上操作。", "Use this reader's own page."),
)
AnyRequest = Request[Any, Any, Any]
E = TypeVar("E", Direction, OverrideReason)


class _Refused(Exception):
    def __init__(self, refused: ActRefused, status: int | None = None) -> None:
        super().__init__(refused.code)
        self.refused = refused
        self.status = status or _STATUSES.get(refused.code, 409)


def desk_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    """Return the routes of the staff's part."""
    return [
        *_session_routes(desk),
        *_lane_routes(desk),
        *_helpdesk_routes(desk),
        _emergency_route(desk),
        *_venue_routes(desk),
        *_backend_routes(desk),
    ]


def answer_refused(_: AnyRequest, error: _Refused) -> Response[Json]:
    """Return a refusal in its three parts."""
    refused = error.refused
    content = {
        "code": refused.code,
        "text": words(refused.text),
        "next_step": words(refused.next_step),
    }
    return Response(content, status_code=error.status)


HANDLERS: dict[int | type[Exception], Any] = {_Refused: answer_refused}


def _session_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    @get("/api/session")
    async def session(request: AnyRequest) -> Json:
        return _who(desk, desk.sessions.staff(_token(request)))

    @post("/api/session", status_code=200)
    async def unlock(request: AnyRequest) -> Response[Json]:
        asked = await _asked(request)
        staff = await _pin(desk, _text(asked, "staff"), _text(asked, "pin"), None)
        token = desk.sessions.begin(staff)
        cookie = Cookie(COOKIE, value=token, httponly=True, samesite="strict", path="/")
        return Response(_who(desk, staff), cookies=[cookie])

    @post("/api/session/here", status_code=200)
    async def here(request: AnyRequest) -> Json:
        await _asked(request)
        return _who(desk, _staff(request, desk))

    @post("/api/session/end", status_code=200)
    async def lock(request: AnyRequest) -> Response[Json]:
        await _asked(request)
        desk.sessions.end(_token(request))
        answer = Response(_who(desk, None))
        answer.delete_cookie(COOKIE, path="/")
        return answer

    return [session, unlock, here, lock]


def _lane_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    @post("/api/lanes/{lane:int}/take-back", status_code=200)
    async def take_back(request: AnyRequest, lane: int) -> Json:
        asked, staff = await _asked(request), _staff(request, desk)
        return _acted(
            await desk.take_back(lane, _text(asked, "key"), _text(asked, "answer"), staff)
        )

    @post("/api/lanes/{lane:int}/by-hand", status_code=200)
    async def by_hand(request: AnyRequest, lane: int) -> Json:
        asked, staff = await _asked(request), _staff(request, desk)
        reason = _member(asked, "reason", OverrideReason)
        key, persons = _text(asked, "key"), _persons(asked)
        refused = None if asked.get("refused") is None else _text(asked, "refused")
        second = await _pin(desk, _text(asked, "second"), _text(asked, "second_pin"), staff)
        both = (staff, second)
        return _acted(await desk.let_by_hand(lane, key, reason, persons, both, refused))

    @post("/api/lanes/{lane:int}/more", status_code=200)
    async def more(request: AnyRequest, lane: int) -> Json:
        asked, _ = await _asked(request), _staff(request, desk)
        key, answer = _text(asked, "key"), _text(asked, "answer")
        return _acted(await desk.let_in_more(lane, key, answer, _persons(asked)))

    @post("/api/lanes/{lane:int}/party", status_code=200)
    async def party(request: AnyRequest, lane: int) -> Json:
        asked, _ = await _asked(request), _staff(request, desk)
        return _changed(await desk.expect_party(lane, _persons(asked)))

    @post("/api/lanes/{lane:int}/direction", status_code=200)
    async def direction(request: AnyRequest, lane: int) -> Json:
        asked, _ = await _asked(request), _staff(request, desk)
        return _changed(await desk.turn(lane, _member(asked, "direction", Direction)))

    return [take_back, by_hand, more, party, direction]


def _helpdesk_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    @post("/api/lanes/{lane:int}/check", status_code=200)
    async def check(request: AnyRequest, lane: int) -> Json:
        asked, staff = await _asked(request), _staff(request, desk)
        wait = asked.get("wait")
        if not isinstance(wait, bool):
            raise _Refused(ACT_FORM)
        return _changed(await desk.expect_check(lane, staff if wait else None))

    @get("/api/lanes/{lane:int}/checks/{answer:str}")
    async def earlier(request: AnyRequest, lane: int, answer: str) -> Json:
        _staff(request, desk)
        found = await desk.earlier_answers(lane, answer)
        if isinstance(found, ActRefused):
            raise _Refused(found)
        return {"earlier": found}

    return [check, earlier]


def _emergency_route(desk: StaffDesk) -> ControllerRouterHandler:
    @post("/api/emergency", status_code=200)
    async def emergency(request: AnyRequest) -> Json:
        # By number and PIN, whether the page is unlocked or not: nobody has time for two steps.
        asked = await _asked(request)
        held = asked.get("held")
        if not isinstance(held, bool):
            raise _Refused(ACT_FORM)
        key = _text(asked, "key")
        staff = await _pin(desk, _text(asked, "staff"), _text(asked, "pin"), None)
        done = await desk.hold_gates(key, staff, held=held)
        if isinstance(done, ActRefused):
            raise _Refused(done)
        return {"emergency": emergency_view(done)}

    return emergency


def _venue_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    @get("/api/flow")
    async def flow(request: AnyRequest) -> Json:
        _staff(request, desk, renew=False)
        return await desk.flow()

    @get("/api/flow.svg", media_type="image/svg+xml")
    async def chart(request: AnyRequest) -> Response[bytes]:
        _staff(request, desk, renew=False)
        hours, _ = await desk.hours()
        return Response(draw_hours(hours).encode(), media_type="image/svg+xml")

    @get("/api/flow.csv", media_type="text/csv; charset=utf-8")
    async def export(request: AnyRequest) -> Response[bytes]:
        _staff(request, desk, renew=False)
        name = f"flow-{local_day(desk.clock.now())}.csv"
        named = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(flow_table(await desk.flow()), headers=named)

    @get("/api/conflicts")
    async def conflicts(request: AnyRequest) -> Json:
        _staff(request, desk, renew=False)
        news = desk.news
        return {
            "as_of": news.conflicts_at and news.conflicts_at.isoformat(),
            "conflicts": [conflict_view(one) for one in news.conflicts],
        }

    @get("/api/device")
    async def device(request: AnyRequest) -> Json:
        _staff(request, desk, renew=False)
        return desk.device()

    return [flow, chart, export, conflicts, device]


def _backend_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    """Return the routes behind which the backend is asked."""

    @post("/api/conflicts/{conflict:str}/acknowledge", status_code=200)
    async def acknowledge(request: AnyRequest, conflict: str) -> Json:
        asked, staff = await _asked(request), _staff(request, desk)
        key, note = _text(asked, "key"), _text(asked, "note")
        done = await desk.acknowledge(key, conflict, note, staff)
        if isinstance(done, ActRefused):
            raise _Refused(done)
        return conflict_view(done)

    @post("/api/look-up", status_code=200)
    async def look_up(request: AnyRequest) -> Json:
        asked, staff = await _asked(request), _staff(request, desk)
        query = {"name": _text(asked, "name"), "tail": _text(asked, "tail")}
        found = await desk.look_up(query, _text(asked, "reason"), staff)
        if isinstance(found, ActRefused):
            raise _Refused(found)
        return {"expected": found}

    @get("/api/update-code")
    async def update_code(request: AnyRequest) -> Json:
        _staff(request, desk)
        made = await desk.update_code()
        if isinstance(made, ActRefused):
            raise _Refused(made)
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


async def _asked(request: AnyRequest) -> Mapping[str, Any]:
    """Return what is asked, if this very page asks it: another site cannot forge the origin."""
    origin = urlsplit(request.headers.get("Origin", ""))
    kind = request.headers.get("Content-Type", "").partition(";")[0]
    if origin.netloc != request.headers.get("Host") or kind != "application/json":
        raise _Refused(_FROM_ELSEWHERE, 403)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BODY:
            raise _Refused(ACT_FORM)
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise _Refused(ACT_FORM) from None
    if not isinstance(values, dict):
        raise _Refused(ACT_FORM)
    return values


def _staff(request: AnyRequest, desk: StaffDesk, *, renew: bool = True) -> Staff:
    staff = desk.sessions.staff(_token(request), renew=renew)
    if staff is None:
        raise _Refused(PAGE_LOCKED)
    return staff


async def _pin(desk: StaffDesk, staff_id: str, pin: str, first: Staff | None) -> Staff:
    """Return whose PIN it is, as the second person where there is a first."""
    found = await desk.check_pin(staff_id, pin, first)
    if isinstance(found, ActRefused):
        raise _Refused(found)
    return found


def _token(request: AnyRequest) -> str:
    return request.cookies.get(COOKIE, "")


def _acted(result: ActResult) -> Json:
    if isinstance(result, ActDone):
        return act_view(result)
    raise _Refused(result)


def _changed(refused: ActRefused | None) -> Json:
    if refused is not None:
        raise _Refused(refused)
    return {"done": True}


def _text(asked: Mapping[str, Any], name: str) -> str:
    value = asked.get(name)
    if not (isinstance(value, str) and len(value) <= 200):
        raise _Refused(ACT_FORM)
    return value


def _persons(asked: Mapping[str, Any]) -> int:
    value = asked.get("persons")
    if type(value) is not int or not 1 <= value <= MAX_PARTY:
        raise _Refused(PARTY_FORM)
    return value


def _member(asked: Mapping[str, Any], name: str, kind: type[E]) -> E:
    try:
        return kind(_text(asked, name))
    except ValueError:
        raise _Refused(ACT_FORM) from None
