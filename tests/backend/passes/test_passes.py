"""A pass's life: taken, used, given back, handed on, revoked; and what each is refused for."""

from datetime import date, timedelta
from typing import Any

import pytest

from backend.cards.asking import Asking
from backend.cards.lifecycle import CardState
from backend.cards.refusals import NO_CARD
from backend.foundation.access import OPERATOR
from backend.foundation.entitlements import EntryFlag
from backend.foundation.refusals import Refusal
from backend.passes import closure_refunds
from backend.passes.closure_refunds import ClosureRefunds
from backend.passes.entries import PassEntitlements
from backend.passes.issuing import PassIssuing
from backend.passes.products import Quoted
from backend.passes.refusals import PRODUCT_FORM
from backend.passes.rules import PassKind, PassWish, ShownState, Terms, product_fault
from backend.passes.views import PassView
from backend.venues.rules import VENUE_UNKNOWN
from shared.admission.circumstances import Circumstances, DayRange
from shared.admission.entitlement_conditions import PassHeld
from shared.admission.evidence import AgeRange, Evidence, Medium
from shared.admission.holder_conditions import AgeWithin
from shared.admission.price_effects import FREE, PercentOfPrice
from shared.admission.prices import PriceList, PriceRule, Product
from shared.admission.rules import AdmissionRules, decide
from shared.ecode.reasons import Reason
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key
from tests.backend.passes.desk import (
    COLLEAGUE,
    GARDEN,
    HALL,
    OUTSIDER,
    VENUE_STAFF,
    Desk,
    code,
    product,
)

ELDER = LocalizedText("70岁及以上免费", "Free from 70")
HALF = LocalizedText("60岁及以上半价", "Half price from 60")


async def test_a_pass_is_taken_used_up_and_over_used(desk: Desk) -> None:
    await desk.open(product(uses=2))
    taken = await desk.take("a")
    assert isinstance(taken, PassView), taken
    held = taken.facts.held
    assert (taken.state, held.uses, held.used, held.venues) == (
        ShownState.VALID, 2, 0, frozenset({HALL}),
    )  # fmt: skip
    assert held.days == DayRange(desk.today, desk.today + timedelta(days=364))

    assert await desk.count(held.pass_id) == frozenset()
    assert await desk.count(held.pass_id, 3) == {EntryFlag.OVER_USED}
    assert await desk.counts(held.pass_id) == (0, 2, 2)
    page = await desk.passes.page((await desk.person("a")).resident_id, 5, None)
    assert [(one.state, one.facts.over) for one in page.rows] == [(ShownState.USED_UP, 2)]


def _visit(desk: Desk, *held: Any) -> Any:
    rules = AdmissionRules(conditions=(PassHeld(),))
    proven = Evidence(Medium.ECODE, 360700, authenticated=True, ages=AgeRange.exactly(30))
    return decide(proven, Circumstances(desk.clock.now(), HALL, passes=held), rules)


@pytest.mark.feature("S51")
async def test_a_refunded_ticket_is_refused_at_the_gate_and_flagged_when_it_was_offline(
    desk: Desk,
) -> None:
    single = product("single", kind=PassKind.SINGLE, uses=1, quota=1)
    await desk.open(single)
    ticket = await desk.held("a", "single")
    assert code(await desk.take("b", "single")) == "pass_sold_out"
    [before] = [one async for one in _at_gate(desk)]
    assert _visit(desk, *before.passes).answer.verdict.opens

    refunded = await desk.refund("a", ticket)
    assert isinstance(refunded, PassView)
    assert refunded.state is ShownState.REFUNDED
    assert [one async for one in _at_gate(desk)] == []
    assert _visit(desk).answer.reason is Reason.PASS_NEEDED
    # A gate that had the list of the day before let them in: recorded, flagged, nothing lost.
    assert await desk.count(ticket) == {EntryFlag.REFUNDED}
    assert await desk.counts(ticket) == (1, 0, 1)
    assert isinstance(await desk.take("b", "single"), PassView)  # the stock has it again


