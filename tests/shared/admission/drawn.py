"""Hypothesis strategies for rules of any shape and visitors of any kind."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

from hypothesis import strategies as st

from shared.admission.circumstances import Circumstances, DayRange, HeldBooking, HeldPass
from shared.admission.composition import AllOf, AnyOf
from shared.admission.condition import Condition
from shared.admission.entitlement_conditions import BookingHeld, LateFrom, PassHeld
from shared.admission.evidence import AgeRange, Category, Evidence, Medium
from shared.admission.holder_conditions import (
    AgeWithin,
    CategoryHeld,
    ConcessionHeld,
    GenuineCard,
    InPerson,
    RegionAccepted,
    RepresentativeChecked,
    TreatedAsLocal,
    UnauthenticatedCard,
)
from shared.admission.mutual_lists import ListedItem, MutualList, SideList
from shared.admission.opening import OpeningCalendar
from shared.admission.opening_hours import Hours, RunsAs, Week
from shared.admission.paper import PaperShown
from shared.admission.price_effects import AmountOff, Effect, FixedPrice, PercentOfPrice
from shared.admission.prices import PriceList, PriceRule, Product
from shared.admission.regions import Partner, RegionAgreement, RegionRules
from shared.admission.rules import AdmissionRules
from shared.admission.scene import Scene
from shared.admission.time_conditions import (
    DaysWithin,
    EntriesToday,
    NotFull,
    NotInside,
    Open,
    Passback,
    SinceLastEntry,
)
from shared.ecode.certificate import ConcessionLevel
from shared.localized_text import LocalizedText
from shared.trust.function_list import FunctionStanding

T = TypeVar("T")

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
WORDS = LocalizedText("词", "words")
VENUE, ELSEWHERE = 1, 2
PRODUCTS = ("year", "bundle")
CATEGORIES = ("veteran", "full_time_student")
REGIONS = (360000, 360700, 360702, 330000, 330421)

AGES = (AgeRange(0, 5), AgeRange(6, 14), AgeRange(18, 59), AgeRange(20, 20), AgeRange(60))
OPEN_ENDED_AGES = (AgeRange(0), AgeRange(18), AgeRange(60), AgeRange(65), AgeRange(70))


def _day(away: int) -> date:
    return TODAY + timedelta(days=away)


DAYS = (
    DayRange(TODAY),
    DayRange(_day(-2), TODAY),
    DayRange(_day(-9), _day(-1)),
    DayRange(_day(1)),
    DayRange(_day(-1), _day(2)),
    DayRange(TODAY, TODAY),
)
CALENDARS = tuple(
    OpeningCalendar(
        Week.same_every_day(Hours(start, start + 240), closed_on=closed),
        last_entry_minutes=last_entry,
    )
    for start in (0, 700, 1200)
    for closed in ((), (RunsAs.SUNDAY,), tuple(RunsAs))
    for last_entry in (0, 45)
)


def _leaves(ages: tuple[AgeRange, ...]) -> tuple[Condition, ...]:
    """Return conditions of every kind without others in them, with these ages."""
    return (
        InPerson(),
        RepresentativeChecked(),
        TreatedAsLocal(),
        *map(AgeWithin, ages),
        *(
            BookingHeld(area, early, late, late_from)
            for area in (None, "east")
            for early, late, late_from in (
                (0, 0, LateFrom.END),
                (30, 10, LateFrom.END),
                (0, 15, LateFrom.START),
            )
        ),
        *(PassHeld(taken) for taken in (None, frozenset({"year"}), frozenset(PRODUCTS))),
        *(CategoryHeld(frozenset({code})) for code in CATEGORIES),
        ConcessionHeld(ConcessionLevel.REDUCED),
        ConcessionHeld(ConcessionLevel.FREE),
        *map(DaysWithin, DAYS),
        EntriesToday(1),
        EntriesToday(3),
        *map(GenuineCard, UnauthenticatedCard),
        NotFull(4),
        *map(PaperShown, (0, 1, 3)),
        *map(NotInside, Passback),
        *map(Open, CALENDARS),
        RegionAccepted(frozenset({360000, 330421})),
        RegionAccepted(frozenset()),
        SinceLastEntry(60),
    )


def _of(pool: Sequence[T]) -> st.SearchStrategy[T]:
    """Draw one of a pool by its number: Hypothesis would spell the pool out in every name."""
    return st.integers(0, len(pool) - 1).map(lambda number: pool[number])


def conditions(ages: tuple[AgeRange, ...] = AGES) -> st.SearchStrategy[Condition]:
    """Draw a condition of any kind, composed ones among them."""
    leaf = _of(_leaves(ages))

    def compose(drawn: tuple[int, list[Condition]]) -> Condition:
        shape, (first, *rest) = drawn
        parts = (first, *rest)
        if shape < 3 or not rest:
            return first
        if shape == 5:
            return AnyOf((first, AllOf(tuple(rest)), AnyOf(tuple(rest))))
        return AllOf(parts) if shape == 3 else AnyOf(parts)

    return st.tuples(st.integers(0, 5), st.lists(leaf, min_size=1, max_size=3)).map(compose)


def mutual_lists(ages: tuple[AgeRange, ...] = AGES) -> st.SearchStrategy[MutualList]:
    """Draw lists of two sides that agree in part."""
    items = [
        ListedItem(code, version, days, scenes, who)
        for code in ("a", "b")
        for version in (1, 2)
        for days in DAYS
        for scenes in (None, frozenset({Scene.MUSEUM}))
        for who in (None, *ages)
    ]
    listed = st.lists(_of(items), max_size=4, unique_by=lambda one: (one.code, one.version))
    home, other = REGIONS[:2]
    return st.tuples(listed, listed).map(
        lambda two: MutualList((SideList(home, tuple(two[0])), SideList(other, tuple(two[1]))))
    )


def region_rules(
    ages: tuple[AgeRange, ...] = AGES, *, excluding: bool = True
) -> st.SearchStrategy[RegionRules]:
    """Draw a place's agreements."""
    partners = [
        Partner(region, days, excluded)
        for region in REGIONS
        for days in DAYS
        for excluded in ((False, True) if excluding else (False,))
    ]
    agreements = st.builds(
        RegionAgreement,
        code=st.sampled_from(("a", "b", "c")),
        name=st.just(WORDS),
        partners=st.lists(_of(partners), max_size=3).map(tuple),
        scenes=st.sampled_from((None, None, frozenset({Scene.MUSEUM}))),
        ages=_of((None, None, *ages)),
        categories=st.sampled_from((None, None, frozenset({"veteran"}))),
        listed=st.one_of(st.none(), mutual_lists(ages)),
    )
    return st.builds(
        RegionRules,
        st.sampled_from((None, *REGIONS)),
        st.lists(agreements, max_size=2, unique_by=lambda made: made.code).map(tuple),
    )


