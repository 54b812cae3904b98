"""Days and slots as one chooses from them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mobile.core import moments
from mobile.core.slot import Slot
from mobile.core.texts import say
from shared.clock import LOCAL_ZONE
from shared.localized_text import Language

DAYS_SHOWN = 7
_FEW = 5


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day that can be chosen; `places` says in a word whether there are any."""

    day: str
    name: str
    date: str
    places: str
    available: bool
    selected: bool


@dataclass(frozen=True, slots=True)
class SlotLine:
    """A slot that can be chosen."""

    identifier: str
    hours: str
    title: str
    places: str
    full: bool


def local_date(moment: datetime) -> date:
    """Return the day of a moment in the city."""
    return moment.astimezone(LOCAL_ZONE).date()


def day_lines(
    slots: tuple[Slot, ...], first: date, chosen: date | None, now: datetime, language: Language
) -> tuple[DayLine, ...]:
    """Return the week that begins with `first`."""
    days = (first + timedelta(days=count) for count in range(DAYS_SHOWN))
    return tuple(_day_line(slots, day, day == chosen, now, language) for day in days)


def _day_line(
    slots: tuple[Slot, ...], day: date, selected: bool, now: datetime, language: Language
) -> DayLine:
    here = [slot for slot in slots if local_date(slot.starts_at) == day]
    takes = [slot for slot in here if slot.takes_bookings(now)]
    free = any(slot.free for slot in takes)
    word = "free" if free else ("full" if takes else "none")
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=LOCAL_ZONE)
    return DayLine(
        day=day.isoformat(),
        name=_name(noon, now, language),
        date=moments.day_of_month(noon, language),
        places=say(language, f"book.day.{word}"),
        available=bool(takes),
        selected=selected,
    )


def _name(noon: datetime, now: datetime, language: Language) -> str:
    for days, key in ((0, "book.today"), (1, "book.tomorrow")):
        if moments.same_day(noon, now + timedelta(days=days)):
            return say(language, key)
    return moments.weekday(noon, language)


def slot_lines(
    slots: tuple[Slot, ...], day: date | None, now: datetime, language: Language, people: int = 0
) -> tuple[SlotLine, ...]:
    """Return what can be booked, or waited for, on a day; for `people` where that is settled."""
    return tuple(
        SlotLine(
            identifier=slot.identifier,
            hours=f"{moments.minute(slot.starts_at)}–{moments.minute(slot.ends_at)}",
            title=slot.title.in_language(language),
            places=_places_for(slot, people, language) if people else places(slot, language),
            full=slot.free < max(1, people),
        )
        for slot in slots
        if local_date(slot.starts_at) == day and slot.takes_bookings(now)
    )


def places(slot: Slot, language: Language) -> str:
    """Return how many places are left, in words."""
    if slot.free > _FEW:
        return say(language, "book.places", free=slot.free)
    if slot.free:
        return say(language, "book.places.few", free=slot.free)
    key = "book.places.waiting" if slot.waiting else "book.places.full"
    return say(language, key, waiting=slot.waiting)


def _places_for(slot: Slot, people: int, language: Language) -> str:
    if slot.free >= people:
        return places(slot, language)
    key = "move.places.short" if slot.free else "book.day.full"
    return say(language, key, free=slot.free)
