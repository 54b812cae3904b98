"""Who may rate what, and what is told of ratings (S141): pure.

Ratings are counted by venue and local month of the rating. Who rates a venue counts once a month,
so that a count of ratings is a count of people. A month is told when it is over, and then fixed:
a number that moved with each answer would tell that answer by subtraction.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from backend.foundation.refusals import Refusal
from backend.sharing.small_cells import LEAST
from backend.surveys import refusals as no
from shared.identity.age import local_day

RATABLE = timedelta(days=14)
"""So long after a visit people are asked: later they hardly remember it."""
SETTLED = timedelta(hours=1)
"""So long after its end a month is told: by then every server has written what it counted."""
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
_HUNDREDTH = Decimal("0.01")


class Satisfaction(StrEnum):
    """The five grades of 好差评 (国办发〔2019〕51号), the best first."""

    VERY_SATISFIED = "VERY_SATISFIED"  # 非常满意
    SATISFIED = "SATISFIED"  # 满意
    FAIRLY_SATISFIED = "FAIRLY_SATISFIED"  # 基本满意
    DISSATISFIED = "DISSATISFIED"  # 不满意
    VERY_DISSATISFIED = "VERY_DISSATISFIED"  # 非常不满意


POINTS: Mapping[Satisfaction, int] = {grade: 5 - place for place, grade in enumerate(Satisfaction)}


@dataclass(frozen=True, slots=True)
class Told:
    """What may be told of a month; None where fewer than `LEAST` people answered.

    `counts` are empty where any grade was given by fewer: beside the average the others tell it.
    """

    people: int | None
    average: Decimal | None
    counts: Mapping[Satisfaction, int]


def month_of(instant: datetime) -> str:
    """Return the local month of an instant, as 2026-11."""
    return f"{local_day(instant):%Y-%m}"


def forgotten_at(instant: datetime) -> date:
    """Return from which day on nobody needs to know any more who rated at `instant`.

    Its month is over then, and the visit cannot be rated.
    """
    return (local_day(instant).replace(day=1) + timedelta(days=62)).replace(day=1)


def refusal_to_rate(
    visited_at: datetime | None, now: datetime, *, answered: bool
) -> Refusal | None:
    """Tell why a visit is not rated; `answered` where it, or its venue this month, was."""
    if visited_at is None:
        return no.VISIT_UNKNOWN
    if answered:
        return no.ALREADY_RATED
    return no.VISIT_TOO_OLD if now - visited_at > RATABLE else None


def refusal_to_tell(month: str, now: datetime) -> Refusal | None:
    """Tell why a month's results are not told."""
    if _MONTH.fullmatch(month) is None:
        return no.MONTH_FORM
    return None if month < month_of(now - SETTLED) else no.MONTH_NOT_OVER


def told(counts: Mapping[Satisfaction, int]) -> Told:
    """Return what may be told of how often each grade was given."""
    every = {grade: counts.get(grade, 0) for grade in Satisfaction}
    people = sum(every.values())
    if people < LEAST:
        return Told(None, None, {})
    points = sum(POINTS[grade] * count for grade, count in every.items())
    average = (Decimal(points) / people).quantize(_HUNDREDTH, ROUND_HALF_UP)
    return Told(people, average, every if min(every.values()) >= LEAST else {})
