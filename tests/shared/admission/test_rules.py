"""The admission rule: what every venue asks, and what staff are told."""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import pytest

from shared.admission.answer import Answer, Verdict, refuse
from shared.admission.circumstances import Circumstances, DayRange
from shared.admission.composition import AllOf
from shared.admission.entitlement_conditions import PassHeld
from shared.admission.evidence import AgeRange, Evidence, Medium
from shared.admission.holder_conditions import CategoryHeld, UnauthenticatedCard
from shared.admission.mutual_lists import ListedItem, MutualList, SideList
from shared.admission.regions import Partner, RegionAgreement, RegionRules
from shared.admission.rules import AdmissionRules, decide
from shared.admission.scene import Scene
from shared.admission.wire_form import InvalidRules
from shared.ecode.certificate import ConcessionLevel
from shared.ecode.reasons import OWN_FAULT, TRY_AGAIN, Reason
from shared.localized_text import LocalizedText

RESIDENT = Evidence(Medium.ECODE, 360702, authenticated=True, ages=AgeRange(18, 59))
CARD = Evidence(Medium.CARD, 360700, authenticated=False)
AROUND = Circumstances(datetime(2026, 11, 22, 2, 30, tzinfo=UTC), venue=7)


def _answer(evidence: Evidence, rules: AdmissionRules) -> Answer:
    return decide(evidence, AROUND, rules).answer


def test_an_adult_of_the_city_is_admitted() -> None:
    answer = _answer(RESIDENT, AdmissionRules())

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

    answer = _answer(RESIDENT, rules)

    assert answer.verdict.opens is taken
    assert taken or answer.reason is Reason.REGION_NOT_ACCEPTED


def test_an_unproven_card_is_looked_at_only_where_the_venue_says_so() -> None:
    look = _answer(CARD, AdmissionRules(unauthenticated_card=UnauthenticatedCard.LOOK))
    refused = _answer(CARD, AdmissionRules())

    assert (look.verdict, look.reason) == (Verdict.LOOK, Reason.CARD_NOT_AUTHENTICATED)
    assert look.next_step is not None
    assert (refused.verdict, refused.reason) == (Verdict.REFUSE, Reason.CARD_NOT_AUTHENTICATED)


def test_d20_a_representative_is_never_admitted_without_a_look() -> None:
    shown = replace(RESIDENT, represented=True)

    assert _answer(shown, AdmissionRules()).reason is Reason.REPRESENTATIVE_NOT_ALLOWED
    assert _answer(shown, AdmissionRules(representative_allowed=True)).verdict is Verdict.LOOK


def test_staff_check_everything_that_is_to_be_checked() -> None:
    rules = AdmissionRules(
        representative_allowed=True, unauthenticated_card=UnauthenticatedCard.LOOK
    )

    answer = _answer(replace(CARD, represented=True), rules)

    assert answer.next_step is not None
    assert "照片" in answer.next_step.zh
    assert "代为出示" in answer.next_step.zh


@pytest.mark.parametrize(
    ("level", "headline"),
    [(ConcessionLevel.FREE, "请进 · 免费"), (ConcessionLevel.REDUCED, "请进 · 优惠")],
)
def test_without_prices_the_level_of_concession_is_told(
    level: ConcessionLevel, headline: str
) -> None:
    assert _answer(replace(RESIDENT, concession=level), AdmissionRules()).headline.zh == headline


WIRE = AdmissionRules().to_wire()


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 1},
        {"version": 3},
        {"scene": "anywhere"},
        {"regions": 7},
        {"regions": [1_000_000_000]},
        {"representative_allowed": 1},
        {"unauthenticated_card": "open"},
        {"unauthenticated_card": []},
        {"conditions": [{"kind": "moon_phase"}]},
        {"conditions": [{"kind": ["age"]}]},
        {"conditions": [{"kind": "age", "ages": {"least": 70, "most": 60}}]},
        {"conditions": [{"kind": "age", "ages": {"least": True, "most": None}}]},
        {"conditions": [{"kind": "any_of", "conditions": []}]},
        {"conditions": [{"kind": "in_person", "unless": "sunday"}]},
        {"conditions": ["in_person"]},
        {
            "conditions": [
                {
                    "kind": "booking",
                    "area": None,
                    "early_minutes": 0,
                    "late_minutes": 0,
                    "late_from": "start",
                }
            ]
        },
        {"region_rules": {"home": 360700}},
        {"prices": {"products": [], "rules": [{"code": "x"}]}},
        {"entry_product": "entry"},
        {"free_age_bands": []},
    ],
    ids=repr,
)
def test_rules_not_understood_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidRules):
        AdmissionRules.of_wire({**WIRE, **changed})


def test_rules_nested_without_end_are_refused() -> None:
    nested: dict[str, Any] = {"kind": "in_person"}
    for _ in range(3_000):
        nested = {"kind": "all_of", "conditions": [nested]}

    with pytest.raises(InvalidRules, match="deep"):
        AdmissionRules.of_wire({**WIRE, "conditions": [nested]})


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reason_is_a_refusal_a_second_try_or_our_own_fault(reason: Reason) -> None:
    answer = refuse(reason)

    assert not answer.verdict.opens
    assert (answer.verdict is Verdict.AGAIN) == (reason in TRY_AGAIN)
    assert (answer.verdict is Verdict.SYSTEM) == (reason in OWN_FAULT)


