"""How many are to come to a slot, and what has become of it."""

from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.booking import Booking, BookingState
from mobile.core.slot import Slot
from mobile.core.texts import say
from mobile.viewmodels.booking_lines import people, when
from mobile.viewmodels.notices import Notice
from shared.localized_text import Language


@dataclass(frozen=True, slots=True)
class Counting:
    """How many are to come to the chosen slot."""

    when: str
    title: str
    cancel: str
    count: str
    most: str
    may_less: bool
    may_more: bool
    warning: str
    submit: str


def counting(slot: Slot, count: int, now: datetime, language: Language, *, busy: bool) -> Counting:
    """Return what is asked about `count` people for a slot; more than are free have to wait."""
    waits = count > slot.free
    if now < slot.free_cancel_until:
        until = moments.day_and_minute(slot.free_cancel_until, language)
        cancel = say(language, "book.cancel_until", until=until)
    else:
        cancel = say(language, "book.no_free_cancel")
    submit = "sign_in.busy" if busy else ("book.wait" if waits else "book.submit")
    return Counting(
        when=when(slot.starts_at, slot.ends_at, now, language),
        title=slot.title.in_language(language),
        cancel=cancel,
        count=people(count, language),
        most=say(language, "book.count.most", most=slot.limit),
        may_less=count > 1 and not busy,
        may_more=count < slot.limit and not busy,
        warning=_shortage(slot, count, language) if waits else "",
        submit=say(language, submit),
    )


def _shortage(slot: Slot, count: int, language: Language) -> str:
    key = "book.too_many" if slot.free else "book.none_free"
    return say(language, key, free=slot.free, count=people(count, language))


def told(
    booking: Booking, now: datetime, language: Language, *, moved: bool = False, calm: bool = False
) -> Notice | None:
    """Return what has become of a wish for places, or for another time.

    With `calm` no seconds run: 长辈版 hurries nobody.
    """
    if moved:
        title, body = say(language, "move.done"), say(language, "move.done.next")
        return Notice("check", title, body, attention=False)
    state = booking.state_at(now)
    if state is BookingState.HELD and booking.expires_at is not None:
        left = moments.countdown(booking.expires_at - now)
        until = moments.minute(booking.expires_at)
        key = "book.held.calm" if calm else "book.held.next"
        body = say(language, key, left=left, until=until)
        return Notice("hourglass", say(language, "book.held"), body, attention=False)
    lapsed = state is BookingState.EXPIRED
    key = "book.waiting" if state is BookingState.WAITING else "book.done"
    key = "book.lapsed" if lapsed else key
    title, body = say(language, key), say(language, f"{key}.next")
    return Notice("clock-alert" if lapsed else "check", title, body, attention=lapsed)
