"""Who may be given a mandate, by whom and for how long, and what a confirmation makes of it; pure.

D1 to D32 name the rules of the domain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from backend.figures import MandateFigures
from backend.foundation.refusals import Refusal
from backend.mandates import refusals as no
from backend.mandates.rules import Ending, ScopeGrant
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
from shared.clock import LOCAL_ZONE
from shared.identity.age import age_on, birthday_in, local_day

LENGTHS = (1, 31, 182, 365)
INVITATION_KEPT = timedelta(hours=24)
GUARDED = frozenset({Relation.WARD})


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
    claimed_falsely_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bindings:
    """The mandates in force that count against quotas."""

    of_delegate: Mapping[Relation, int] = field(default_factory=dict)
    of_principal: int = 0
    recent: int = 0
    between: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """What a confirmation makes of terms: instants only."""

    scopes: tuple[ScopeGrant, ...]
    starts_at: datetime
    ends_at: datetime | None
    ends_as: Ending
    review_by: datetime | None = None
    consent_from: datetime | None = None


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
    if evidence is Evidence.SELF_DECLARED and _is_on_record(parties, figures, now):
        return no.PAPERS_NEEDED
    if channel is Channel.CARD and not SENSITIVE.isdisjoint(terms.scopes):
        return no.CARD_NOT_ENOUGH
    weak = channel is Channel.SMS or (
        terms.relation is Relation.OTHER and evidence is Evidence.SELF_DECLARED
    )
    return no.VIEWS_ONLY if weak and not VIEWS.issuperset(terms.scopes) else None


def _is_on_record(parties: Parties, figures: MandateFigures, now: datetime) -> bool:
    """Tell whether the delegate was lately found to have claimed a kinship falsely (D27)."""
    found = parties.claimed_falsely_at
    return found is not None and now < found + timedelta(days=figures.false_claim_days)


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


def birthday_instant(birth: date, age: int) -> datetime:
    """Return 00:00 local of the day on which `age` is completed."""
    day = birthday_in(birth, birth.year + age)
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE)


def _age(birth: date, now: datetime) -> int:
    return age_on(birth, local_day(now))
