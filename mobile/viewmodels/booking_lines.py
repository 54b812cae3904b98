"""Bookings as lines of a list, and as tickets."""

from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.booking import APPOINTMENT, UNCONFIRMED, Booking, BookingState
from mobile.core.slot import Slot
from mobile.core.texts import say
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.question import Question
from mobile.viewmodels.queue_lines import QueueLine, queue_line
from shared.localized_text import Language

_ICONS = {
    BookingState.WAITING: "account-clock",
    BookingState.OFFERED: "hourglass",
    BookingState.HELD: "hourglass",
    BookingState.CONFIRMED: "calendar-check",
    BookingState.ATTENDED: "check",
    BookingState.CLOSED: "calendar-remove",
}
_ATTENTION = UNCONFIRMED | {BookingState.CLOSED}
COURT = "COURT"
_PRICED = frozenset(
    {
        *(BookingState.CONFIRMED, BookingState.ATTENDED, BookingState.NO_SHOW),
        *(BookingState.CANCELLED, BookingState.CLOSED),
    }
)
"""When a court has something to pay, a receipt or a refund."""


@dataclass(frozen=True, slots=True)
class BookingLine:
    """A booking in a list; `plain` where nothing is to be expected of it any more."""

    identifier: str
    venue: str
    what: str
    when: str
    state: str
    icon: str
    attention: bool
    plain: bool


@dataclass(frozen=True, slots=True)
class Ticket:
    """One booking, ready to be drawn; words of what cannot be done with it are empty."""

    line: BookingLine
    title: str
    address: str
    how_many: str
    entry: str
    remark: str
    offer: Notice | None
    confirm: str
    move: str
    cancel: str
    fee: str
    opens_doors: bool
    check_in: str = ""
    queue: QueueLine | None = None

    def reading(self, language: Language) -> str:
        """Return it in words to be said."""
        line = self.line
        words = say(
            language,
            "ticket.reading",
            venue=line.venue,
            title=self.title,
            when=line.when,
            count=self.how_many,
            state=line.state,
            entry=self.entry,
        )
        if self.queue:
            words = f"{self.queue.reading(language)} {words}"
        return f"{self.offer.title}。{self.offer.body} {words}" if self.offer else words


def people(count: int, language: Language) -> str:
    """Return for how many a booking is."""
    return say(language, "booking.people.one" if count == 1 else "booking.people", count=count)


def when(starts_at: datetime, ends_at: datetime, now: datetime, language: Language) -> str:
    """Return a slot's day and hours."""
    day = moments.coming_day(starts_at, now, language)
    return f"{day} {moments.minute(starts_at)}–{moments.minute(ends_at)}"


def booking_line(booking: Booking, now: datetime, language: Language) -> BookingLine:
    """Return one booking's line."""
    state = booking.state_at(now)
    name = "forfeited" if booking.forfeited else state.value.lower()
    over = not booking.is_ahead(now)
    return BookingLine(
        identifier=booking.identifier,
        venue=booking.venue.in_language(language),
        what=f"{booking.title.in_language(language)} · {people(booking.quantity, language)}",
        when=when(booking.starts_at, booking.ends_at, now, language),
        state=say(language, f"booking.state.{name}"),
        icon=_ICONS.get(state, "refused"),
        attention=state in _ATTENTION and now < booking.ends_at,
        plain=over and state not in _ATTENTION,
    )


def ticket(booking: Booking, now: datetime, language: Language) -> Ticket:
    """Return a booking as its ticket."""
    state, ahead = booking.state_at(now), booking.is_ahead(now)
    count = people(booking.quantity, language)
    if booking.entered:
        count = say(language, "ticket.entered", count=count, entered=booking.entered)
    confirm = {BookingState.HELD: "ticket.confirm", BookingState.OFFERED: "ticket.accept"}
    return Ticket(
        line=booking_line(booking, now, language),
        title=booking.title.in_language(language),
        address=booking.address.in_language(language) if booking.address else "",
        how_many=count,
        entry=_entry(booking, now, language) if ahead else "",
        remark=booking.remark.in_language(language) if booking.remark else "",
        offer=_offer(booking, now, language) if ahead and state in UNCONFIRMED else None,
        confirm=say(language, confirm[state]) if ahead and state in confirm else "",
        move=say(language, "ticket.move") if booking.can_be_moved(now) else "",
        cancel=say(language, f"ticket.{_leaving(state)}") if booking.can_be_cancelled(now) else "",
        fee=say(language, "ticket.fee") if booking.kind == COURT and state in _PRICED else "",
        opens_doors=ahead and state is BookingState.CONFIRMED,
        check_in=say(language, "ticket.check_in" + (".again" if booking.queue else ""))
        if booking.can_check_in(now)
        else "",
        queue=queue_line(booking.queue, now, language)
        if booking.queue and booking.is_queued_for(now)
        else None,
    )


