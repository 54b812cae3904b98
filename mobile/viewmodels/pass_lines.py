"""Passes and what can be taken, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.passes import Pass, PassProduct, PassQuote, PassState, Place
from mobile.core.texts import say
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.question import Question
from shared.admission.circumstances import DayRange, HeldPass
from shared.identity.age import local_day
from shared.localized_text import Language
from shared.money import format_yuan

_ICONS = {
    PassState.VALID: "check",
    PassState.NOT_YET: "calendar-clock",
    PassState.USED_UP: "history",
    PassState.EXPIRED: "clock-alert",
}


@dataclass(frozen=True, slots=True)
class PassView:
    """One pass, ready to be drawn; words of what cannot be done with it are empty."""

    identifier: str
    name: str
    kind: str
    state: str
    icon: str
    attention: bool
    plain: bool
    figure: str
    days: str
    rests: str
    where: str
    holder: str
    refundable: str
    over: str
    opens_doors: bool
    hand_on: str
    withdraw: str
    refund: str
    offered: Notice | None

    def reading(self, language: Language) -> str:
        """Return it in words to be said."""
        return say(
            language,
            "pass.reading",
            name=self.name,
            state=self.state,
            figure=self.figure,
            days=self.days,
            where=self.where.replace("\n", "、" if language == "zh" else ", "),
        )


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product in a list."""

    code: str
    name: str
    kind: str
    where: str
    uses: str


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One line of a price; `total` the last."""

    words: str
    amount: str
    total: bool = False


def pass_state(held: Pass, now: datetime, language: Language) -> tuple[str, str]:
    """Return a pass's state in words, and its sign."""
    state = held.state_at(now)
    if state is PassState.VALID and held.rests_on(local_day(now)):
        return say(language, "pass.state.resting"), "calendar-remove"
    if held.is_usable(now) and held.is_offered(now):
        return say(language, "pass.state.offered"), "people"
    return say(language, f"pass.state.{state.value.lower()}"), _ICONS.get(state, "refused")


def pass_kind(kind: str, language: Language) -> str:
    """Return what sort of pass it is."""
    return say(language, f"pass.kind.{kind.lower() or 'other'}")


def uses_left(held: Pass, language: Language) -> str:
    """Return how often a pass can still be used."""
    if held.left is None:
        return say(language, "pass.unlimited")
    return say(language, "pass.left", left=held.left)


def valid(days: DayRange, now: datetime, language: Language) -> str:
    """Return on which days something is good."""
    if days.last is not None and days.first < days.last and days.first <= local_day(now):
        last = moments.near_day(moments.noon(days.last), now, language)
        return say(language, "pass.until", day=last)
    words = _span(days, now, language)
    return say(language, "pass.on", day=words) if days.first == days.last else words


def spans(ranges: Iterable[DayRange], now: datetime, language: Language) -> str:
    """Return days, one range after another."""
    separator = "；" if language == "zh" else "; "
    return separator.join(_span(days, now, language) for days in ranges)


def where(places: tuple[Place, ...], language: Language) -> str:
    """Return where something is good, in a few words."""
    if not places:
        return ""
    name = places[0].name.in_language(language)
    return name if len(places) == 1 else say(language, "pass.places", name=name, count=len(places))


def pass_view(held: Pass, now: datetime, language: Language) -> PassView:
    """Return a pass as its page."""
    state, icon = pass_state(held, now, language)
    usable, offered = held.is_usable(now), held.is_offered(now)
    rests = held.rests_on(local_day(now)) is not None
    figure = say(language, "pass.left.of", left=held.left, uses=held.uses)
    hand_on = "pass.hand_on.again" if offered else "pass.hand_on"
    return PassView(
        identifier=held.identifier,
        name=held.name.in_language(language),
        kind=pass_kind(held.kind, language),
        state=state,
        icon=icon,
        attention=held.state is PassState.REVOKED or (usable and rests),
        plain=not usable,
        figure=uses_left(held, language) if held.left is None else figure,
        days=valid(held.days, now, language),
        rests=_rests(held, now, language) if usable else "",
        where="\n".join(place.name.in_language(language) for place in held.places),
        holder=say(language, "pass.personal" if held.personal else "pass.transferable"),
        refundable=_refundable(held, now, language),
        over=say(language, "pass.over", count=held.over) if held.over else "",
        opens_doors=held.state_at(now) is PassState.VALID and not rests,
        hand_on=say(language, hand_on) if held.can_be_handed_on(now) else "",
        withdraw=say(language, "pass.withdraw") if usable and offered else "",
        refund=say(language, "pass.refund") if held.can_be_refunded(now) else "",
        offered=_offered(held, language) if usable and offered else None,
    )


