"""Venues as lines of a list, and one of them as a page."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mobile.core import moments
from mobile.core.texts import say
from mobile.core.venue import Venue
from shared.localized_text import Language

if TYPE_CHECKING:
    from shared.admission.answer import Answer

_KILOMETRE = 1000
_FAR = 10 * _KILOMETRE
_BRINGS_MORE = frozenset({"HOSPITAL", "SPORTS"})


@dataclass(frozen=True, slots=True)
class VenueLine:
    """A venue in a list."""

    number: int
    name: str
    detail: str
    state: str
    open: bool
    access: str
    needs_booking: bool


@dataclass(frozen=True, slots=True)
class VenueView:
    """All about one venue; `coming_days` are (day, hours).

    `entry` says whether its holder would be let in now, and `entry_step` what would help; both are
    empty where the phone cannot tell.
    """

    line: VenueLine
    address: str
    hours: str
    coming_days: tuple[tuple[str, str], ...]
    booking: str
    bring: str
    access: str
    regions: str
    entry: str
    entry_step: str
    enters: bool


def venue_line(venue: Venue, now: datetime, language: Language, *, fresh: bool = True) -> VenueLine:
    """Return one venue's line; what is not `fresh` says neither how far it is nor whether open."""
    kind = say(language, f"venue.kind.{venue.kind.lower()}") if venue.kind else ""
    parts = (distance(venue.distance, language) if fresh else "", kind)
    return VenueLine(
        number=venue.number,
        name=venue.name.in_language(language),
        detail=" · ".join(part for part in parts if part),
        state=_open_state(venue, now, language) if fresh else say(language, "venue.state.unknown"),
        open=venue.open_now and fresh,
        access=_begun(say(language, "venue.access.wheelchair"))
        if "WHEELCHAIR" in venue.accessibility
        else "",
        needs_booking=venue.needs_booking,
    )


def venue_view(
    venue: Venue,
    now: datetime,
    language: Language,
    *,
    fresh: bool = True,
    entry: "Answer | None" = None,
) -> VenueView:
    """Return a venue as its page; `entry` is what its gate would answer."""
    from mobile.core.entry import said_to_holder  # noqa: PLC0415, needed after the first frame

    answer, step = said_to_holder(entry, now) if entry else (None, None)
    enters = entry is not None and entry.verdict.opens
    shut = enters and fresh and not venue.open_now  # a gate's rule need not know the hours
    said = answer.in_language(language) if answer else ""
    separator = "、" if language == "zh" else ", "
    facts = separator.join(
        say(language, f"venue.access.{fact.lower()}") for fact in venue.accessibility
    )
    bring = venue.kind.lower() if venue.kind in _BRINGS_MORE else "card"
    return VenueView(
        line=venue_line(venue, now, language, fresh=fresh),
        address=venue.address.in_language(language)
        if venue.address
        else say(language, "venue.address.none"),
        hours=_hours_of_today(venue, now, language),
        coming_days=_coming_days(venue, now, language),
        booking=say(language, f"venue.booking.{'yes' if venue.needs_booking else 'no'}"),
        bring=say(language, f"venue.bring.{bring}"),
        access=_begun(facts) or say(language, "venue.access.none"),
        regions=say(language, "venue.regions.some") if venue.accepts_all_regions is False else "",
        entry=say(language, "venue.entry.shut", answer=said) if shut else said,
        entry_step=step.in_language(language) if step else "",
        enters=enters and not shut,
    )


def distance(metres: float | None, language: Language) -> str:
    """Return 450 米, 2.3 公里, 12 公里; empty where it is not known."""
    if metres is None:
        return ""
    if metres < _KILOMETRE:
        return say(language, "venue.metres", count=max(10, round(metres / 10) * 10))
    kilometres = metres / _KILOMETRE
    count = f"{kilometres:.1f}" if metres < _FAR else f"{kilometres:.0f}"
    return say(language, "venue.kilometres", count=count)


def _open_state(venue: Venue, now: datetime, language: Language) -> str:
    if venue.open_now:
        return say(language, "venue.open")
    if venue.next_opening is None or venue.next_opening <= now:
        return say(language, "venue.closed")
    opens = (
        f"{moments.short_day(venue.next_opening, now, language)} "
        if not moments.same_day(venue.next_opening, now)
        else ""
    )
    at = f"{opens}{moments.minute(venue.next_opening)}"
    return say(language, "venue.closed.until", when=at)


def _hours_of_today(venue: Venue, now: datetime, language: Language) -> str:
    if venue.openings is None:
        return say(language, "venue.hours.unknown")
    spans = [
        say(
            language,
            "venue.hours.span",
            start=moments.minute(span.start),
            end=moments.minute(span.end),
            last=moments.minute(span.last_entry),
        )
        for span in venue.openings
        if moments.same_day(span.start, now)
    ]
    return "\n".join(spans) or say(language, "venue.hours.none")


def _coming_days(venue: Venue, now: datetime, language: Language) -> tuple[tuple[str, str], ...]:
    days: dict[str, list[str]] = {}
    for span in venue.openings or ():
        if not moments.same_day(span.start, now):
            day = moments.short_day(span.start, now, language)
            hours = f"{moments.minute(span.start)}–{moments.minute(span.end)}"
            days.setdefault(day, []).append(hours)
    return tuple((_begun(day), " ".join(hours)) for day, hours in days.items())


def _begun(words: str) -> str:
    """Return words as a line begins with them."""
    return words[:1].upper() + words[1:]
