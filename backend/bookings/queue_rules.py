"""The queue of a department on a day 候诊队列: who takes which place in it, and who is next; pure.

A number 排队号 names a place in a queue and no person. Who checks in in time is called within their
own slot; who comes late, or was called and not there, is placed as though their slot began when
they came: behind everybody whose slot has begun by then, before those of later slots.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.bookings import queue_refusals as no
from backend.bookings.rules import UNCONFIRMED, BookingState, SlotKind
from backend.foundation.refusals import Refusal
from shared.identity.age import local_day

LONGEST_DESK = 12
TOLD_SOON = 3
"""So many of those who wait are told that they are called soon: two before the last of them."""
_MOMENT = "%Y%m%d%H%M%S%f"


class QueueState(StrEnum):
    """What became of a place in a queue."""

    WAITING = "WAITING"  # 候诊中
    CALLED = "CALLED"  # 已叫号
    MISSED = "MISSED"  # 过号
    SEEN = "SEEN"  # 已就诊
    LEFT = "LEFT"  # 已离队: the booking ended, or they had not come in after all


class CheckInWay(StrEnum):
    """How somebody checked in 报到."""

    GATE = "GATE"  # by their code or card at a reader
    DESK = "DESK"  # by staff, who saw their code or card
    APP = "APP"  # by themselves, near in time


class Settlement(StrEnum):
    """What staff say of a number that was called."""

    SEEN = "SEEN"
    MISSED = "MISSED"
    BACK = "BACK"  # came back after the call was missed 过号重排


SETTLED: Mapping[Settlement, tuple[QueueState, QueueState]] = {
    Settlement.SEEN: (QueueState.CALLED, QueueState.SEEN),
    Settlement.MISSED: (QueueState.CALLED, QueueState.MISSED),
    Settlement.BACK: (QueueState.MISSED, QueueState.WAITING),
}
"""From which state each leads, and to which."""
CALLABLE = frozenset({QueueState.WAITING, QueueState.MISSED, QueueState.CALLED})
"""What a number may be when it is called by itself; one that is called is called again 重呼."""
RETURNS = frozenset({QueueState.MISSED, QueueState.LEFT})
"""Who checks in once more takes their own number up again from these."""
_COMES_TO_IT = frozenset({BookingState.CONFIRMED, BookingState.ATTENDED, BookingState.NO_SHOW})
_NOT_THERE = RETURNS


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What of a booking decides about its place in a queue."""

    kind: SlotKind
    state: BookingState
    starts_at: datetime
    ends_at: datetime
    queue: QueueState | None


def refusal_to_check_in(visit: VisitFacts, early: timedelta, now: datetime) -> Refusal | None:
    """Return why nobody may check in for a booking now; `early`: so long before its slot."""
    if visit.kind is not SlotKind.APPOINTMENT:
        return no.NO_QUEUE
    if visit.state in UNCONFIRMED or visit.state is BookingState.WAITING:
        return no.NOT_CONFIRMED
    if visit.state not in _COMES_TO_IT or visit.queue is QueueState.SEEN:
        return no.VISIT_OVER
    if now < visit.starts_at - early:
        return no.too_early(visit.starts_at - early)
    return no.VISIT_OVER if local_day(now) > local_day(visit.starts_at) else None


def takes_a_number(visit: VisitFacts, at: datetime) -> bool:
    """Tell whether an entry at a reader puts somebody into the queue, new or once more.

    What else is odd of an entry is told of it elsewhere; on another day it is for no queue.
    """
    if visit.kind is not SlotKind.APPOINTMENT or visit.state not in _COMES_TO_IT:
        return False
    again = visit.queue is None or visit.queue in RETURNS
    return again and local_day(at) == local_day(visit.starts_at)


def is_late(visit: VisitFacts, arrived_at: datetime) -> bool:
    """Tell whether somebody came after their slot, or comes back to it."""
    return arrived_at >= visit.ends_at or visit.queue is QueueState.MISSED


def order_of(visit: VisitFacts, arrived_at: datetime, number: int) -> str:
    """Return by what a place sorts in its queue, as text: the earlier, the sooner called."""
    turn = arrived_at if is_late(visit, arrived_at) else visit.starts_at
    return f"{turn:{_MOMENT}}.{arrived_at:{_MOMENT}}.{number:06d}"


def was_there(entered: int, queue: QueueState | None) -> bool:
    """Tell whether a booking was used: somebody came in, or checked in and missed no call."""
    return entered > 0 or (queue is not None and queue not in _NOT_THERE)


def refusal_of_desk(desk: str) -> Refusal | None:
    """Return why nobody can be called to a desk of that name."""
    fits = 1 <= len(desk) <= LONGEST_DESK and desk.isprintable() and desk == desk.strip()
    return None if fits else no.DESK_FORM
