"""我的预约: what is booked, each with its ticket; what was last known holds without a network."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.booking import Booking, BookingState
from mobile.core.pending import PendingAct
from mobile.core.slot import SlotFull
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.bookings import Bookings
from mobile.services.city_time import CityTime
from mobile.viewmodels.booking_lines import (
    BookingLine,
    Ticket,
    booking_line,
    cancel_question,
    ticket,
    when,
)
from mobile.viewmodels.notices import Notice, unanswered
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.question import Question
from mobile.viewmodels.reading import Reading
from mobile.viewmodels.served import ServedModel, said

LOOKS = timedelta(seconds=15)
"""How often a queue is asked about while its ticket is in front."""


@dataclass(frozen=True, slots=True)
class BookingsState:
    """What is shown: a question, else a ticket, else the list.

    `coming` None before anything was ever read; `past` is empty in 长辈版 until asked for.
    """

    coming: tuple[BookingLine, ...] | None = None
    past: tuple[BookingLine, ...] = ()
    past_hidden: bool = False
    loading: bool = False
    seen: str = ""
    ticket: Ticket | None = None
    question: Question | None = None
    unanswered: Notice | None = None
    busy: bool = False
    done: Notice | None = None
    problem: Notice | None = None


class BookingsModel(ServedModel):
    """Follows the bookings; a list, a ticket upon it, and the question before one is given back."""

    state = ObjectProperty(BookingsState(), rebind=True)

    def __init__(
        self,
        bookings: Bookings,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        move: Callable[[Booking], None],
    ) -> None:
        super().__init__(account, time, preferences)
        self._bookings = bookings
        self._move = move
        self._opened = ""
        self._asking = self._past_shown = False
        self._done: tuple[str, Booking] | None = None
        self._queue = Reading(self._read_queue, time, self._show)
        bookings.listen(self._show)

    def show_list(self) -> None:
        """Show the list, whatever was open."""
        self._opened, self._asking, self._past_shown = "", False, False
        self._settle()

    def show_past(self) -> None:
        """Show those that are over, too."""
        self._past_shown = True
        self._show()

    def open_ticket(self, identifier: str) -> None:
        """Show one booking."""
        self._opened, self._asking = identifier, False
        self._queue.forget()
        self._settle()
        self._look()

    def step_back(self) -> bool:
        """Go to what was shown before; False at the list."""
        if self._busy or not self._opened:
            return False
        if self._asking:
            self.no()
        else:
            self.show_list()
        return True

    def confirm(self) -> None:
        """Take the places that are held or offered."""
        self._done = None
        self._act(self._confirm)

    def move(self) -> None:
        """Choose another time for the opened booking."""
        booking = self._booking()
        if booking is not None and not self._busy:
            self._move(booking)

    def send_again(self) -> None:
        """Ask again what became of a wish whose answer was lost."""
        act = self._bookings.unanswered
        if act is not None:
            self._done = None
            self._act(lambda: self._send_again(act))

    def let_be(self) -> None:
        """Ask no more about it, and read what there is."""
        act = self._bookings.unanswered
        if act is not None and not self._busy:
            self._bookings.let_be(act)
            self.refresh()

    def check_in(self) -> None:
        """Take a number for the opened appointment."""
        self._done = None
        self._act(self._check_in)

    @override
    def tick(self) -> None:
        """Look at the queue of the opened ticket now and then, too."""
        super().tick()
        asked, booking = self._queue.tried_at, self._booking()
        waits = booking is not None and booking.waits_in_queue(self._time.now())
        if asked is None or self._time.now() - asked >= (LOOKS if waits else 4 * LOOKS):
            self._look()

    @override
    async def close(self) -> None:
        await self._queue.close()
        await super().close()

    def ask_cancel(self) -> None:
        """Ask whether the booking is really to be given back."""
        self._asking = True
        self._settle()

    def yes(self) -> None:
        """Give it back."""
        self._act(self._cancel)

    def no(self) -> None:
        """Keep it."""
        if not self._busy:
            self._asking = False
            self._settle()

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state, language = self.state, self._language
        notice = state.problem or state.done or state.unanswered
        if state.question:
            words = state.question.reading()
        elif state.ticket:
            words = state.ticket.reading(language)
        elif state.coming:
            lines = "；".join(f"{line.when} {line.venue} {line.state}" for line in state.coming)
            words = say(language, "bookings.reading", count=len(state.coming), lines=lines)
        else:
            words = say(language, "bookings.reading.none")
        return f"{said(notice)} {words}" if notice else words

    @override
    def _show(self) -> None:
        known, now, language = self._bookings.known, self._time.now(), self._language
        opened = self._booking()
        coming, past = self._sorted() if known else (None, ())
        hidden = bool(past) and self._preferences.value.elder and not self._past_shown
        self.state = BookingsState(
            coming=coming,
            past=() if hidden else past,
            past_hidden=hidden,
            loading=self._reading.going_on and known is None,
            seen=self._seen(),
            ticket=ticket(opened, now, language) if opened else None,
            question=cancel_question(opened, now, language, busy=self._busy)
            if opened and self._asking
            else None,
            unanswered=unanswered(self._bookings.unanswered, now, language),
            busy=self._busy,
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _look(self) -> None:
        booking = self._booking()
        if booking is not None and booking.is_queued_for(self._time.now()) and self._may_read():
            self._queue.start()

    async def _read_queue(self) -> Trouble | None:
        return await self._bookings.read_one(self._opened) if self._opened else None

    def _sorted(self) -> tuple[tuple[BookingLine, ...], tuple[BookingLine, ...]]:
        """Return those ahead, the next one first, and those that are over, the last one first."""
        now, language = self._time.now(), self._language
        bookings = self._bookings.known.bookings if self._bookings.known else ()
        ordered = sorted(bookings, key=lambda one: (one.starts_at, one.identifier))
        ahead = (one for one in ordered if one.is_ahead(now))
        over = (one for one in reversed(ordered) if not one.is_ahead(now))
        return (
            tuple(booking_line(one, now, language) for one in ahead),
            tuple(booking_line(one, now, language) for one in over),
        )

    def _booking(self) -> Booking | None:
        known = self._bookings.known
        found = (one for one in known.bookings if one.identifier == self._opened) if known else ()
        return next(iter(found), None)

    def _settle(self) -> None:
        self._trouble = self._done = None
        self._show()

    @override
    def _seen_at(self) -> datetime | None:
        known = self._bookings.known
        return None if known is None else known.seen_at

    def _done_notice(self) -> Notice | None:
        if self._done is None:
            return None
        key, booking = self._done
        language = self._language
        hours = when(booking.starts_at, booking.ends_at, self._time.now(), language)
        body = say(language, f"{key}.next", venue=booking.venue.in_language(language), when=hours)
        return Notice("check", say(language, key), body, attention=False)

    async def _send_again(self, act: PendingAct) -> Trouble | None:
        answer = await self._bookings.send_again(act)
        if isinstance(answer, Trouble):
            return answer
        if isinstance(answer, SlotFull):
            return answer.why
        self._done = ("unanswered.done", answer)
        return None

    async def _confirm(self) -> Trouble | None:
        booking = await self._bookings.confirm(self._opened)
        if isinstance(booking, Trouble):
            return booking
        self._done = ("ticket.confirmed", booking)
        return None

    async def _check_in(self) -> Trouble | None:
        booking = await self._bookings.check_in(self._opened)
        if isinstance(booking, Trouble):
            return booking
        self._done = ("ticket.checked_in", booking)
        return None

    async def _cancel(self) -> Trouble | None:
        booking = await self._bookings.cancel(self._opened)
        self._asking = False
        if isinstance(booking, Trouble):
            return booking
        if booking.state is BookingState.CANCELLED:
            self._opened, self._done = "", ("ticket.cancelled", booking)
        return None

    @override
    async def _read(self) -> Trouble | None:
        return await self._bookings.read()

    @override
    def _may_read(self) -> bool:
        return self._bookings.may_ask

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()