@pytest.mark.feature("S51")
async def test_a_closed_day_gives_all_its_unused_tickets_back_and_no_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closure_refunds, "AT_ONCE", 2)
    day, later = desk.today + timedelta(days=1), desk.today + timedelta(days=2)
    daily: dict[str, Any] = {"kind": PassKind.SINGLE, "uses": 1, "valid_days": None, "daily": True}
    both = product("both", venues=frozenset({HALL, GARDEN}), **daily)
    await desk.open(product("day", quota=9, refund_days=None, **daily), both, product("ten"))
    rained = [await desk.held(who, "day", day=day) for who in "abc"]
    used, other = await desk.held("d", "day", day=day), await desk.held("a", "day", day=later)
    kept = [used, other, await desk.held("a", "both", day=day), await desk.held("a")]
    await desk.count(used)
    refunds, key = desk.house.services[ClosureRefunds], new_key()
    for caller, refused in (
        (None, "sign_in_needed"), (OUTSIDER, "not_permitted"), (COLLEAGUE, "venue_of_others"),
    ):  # fmt: skip
        assert code(await refunds.refund(caller, new_key(), HALL, day, day, "暴雨")) == refused
    backwards = await refunds.refund(VENUE_STAFF, new_key(), HALL, later, day, "暴雨")
    assert code(backwards) == "pass_day"

    assert await refunds.refund(VENUE_STAFF, key, HALL, day, day, "暴雨闭馆") == 3
    assert await refunds.refund(VENUE_STAFF, key, HALL, day, day, "暴雨闭馆") == 0

    assert {(await desk.row(one))["state"] for one in rained} == {"REFUNDED"}
    assert {(await desk.row(one))["state"] for one in kept} == {"ACTIVE"}
    desk.later(days=1)
    holders = [one.passes for one in [one async for one in _at_gate(desk)]]
    assert not {held.pass_id for passes in holders for held in passes} & set(rained)
    assert await desk.count(rained[0]) == {EntryFlag.REFUNDED}  # a gate that did not know yet


def _at_gate(desk: Desk, venue: int = HALL) -> Any:
    now = desk.clock.now()
    tells = desk.house.services[PassEntitlements]
    return tells.of_venue(venue, now, now + timedelta(days=2))


async def test_what_was_used_is_not_refunded_nor_what_is_too_old(desk: Desk) -> None:
    await desk.open(product(), product("never", refund_days=None))
    used, old, never = [
        await desk.held("a"), await desk.held("a"), await desk.held("a", "never"),
    ]  # fmt: skip
    await desk.count(used)
    assert code(await desk.refund("a", used)) == "pass_used"
    assert code(await desk.refund("a", never)) == "pass_no_refund"
    assert code(await desk.refund("b", old)) == "pass_unknown"
    desk.later(days=31)
    assert code(await desk.refund("a", old)) == "pass_no_refund"
    assert code(await desk.refund("a", "pas_none")) == "pass_unknown"


async def test_what_costs_is_paid_at_the_counter_and_paid_back_there(desk: Desk) -> None:
    await desk.open(product(price_fen=8_000))
    asked = await desk.take("a")
    assert isinstance(asked, Refusal)
    assert (asked.code, "¥80.00" in asked.text.en) == ("pass_costs", True)
    for wrong in ("", "R 1", "{$ne}", "x" * 41):
        assert code(await desk.issue("a", reference=wrong)) == "pass_reference"
    paid = await desk.issue("a", reference="R-2026/17")
    assert isinstance(paid, PassView), paid
    assert (paid.paid.total_fen, paid.reference) == (8_000, "R-2026/17")
    assert code(await desk.refund("a", paid.pass_id)) == "pass_refund_at_counter"
    back = await desk.passes.refund_at_counter(VENUE_STAFF, new_key(), paid.pass_id)
    assert isinstance(back, PassView)
    assert back.state is ShownState.REFUNDED


async def test_only_whose_post_it_is_issues_and_revokes(desk: Desk) -> None:
    await desk.open()
    held, whose = await desk.held("a"), (await desk.person("a")).resident_id
    issuing, wish = desk.house.services[PassIssuing], PassWish("ten")
    garden = product("garden", venues=frozenset({GARDEN}))
    assert code(await desk.products.put(VENUE_STAFF, [garden])) == "venue_of_others"
    assert await desk.products.put(VENUE_STAFF, [product()]) is None
    for caller, refused in (
        (None, "sign_in_needed"),
        (OUTSIDER, "not_permitted"),
        (COLLEAGUE, "venue_of_others"),
    ):
        key = new_key()
        assert code(await issuing.issue(caller, key, whose, wish, "R")) == refused
        assert code(await desk.passes.revoke(caller, key, held, "重复发放")) == refused
        assert code(await desk.passes.refund_at_counter(caller, key, held)) == refused
        assert code(await desk.products.put(caller, [product()])) == refused


