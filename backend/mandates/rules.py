"""How a mandate stands and what it lets its delegate do at an instant; pure.

D1 to D32 name the rules of the domain; `granting` says who may be given one.

Every change that time brings (the cool-down, an end, a birthday, a review) stands in the mandate
as an instant from its confirmation, so the check at each use compares instants and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.figures import MandateFigures
from backend.foundation.refusals import Refusal
from backend.mandates import refusals as no
from backend.mandates.scopes import (
    SENSITIVE,
    VIEWS,
    Scope,
)

REMINDERS = (30, 7, 1)


class MandateState(StrEnum):
    """What is stored of a mandate's life."""

    OFFERED = "OFFERED"  # an invitation is out
    TAKEN = "TAKEN"  # both are known; the principal has not confirmed
    ACTIVE = "ACTIVE"
    ENDED = "ENDED"


class Ending(StrEnum):
    """Why a mandate ended."""

    WITHDRAWN = "WITHDRAWN"  # before it was confirmed
    BY_PRINCIPAL = "BY_PRINCIPAL"
    BY_DELEGATE = "BY_DELEGATE"
    BY_GUARDIAN = "BY_GUARDIAN"  # of the principal, who is under guardianship
    BY_OUTLET = "BY_OUTLET"
    FALSE_CLAIM = "FALSE_CLAIM"
    EXPIRED = "EXPIRED"
    COMING_OF_AGE = "COMING_OF_AGE"
    DEATH = "DEATH"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"


class ShownState(StrEnum):
    """How a mandate stands, as both sides see it."""

    OFFERED = "OFFERED"
    TAKEN = "TAKEN"
    ACTIVE = "ACTIVE"
    DISPUTED = "DISPUTED"
    CHILD_CONSENT_DUE = "CHILD_CONSENT_DUE"
    REVIEW_DUE = "REVIEW_DUE"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class ScopeGrant:
    """A scope with the time it may be used in; no `until`: as long as the mandate."""

    scope: Scope
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class MandateFacts:
    """What of a stored mandate decides about a use."""

    delegate: str | None
    state: MandateState
    scopes: tuple[ScopeGrant, ...]
    ends_at: datetime | None
    used_at: datetime | None
    disputed: bool = False
    money_frozen: bool = False
    review_by: datetime | None = None
    consent_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class MoneyLimits:
    """What a delegate may pay, in fen, as the principal set it; nothing by default (D21)."""

    per_act: int = 0
    per_day: int = 0
    per_month: int = 0


def refusal_to_use(
    facts: MandateFacts, delegate: str, scope: Scope, figures: MandateFigures, now: datetime
) -> Refusal | None:
    """Return why `delegate` may not use `scope` at `now`, or None where they may (D9)."""
    if facts.delegate != delegate:
        return no.MANDATE_UNKNOWN  # like one that nobody has
    if facts.state in {MandateState.OFFERED, MandateState.TAKEN}:
        return no.NOT_CONFIRMED
    if facts.state is MandateState.ENDED or (facts.ends_at is not None and now >= facts.ends_at):
        return no.MANDATE_OVER
    if facts.disputed or (facts.money_frozen and scope is Scope.PAY_SMALL):
        return no.DISPUTED
    if facts.consent_from is not None and now >= facts.consent_from:
        return no.CHILD_CONSENT_DUE
    if facts.review_by is not None and now >= facts.review_by and scope not in VIEWS:
        return no.REVIEW_DUE
    return _refusal_of_scope(facts, scope, figures, now)


def _refusal_of_scope(
    facts: MandateFacts, scope: Scope, figures: MandateFigures, now: datetime
) -> Refusal | None:
    granted = next((one for one in facts.scopes if one.scope is scope), None)
    if granted is None or (granted.until is not None and now >= granted.until):
        return no.SCOPE_MISSING
    if now < granted.since:
        return no.COOLING_DOWN
    if scope in SENSITIVE and is_dormant(facts, figures, now):
        return no.DORMANT
    return None


def is_dormant(facts: MandateFacts, figures: MandateFigures, now: datetime) -> bool:
    """Tell whether nothing was done by a mandate for so long that its sensitive scopes lapsed."""
    asleep = timedelta(days=figures.dormant_days)
    return facts.used_at is not None and now >= facts.used_at + asleep


def shown_state(facts: MandateFacts, now: datetime) -> ShownState:
    """Return how a mandate stands now."""
    if facts.state is not MandateState.ACTIVE:
        return ShownState(facts.state.value)
    if facts.ends_at is not None and now >= facts.ends_at:
        return ShownState.ENDED
    if facts.disputed:
        return ShownState.DISPUTED
    if facts.consent_from is not None and now >= facts.consent_from:
        return ShownState.CHILD_CONSENT_DUE
    if facts.review_by is not None and now >= facts.review_by:
        return ShownState.REVIEW_DUE
    return ShownState.ACTIVE


def hears(facts: MandateFacts, now: datetime) -> bool:
    """Tell whether a delegate may be told: the mandate is in force with copies of notices."""
    if shown_state(facts, now) is not ShownState.ACTIVE:
        return False
    return any(
        one.scope is Scope.NOTICE_COPY
        and one.since <= now
        and (one.until is None or now < one.until)
        for one in facts.scopes
    )


def reminder_after(ends_at: datetime | None, now: datetime) -> datetime | None:
    """Return when the people of a mandate are next reminded, or it ends; None without an end."""
    if ends_at is None:
        return None
    at = (ends_at - timedelta(days=days) for days in REMINDERS)
    return next((one for one in at if one > now), ends_at)


def days_left(ends_at: datetime, now: datetime) -> int:
    """Return which reminder is due: 30, 7 or 1 days."""
    left = ends_at - now
    return next(days for days in reversed(REMINDERS) if left <= timedelta(days=days))


def limits_of(per_act: int, per_day: int, per_month: int) -> MoneyLimits | Refusal:
    """Return limits as the principal set them."""
    fits = 0 <= per_act <= per_day <= per_month <= MOST_FEN
    return MoneyLimits(per_act, per_day, per_month) if fits else no.LIMITS_FORM


MOST_FEN = 1_000_000
"""The highest limit for "small" payments: 10,000 yuan a month."""


def spent_in(spent: Mapping[str, Any] | None, today: date) -> tuple[int, int]:
    """Return what of stored sums counts, in fen: of this local day, and of this month."""
    if spent is None:
        return 0, 0
    last = date.fromisoformat(spent["day"])
    same_month = (last.year, last.month) == (today.year, today.month)
    return spent["day_fen"] if last == today else 0, spent["month_fen"] if same_month else 0


def refusal_to_pay(
    limits: MoneyLimits, spent_today: int, spent_this_month: int, fen: int, *, to_delegate: bool
) -> Refusal | None:
    """Return why a delegate may not pay so much (D21); `to_delegate`: the account is theirs."""
    if to_delegate:
        return no.OWN_ACCOUNT
    within = (
        0 < fen <= limits.per_act
        and spent_today + fen <= limits.per_day
        and spent_this_month + fen <= limits.per_month
    )
    return None if within else no.OVER_LIMIT
