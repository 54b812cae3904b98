"""Which passes there are, who may have one, and what becomes of it: pure.

A pass 通票 is good at its venues on its days, for so many uses or without limit. What is left and
what was used add up to what it was for, whatever happens to it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from backend.foundation.entitlements import EntryFlag
from backend.foundation.refusals import Refusal
from backend.passes import refusals as no
from shared.admission.circumstances import DayRange, HeldPass
from shared.admission.prices import PriceList, Quote, QuoteLine
from shared.admission.regions import RegionRules
from shared.admission.scene import Scene
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

MAX_VENUES = 200
MAX_USES = 1_000
MAX_DAYS = 1_100
MAX_QUOTA = 10_000_000
DAYS_AHEAD = 90
"""For how many days from today a ticket of one day can be had."""
INVITATION_KEPT = timedelta(hours=72)
COMPANIONS = LocalizedText("同行人（原价）", "Companions, at the full price")
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_REFERENCE = re.compile(r"[0-9A-Za-z][0-9A-Za-z./-]{0,39}")
_VENUES = range(2**16)


class PassKind(StrEnum):
    """What a product is called in the app; `product_fault` says what each has to be."""

    SINGLE = "SINGLE"  # 单次票
    USES = "USES"  # 次卡
    PERIOD = "PERIOD"  # 期限卡、年卡
    BUNDLE = "BUNDLE"  # 一卡打包: several venues


class PassState(StrEnum):
    """What is stored of a pass's life; `shown_state` adds what time and use make of it."""

    ACTIVE = "ACTIVE"
    REFUNDED = "REFUNDED"
    REVOKED = "REVOKED"