def cancel_question(booking: Booking, now: datetime, language: Language, *, busy: bool) -> Question:
    """Return what is asked before a booking is given back."""
    state = booking.state_at(now)
    way, late = _leaving(state), booking.would_be_forfeited(now)
    until = moments.day_and_minute(booking.free_cancel_until, language)
    if state is not BookingState.CONFIRMED:
        cost = say(language, "ticket.cancel.unconfirmed")
    else:
        cost = say(language, f"ticket.cancel.{'forfeited' if late else 'free'}", until=until)
    count = people(booking.quantity, language)
    after = "turn" if state is BookingState.WAITING else "others"
    hours = when(booking.starts_at, booking.ends_at, now, language)
    return Question(
        icon="calendar-remove",
        title=say(language, f"ticket.{way}.sure"),
        points=(
            f"{booking.venue.in_language(language)}\n{hours}",
            cost,
            say(language, f"ticket.cancel.{after}", count=count),
        ),
        yes=say(language, "sign_in.busy" if busy else f"ticket.{way}.yes"),
        no=say(language, "ticket.keep"),
        grave=late,
        busy=busy,
    )


def move_question(
    booking: Booking, slot: Slot, now: datetime, language: Language, *, busy: bool
) -> Question:
    """Return what is asked before a booking goes to another slot."""
    before = when(booking.starts_at, booking.ends_at, now, language)
    after = when(slot.starts_at, slot.ends_at, now, language)
    count = people(booking.quantity, language)
    return Question(
        icon="calendar-clock",
        title=say(language, "move.sure"),
        points=(
            booking.venue.in_language(language),
            say(language, "move.change", before=before, after=after),
            say(language, "move.count", count=count),
            say(language, "move.safe"),
        ),
        yes=say(language, "sign_in.busy" if busy else "move.yes"),
        no=say(language, "move.no"),
        busy=busy,
    )


def _leaving(state: BookingState) -> str:
    if state is BookingState.WAITING:
        return "leave"
    return "decline" if state in UNCONFIRMED else "cancel"


def _entry(booking: Booking, now: datetime, language: Language) -> str:
    state = booking.state_at(now)
    if state is BookingState.WAITING:
        return say(language, "ticket.entry.waiting")
    if state in UNCONFIRMED:
        return say(language, "ticket.entry.unconfirmed")
    if booking.kind == APPOINTMENT and booking.check_in_from is not None:
        return _visit(booking, now, language)
    start, end = moments.minute(booking.entry_from), moments.minute(booking.entry_until)
    if now < booking.entry_from:
        return say(language, "ticket.entry.before", start=start, end=end)
    key = "ticket.entry.now" if now < booking.entry_until else "ticket.entry.over"
    return say(language, key, start=start, end=end)


def _visit(booking: Booking, now: datetime, language: Language) -> str:
    """Return how somebody gets into the queue of their appointment."""
    opens = booking.check_in_from or booking.starts_at
    if booking.queue is not None and not booking.can_check_in(now):
        return say(language, "ticket.entry.visit.in")
    name = "before" if now < opens else "now"
    start, end = moments.minute(opens), moments.minute(booking.ends_at)
    return say(language, f"ticket.entry.visit.{name}", start=start, end=end)


def _offer(booking: Booking, now: datetime, language: Language) -> Notice | None:
    if booking.expires_at is None:
        return None
    left = moments.span(booking.expires_at - now, language)
    until = _until(booking.expires_at, now, language)
    key = "ticket.offered" if booking.state is BookingState.OFFERED else "ticket.held"
    body = say(language, "ticket.until", until=until, left=left)
    return Notice("hourglass", say(language, key), body)


def _until(moment: datetime, now: datetime, language: Language) -> str:
    if moments.same_day(moment, now):
        return moments.minute(moment)
    return moments.day_and_minute(moment, language)
