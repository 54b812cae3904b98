"""Impact assessments 个人信息保护影响评估: pure, on values (PIPL 55 and 56, L13).

Processing of the kinds that the law lists is assessed before it begins; the record says what for,
what it may do to people and what is done against it, and is kept three years at least.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.foundation.audit import holds_personal_number
from backend.foundation.pages import Position
from backend.foundation.refusals import Refusal
from backend.sharing import refusals as no

MAX_TERM = timedelta(days=3 * 366)
KEPT = timedelta(days=3 * 366)
"""So long a record is kept after its term, or its withdrawal, at least."""
MAX_TITLE = 60
MAX_TEXT = 2_000
MAX_ITEMS = 50


class Processing(StrEnum):
    """The kinds of processing that PIPL 55 wants assessed."""

    SENSITIVE = "sensitive"  # 处理敏感个人信息
    AUTOMATED_DECISION = "automated_decision"  # 自动化决策
    SHARING = "sharing"  # 委托处理、向其他处理者提供
    PUBLISHING = "publishing"  # 公开
    EXPORT = "export"  # 向境外提供


@dataclass(frozen=True, slots=True)
class Assessed:
    """What an assessment says; `items` are stored fields as the data catalogue names them."""

    title: str
    kinds: frozenset[Processing]
    items: frozenset[str]
    necessity: str
    impact: str
    measures: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Assessment:
    """A record of the register."""

    assessment_id: str
    assessed: Assessed
    recorded_by: str
    recorded_at: datetime
    withdrawn_at: datetime | None = None

    @property
    def kept_until(self) -> datetime:
        """Until when it is kept at least."""
        return max(self.withdrawn_at or self.assessed.ends_at, self.recorded_at) + KEPT

    @property
    def position(self) -> Position:
        """Where it stands in the list."""
        return Position(self.recorded_at, self.assessment_id)

    def in_force(self, now: datetime) -> bool:
        """Tell whether it counts now."""
        return self.withdrawn_at is None and (
            self.assessed.starts_at <= now < self.assessed.ends_at
        )


def is_term(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Tell whether two instants are a term of three years at most that is not over."""
    aware = starts_at.tzinfo is not None and ends_at.tzinfo is not None
    return (
        aware
        and timedelta(0) < ends_at - starts_at <= MAX_TERM
        and now < ends_at
        and starts_at - now <= MAX_TERM
    )


def assessed_fault(assessed: Assessed, catalogue: frozenset[str], now: datetime) -> Refusal | None:
    """Return why an assessment cannot be recorded as written."""
    texts = (assessed.necessity, assessed.impact, assessed.measures)
    whole = (
        _plain(assessed.title, MAX_TITLE)
        and all(_plain(one, MAX_TEXT) for one in texts)
        and bool(assessed.kinds)
        and 1 <= len(assessed.items) <= MAX_ITEMS
        and assessed.items <= catalogue
        and is_term(assessed.starts_at, assessed.ends_at, now)
    )
    return None if whole else no.ASSESSMENT_FORM


def coverage_fault(
    assessment: Assessment | None,
    kinds: frozenset[Processing],
    items: frozenset[str],
    until: datetime,
    now: datetime,
) -> Refusal | None:
    """Return why an assessment does not let this processing begin."""
    if assessment is None:
        return no.ASSESSMENT_UNKNOWN
    assessed = assessment.assessed
    covers = kinds <= assessed.kinds and items <= assessed.items
    if not assessment.in_force(now) or not covers:
        return no.ASSESSMENT_NEEDED
    return None if until <= assessed.ends_at else no.ASSESSMENT_TOO_SHORT


def _plain(text: str, most: int) -> bool:
    lines = text.split("\n")
    return (
        1 <= len(text.strip()) <= len(text) <= most
        and all(one.isprintable() for one in lines)
        and not holds_personal_number(text)
    )