class ShownState(StrEnum):
    """A pass's life as its holder sees it."""

    NOT_YET = "NOT_YET"  # 未到使用日期
    VALID = "VALID"  # 可使用
    USED_UP = "USED_UP"  # 已用完
    EXPIRED = "EXPIRED"  # 已过期
    REFUNDED = "REFUNDED"  # 已退
    REVOKED = "REVOKED"  # 已撤销


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom a product costs what: the price list, asked at a scene with region rules."""

    prices: PriceList
    scene: Scene = Scene.ANY
    regions: RegionRules = field(default_factory=RegionRules)


@dataclass(frozen=True, slots=True)
class PassProduct:
    """A product as data.

    `uses` None is without limit. It is good for `valid_days` from the day it is taken, within
    `season` where there is one; `daily` makes it good on one day that its taker chooses. `quota` is
    how many uses are given out in all, or with `daily` for each day, None without limit; one person
    has at most `per_holder` of it. `refund_days`: refunded unused so many days after it was taken,
    None never, and no longer than it is good. `personal` 实名 forbids handing it on.
    """

    code: str
    kind: PassKind
    name: LocalizedText
    venues: frozenset[int]
    terms: Terms
    on_sale: DayRange
    uses: int | None = 1
    valid_days: int | None = None
    season: DayRange | None = None
    blackouts: tuple[DayRange, ...] = ()
    daily: bool = False
    quota: int | None = None
    per_holder: int = 5
    refund_days: int | None = None
    personal: bool = True
    closed: bool = False


@dataclass(frozen=True, slots=True)
class PassWish:
    """What somebody wants of a product; `day` for one that is good on a chosen day."""

    product: str
    quantity: int = 1
    day: date | None = None


@dataclass(frozen=True, slots=True)
class PassFacts:
    """What of a stored pass decides; `left` is None without limit.

    `over` counts who came in beyond what it was for; `ended_at` is when it was refunded or revoked.
    """

    held: HeldPass
    state: PassState
    left: int | None
    over: int
    refund_until: date | None
    paid_fen: int
    ended_at: datetime | None = None


def product_fault(product: PassProduct) -> Refusal | None:
    """Return why nobody could sell a product as it is described, or None where it is whole."""
    sold = [one.code for one in product.terms.prices.products]
    named = all(0 < len(text) <= 80 for text in (product.name.zh, product.name.en))
    numbers = (
        (product.uses, MAX_USES),
        (product.valid_days, MAX_DAYS),
        (product.quota, MAX_QUOTA),
        (product.per_holder, MAX_USES),
        (product.refund_days and product.refund_days + 1, MAX_DAYS),
    )
    whole = (
        _CODE.fullmatch(product.code) is not None
        and named
        and 0 < len(product.venues) <= MAX_VENUES
        and all(venue in _VENUES for venue in product.venues)
        and product.code in sold
        and all(number is None or 1 <= number <= most for number, most in numbers)
        and _ends(product)
        and _FITS[product.kind](product)
    )
    return None if whole else no.PRODUCT_FORM


def days_of(product: PassProduct, today: date, day: date | None) -> DayRange | Refusal:
    """Return on which days a pass taken today is good, or that there are none."""
    season = product.season or DayRange(today)
    if product.daily:
        ahead = day is not None and today <= day <= today + timedelta(days=DAYS_AHEAD)
        if day is None or not ahead or not season.covers(day):
            return no.DAY_FORM
        closed = any(one.covers(day) for one in product.blackouts)
        return no.DAY_FORM if closed else DayRange(day, day)
    if day is not None:
        return no.DAY_FORM
    lasts = [season.last] if season.last else []
    if product.valid_days is not None:
        lasts.append(max(today, season.first) + timedelta(days=product.valid_days - 1))
    last = min(lasts)
    return DayRange(max(today, season.first), last) if today <= last else no.PRODUCT_NOT_ON_SALE


def refusal_to_take(product: PassProduct, wish: PassWish, today: date) -> Refusal | None:
    """Return why nobody may have this of a product today."""
    if product.closed:
        return no.PRODUCT_CLOSED
    if not product.on_sale.covers(today):
        return no.PRODUCT_NOT_ON_SALE
    if not 1 <= wish.quantity <= MAX_USES:
        return no.QUANTITY_FORM
    if product.personal and wish.quantity > 1:
        return no.PERSONAL_ONE
    return no.too_many(product.per_holder) if wish.quantity > product.per_holder else None


def uses_of(product: PassProduct, quantity: int) -> int | None:
    """Return how many uses a pass for `quantity` persons has, None without limit."""
    return None if product.uses is None else product.uses * quantity


def priced(quote: Quote, quantity: int) -> Quote:
    """Return the quote for a holder and their companions, of whom nothing is known: full price."""
    if quantity == 1:
        return quote
    base = quote.lines[0].fen
    line = QuoteLine("companions", COMPANIONS, base * (quantity - 1))
    return Quote(quote.product, (*quote.lines, line))


def shown_state(facts: PassFacts, now: datetime) -> ShownState:
    """Return what its holder is told of a pass."""
    if facts.state is not PassState.ACTIVE:
        return ShownState(facts.state.value)
    if facts.left == 0:
        return ShownState.USED_UP
    today = local_day(now)
    if today < facts.held.days.first:
        return ShownState.NOT_YET
    return ShownState.VALID if facts.held.days.covers(today) else ShownState.EXPIRED


def refusal_to_refund(facts: PassFacts, now: datetime, *, at_counter: bool) -> Refusal | None:
    """Return why a pass cannot be given back now.

    What was paid at a counter is paid back at one: no money moves here.
    """
    if facts.state is not PassState.ACTIVE:
        return no.PASS_OVER
    if facts.held.used or facts.over:
        return no.PASS_USED
    if facts.refund_until is None or local_day(now) > facts.refund_until:
        return no.NO_REFUND
    return no.REFUND_AT_COUNTER if facts.paid_fen and not at_counter else None


def refusal_to_hand_on(facts: PassFacts, now: datetime) -> Refusal | None:
    """Return why a pass cannot go to somebody else now."""
    if facts.held.personal:
        return no.PASS_PERSONAL
    usable = shown_state(facts, now) in {ShownState.VALID, ShownState.NOT_YET}
    return None if usable else no.PASS_OVER


def refund_until(product: PassProduct, today: date, days: DayRange) -> date | None:
    """Return the last day on which an unused pass taken today is given back, None for never."""
    if product.refund_days is None:
        return None
    until = today + timedelta(days=product.refund_days)
    return min(until, days.last) if days.last else until


def flags_of_entry(facts: PassFacts, persons: int, at: datetime) -> frozenset[EntryFlag]:
    """Return what is odd about `persons` who came in on a pass at `at`."""
    flags = set()
    day = local_day(at)
    if facts.state is PassState.REFUNDED:
        flags.add(EntryFlag.REFUNDED)
    elif facts.ended_at is not None and at >= facts.ended_at:
        flags.add(EntryFlag.ENDED_BEFORE)
    elif facts.left is not None and persons > facts.left:
        flags.add(EntryFlag.OVER_USED)
    if facts.held.next_good_day(day) != day:
        flags.add(EntryFlag.OUT_OF_DATE)
    return frozenset(flags)


def counts(facts: PassFacts, at: datetime) -> bool:
    """Tell whether an entry at `at` is taken off what is left, or recorded beside it."""
    if facts.state is PassState.REFUNDED:
        return False
    return facts.ended_at is None or at < facts.ended_at


def is_reference(text: str) -> bool:
    """Tell whether a text can be the reference of a payment at a counter: a receipt's number."""
    return _REFERENCE.fullmatch(text) is not None


def is_code(text: str) -> bool:
    """Tell whether a text can be a product's code."""
    return _CODE.fullmatch(text) is not None


def _ends(product: PassProduct) -> bool:
    """Whether every pass of it has a last day."""
    season_ends = product.season is not None and product.season.last is not None
    return product.daily or product.valid_days is not None or season_ends


_FITS: Mapping[PassKind, Callable[[PassProduct], bool]] = {
    PassKind.SINGLE: lambda one: one.uses == 1,
    PassKind.USES: lambda one: one.uses is not None and one.uses > 1,
    PassKind.PERIOD: lambda one: one.uses is None and one.quota is None,
    PassKind.BUNDLE: lambda one: len(one.venues) > 1,
}
