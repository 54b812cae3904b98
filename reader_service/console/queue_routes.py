"""A hospital's queue numbers 排队号 on the staff's page: listed, called 叫号, settled.

No name is here. The backend gives and calls numbers; this reader keeps none, so without a network
it calls nobody.
"""

from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

from litestar import get, post
from litestar.types import ControllerRouterHandler

from reader_service.console.asking import AnyRequest, Refused, asked_of, staff_of, text_of
from reader_service.console.desk import Json, StaffDesk, words
from reader_service.lane.staff_acts import ACT_FORM, ActRefused
from reader_service.sync.backend import UNREACHABLE, SyncProblem
from reader_service.sync.visit_queues import QueueNumber, VisitQueueDesk
from shared.localized_text import LocalizedText

_ONLINE_ONLY = LocalizedText(
    "连不上后台，不能叫号；屏上的号可能不是最新。",
    "The backend cannot be reached, so no number is called; those shown may be old.",
)
_BY_VOICE = LocalizedText(
    "请联网后再试。断网时请按屏上的次序口头叫号，联网后补记。",
    "Try again when it is online. Until then call by voice in the order shown, and enter it after.",
)
_LOOK_AGAIN = LocalizedText("请看刷新后的队列。", "Look at the queue as it is now.")
_MOST_NUMBER = 1_000_000
_SETTLEMENTS = frozenset({"SEEN", "MISSED", "BACK"})

T = TypeVar("T")


def queue_routes(desk: StaffDesk) -> list[ControllerRouterHandler]:
    """Return the routes of the queues."""

    @get("/api/queues")
    async def departments(request: AnyRequest) -> Json:
        staff_of(request, desk, renew=False)
        found = await _told(_queues(desk).departments())
        return {"departments": [{"plan": one.plan, "title": words(one.title)} for one in found]}

    @get("/api/queues/{plan:str}")
    async def numbers(request: AnyRequest, plan: str) -> Json:
        staff_of(request, desk, renew=False)
        found = await _told(_queues(desk).numbers(plan))
        return {
            "as_of": desk.clock.now().isoformat(),
            "numbers": [_view(one) for one in found],
        }

    @post("/api/queues/{plan:str}/call", status_code=200)
    async def call(request: AnyRequest, plan: str) -> Json:
        asked, staff = await asked_of(request), staff_of(request, desk)
        number = None if asked.get("number") is None else _number(asked)
        wish = (text_of(asked, "key"), plan, text_of(asked, "desk"), number)
        return _view(await _told(_queues(desk).call(*wish, staff.staff_id)))

    @post("/api/queues/{plan:str}/settle", status_code=200)
    async def settle(request: AnyRequest, plan: str) -> Json:
        asked, staff = await asked_of(request), staff_of(request, desk)
        settlement = text_of(asked, "settlement")
        if settlement not in _SETTLEMENTS:
            raise Refused(ACT_FORM)
        wish = (text_of(asked, "key"), plan, _number(asked), settlement)
        return _view(await _told(_queues(desk).settle(*wish, staff.staff_id)))

    return [departments, numbers, call, settle]


def _queues(desk: StaffDesk) -> VisitQueueDesk:
    if desk.queues is None:
        raise Refused(ActRefused(UNREACHABLE, _ONLINE_ONLY, _BY_VOICE))
    return desk.queues


async def _told(asking: Awaitable[T]) -> T:
    """Return what the backend answers, or refuse in its words and what to do here."""
    try:
        return await asking
    except SyncProblem as problem:
        if problem.code == UNREACHABLE:
            raise Refused(ActRefused(UNREACHABLE, _ONLINE_ONLY, _BY_VOICE)) from problem
        raise Refused(ActRefused(problem.code, problem.text, _LOOK_AGAIN)) from problem


def _number(asked: Mapping[str, Any]) -> int:
    number = asked.get("number")
    if type(number) is not int or not 1 <= number <= _MOST_NUMBER:
        raise Refused(ACT_FORM)
    return number


def _view(one: QueueNumber) -> Json:
    return {
        "number": one.number,
        "state": one.state,
        "slot_starts_at": one.slot_starts_at.isoformat(),
        "late": one.late,
        "desk": one.desk,
    }