EFFECTS: tuple[Effect, ...] = (
    *map(PercentOfPrice, (0, 33, 50, 50, 95, 100)),
    *map(AmountOff, (0, 1, 333, 5_000)),
    *map(FixedPrice, (0, 777, 5_000)),
)


def price_lists(ages: tuple[AgeRange, ...] = AGES) -> st.SearchStrategy[PriceList]:
    """Draw an entry's price and up to four rules for it."""
    asked = st.lists(conditions(ages), max_size=1).map(tuple)

    def rule(drawn: tuple[str, tuple[Condition, ...], Effect, bool, bool]) -> PriceRule:
        code, needed, effect, stacks, other = drawn
        products = frozenset({"year"}) if other else None
        stacks = stacks and not isinstance(effect, FixedPrice)
        return PriceRule(code, WORDS, needed, effect, products, stacks)

    rules = st.tuples(
        st.sampled_from("abcdefgh"),
        st.just(()) | asked,
        _of(EFFECTS),
        st.booleans(),
        st.sampled_from((False, False, False, True)),
    ).map(rule)
    return st.builds(
        lambda base, drawn: PriceList((Product("entry", WORDS, base),), tuple(drawn)),
        st.integers(0, 10_000),
        st.lists(rules, max_size=4, unique_by=lambda made: made.code),
    )


