"""Visits and cards as lines of text."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from mobile.core import moments
from mobile.core.card import Card, CardState
from mobile.core.texts import say
from mobile.core.visits import Visit
from shared.localized_text import Language

_STATE_ICONS = {CardState.ACTIVE: "check", CardState.EXPIRED: "clock-alert"}


@dataclass(frozen=True, slots=True)
class VisitLine:
    """A visit, ready to be drawn; `reason` is empty when it was admitted.

    `ratable` where its holder may say how it was.
    """

    identifier: str
    time: str
    venue: str
    detail: str
    admitted: bool
    verdict: str
    reason: str
    ratable: bool = False


@dataclass(frozen=True, slots=True)
class DayLines:
    """The visits of one day under its heading."""

    heading: str
    visits: tuple[VisitLine, ...]


_MEDIA = {"ECODE": "visits.by_code", "PAPER": "visits.by_paper"}


def visit_line(visit: Visit, language: Language, *, ratable: bool = False) -> VisitLine:
    """Return one visit's line."""
    medium = say(language, _MEDIA.get(visit.medium, "visits.by_card"))
    return VisitLine(
        identifier=visit.identifier,
        time=moments.minute(visit.at),
        venue=visit.venue.in_language(language),
        detail=f"{visit.lane.in_language(language)} · {medium}",
        admitted=visit.admitted,
        verdict=say(language, "visits.admitted" if visit.admitted else "visits.refused"),
        reason=visit.reason.in_language(language) if visit.reason else "",
        ratable=ratable,
    )


def days(
    visits: tuple[Visit, ...], now: datetime, language: Language, ratable: Set[str]
) -> tuple[DayLines, ...]:
    """Return visits, newest first, under the headings of their days."""
    grouped = groupby(visits, key=lambda visit: moments.day_heading(visit.at, now, language))
    return tuple(
        DayLines(
            heading,
            tuple(
                visit_line(visit, language, ratable=visit.identifier in ratable) for visit in group
            ),
        )
        for heading, group in grouped
    )


def state_icon(state: CardState | None) -> str:
    """Return the sign of a card's state: a lock stands for what somebody locked."""
    return _STATE_ICONS.get(state, "lock") if state else ""


def card_state(card: Card, language: Language) -> str:
    """Return the card's state in a word."""
    return say(language, f"card.{card.state.value.lower()}")