async def test_a_revoked_pass_is_over_and_a_late_scan_tells_before_from_after(desk: Desk) -> None:
    await desk.open()
    held, came = await desk.held("a"), desk.clock.now()
    desk.later(minutes=10)
    assert code(await desk.passes.revoke(VENUE_STAFF, new_key(), held, "")) == "audit_reason_form"
    revoked = await desk.passes.revoke(VENUE_STAFF, new_key(), held, "重复发放")
    assert isinstance(revoked, PassView)
    assert code(await desk.passes.revoke(VENUE_STAFF, new_key(), held, "再次")) == "pass_over"

    assert await desk.count(held, at=came) == frozenset()  # they came in before
    assert await desk.count(held) == {EntryFlag.ENDED_BEFORE}
    assert await desk.counts(held) == (9, 1, 1)
    assert [one async for one in _at_gate(desk)] == []


@pytest.mark.feature("S53")
async def test_a_transferable_pass_goes_to_the_family_with_what_is_left(desk: Desk) -> None:
    await desk.open(product(), product("own", personal=True))
    held = await desk.held("a")
    await desk.count(held, 4)
    assert code(await desk.hand_on("a", "a", held)) == "pass_invitation_own"
    got = await desk.hand_on("a", "b", held)
    assert isinstance(got, PassView), got
    assert got.facts.left == 6
    mine = await desk.passes.page((await desk.person("a")).resident_id, 5, None)
    assert mine.rows == []
    assert code(await desk.refund("a", held)) == "pass_unknown"
    assert code(await desk.hand_on("a", "b", await desk.held("a", "own"))) == "pass_personal"


async def test_an_invitation_ends_by_use_by_time_by_a_new_one_and_when_taken_back(
    desk: Desk,
) -> None:
    await desk.open()
    held, giver, taker = await desk.held("a"), await desk.person("a"), await desk.person("b")
    offers, key = desk.transfers, new_key()
    first = await offers.offer(giver, key, held)
    again = await offers.offer(giver, key, held)
    assert not isinstance(first, Refusal)
    assert first == again  # one request, one invitation
    second = await offers.offer(giver, new_key(), held)
    assert not isinstance(second, Refusal)
    unknown = "pass_invitation_unknown"
    assert code(await offers.accept(taker, new_key(), first.invitation)) == unknown
    kept = await offers.withdraw(giver, new_key(), held)
    assert isinstance(kept, PassView)
    assert kept.offered_until is None
    assert code(await offers.withdraw(giver, new_key(), held)) == "pass_not_offered"
    assert code(await offers.accept(taker, new_key(), second.invitation)) == unknown
    third = await offers.offer(giver, new_key(), held)
    assert not isinstance(third, Refusal)
    desk.later(hours=73)
    assert code(await offers.accept(taker, new_key(), third.invitation)) == unknown
    for nonsense in ("", "x" * 500, '{"$ne": null}', "inv_\u0000"):
        assert code(await offers.accept(taker, new_key(), nonsense)) == unknown


async def test_a_ticket_of_one_day_is_good_on_that_day_and_has_its_own_quota(desk: Desk) -> None:
    closed = DayRange(desk.today + timedelta(days=3), desk.today + timedelta(days=3))
    daily = product(
        "day", kind=PassKind.SINGLE, uses=1, valid_days=None, daily=True, quota=2,
        blackouts=(closed,),
    )  # fmt: skip
    await desk.open(daily)
    day = desk.today + timedelta(days=1)
    taken = await desk.take("a", "day", day=day, quantity=2)
    assert isinstance(taken, PassView), taken
    assert (taken.facts.held.days, taken.facts.held.uses) == (DayRange(day, day), 2)
    assert taken.state is ShownState.NOT_YET
    assert code(await desk.take("b", "day", day=day)) == "pass_sold_out"
    assert isinstance(await desk.take("b", "day", day=day + timedelta(days=1)), PassView)
    wrong = (None, desk.today - timedelta(days=1), closed.first, desk.today + timedelta(days=91))
    for chosen in wrong:
        assert code(await desk.take("b", "day", day=chosen)) == "pass_day"
    assert await desk.count(taken.pass_id) == {EntryFlag.OUT_OF_DATE}  # the day before
    desk.later(days=3)
    page = await desk.passes.page((await desk.person("a")).resident_id, 1, None)
    assert page.rows[0].state is ShownState.EXPIRED