def test_of_failures_alike_the_order_of_the_rules_chooses_none() -> None:
    asked = (CategoryHeld(frozenset({"veteran"})), CategoryHeld(frozenset({"disabled"})))
    passes = (PassHeld(frozenset({"year"})), PassHeld(frozenset({"bundle"})))

    for first, second in (asked, passes, (AllOf(asked), AllOf(asked[::-1]))):
        one, other = (
            decide(RESIDENT, AROUND, AdmissionRules(conditions=order))
            for order in ((first, second), (second, first))
        )
        assert one == other


def test_the_agreement_that_excludes_is_the_one_named() -> None:
    days = DayRange(date(2026, 1, 1))
    name = LocalizedText("协议", "Agreement")
    takes = RegionAgreement("a", name, (Partner(510100, days),))
    excludes = RegionAgreement("b", name, (Partner(510100, days, excluded=True),))
    visitor = replace(RESIDENT, region=510100)

    for agreements in ((takes, excludes), (excludes, takes)):
        standing = RegionRules(360700, agreements).standing(visitor, Scene.ANY, date(2026, 11, 22))
        assert (standing.local, standing.agreement) == (False, excludes)


@pytest.mark.feature("S130")
def test_the_nearest_level_wins_and_what_is_not_named_inherits() -> None:
    """Sichuan takes part, Chengdu is excluded, its Wuhou district has an agreement of its own."""
    days, name = DayRange(date(2026, 1, 1), date(2026, 12, 31)), LocalizedText("协议", "Agreement")
    province = RegionAgreement("province", name, (Partner(510000, days),))
    city = RegionAgreement("city", name, (Partner(510100, days, excluded=True),))
    county = RegionAgreement("county", name, (Partner(510107, days),))

    def treated(region: int, *agreements: RegionAgreement, year: int = 2026) -> tuple[bool, object]:
        visitor, on = replace(RESIDENT, region=region), date(year, 11, 22)
        standing = RegionRules(500000, agreements).standing(visitor, Scene.ANY, on)
        return standing.local, standing.agreement

    for agreements in permutations((province, city, county)):
        assert treated(510107, *agreements) == (True, county)
        assert treated(510104, *agreements) == (False, city)  # inherits the city's exclusion
        assert treated(510703, *agreements) == (True, province)  # inherits the province's
        assert treated(520100, *agreements) == (False, None)
        assert treated(510107, *agreements, year=2027) == (False, None)
    assert treated(510107, province, city) == (False, city)
    assert treated(510104, province) == (True, province)


def _item(version: int, first: date, **changed: Any) -> ListedItem:
    plain: dict[str, Any] = {"days": DayRange(first), **changed}
    return ListedItem("visits", version, **plain)


def _sides(*items: Any) -> dict[str, Any]:
    return {"sides": [{"region": 1, "items": items}, {"region": 2, "items": []}]}


JANUARY, JULY = date(2026, 1, 1), date(2026, 7, 1)


@pytest.mark.feature("S129")
def test_a_side_that_changes_an_item_leaves_the_old_version_to_both() -> None:
    ours = SideList(500000, (_item(1, JANUARY),))
    theirs = SideList(510000, (_item(1, JANUARY),))
    new = _item(2, JULY, scenes=frozenset({Scene.MUSEUM}))
    changed = theirs.relisted([new])
    pending = MutualList((ours, changed))
    assert pending.in_force() == (_item(1, JANUARY),)
    assert pending.pending() == ((510000, new),)

    agreed = MutualList((ours.relisted([new]), changed))
    until = DayRange(JANUARY, date(2026, 6, 30))
    assert agreed.in_force() == (new, _item(1, JANUARY, days=until))
    assert agreed.pending() == ()
    assert MutualList((ours, theirs.relisted([]))).in_force() == ()  # withdrawn by one, over
    # Both changed it, each otherwise: nobody agreed to either.
    other = _item(2, JULY)
    apart = MutualList((ours.relisted([other]), changed))
    assert (apart.in_force(), len(apart.pending())) == ((_item(1, JANUARY),), 2)


@pytest.mark.parametrize("items", [[_item(1, JULY)], [_item(2, JULY)]])
def test_a_version_that_was_listed_stays_what_it_was(items: list[ListedItem]) -> None:
    listed = SideList(500000, (_item(1, JANUARY), _item(2, JANUARY)))
    with pytest.raises(InvalidRules):
        listed.relisted(items)


def test_a_later_version_that_begins_earlier_leaves_nothing_of_the_one_before() -> None:
    items = (_item(1, JULY), _item(2, JANUARY, days=DayRange(JANUARY, date(2026, 3, 1))))
    both = MutualList((SideList(500000, items), SideList(510000, items)))
    assert both.in_force() == (items[1],)


@pytest.mark.parametrize(
    "wire",
    [
        {"sides": [{"region": 500000, "items": []}]},
        {"sides": [{"region": 500000, "items": []}] * 2},
        {"sides": [{"region": region, "items": []} for region in (1, 2, 3)]},
        _sides(*[_item(1, JANUARY).to_wire()] * 2),
        _sides({**_item(1, JANUARY).to_wire(), "version": 0}),
        _sides({**_item(1, JANUARY).to_wire(), "more": 1}),
        _sides({**_item(1, JANUARY).to_wire(), "scenes": ["nowhere"]}),
        _sides({**_item(1, JANUARY).to_wire(), "days": {"first": "2026-02-30", "last": None}}),
        {"sides": {}},
        {},
        None,
    ],
)  # fmt: skip
def test_lists_that_are_not_of_two_sides_are_refused(wire: Any) -> None:
    assert MutualList.of_wire(_sides(_item(1, JANUARY).to_wire())).regions == {1, 2}
    with pytest.raises(InvalidRules):
        MutualList.of_wire(wire)
