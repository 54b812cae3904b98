"""The rules of acting for another, on values: each by its number."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest

from backend.figures import MandateFigures
from backend.foundation.access import NOT_DELEGABLE, Caller
from backend.foundation.permissions import Act, may
from backend.foundation.refusals import Refusal
from backend.mandates import refusals as no
from backend.mandates import texts
from backend.mandates.confirming import is_exempt
from backend.mandates.granting import (
    Bindings,
    Grant,
    Parties,
    Terms,
    birthday_instant,
    grant,
    refusal_of_quota,
    refusal_to_grant,
    terms_of,
)
from backend.mandates.rules import (
    Ending,
    MandateFacts,
    MandateState,
    MoneyLimits,
    days_left,
    limits_of,
    refusal_to_pay,
    refusal_to_use,
    reminder_after,
)
from backend.mandates.scopes import (
    COOLED,
    DEFAULT_SCOPES,
    SENSITIVE,
    VIEWS,
    Channel,
    Evidence,
    Relation,
    Scope,
)
from backend.mandates.texts import hash_of
from shared.clock import LOCAL_ZONE

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
FIGURES = MandateFigures()
ADULT = date(1950, 5, 5)
DAY = timedelta(days=1)
TICK = timedelta(milliseconds=1)
SHOW_AND_BOOK = Terms(Relation.ELDER, DEFAULT_SCOPES, 31)


def parties(**changed: object) -> Parties:
    plain = Parties(same=False, principal_birth=ADULT, delegate_birth=date(1975, 1, 1))
    return replace(plain, **changed)  # type: ignore[arg-type]


def judged(
    terms: Terms = SHOW_AND_BOOK,
    channel: Channel = Channel.APP,
    evidence: Evidence = Evidence.SELF_DECLARED,
    now: datetime = NOW,
    **changed: object,
) -> str | None:
    refused = refusal_to_grant(terms, parties(**changed), channel, evidence, FIGURES, now)
    return None if refused is None else refused.code


def facts(
    scopes: Sequence[Scope] = DEFAULT_SCOPES, made: Grant | None = None, **changed: object
) -> MandateFacts:
    made = made or grant(
        Terms(Relation.ELDER, tuple(scopes), 365), ADULT, Channel.APP, FIGURES, NOW
    )
    plain = MandateFacts(
        delegate="res_d",
        state=MandateState.ACTIVE,
        scopes=made.scopes,
        ends_at=made.ends_at,
        used_at=NOW,
        review_by=made.review_by,
        consent_from=made.consent_from,
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def used(one: MandateFacts, scope: Scope, now: datetime = NOW) -> Refusal | None:
    return refusal_to_use(one, "res_d", scope, FIGURES, now)


@pytest.mark.feature("D1")
def test_d1_the_hash_follows_from_the_scopes_the_length_and_the_version() -> None:
    now = hash_of(DEFAULT_SCOPES, 31)
    assert hash_of(DEFAULT_SCOPES, 31) == now
    others = {hash_of(DEFAULT_SCOPES, 1), hash_of((Scope.BOOK,), 31), hash_of(DEFAULT_SCOPES, None)}
    assert len(others | {now}) == 4
    with patch.object(texts, "VERSION", texts.VERSION + 1):
        assert hash_of(DEFAULT_SCOPES, 31) not in others | {now}


@pytest.mark.feature("D3")
def test_d3_without_a_choice_only_the_smallest_scopes() -> None:
    terms = terms_of(Relation.ELDER, [], 31)
    assert isinstance(terms, Terms)
    assert set(terms.scopes) == {Scope.CARD_SHOW, Scope.BOOK}
    assert SENSITIVE.isdisjoint(terms.scopes)
    assert terms_of(Relation.ELDER, [Scope.BOOK, Scope.BOOK], 31) == no.SCOPES_FORM


@pytest.mark.feature("D4")
@pytest.mark.parametrize("days", [1, 31, 182, 365, 0, 2, 366, -1, None])
def test_d4_an_end_is_mandatory_and_has_one_of_four_lengths(days: int | None) -> None:
    allowed = isinstance(terms_of(Relation.ELDER, [], days), Terms)
    assert allowed == (days in {1, 31, 182, 365})


@pytest.mark.feature("D4")
def test_d4_guardians_until_the_event_and_nobody_else() -> None:
    assert isinstance(terms_of(Relation.WARD, [], None), Terms)
    grown = Terms(Relation.CHILD, DEFAULT_SCOPES, None)
    assert judged(grown) == "mandate_length"  # a child who is of age is no ward


@pytest.mark.feature("D5")
@pytest.mark.parametrize("scope", list(Scope))
def test_d5_sms_confirms_views_at_most(scope: Scope) -> None:
    one = Terms(Relation.ELDER, (scope,), 31)
    assert judged(one, Channel.SMS) == (None if scope in VIEWS else "mandate_views_only")
    assert judged(one, Channel.OUTLET) is None
    assert judged(one, Channel.DOCUMENT, Evidence.COURT_DECISION) == "mandate_consent_needed"


@pytest.mark.feature("D6")
@pytest.mark.parametrize("scope", list(Scope))
def test_d6_money_and_health_begin_a_day_after_the_confirmation(scope: Scope) -> None:
    one, a_day_on = facts([scope]), NOW + DAY
    assert used(one, scope, a_day_on - TICK) == (no.COOLING_DOWN if scope in COOLED else None)
    assert used(one, scope, a_day_on) is None


@pytest.mark.feature("D9")
def test_d9_the_instant_of_use_decides() -> None:
    one = facts()
    assert one.ends_at is not None
    assert used(one, Scope.BOOK, one.ends_at - TICK) is None
    assert used(one, Scope.BOOK, one.ends_at) == no.MANDATE_OVER
    assert used(replace(one, state=MandateState.ENDED), Scope.BOOK) == no.MANDATE_OVER
    assert used(replace(one, state=MandateState.TAKEN), Scope.BOOK) == no.NOT_CONFIRMED
    assert used(one, Scope.BENEFIT_VIEW) == no.SCOPE_MISSING
    assert refusal_to_use(one, "res_x", Scope.BOOK, FIGURES, NOW) == no.MANDATE_UNKNOWN


@pytest.mark.feature("D10")
def test_d10_quotas_by_relation_are_the_citys_and_guardians_have_none() -> None:
    most = {Relation.ELDER: 4, Relation.CHILD: 3, Relation.SPOUSE: 1, Relation.OTHER: 2}
    assert sum(most.values()) == 10
    for relation, number in most.items():
        below = Bindings(of_delegate={relation: number - 1}, of_principal=2)
        full = replace(below, of_delegate={relation: number})
        assert refusal_of_quota(relation, below, FIGURES) is None
        assert refusal_of_quota(relation, full, FIGURES) == no.TOO_MANY_PRINCIPALS
        wide = replace(FIGURES, elders=9, children=9, spouses=9, others=9)
        assert refusal_of_quota(relation, full, wide) is None
    crowded = Bindings(of_principal=3)
    assert refusal_of_quota(Relation.ELDER, crowded, FIGURES) == no.TOO_MANY_DELEGATES
    assert refusal_of_quota(Relation.WARD, crowded, FIGURES) is None


@pytest.mark.feature("D11")
def test_d11_six_new_bindings_in_thirty_days() -> None:
    assert refusal_of_quota(Relation.OTHER, Bindings(recent=5), FIGURES) is None
    assert refusal_of_quota(Relation.OTHER, Bindings(recent=6), FIGURES) == no.TOO_MANY_BINDINGS


BIRTHS = (date(2012, 2, 29), date(2012, 7, 1), date(2011, 12, 31))


def local(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LOCAL_ZONE)


@pytest.mark.feature("D13", "L4")
@pytest.mark.parametrize("birth", BIRTHS)
def test_d13_custody_alone_until_fourteen_then_the_childs_word_beside_it(birth: date) -> None:
    terms = Terms(Relation.CHILD, DEFAULT_SCOPES, None)
    fourteen = birthday_instant(birth, 14)
    shown = (Evidence.BIRTH_CERTIFICATE, Evidence.SELF_DECLARED)

    def by(channel: Channel, evidence: Evidence, now: datetime) -> str | None:
        return judged(terms, channel, evidence, now, principal_birth=birth)

    assert by(Channel.DOCUMENT, shown[0], fourteen - TICK) is None
    assert by(Channel.DOCUMENT, shown[1], fourteen - TICK) == "mandate_custody_needed"
    assert by(Channel.DOCUMENT, shown[0], fourteen) == "mandate_consent_needed"
    assert by(Channel.OUTLET, shown[0], fourteen) is None
    assert by(Channel.APP, shown[1], birthday_instant(birth, 16) - TICK) == "mandate_custody_needed"
    assert by(Channel.APP, shown[1], birthday_instant(birth, 16)) is None
    assert by(Channel.SMS, shown[0], fourteen) == "mandate_consent_needed"


@pytest.mark.feature("D13")
@pytest.mark.parametrize("birth", BIRTHS)
def test_d13_birthdays_change_a_parents_mandate_by_themselves(birth: date) -> None:
    ten = birthday_instant(birth, 10)
    terms = Terms(Relation.CHILD, (Scope.BOOK, Scope.MEDICAL_VIEW), None)
    made = grant(terms, birth, Channel.DOCUMENT, FIGURES, ten)
    one = facts(made=made, used_at=ten)
    fourteen, sixteen, eighteen = (birthday_instant(birth, age) for age in (14, 16, 18))

    assert used(one, Scope.BOOK, fourteen - TICK) is None
    assert used(one, Scope.BOOK, fourteen) == no.CHILD_CONSENT_DUE
    agreed = replace(one, consent_from=None, used_at=sixteen - DAY)
    assert used(agreed, Scope.MEDICAL_VIEW, sixteen - TICK) is None
    assert used(agreed, Scope.MEDICAL_VIEW, sixteen) == no.SCOPE_MISSING
    assert used(agreed, Scope.BOOK, sixteen) is None
    assert used(agreed, Scope.BOOK, eighteen - TICK) is None
    assert used(agreed, Scope.BOOK, eighteen) == no.MANDATE_OVER
    assert (made.ends_at, made.ends_as) == (eighteen, Ending.COMING_OF_AGE)


@pytest.mark.feature("D13")
def test_d13_born_on_a_leap_day_one_comes_of_age_on_the_last_of_february() -> None:
    assert birthday_instant(date(2012, 2, 29), 18) == local(date(2030, 2, 28))
    assert birthday_instant(date(2012, 2, 29), 16) == local(date(2028, 2, 29))


@pytest.mark.feature("D13")
def test_d13_only_parents_and_guardians_act_for_minors_and_only_adults_act() -> None:
    minor, child = date(2012, 7, 1), Terms(Relation.OTHER, tuple(VIEWS), 31)
    assert judged(child, principal_birth=minor) == "mandate_principal_minor"
    assert judged(delegate_birth=date(2009, 3, 3)) == "mandate_delegate_minor"
    assert judged(delegate_birth=date(2008, 3, 2)) is None


@pytest.mark.feature("D14")
def test_d14_reminders_thirty_seven_and_one_day_before_the_end() -> None:
    ends_at, at, days = NOW + 31 * DAY, NOW, []
    while (due := reminder_after(ends_at, at)) != ends_at:
        assert due is not None
        days.append(days_left(ends_at, due))
        at = due
    assert days == [30, 7, 1]
    assert reminder_after(None, NOW) is None


@pytest.mark.feature("D15")
def test_d15_an_excluded_parent_is_refused_like_any_mandate_that_cannot_be() -> None:
    excluded = refusal_to_grant(
        SHOW_AND_BOOK,
        parties(excluded=True),
        Channel.DOCUMENT,
        Evidence.BIRTH_CERTIFICATE,
        FIGURES,
        NOW,
    )
    assert excluded == no.NOT_POSSIBLE
    assert judged(both_present=False) == "mandate_not_possible"  # the same words
    assert not {"法院", "排除"} & set(no.NOT_POSSIBLE.text.zh)
    assert "court" not in no.NOT_POSSIBLE.text.en + no.NOT_POSSIBLE.next_step.en


@pytest.mark.feature("D16")
def test_d16_a_guardians_overdue_review_leaves_views_only() -> None:
    terms = Terms(Relation.WARD, (Scope.BOOK, Scope.BENEFIT_VIEW), None)
    assert judged(terms) == "mandate_custody_needed"
    assert judged(terms, Channel.DOCUMENT, Evidence.COURT_DECISION) is None
    made = grant(terms, ADULT, Channel.DOCUMENT, FIGURES, NOW)
    one, over = facts(made=made), NOW + 365 * DAY
    assert used(one, Scope.BOOK, over - TICK) is None
    assert used(one, Scope.BOOK, over) == no.REVIEW_DUE
    assert used(one, Scope.BENEFIT_VIEW, over) is None


@pytest.mark.feature("D17")
def test_d17_who_is_under_guardianship_grants_nothing_alone() -> None:
    for channel in (Channel.APP, Channel.OUTLET, Channel.SMS):
        assert judged(SHOW_AND_BOOK, channel, under_guardianship=True) == (
            "mandate_under_guardianship"
        )


@pytest.mark.feature("D21")
def test_d21_money_is_nothing_by_default_and_never_for_the_delegates_own_account() -> None:
    def pay(limits: MoneyLimits, fen: int, **more: bool) -> Refusal | None:
        return refusal_to_pay(limits, 300, 900, fen, to_delegate=more.get("own", False))

    assert MoneyLimits() == MoneyLimits(per_act=0, per_day=0, per_month=0)
    assert MoneyLimits() == MoneyLimits(per_act=0, per_day=0, per_month=0)
    assert pay(MoneyLimits(), 1) == no.OVER_LIMIT
    limits = limits_of(200, 500, 1000)
    assert isinstance(limits, MoneyLimits)
    assert pay(limits, 100) is None
    assert pay(limits, 101) == no.OVER_LIMIT  # the month's
    assert pay(limits, 0) == pay(limits, -5) == no.OVER_LIMIT
    assert pay(limits, 1, own=True) == no.OWN_ACCOUNT
    assert limits_of(2, 1, 1) == limits_of(-1, 1, 1) == no.LIMITS_FORM


@pytest.mark.feature("D27")
def test_d27_a_self_declared_other_gets_views_only() -> None:
    both = Terms(Relation.OTHER, DEFAULT_SCOPES, 31)
    assert judged(both) == "mandate_views_only"
    assert judged(Terms(Relation.OTHER, tuple(VIEWS), 31)) is None
    assert judged(both, evidence=Evidence.HOUSEHOLD_REGISTER) is None


@pytest.mark.feature("D28")
def test_d28_a_dispute_suspends_the_mandate_and_freezes_every_delegates_money() -> None:
    both = facts([Scope.BOOK, Scope.PAY_SMALL])
    later = NOW + DAY
    assert used(replace(both, disputed=True), Scope.BOOK, later) == no.DISPUTED
    other = replace(both, money_frozen=True)
    assert used(other, Scope.PAY_SMALL, later) == no.DISPUTED
    assert used(other, Scope.BOOK, later) is None


@pytest.mark.feature("D29")
@pytest.mark.parametrize("scope", list(Scope))
def test_d29_sensitive_scopes_lapse_after_half_a_year_of_sleep(scope: Scope) -> None:
    one, asleep = facts([scope]), NOW + 180 * DAY
    assert used(one, scope, asleep - TICK) is None
    assert used(one, scope, asleep) == (no.DORMANT if scope in SENSITIVE else None)


@pytest.mark.feature("D10")
def test_d10_a_parent_by_custody_and_a_guardian_count_against_no_quota() -> None:
    for relation, channel, exempt in (
        (Relation.CHILD, Channel.DOCUMENT, True),
        (Relation.CHILD, Channel.APP, False),
        (Relation.WARD, Channel.DOCUMENT, True),
        (Relation.ASSISTED, Channel.DOORSTEP, True),
        (Relation.ELDER, Channel.OUTLET, False),
    ):
        row = {"relation": relation.value, "channel": channel.value}
        assert is_exempt(row) is exempt, (relation, channel)


@pytest.mark.feature("D12")
def test_d12_who_acts_for_another_gives_and_ends_no_mandate_by_their_own_rights() -> None:
    acting = Caller(resident_id="res_a", acting_for="mnd_a")
    assert may(acting, Act.MANDATE_MANAGE, "res_a") is NOT_DELEGABLE
    assert may(replace(acting, acting_for=""), Act.MANDATE_MANAGE, "res_a") is None


@pytest.mark.feature("D13")
def test_d13_a_year_given_at_seventeen_ends_at_the_birthday_of_eighteen() -> None:
    born = date(NOW.year - 18, 6, 1)  # three months before they come of age
    terms = Terms(Relation.CHILD, (Scope.BOOK,), 365)

    made = grant(terms, born, Channel.APP, FIGURES, NOW)

    assert made.ends_at == birthday_instant(born, 18)
    assert made.ends_as is Ending.COMING_OF_AGE
    month = grant(replace(terms, days=31), born, Channel.APP, FIGURES, NOW)
    assert (month.ends_at, month.ends_as) == (NOW + timedelta(days=31), Ending.EXPIRED)
