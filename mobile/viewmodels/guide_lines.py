"""Guides as lines of a list, and one of them as a page."""

from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.guide import FACTS, Guide, GuideTitle
from mobile.core.service_map import service_of
from mobile.core.texts import say
from mobile.core.venue import Venue
from mobile.viewmodels.venue_lines import venue_line
from shared.localized_text import Language

FACTS_PART, STEPS_PART, OUTLETS_PART = PARTS = "facts", "steps", "outlets"
_FACT_SIGNS = {"who": "people", "bring": "bag", "cost": "savings", "takes": "hourglass"}
_PLAIN = "information"


@dataclass(frozen=True, slots=True)
class GuideLine:
    """A guide in the list."""

    item: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class GuideFact:
    """A heading with what it says and its picture; of a step, of a fact."""

    icon: str
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class GuideOutlet:
    """Where to go; `state` says whether it is open now."""

    name: str
    detail: str
    state: str
    open: bool
    access: str


@dataclass(frozen=True, slots=True)
class GuideView:
    """A guide as its page; `nowhere` says that no outlet is needed, `old` that it may be untrue."""

    title: str
    facts: tuple[GuideFact, ...]
    steps: tuple[GuideFact, ...]
    outlets: tuple[GuideOutlet, ...]
    nowhere: str
    reviewed: str
    old: str
    can_begin: bool

    def reading(self, part: str) -> str:
        """Return it in words to be said; `part` alone, unless it is empty."""
        told = {
            FACTS_PART: [f"{one.heading}：{one.text}" for one in self.facts],
            STEPS_PART: [f"{one.heading}：{one.text}" for one in self.steps],
            OUTLETS_PART: [
                *(
                    "，".join(filter(None, (one.name, one.detail, one.state)))
                    for one in self.outlets
                ),
                *([self.nowhere] if self.nowhere else []),
            ],
        }
        parts = (part,) if part else PARTS
        words = [word for name in parts for word in told[name]]
        return "。".join((self.title, *([self.old] if self.old else []), *words))


def guide_line(one: GuideTitle, language: Language) -> GuideLine:
    """Return a guide as a line that leads to it."""
    return GuideLine(one.item, _sign(one.item), one.title.in_language(language))


def guide_view(
    guide: Guide, now: datetime, language: Language, *, live: bool, can_begin: bool
) -> GuideView:
    """Return a guide as its page; one that is not `live` does not say what is open now."""
    facts = zip(FACTS, guide.facts, strict=True)
    owner = guide.owner.in_language(language)
    return GuideView(
        title=guide.title.in_language(language),
        facts=tuple(
            GuideFact(_FACT_SIGNS[name], say(language, f"guide.{name}"), fact.in_language(language))
            for name, fact in facts
        ),
        steps=tuple(
            GuideFact(
                step.icon,
                say(language, "guide.step", number=number),
                step.text.in_language(language),
            )
            for number, step in enumerate(guide.steps, 1)
        ),
        outlets=tuple(_outlet(one, now, language, live=live) for one in guide.outlets),
        nowhere="" if guide.outlets else say(language, "guide.outlets.none"),
        reviewed=say(
            language,
            "guide.reviewed",
            owner=owner,
            day=moments.date(guide.reviewed_at, language),
        ),
        old="" if guide.is_fresh(now) else say(language, "guide.old"),
        can_begin=can_begin,
    )


def _outlet(venue: Venue, now: datetime, language: Language, *, live: bool) -> GuideOutlet:
    line = venue_line(venue, now, language, fresh=live)
    address = venue.address.in_language(language) if venue.address else ""
    detail = " · ".join(part for part in (address, line.detail) if part)
    return GuideOutlet(line.name, detail, line.state, line.open, line.access)


def _sign(item: str) -> str:
    try:
        return service_of(item).icon
    except KeyError:
        return "card"  # a function of the card
