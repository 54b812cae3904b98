"""What is shown of taking a pass, step by step."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mobile.core import moments
from mobile.core.passes import PassProduct, PassQuote, PassWish
from mobile.core.texts import say
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.pass_lines import (
    PriceRow,
    ProductLine,
    pass_kind,
    price_rows,
    product_facts,
    valid,
)
from mobile.viewmodels.question import Question
from shared.admission.circumstances import DayRange
from shared.localized_text import Language

DAYS_SHOWN = 8


class Step(StrEnum):
    """What is asked."""

    LIST = "list"
    PRODUCT = "product"
    SURE = "sure"
    DONE = "done"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class ProductView:
    """The chosen product and what is wanted of it; `days` are (day, words) to choose from.

    `count` is empty where one person has one. `pays` says where to pay; `take` that it is free.
    """

    name: str
    kind: str
    facts: str
    places: str
    days: tuple[tuple[str, str], ...]
    day: str
    other_days: str
    count: str
    hint: str
    may_less: bool
    may_more: bool
    prices: tuple[PriceRow, ...]
    price_words: str
    take: bool
    pays: Notice | None

    def reading(self, language: Language) -> str:
        """Return it in words to be said."""
        price = "；".join(f"{row.words} {row.amount}" for row in self.prices)
        facts = self.facts.replace("\n", "，" if language == "zh" else ", ")
        return say(
            language,
            "shop.reading.product",
            name=self.name,
            facts=facts,
            price=price or self.price_words,
        )


@dataclass(frozen=True, slots=True)
class ShopState:
    """What is shown at `step`; `bundles` and `singles` None before they were read."""

    step: str = Step.LIST
    title: str = ""
    bundles: tuple[ProductLine, ...] | None = None
    singles: tuple[ProductLine, ...] | None = None
    loading: bool = False
    product: ProductView | None = None
    question: Question | None = None
    done: Notice | None = None
    unanswered: Notice | None = None
    busy: bool = False
    problem: Notice | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A product, what is wanted of it, and its price where that is known."""

    product: PassProduct
    wish: PassWish
    quote: PassQuote | None
    first_day: int
    """Where in the days to choose from the shown ones begin."""


def product_view(
    wanted: Wanted, now: datetime, today: date, language: Language, *, unread: bool
) -> ProductView:
    """Return what is wanted, with its price or why there is none; `unread` it cannot be known."""
    product, wish, quote = wanted.product, wanted.wish, wanted.quote
    days = product.good_days(today) if product.daily else ()
    end = wanted.first_day + DAYS_SHOWN
    later = "later" if end < len(days) else "sooner"
    waits = "day" if product.daily and wish.day is None else "reading"
    hint = "shop.count.one" if product.personal else "shop.most"
    return ProductView(
        name=product.name.in_language(language),
        kind=pass_kind(product.kind, language),
        facts="\n".join(product_facts(product, now, language)),
        places="\n".join(place.name.in_language(language) for place in product.places),
        days=tuple(
            (day.isoformat(), moments.near_day(moments.noon(day), now, language))
            for day in days[wanted.first_day : end]
        ),
        day=wish.day.isoformat() if wish.day else "",
        other_days=say(language, f"shop.days.{later}") if len(days) > DAYS_SHOWN else "",
        count=say(language, "shop.pieces", count=wish.quantity) if product.most > 1 else "",
        hint=say(language, hint, most=product.most),
        may_less=wish.quantity > 1,
        may_more=wish.quantity < product.most,
        prices=price_rows(quote, language) if quote else (),
        price_words=say(language, f"shop.price.{'unknown' if unread else waits}"),
        take=quote is not None and quote.total_fen == 0,
        pays=_pays(language) if quote is not None and quote.total_fen > 0 else None,
    )


def take_question(wanted: Wanted, now: datetime, language: Language, *, busy: bool) -> Question:
    """Return what is asked before a pass is taken."""
    product, wish = wanted.product, wanted.wish
    count = say(language, "shop.pieces", count=wish.quantity)
    if wish.day is not None:
        days = valid(DayRange(wish.day, wish.day), now, language)
    else:
        days = product_facts(product, now, language)[1]
    return Question(
        icon="ticket",
        title=say(language, "shop.sure"),
        points=(
            f"{product.name.in_language(language)} {count}",
            days,
            say(language, "shop.sure.price"),
        ),
        yes=say(language, "sign_in.busy" if busy else "shop.sure.yes"),
        no=say(language, "shop.sure.no"),
        busy=busy,
    )


def _pays(language: Language) -> Notice:
    title, body = say(language, "shop.pays"), say(language, "shop.pays.next")
    return Notice("information", title, body, attention=False)
