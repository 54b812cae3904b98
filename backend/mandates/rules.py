"""Who may act for whom, in what and until when; pure. D1 to D32 name the rules of the domain.

Every change that time brings (the cool-down, an end, a birthday, a review) stands in the mandate
as an instant from its confirmation, so the check at each use compares instants and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from backend.foundation.refusals import Refusal
from backend.mandates import refusals as no
from backend.mandates.scopes import (
    COOLED,
    CUSTODY,
    DEFAULT_SCOPES,
    SENSITIVE,
    VIEWS,
    Channel,
    Evidence,
    Relation,
    Scope,
)
from backend.settings import MandateFigures
from shared.clock import LOCAL_ZONE
from shared.identity.age import age_on, birthday_in, local_day

LENGTHS = (1, 31, 182, 365)
REMINDERS = (30, 7, 1)
INVITATION_KEPT = timedelta(hours=24)
GUARDED = frozenset({Relation.WARD})


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
class Terms:
    """What a mandate is to allow; `days` None is until an event, for guardians."""

    relation: Relation
    scopes: tuple[Scope, ...]
    days: int | None


@dataclass(frozen=True, slots=True)
class Parties:
    """What of both people decides whether there may be a mandate between them."""

    same: bool
    principal_birth: date = field(repr=False)
    delegate_birth: date = field(repr=False)
    both_present: bool = True
    under_guardianship: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Bindings:
    """The mandates in force that count against quotas."""

    of_delegate: Mapping[Relation, int] = field(default_factory=dict)
    of_principal: int = 0
    recent: int = 0
    between: bool = False


@dataclass(frozen=True, slots=True)
class ScopeGrant:
    """A scope with the time it may be used in; no `until`: as long as the mandate."""

    scope: Scope
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a confirmation makes of terms: instants only."""

    scopes: tuple[ScopeGrant, ...]
    starts_at: datetime
    ends_at: datetime | None
    ends_as: Ending
    review_by: datetime | None = None
    consent_from: datetime | None = None


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


def terms_of(relation: Relation, scopes: Sequence[Scope], days: int | None) -> Terms | Refusal:
    """Return terms as chosen: without a choice the smallest scopes, and never without an end."""
    if len(set(scopes)) != len(scopes) or relation is Relation.ASSISTED:
        return no.SCOPES_FORM
    if days is None and relation not in {Relation.WARD, Relation.CHILD}:
        return no.LENGTH_FORM
    if days is not None and days not in LENGTHS:
        return no.LENGTH_FORM
    return Terms(relation, tuple(scopes) or DEFAULT_SCOPES, days)


def refusal_to_grant(
    terms: Terms,
    parties: Parties,
    channel: Channel,
    evidence: Evidence,
    figures: MandateFigures,
    now: datetime,
) -> Refusal | None:
    """Return why these two cannot have such a mandate, or None where they can."""
    if parties.same:
        return no.SELF
    if parties.excluded or not parties.both_present:
        return no.NOT_POSSIBLE
    if _age(parties.delegate_birth, now) < figures.adult_age:
        return no.DELEGATE_MINOR
    refused = _refusal_of_principal(terms, parties, channel, evidence, figures, now)
    if refused is not None:
        return refused
    weak = channel is Channel.SMS or (
        terms.relation is Relation.OTHER and evidence is Evidence.SELF_DECLARED
    )
    return no.VIEWS_ONLY if weak and not VIEWS.issuperset(terms.scopes) else None


def _refusal_of_principal(
    terms: Terms,
    parties: Parties,
    channel: Channel,
    evidence: Evidence,
    figures: MandateFigures,
    now: datetime,
) -> Refusal | None:
    age = _age(parties.principal_birth, now)
    if terms.relation is Relation.WARD:
        if age < figures.adult_age:
            return no.PRINCIPAL_MINOR
        shown = channel is Channel.DOCUMENT and evidence is Evidence.COURT_DECISION
        return None if shown else no.CUSTODY_NEEDED
    if parties.under_guardianship:
        return no.UNDER_GUARDIANSHIP
    if age >= figures.adult_age:
        if channel is Channel.DOCUMENT:
            return no.CONSENT_NEEDED
        return no.LENGTH_FORM if terms.days is None else None
    return _refusal_of_child(terms, age, channel, evidence, figures)


def _refusal_of_child(
    terms: Terms, age: int, channel: Channel, evidence: Evidence, figures: MandateFigures
) -> Refusal | None:
    """Return why nobody may act so for a minor: parents by custody, from 14 on with consent."""
    if terms.relation is not Relation.CHILD:
        return no.PRINCIPAL_MINOR
    if age < figures.deciding_age and evidence not in CUSTODY:
        return no.CUSTODY_NEEDED
    weak = channel is Channel.SMS
    papers = age >= figures.consent_age and channel is Channel.DOCUMENT
    return no.CONSENT_NEEDED if weak or papers else None


def refusal_of_quota(
    relation: Relation, bindings: Bindings, figures: MandateFigures
) -> Refusal | None:
    """Return which limit on the number of mandates is reached; guardians have none (D10, D11)."""
    if bindings.between:
        return no.ALREADY_BOUND
    if relation in GUARDED or relation is Relation.ASSISTED:
        return None
    most = {
        Relation.ELDER: figures.elders,
        Relation.CHILD: figures.children,
        Relation.SPOUSE: figures.spouses,
        Relation.OTHER: figures.others,
    }
    if bindings.of_delegate.get(relation, 0) >= most[relation]:
        return no.TOO_MANY_PRINCIPALS
    if bindings.of_principal >= figures.delegates:
        return no.TOO_MANY_DELEGATES
    return no.TOO_MANY_BINDINGS if bindings.recent >= figures.bindings_per_month else None


def grant(
    terms: Terms, principal_birth: date, channel: Channel, figures: MandateFigures, now: datetime
) -> Grant:
    """Return what a confirmation at `now` makes of terms that may be granted."""
    ends_at = None if terms.days is None else now + timedelta(days=terms.days)
    ends_as, sensitive_until, consent_from = Ending.EXPIRED, None, None
    age = _age(principal_birth, now)
    if age < figures.adult_age:
        adult_at = birthday_instant(principal_birth, figures.adult_age)
        if ends_at is None or adult_at <= ends_at:
            ends_at, ends_as = adult_at, Ending.COMING_OF_AGE
        if age < figures.deciding_age:
            sensitive_until = birthday_instant(principal_birth, figures.deciding_age)
        if age < figures.consent_age and channel is Channel.DOCUMENT:
            consent_from = birthday_instant(principal_birth, figures.consent_age)
    review = timedelta(days=figures.review_days)
    return Grant(
        scopes=tuple(
            ScopeGrant(
                one,
                now + timedelta(hours=figures.cool_down_hours) if one in COOLED else now,
                sensitive_until if one in SENSITIVE else None,
            )
            for one in terms.scopes
        ),
        starts_at=now,
        ends_at=ends_at,
        ends_as=ends_as,
        review_by=now + review if terms.relation is Relation.WARD else None,
        consent_from=consent_from,
    )


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


def birthday_instant(birth: date, age: int) -> datetime:
    """Return 00:00 local of the day on which `age` is completed."""
    day = birthday_in(birth, birth.year + age)
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE)


def _age(birth: date, now: datetime) -> int:
    return age_on(birth, local_day(now))
