"""What holds of the admission rule whatever the rules and whoever comes."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from shared.admission.circumstances import Circumstances, HeldBooking, HeldPass
from shared.admission.composition import AllOf, AnyOf
from shared.admission.condition import Condition, Failure, Held
from shared.admission.entitlement_conditions import BookingHeld, PassHeld
from shared.admission.evidence import AgeRange, Evidence
from shared.admission.precedence import PRECEDENCE
from shared.admission.prices import PriceList, PriceRule
from shared.admission.rules import AdmissionRules, decide
from shared.admission.time_conditions import DaysWithin, Open, SinceLastEntry
from shared.admission.wire_form import InvalidRules
from shared.ecode.reasons import Reason
from tests.shared.admission.drawn import (
    CALENDARS,
    OPEN_ENDED_AGES,
    bookings,
    conditions,
    passes,
    price_lists,
    rule_sets,
    surroundings,
    visitors,
)

Shuffle = Callable[[list[Any]], list[Any]]


def _shuffled(rules: AdmissionRules, mix: Shuffle) -> AdmissionRules:
    """Return the same rules with everything in them in another order."""
    agreements = [
        replace(made, partners=tuple(mix(list(made.partners))))
        for made in rules.region_rules.agreements
    ]
    priced = [
        replace(rule, conditions=tuple(mix([_mixed(part, mix) for part in rule.conditions])))
        for rule in rules.prices.rules
    ]
    return replace(
        rules,
        conditions=tuple(mix([_mixed(part, mix) for part in rules.conditions])),
        region_rules=replace(rules.region_rules, agreements=tuple(mix(agreements))),
        prices=replace(rules.prices, rules=tuple(mix(priced))),
    )


def _mixed(condition: Condition, mix: Shuffle) -> Condition:
    if isinstance(condition, AllOf | AnyOf):
        parts = tuple(mix([_mixed(part, mix) for part in condition.conditions]))
        return type(condition)(parts)
    return condition


@given(rule_sets(), visitors, surroundings(), st.randoms(use_true_random=False))
def test_no_order_of_anything_changes_the_decision(
    rules: AdmissionRules, visitor: Evidence, around: Circumstances, random: Any
) -> None:
    def mix(values: list[Any]) -> list[Any]:
        mixed_up: list[Any] = random.sample(values, len(values))
        return mixed_up

    mixed = replace(
        around,
        bookings=tuple(mix(list(around.bookings))),
        passes=tuple(mix(list(around.passes))),
    )

    assert decide(visitor, mixed, _shuffled(rules, mix)) == decide(visitor, around, rules)


@given(rule_sets(), visitors, surroundings())
def test_a_refusal_names_a_condition_that_failed_and_what_to_do(
    rules: AdmissionRules, visitor: Evidence, around: Circumstances
) -> None:
    decision = decide(visitor, around, rules)
    if decision.answer.verdict.opens:
        assert decision.failures == ()
        assert 1 <= decision.admits <= around.party
        return

    told = decision.failures[0]
    assert told.condition.check(rules.case(visitor, around)) == told
    assert decision.answer.reason is told.reason
    assert decision.decided_by == told.condition
    assert decision.answer.next_step is not None
    assert "?" not in decision.answer.headline.en + decision.answer.next_step.en
    assert told.works_at is None or told.works_at > around.now
    assert (decision.admits, decision.quote) == (0, None)


@given(rule_sets(), visitors, surroundings(), st.data())
def test_taking_a_condition_away_never_refuses(
    rules: AdmissionRules, visitor: Evidence, around: Circumstances, data: st.DataObject
) -> None:
    assume(rules.conditions)
    kept = data.draw(st.lists(st.sampled_from(rules.conditions), unique_by=id))

    if decide(visitor, around, rules).answer.verdict.opens:
        fewer = replace(rules, conditions=tuple(kept))
        assert decide(visitor, around, fewer).answer.verdict.opens


@given(
    rule_sets(OPEN_ENDED_AGES, excluding=False),
    visitors,
    surroundings(party=1),
    st.integers(0, 100),
    st.integers(0, 40),
)
def test_where_rules_only_ever_begin_at_an_age_nobody_loses_by_growing_older(
    rules: AdmissionRules, visitor: Evidence, around: Circumstances, age: int, years: int
) -> None:
    """Of two who differ in age alone, the older is admitted where the younger is, for no more.

    Declared age-monotone are rules whose every range of ages has no upper end, in conditions,
    prices and agreements alike, and whose agreements exclude nobody by age. "Charged" is the price
    due at the gate: nothing for whoever enters on a booking or a pass.
    """
    younger = replace(visitor, ages=AgeRange.exactly(age))
    older = replace(visitor, ages=AgeRange.exactly(age + years))

    before, after = (decide(who, around, rules) for who in (younger, older))

    assert after.answer.verdict.opens or not before.answer.verdict.opens
    if before.answer.verdict.opens:
        due = [decision.quote.total_fen if decision.quote else 0 for decision in (before, after)]
        assert due[1] <= due[0]
    quotes = [rules.prices.quote("entry", rules.case(who, around)) for who in (younger, older)]
    assert quotes[1].total_fen <= quotes[0].total_fen


def _after(rule: PriceRule, price: Fraction) -> Fraction:
    """Return the price after a rule, by the words of the rule alone."""
    match rule.effect.to_wire():
        case {"kind": "percent", "percent": share}:
            return price * Fraction(share, 100)
        case {"kind": "off", "fen": fen}:
            return max(Fraction(0), price - int(fen))
        case {"kind": "fixed", "fen": fen}:
            return min(price, Fraction(fen))
        case other:
            raise AssertionError(other)


def _least(prices: PriceList, applying: list[PriceRule]) -> int:
    """Try every choice of at most one exclusive rule, every set of stacking ones, every order."""
    base = Fraction(prices.products[0].base_fen)
    exclusive: list[list[PriceRule]] = [[], *([rule] for rule in applying if not rule.stacks)]
    stacking = [rule for rule in applying if rule.stacks]
    found = []
    for chosen in exclusive:
        for count in range(len(stacking) + 1):
            for stacked in combinations(stacking, count):
                for order in permutations([*chosen, *stacked]):
                    price = base
                    for rule in order:
                        price = _after(rule, price)
                    found.append(price.numerator // price.denominator)
    return min(found)


@given(price_lists(), visitors, surroundings())
def test_a_quote_is_the_least_that_the_rules_allow(
    prices: PriceList, visitor: Evidence, around: Circumstances
) -> None:
    case = AdmissionRules(prices=prices).case(visitor, around)

    quote = prices.quote("entry", case)

    applying = [rule for rule in prices.rules if rule.applies("entry", case)]
    assert quote.total_fen == _least(prices, applying)
    assert quote.total_fen >= 0
    assert quote.total_fen == sum(line.fen for line in quote.lines)
    assert all(line.fen < 0 for line in quote.lines[1:])
    assert {line.rule for line in quote.lines[1:]} <= {rule.code for rule in applying}
    assert quote == prices.quote("entry", case)


@given(price_lists(), visitors, surroundings(), st.data())
def test_one_rule_more_never_costs_more(
    prices: PriceList, visitor: Evidence, around: Circumstances, data: st.DataObject
) -> None:
    assume(prices.rules)
    case = AdmissionRules(prices=prices).case(visitor, around)
    kept = data.draw(st.lists(st.sampled_from(prices.rules), unique_by=lambda rule: rule.code))

    fewer = replace(prices, rules=tuple(kept)).quote("entry", case)

    assert prices.quote("entry", case).total_fen <= fewer.total_fen


@given(
    st.one_of(
        st.integers(0, len(CALENDARS) - 1).map(lambda number: Open(CALENDARS[number])),
        conditions().filter(
            lambda part: isinstance(part, BookingHeld | DaysWithin | PassHeld | SinceLastEntry)
        ),
    ),
    visitors,
    surroundings(),
)
def test_what_works_later_works_then(
    condition: Condition, visitor: Evidence, around: Circumstances
) -> None:
    rules = AdmissionRules()
    answer = condition.check(rules.case(visitor, around))

    if isinstance(answer, Failure) and answer.works_at is not None:
        then = replace(around, now=answer.works_at)
        assert isinstance(condition.check(rules.case(visitor, then)), Held)


@given(conditions(), visitors, surroundings())
def test_every_reason_of_a_condition_has_its_place_in_the_precedence(
    condition: Condition, visitor: Evidence, around: Circumstances
) -> None:
    answer = condition.check(AdmissionRules().case(visitor, around))

    placed = [reason for _, reasons in PRECEDENCE for reason in reasons]
    assert len(set(placed)) == len(placed)
    assert isinstance(answer, Held) or answer.reason in set(placed)


@given(rule_sets())
def test_rules_survive_the_wire(rules: AdmissionRules) -> None:
    assert AdmissionRules.of_wire(json.loads(json.dumps(rules.to_wire()))) == rules


@given(bookings, passes)
def test_what_is_held_survives_the_wire(booking: HeldBooking, held: HeldPass) -> None:
    booking, held = replace(booking, booking_id="b"), replace(held, pass_id="p")  # noqa: S106 - a ticket

    assert HeldBooking.of_wire(json.loads(json.dumps(booking.to_wire()))) == booking
    assert HeldPass.of_wire(json.loads(json.dumps(held.to_wire()))) == held


_junk: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 10**12, 0.5, "", "x", "moon", "\0", [], [[]], {}, {"$ne": 1}, {"kind": "age"}]
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    within = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(place for key, part in within for place in _places(part, (*path, key)))]


@given(rule_sets(), st.data())
def test_rules_with_one_part_broken_are_refused_or_are_other_rules(
    rules: AdmissionRules, data: st.DataObject
) -> None:
    """Whatever comes over the wire, nothing but `InvalidRules` comes out of reading it."""
    wire = json.loads(json.dumps(rules.to_wire()))
    place = data.draw(st.sampled_from(_places(wire)))
    junk = data.draw(_junk)
    target = wire
    for key in place[:-1]:
        target = target[key]
    if place:
        target[place[-1]] = junk
    else:
        wire = junk

    try:
        read = AdmissionRules.of_wire(wire)
    except InvalidRules:
        return
    assert AdmissionRules.of_wire(read.to_wire()) == read
    assert read.to_wire() == wire


def test_the_reasons_of_the_precedence_are_those_of_conditions() -> None:
    placed = {reason for _, reasons in PRECEDENCE for reason in reasons}

    assert Reason.NOT_OURS not in placed
    assert Reason.NOT_OPEN in placed