@pytest.mark.parametrize(
    ("wish", "refused"),
    [
        ({"quantity": 0}, "pass_quantity"),
        ({"quantity": -1}, "pass_quantity"),
        ({"quantity": 1_000_000}, "pass_quantity"),
        ({"quantity": 6}, "pass_too_many"),
        ({"day": date(2026, 1, 1)}, "pass_day"),
        ({"code": "none"}, "pass_product_unknown"),
        ({"code": '{"$ne": null}'}, "pass_product_unknown"),
        ({"code": "\u0000"}, "pass_product_unknown"),
        ({"code": "x" * 10_000}, "pass_product_unknown"),
        ({"code": "closed"}, "pass_product_closed"),
        ({"code": "past"}, "pass_product_not_on_sale"),
        ({"code": "over"}, "pass_product_not_on_sale"),
        ({"code": "own", "quantity": 2}, "pass_personal_one"),
        ({"key": "short"}, "idempotency_key_form"),
    ],
)
async def test_bad_input_is_refused_and_takes_nothing(
    desk: Desk, wish: dict[str, Any], refused: str
) -> None:
    past = DayRange(date(2020, 1, 1), date(2020, 12, 31))
    await desk.open(
        product(quota=10),
        product("closed", closed=True),
        product("past", on_sale=past),
        product("over", valid_days=None, season=past),
        product("own", personal=True),
    )
    assert code(await desk.take("a", **wish)) == refused
    held = await desk.passes.page((await desk.person("a")).resident_id, 5, None)
    assert held.rows == []
    assert isinstance(await desk.take("a", quantity=5), PassView)
    assert isinstance(await desk.take("b", quantity=5), PassView)  # none of the ten is gone


async def test_a_repeated_request_is_one_pass_and_another_under_its_key_is_refused(
    desk: Desk,
) -> None:
    await desk.open(product(per_holder=1))
    key = new_key()
    first, again = await desk.take("a", key=key), await desk.take("a", key=key)
    assert first == again
    assert code(await desk.take("a", key=key, quantity=2)) == "idempotency_key_reused"
    assert code(await desk.take("a")) == "pass_too_many"
    held = getattr(first, "pass_id", "")
    back = new_key()
    assert await desk.refund("a", held, back) == await desk.refund("a", held, back)
    assert isinstance(await desk.take("a"), PassView)  # what was given back can be taken again


async def test_a_card_that_may_not_book_takes_nothing(desk: Desk) -> None:
    await desk.open()
    asking, issuing = await desk.person("a"), desk.house.services[PassIssuing]
    for state, refused in ((None, NO_CARD.code), (CardState.SUSPENDED, "card_suspended")):
        lost = Asking(asking.resident_id, asking.thumbprint, state)
        assert code(await issuing.take(lost, new_key(), PassWish("ten"))) == refused
    stranger = Asking("res_nobody", "t", CardState.ACTIVE)
    assert code(await issuing.take(stranger, new_key(), PassWish("ten"))) == NO_CARD.code


def _by_age(base: int) -> PriceList:
    return PriceList(
        (Product("year", LocalizedText("年票", "Year pass"), base),),
        (
            PriceRule("elder", ELDER, (AgeWithin(AgeRange(70)),), FREE),
            PriceRule("senior", HALF, (AgeWithin(AgeRange(60)),), PercentOfPrice(50)),
        ),
    )


@pytest.mark.feature("S52", "S132")
async def test_the_price_is_explained_and_turns_on_the_70th_birthday_at_midnight(
    desk: Desk,
) -> None:
    year = product(
        "year", kind=PassKind.PERIOD, uses=None, personal=True, terms=Terms(_by_age(20_001))
    )
    await desk.open(year)
    tomorrow = desk.today + timedelta(days=1)
    birth = f"{tomorrow.year - 70}{tomorrow:%m%d}"
    elder = await desk.person("elder", birth)

    async def lines() -> list[tuple[str, int]]:
        quoted = await desk.products.quote(elder.resident_id, PassWish("year"))
        assert isinstance(quoted, Quoted), quoted
        return [(line.rule, line.fen) for line in quoted.quote.lines]

    assert await lines() == await lines() == [("year", 20_001), ("senior", -10_001)]
    assert code(await desk.take("elder", "year")) == "pass_costs"
    while desk.today < tomorrow:
        desk.later(minutes=30)
    assert await lines() == [("year", 20_001), ("elder", -20_001)]
    taken = await desk.take("elder", "year")
    assert isinstance(taken, PassView), taken
    assert (taken.facts.left, taken.paid.total_fen) == (None, 0)
    assert await desk.count(taken.pass_id, 3) == frozenset()


