"""The admission rule."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.admission.answer import Verdict, refuse
from shared.admission.evidence import Evidence, Medium
from shared.admission.rules import AdmissionRules, InvalidRules, UnauthenticatedCard, decide
from shared.ecode.certificate import AgeBand, ConcessionLevel
from shared.ecode.reasons import OWN_FAULT, TRY_AGAIN, Reason

RESIDENT = Evidence(Medium.ECODE, 360702, authenticated=True, age_band=AgeBand.ADULT)
CARD = Evidence(Medium.CARD, 360700, authenticated=False)

rules_strategy = st.builds(
    AdmissionRules,
    regions=st.none() | st.frozensets(st.sampled_from([360000, 360700, 360702, 320700])),
    representative_allowed=st.booleans(),
    unauthenticated_card=st.sampled_from(UnauthenticatedCard),
    free_age_bands=st.frozensets(st.sampled_from(AgeBand)),
)
evidence_strategy = st.builds(
    Evidence,
    medium=st.sampled_from(Medium),
    region=st.sampled_from([360700, 360702, 320700, 510100]),
    authenticated=st.booleans(),
    age_band=st.none() | st.sampled_from(AgeBand),
    concession=st.sampled_from(ConcessionLevel),
    represented=st.booleans(),
)


def test_an_adult_of_the_city_is_admitted() -> None:
    answer = decide(RESIDENT, AdmissionRules())

    assert answer.verdict is Verdict.ADMIT
    assert answer.reason is None
    assert answer.headline.zh == "请进"


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        (None, True),
        ({360700}, True),
        ({360000}, True),
        ({360702}, True),
        ({360703}, False),
        ({320700}, False),
        (frozenset(), False),
    ],
)
def test_a_region_stands_for_all_below_it(accepted: set[int] | None, taken: bool) -> None:
    rules = AdmissionRules(regions=None if accepted is None else frozenset(accepted))

    answer = decide(RESIDENT, rules)

    assert answer.verdict.opens is taken
    assert taken or answer.reason is Reason.REGION_NOT_ACCEPTED


def test_an_unproven_card_is_looked_at_only_where_the_venue_says_so() -> None:
    look = decide(CARD, AdmissionRules(unauthenticated_card=UnauthenticatedCard.LOOK))
    refused = decide(CARD, AdmissionRules())

    assert (look.verdict, look.reason) == (Verdict.LOOK, Reason.CARD_NOT_AUTHENTICATED)
    assert look.next_step is not None
    assert (refused.verdict, refused.reason) == (Verdict.REFUSE, Reason.CARD_NOT_AUTHENTICATED)


def test_a_representative_is_never_admitted_without_a_look() -> None:
    shown = replace(RESIDENT, represented=True)

    assert decide(shown, AdmissionRules()).reason is Reason.REPRESENTATIVE_NOT_ALLOWED
    assert decide(shown, AdmissionRules(representative_allowed=True)).verdict is Verdict.LOOK


def test_free_and_reduced_are_told() -> None:
    rules = AdmissionRules(free_age_bands=frozenset({AgeBand.FROM_70}))

    assert decide(replace(RESIDENT, age_band=AgeBand.FROM_70), rules).headline.zh == "请进 · 免费"
    assert (
        "优惠" in decide(replace(RESIDENT, concession=ConcessionLevel.REDUCED), rules).headline.zh
    )


@given(evidence_strategy, rules_strategy)
def test_what_is_refused_names_a_condition_that_failed(
    evidence: Evidence, rules: AdmissionRules
) -> None:
    answer = decide(evidence, rules)

    province, city = evidence.region // 10_000 * 10_000, evidence.region // 100 * 100
    failed = {
        Reason.REGION_NOT_ACCEPTED: rules.regions is not None
        and rules.regions.isdisjoint({evidence.region, city, province}),
        Reason.REPRESENTATIVE_NOT_ALLOWED: evidence.represented
        and not rules.representative_allowed,
        Reason.CARD_NOT_AUTHENTICATED: not evidence.authenticated,
    }
    if answer.verdict is Verdict.REFUSE:
        assert answer.reason is not None
        assert failed[answer.reason]
        assert answer.next_step is not None
    elif answer.verdict is Verdict.ADMIT:
        assert evidence.authenticated
        assert not evidence.represented


@given(rules_strategy)
def test_rules_survive_the_wire(rules: AdmissionRules) -> None:
    assert AdmissionRules.of_wire(rules.to_wire()) == rules


@pytest.mark.parametrize(
    "values",
    [
        {},
        {**AdmissionRules().to_wire(), "regions": 7},
        {**AdmissionRules().to_wire(), "free_age_bands": [9]},
        {**AdmissionRules().to_wire(), "unauthenticated_card": "open"},
    ],
)
def test_rules_not_understood_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(InvalidRules):
        AdmissionRules.of_wire(values)


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reason_is_a_refusal_a_second_try_or_our_own_fault(reason: Reason) -> None:
    answer = refuse(reason)

    assert not answer.verdict.opens
    assert (answer.verdict is Verdict.AGAIN) == (reason in TRY_AGAIN)
    assert (answer.verdict is Verdict.SYSTEM) == (reason in OWN_FAULT)