def refund_question(held: Pass, language: Language, *, busy: bool) -> Question:
    """Return what is asked before a pass is given back."""
    return Question(
        icon="ticket",
        title=say(language, "pass.refund.sure"),
        points=(
            held.name.in_language(language),
            say(language, "pass.refund.free"),
            say(language, "pass.refund.after"),
        ),
        yes=say(language, "sign_in.busy" if busy else "pass.refund.yes"),
        no=say(language, "pass.refund.keep"),
        busy=busy,
    )


def hand_on_question(held: Pass, language: Language, *, busy: bool) -> Question:
    """Return what is asked before a pass is handed on."""
    return Question(
        icon="people",
        title=say(language, "pass.hand_on.sure"),
        points=(
            held.name.in_language(language),
            say(language, "pass.hand_on.how"),
            say(language, "pass.hand_on.until"),
        ),
        yes=say(language, "sign_in.busy" if busy else "pass.hand_on.yes"),
        no=say(language, "pass.hand_on.no"),
        busy=busy,
    )


def product_line(product: PassProduct, language: Language) -> ProductLine:
    """Return a product in a list."""
    return ProductLine(
        code=product.code,
        name=product.name.in_language(language),
        kind=pass_kind(product.kind, language),
        where=where(product.places, language),
        uses=_uses(product, language),
    )


def product_facts(product: PassProduct, now: datetime, language: Language) -> tuple[str, ...]:
    """Return how a product is used; the first says how often, the second when."""
    today = local_day(now)
    facts = [_uses(product, language)]
    if product.daily:
        facts.append(say(language, "shop.daily"))
    elif product.valid_days is not None:
        facts.append(say(language, "shop.valid", days=product.valid_days))
    if product.season is not None:
        days = spans((product.season,), now, language)
        facts.append(say(language, "shop.season", days=days))
    ahead = [days for days in product.blackouts if days.last is None or days.last >= today]
    if ahead:
        facts.append(say(language, "shop.rests", days=spans(ahead, now, language)))
    key = "shop.refund.no" if product.refund_days is None else "shop.refund"
    facts.append(say(language, key, days=product.refund_days))
    facts.append(say(language, "pass.personal" if product.personal else "pass.transferable"))
    return tuple(facts)


def price_rows(quote: PassQuote, language: Language) -> tuple[PriceRow, ...]:
    """Return a price line by line, and what is to be paid."""
    rows = (
        PriceRow(line.words.in_language(language), format_yuan(line.fen)) for line in quote.lines
    )
    total = format_yuan(quote.total_fen) if quote.total_fen else say(language, "shop.free")
    return (*rows, PriceRow(say(language, "shop.total"), total, total=True))


def _span(days: DayRange, now: datetime, language: Language) -> str:
    first = moments.near_day(moments.noon(days.first), now, language)
    if days.last is None:
        return say(language, "pass.open_end", first=first)
    if days.first == days.last:
        return first
    last = moments.near_day(moments.noon(days.last), now, language)
    return say(language, "pass.days", first=first, last=last)


def _uses(product: PassProduct, language: Language) -> str:
    if product.uses is None:
        return say(language, "pass.unlimited")
    return say(language, "shop.uses", uses=product.uses)


def _rests(held: Pass, now: datetime, language: Language) -> str:
    today = local_day(now)
    ahead = [days for days in held.blackouts if days.last is None or days.last >= today]
    if not ahead:
        return ""
    if held.rests_on(today) is None:
        return say(language, "pass.rests", days=spans(ahead, now, language))
    again = HeldPass(held.identifier, "", held.days, blackouts=held.blackouts).next_good_day(today)
    if again is None:
        return say(language, "pass.rests.end")
    day = moments.near_day(moments.noon(again), now, language)
    return say(language, "pass.rests.today", day=day)


def _refundable(held: Pass, now: datetime, language: Language) -> str:
    if not held.is_usable(now):
        return ""
    if held.refund_until is None or held.refund_until < local_day(now):
        return say(language, "pass.refund.no")
    if held.used or held.over:
        return say(language, "pass.refund.used")
    day = moments.near_day(moments.noon(held.refund_until), now, language)
    if held.paid_fen:
        return say(language, "pass.refund.counter", paid=format_yuan(held.paid_fen), day=day)
    return say(language, "pass.refund.until", day=day)


def _offered(held: Pass, language: Language) -> Notice | None:
    if held.offered_until is None:
        return None
    until = moments.day_and_minute(held.offered_until, language)
    title = say(language, "pass.offered", until=until)
    return Notice("people", title, say(language, "pass.offered.next"), attention=False)