async def test_companions_are_quoted_at_the_full_price(desk: Desk) -> None:
    ten = PriceList(
        (Product("ten", HALF, 1_000),),
        (PriceRule("senior", HALF, (AgeWithin(AgeRange(60)),), PercentOfPrice(50)),),
    )
    await desk.open(product(terms=Terms(ten)))
    senior = await desk.person("senior", "19600101")
    quoted = await desk.products.quote(senior.resident_id, PassWish("ten", 3))
    assert isinstance(quoted, Quoted)
    assert [line.fen for line in quoted.quote.lines] == [1_000, -500, 2_000]


@pytest.mark.feature("S53")
async def test_a_bundle_is_good_at_each_of_its_venues_but_not_on_black_out_days(
    desk: Desk,
) -> None:
    feast = DayRange(desk.today + timedelta(days=1), desk.today + timedelta(days=1))
    bundle = product(
        "bundle", kind=PassKind.BUNDLE, venues=frozenset({HALL, GARDEN}), uses=5,
        blackouts=(feast,),
    )  # fmt: skip
    await desk.open(bundle, product())
    held = await desk.held("a", "bundle")
    for venue in (HALL, GARDEN):
        [card] = [one async for one in _at_gate(desk, venue)]
        assert [one.pass_id for one in card.passes] == [held]
        assert card.passes[0].blackouts == (feast,)
    assert [one.code for one in await desk.products.given_out(GARDEN)] == ["bundle"]
    assert [one.code for one in await desk.products.given_out(HALL)] == ["bundle", "ten"]
    desk.later(days=1)
    [card] = [one async for one in _at_gate(desk)]
    assert _visit(desk, *card.passes).answer.reason is Reason.PASS_BLACKOUT
    assert await desk.count(held) == {EntryFlag.OUT_OF_DATE}


async def test_a_scan_is_counted_once_and_taken_back_when_nobody_went_through(desk: Desk) -> None:
    await desk.open(product(uses=3))
    held, scan = await desk.held("a"), new_key()
    assert await desk.count(held, 5, scan) == {EntryFlag.OVER_USED}
    assert await desk.count(held, 5, scan) == {EntryFlag.OVER_USED}  # uploaded twice
    assert await desk.counts(held) == (0, 3, 2)
    assert await desk.count(held, 0, scan) == frozenset()
    assert await desk.counts(held) == (3, 0, 0)
    assert await desk.count(held, 5, scan) == frozenset()  # and stays taken back
    assert await desk.count(held, 0, scan) == frozenset()
    other = new_key()
    assert await desk.count(held, 0, other) == frozenset()  # the annulment came first
    assert await desk.count(held, 2, other) == frozenset()
    assert await desk.counts(held) == (3, 0, 0)
    assert await desk.count("pas_none") == {EntryFlag.ENTITLEMENT_UNKNOWN}
    assert await desk.count("bkg_other") is None


@pytest.mark.parametrize(
    "changed",
    [
        {"uses": 0},
        {"uses": 1},
        {"uses": 1_001},
        {"kind": PassKind.SINGLE, "uses": 2},
        {"kind": PassKind.PERIOD},
        {"kind": PassKind.BUNDLE},
        {"venues": frozenset()},
        {"valid_days": None},
        {"valid_days": 0},
        {"quota": 0},
        {"per_holder": 0},
        {"refund_days": -1},
        {"terms": Terms(PriceList(()))},
        {"name": LocalizedText("", "")},
    ],
)
def test_a_product_that_is_not_whole_has_a_fault(changed: dict[str, Any]) -> None:
    assert product_fault(product()) is None
    assert product_fault(product(**changed)) == PRODUCT_FORM


async def test_a_product_with_a_fault_is_not_put(desk: Desk) -> None:
    await desk.open()
    assert await desk.products.put(VENUE_STAFF, [product(uses=0)]) == PRODUCT_FORM


async def test_a_product_is_of_venues_that_there_are(desk: Desk) -> None:
    await desk.open()
    answer = await desk.products.put(OPERATOR, [product(venues=frozenset({60_000}))])
    assert answer == VENUE_UNKNOWN