def rule_sets(
    ages: tuple[AgeRange, ...] = AGES, *, excluding: bool = True
) -> st.SearchStrategy[AdmissionRules]:
    """Draw a venue's rules."""
    return st.builds(
        AdmissionRules,
        scene=st.sampled_from((Scene.ANY, Scene.MUSEUM)),
        regions=st.sampled_from((None, None, frozenset(REGIONS), frozenset({360700}))),
        representative_allowed=st.booleans(),
        unauthenticated_card=st.sampled_from(UnauthenticatedCard),
        required_function=st.sampled_from((None, None, None, "transit")),
        conditions=st.lists(conditions(ages), max_size=3).map(tuple),
        region_rules=region_rules(ages, excluding=excluding),
        prices=price_lists(ages),
        entry_product=st.sampled_from((None, "entry")),
        paper_entries=st.sampled_from((0, 1, 1, 2)),
    )


visitors = st.builds(
    Evidence,
    medium=st.sampled_from(Medium),
    region=st.sampled_from(REGIONS),
    authenticated=st.sampled_from((True, True, True, False)),
    ages=_of((None, *AGES, AgeRange(70), AgeRange(65, 69))),
    concession=st.sampled_from(ConcessionLevel),
    categories=_of(
        (
            (),
            (Category("veteran"),),
            (Category("full_time_student", _day(-1)), Category("veteran", TODAY)),
        )
    ),
    represented=st.sampled_from((False, False, False, True)),
    function=st.sampled_from((None, *FunctionStanding)),
)


def _booking(drawn: tuple[int, int, int, str | None, int]) -> HeldBooking:
    start, quantity, entered, area, venue = drawn
    starts_at = NOON + timedelta(minutes=start)
    ends_at = starts_at + timedelta(minutes=90)
    return HeldBooking("", venue, starts_at, ends_at, quantity, entered, area)


bookings = st.tuples(
    st.integers(-120, 120),
    st.integers(1, 4),
    st.integers(0, 4),
    st.sampled_from((None, "east", "west")),
    st.sampled_from((VENUE, VENUE, VENUE, ELSEWHERE)),
).map(_booking)
passes = st.builds(
    HeldPass,
    pass_id=st.just(""),
    product=st.sampled_from(PRODUCTS),
    days=_of(DAYS),
    venues=st.sampled_from((None, None, frozenset({VENUE}), frozenset({ELSEWHERE}))),
    uses=st.sampled_from((None, 1, 3)),
    used=st.integers(0, 4),
    blackouts=st.lists(_of(DAYS), max_size=2).map(tuple),
    personal=st.booleans(),
)


def surroundings(*, party: int | None = None) -> st.SearchStrategy[Circumstances]:
    """Draw the time, the place and what a visitor holds, each under a name of its own."""
    return st.builds(
        Circumstances,
        now=st.integers(-36 * 60, 36 * 60).map(lambda away: NOON + timedelta(minutes=away)),
        venue=st.just(VENUE),
        party=st.sampled_from((1, 1, 2, 5)) if party is None else st.just(party),
        bookings=st.lists(bookings, max_size=2).map(
            lambda held: tuple(replace(one, booking_id=f"b{n}") for n, one in enumerate(held))
        ),
        passes=st.lists(passes, max_size=2).map(
            lambda held: tuple(replace(one, pass_id=f"p{n}") for n, one in enumerate(held))
        ),
        entries_today=st.integers(0, 3),
        last_entry=st.none() | st.integers(0, 200).map(lambda ago: NOON - timedelta(minutes=ago)),
        inside=st.booleans(),
        people_inside=st.none() | st.integers(0, 6),
    )
