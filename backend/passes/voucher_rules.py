"""The life of a training voucher 职业培训券 (S36): issued, reserved, confirmed, settled; pure.

A reservation that nobody confirms in time lapses by itself: the voucher is free again from that
instant on, without anybody having to do anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from backend.foundation.refusals import Refusal
from backend.passes import voucher_refusals as no
from shared.admission.circumstances import DayRange
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

MAX_VALUE_FEN = 10_000_000
MAX_COURSE_TYPES = 50
MAX_DAYS = 1_100
MAX_HOURS = 10_000
MAX_QUOTA = 10_000_000
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_COURSE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")


class VoucherState(StrEnum):
    """What is stored of a voucher's life."""

    ISSUED = "ISSUED"
    RESERVED = "RESERVED"
    CONFIRMED = "CONFIRMED"
    SETTLED = "SETTLED"
    REVOKED = "REVOKED"


class ShownVoucherState(StrEnum):
    """A voucher's life as its holder sees it."""

    AVAILABLE = "AVAILABLE"  # 可使用
    RESERVED = "RESERVED"  # 已预约课程
    CONFIRMED = "CONFIRMED"  # 已确认报名
    SETTLED = "SETTLED"  # 已核销
    EXPIRED = "EXPIRED"  # 已过期
    REVOKED = "REVOKED"  # 已撤销


class VoucherEvent(StrEnum):
    """What can be done with a voucher."""

    RESERVE = "RESERVE"
    CONFIRM = "CONFIRM"
    SETTLE = "SETTLE"
    RELEASE = "RELEASE"
    REVOKE = "REVOKE"


FROM: Mapping[VoucherEvent, frozenset[VoucherState]] = {
    VoucherEvent.RESERVE: frozenset({VoucherState.ISSUED}),
    VoucherEvent.CONFIRM: frozenset({VoucherState.RESERVED}),
    VoucherEvent.SETTLE: frozenset({VoucherState.CONFIRMED}),
    VoucherEvent.RELEASE: frozenset({VoucherState.RESERVED, VoucherState.CONFIRMED}),
    VoucherEvent.REVOKE: frozenset(
        {VoucherState.ISSUED, VoucherState.RESERVED, VoucherState.CONFIRMED}
    ),
}
"""In which states each can be done; a lapsed reservation counts as ISSUED."""


@dataclass(frozen=True, slots=True)
class Programme:
    """A programme as data: what a voucher is worth, for which types of course, and how long.

    `hold_days` is how long a reservation waits for its confirmation. Whoever attended less than
    `least_percent` of the hours is not paid for.
    """

    code: str
    name: LocalizedText
    value_fen: int
    course_types: tuple[str, ...]
    valid_days: int
    hold_days: int = 7
    least_percent: int = 80
    quota: int | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """A seat in a course: its type, the provider's own number for it, and when it begins."""

    course_type: str
    course: str
    provider: int
    starts_on: date


@dataclass(frozen=True, slots=True)
class VoucherFacts:
    """What of a stored voucher decides; `held_until` is when its reservation lapses."""

    state: VoucherState
    days: DayRange
    course_types: frozenset[str]
    value_fen: int
    least_percent: int
    held_until: datetime | None = None
    starts_on: date | None = None


def programme_fault(programme: Programme) -> Refusal | None:
    """Return why a programme cannot be run as it is described."""
    names = (programme.name.zh, programme.name.en)
    whole = (
        is_code(programme.code)
        and all(0 < len(text) <= 80 for text in names)
        and 1 <= programme.value_fen <= MAX_VALUE_FEN
        and 1 <= len(programme.course_types) <= MAX_COURSE_TYPES
        and all(map(is_code, programme.course_types))
        and 1 <= programme.valid_days <= MAX_DAYS
        and 1 <= programme.hold_days <= MAX_DAYS
        and 1 <= programme.least_percent <= 100
        and (programme.quota is None or 1 <= programme.quota <= MAX_QUOTA)
    )
    return None if whole else no.PROGRAMME_FORM


def present_state(facts: VoucherFacts, now: datetime) -> VoucherState:
    """Return the state by now: a reservation whose time is over is none."""
    lapsed = facts.held_until is not None and now >= facts.held_until
    reserved = facts.state is VoucherState.RESERVED
    return VoucherState.ISSUED if reserved and lapsed else facts.state


def shown_state(facts: VoucherFacts, now: datetime) -> ShownVoucherState:
    """Return what its holder is told of a voucher."""
    state = present_state(facts, now)
    if state is not VoucherState.ISSUED:
        return ShownVoucherState(state.value)
    over = not facts.days.covers(local_day(now))
    return ShownVoucherState.EXPIRED if over else ShownVoucherState.AVAILABLE


def refusal_of(event: VoucherEvent, facts: VoucherFacts, now: datetime) -> Refusal | None:
    """Return why nothing of the kind can be done with a voucher now."""
    state = present_state(facts, now)
    if state in FROM[event]:
        return None
    if facts.state is VoucherState.RESERVED and event is VoucherEvent.CONFIRM:
        return no.RESERVATION_LAPSED
    return _IN_STATE[state]


def refusal_of_course(facts: VoucherFacts, course: Course, now: datetime) -> Refusal | None:
    """Return why a voucher does not pay for a course."""
    today = local_day(now)
    if not facts.days.covers(today):
        return no.VOUCHER_EXPIRED
    if not _COURSE.fullmatch(course.course):
        return no.COURSE_FORM
    if course.course_type not in facts.course_types:
        return no.COURSE_TYPE
    begins = today <= course.starts_on and facts.days.covers(course.starts_on)
    return None if begins else no.COURSE_DATE


def owed(facts: VoucherFacts, attended: int, planned: int) -> int | Refusal:
    """Return what is owed in fen for hours attended: their share of the value, 0 for too few."""
    if not 1 <= planned <= MAX_HOURS or not 0 <= attended <= planned:
        return no.HOURS_FORM
    if attended * 100 < facts.least_percent * planned:
        return 0
    return facts.value_fen * attended // planned


def is_code(text: str) -> bool:
    """Tell whether a text can be the code of a programme or of a type of course."""
    return _CODE.fullmatch(text) is not None


_IN_STATE: Mapping[VoucherState, Refusal] = {
    VoucherState.ISSUED: no.NOT_RESERVED,
    VoucherState.RESERVED: no.ALREADY_RESERVED,
    VoucherState.CONFIRMED: no.ALREADY_CONFIRMED,
    VoucherState.SETTLED: no.ALREADY_SETTLED,
    VoucherState.REVOKED: no.VOUCHER_REVOKED,
}
