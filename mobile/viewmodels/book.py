"""Booking, or moving a booking: the day, the time, how many, and a yes."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.booking import Booking, BookingState
from mobile.core.slot import FreeSlot, Slot, SlotFull
from mobile.core.texts import say
from mobile.core.trouble import Trouble, is_undecided
from mobile.core.venue import Venue
from mobile.services.account import Account
from mobile.services.bookings import Bookings
from mobile.services.city_time import CityTime
from mobile.viewmodels.book_state import BookState, Step
from mobile.viewmodels.booking_lines import cancel_question, move_question, ticket, when
from mobile.viewmodels.counting import counting, told
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.question import Question
from mobile.viewmodels.served import ServedModel
from mobile.viewmodels.slot_lines import DAYS_SHOWN, day_lines, local_date, slot_lines
from shared.localized_text import LocalizedText

_DAYS_AHEAD = 2 * DAYS_SHOWN


class BookModel(ServedModel):
    """Begins with a venue, or with a booking to be moved within its own.

    `shown` is called with the booking that was made or moved, to show its ticket.
    """

    state = ObjectProperty(BookState(), rebind=True)

    def __init__(
        self,
        bookings: Bookings,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        shown: Callable[[str], None],
    ) -> None:
        super().__init__(account, time, preferences)
        self._bookings = bookings
        self._shown = shown
        self._venue: tuple[int, LocalizedText] | None = None
        self._moving: Booking | None = None
        self._slots: tuple[Slot, ...] | None = None
        self._step = Step.SLOT
        self._later = False
        self._day: date | None = None
        self._slot: Slot | None = None
        self._count = 1
        self._full: SlotFull | None = None
        self._booking: Booking | None = None

    def begin(self, venue: Venue) -> None:
        """Book at `venue`."""
        if not self._busy:
            self._begin(venue.number, venue.name, None)

    def begin_move(self, booking: Booking) -> None:
        """Move `booking` to another time (改签)."""
        if not self._busy:
            self._begin(booking.venue_number, booking.venue, booking)

    def _begin(self, number: int, name: LocalizedText, moving: Booking | None) -> None:
        if self._venue is None or self._venue[0] != number:
            self._slots = None
            self._reading.forget()
        self._venue, self._moving = (number, name), moving
        self._day, self._later = None, False
        self._slot = self._full = self._booking = None
        self._go(self._first_step())

    @override
    def refresh(self) -> None:
        if self._step in {Step.DAY, Step.SLOT, Step.COUNT, Step.MOVE}:
            super().refresh()
        else:
            self._show()

    def other_days(self) -> None:
        """Show the days after those shown, or those before again."""
        self._later, self._day = not self._later, None
        self._show()

    def choose_day(self, day: str) -> None:
        """Choose a day that was shown."""
        self._day = date.fromisoformat(day)
        self._go(Step.SLOT)

    def choose_slot(self, identifier: str) -> None:
        """Choose a slot that was shown."""
        found = [slot for slot in self._slots or () if slot.identifier == identifier]
        if found:
            self._slot, self._count = found[0], self._moving.quantity if self._moving else 1
            self._go(Step.MOVE if self._moving else Step.COUNT)

    def less(self) -> None:
        """One person less."""
        self._count = max(1, self._count - 1)
        self._show()

    def more(self) -> None:
        """One person more."""
        if self._slot is not None:
            self._count = min(self._slot.limit, self._count + 1)
        self._show()

    def submit(self) -> None:
        """Have the places held, or wait for them where there are not so many."""
        slot = self._slot
        if slot is not None:
            self._place(slot.identifier, waits=self._count > slot.free and not self._moving)

    def take_next_free(self) -> None:
        """Have places of the next time held that has room."""
        if self._full is not None and self._full.next_free is not None:
            self._place(self._full.next_free.identifier, waits=False)

    def wait(self) -> None:
        """Join the waiting list of the slot that is full."""
        if self._slot is not None:
            self._place(self._slot.identifier, waits=True)

    def choose_again(self) -> None:
        """Choose another time."""
        if not self._busy:
            self._slot = self._full = self._booking = None
            self._go(self._first_step())
            self.refresh()

    def yes(self) -> None:
        """Do what was asked about: move the booking, or give the places up."""
        booking = self._booking
        if self._step is Step.GIVE_UP and booking is not None:
            self._act(lambda: self._give_up(booking))
        else:
            self.submit()

    def no(self) -> None:
        """Leave the booking that was to be moved as it is, or keep the places."""
        if self._step is Step.GIVE_UP:
            self.step_back()
        elif self._moving is not None and not self._busy:
            self._shown(self._moving.identifier)

    def confirm(self) -> None:
        """Take the places that are held."""
        booking = self._booking
        if booking is not None:
            self._act(lambda: self._confirm(booking))

    def give_up(self) -> None:
        """Ask whether the places are to be given back."""
        if self._booking is not None and not self._busy:
            self._go(Step.GIVE_UP)

    def show_ticket(self) -> None:
        """Go on to the booking that was made."""
        if self._booking is not None:
            self._shown(self._booking.identifier)

    def step_back(self) -> bool:
        """Go to what was asked before; False at the first, and once there is a booking."""
        if self._busy:
            return True
        asked = (Step.COUNT, Step.MOVE, Step.FULL)
        before = Step.SLOT if self._step in asked else None
        if self._step is Step.SLOT and self._first_step() is Step.DAY:
            before = Step.DAY
        if self._step is Step.GIVE_UP:
            before = Step.HELD
        if before is None:
            return False
        self._go(before)
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state: BookState = self.state
        return state.reading(self._day_words(), self._language)

    @override
    def _show(self) -> None:
        now, language = self._time.now(), self._language
        self._mind_layout()
        self._mind_lapse()
        first = local_date(now) + timedelta(days=DAYS_SHOWN if self._later else 0)
        slots = self._fitting()
        booking, moving = self._booking, self._moving
        held = self._step is Step.HELD and booking is not None
        lapsed = held and booking is not None and booking.state_at(now) is BookingState.EXPIRED
        self.state = BookState(
            step=self._step,
            venue=self._venue[1].in_language(language) if self._venue else "",
            moving=when(moving.starts_at, moving.ends_at, now, language) if moving else "",
            loading=self._reading.going_on and self._slots is None,
            days=day_lines(slots, first, self._day_shown(), now, language)
            if self._slots is not None
            else (),
            other_days=say(language, f"book.days.{'sooner' if self._later else 'later'}"),
            slots=slot_lines(
                slots, self._day_shown(), now, language, moving.quantity if moving else 0
            )
            if self._slots is not None
            else None,
            counting=counting(self._slot, self._count, now, language, busy=self._busy)
            if self._step is Step.COUNT and self._slot
            else None,
            question=self._question(),
            full=self._full_notice() if self._step is Step.FULL else None,
            next_free=self._next_free(),
            ticket=ticket(booking, now, language)
            if booking and self._step in {Step.HELD, Step.DONE}
            else None,
            told=told(
                booking, now, language, moved=bool(moving), calm=bool(self._preferences.value.elder)
            )
            if booking and self._step is not Step.GIVE_UP
            else None,
            lapsed=lapsed,
            busy=self._busy,
            seen=self._seen() if self._reading.trouble else "",
            problem=self._problem(),
        )

    def _first_step(self) -> Step:
        return Step.DAY if self._preferences.value.elder else Step.SLOT

    def _mind_layout(self) -> None:
        """Take the day's own screen along when 长辈版 is switched off."""
        if self._step is Step.DAY and self._first_step() is Step.SLOT:
            self._step = Step.SLOT

    def _mind_lapse(self) -> None:
        """Ask no more whether to give up what is no longer held."""
        asked = self._step is Step.GIVE_UP and not self._busy and self._booking
        if asked and asked.state_at(self._time.now()) is BookingState.EXPIRED:
            self._step = Step.HELD

    def _question(self) -> Question | None:
        now, language, busy = self._time.now(), self._language, self._busy
        if self._step is Step.GIVE_UP and self._booking:
            return cancel_question(self._booking, now, language, busy=busy)
        if self._step is Step.MOVE and self._moving and self._slot:
            return move_question(self._moving, self._slot, now, language, busy=busy)
        return None

    def _fitting(self) -> tuple[Slot, ...]:
        """Return the slots to choose from: a booking moves within its kind, and not to itself."""
        slots, moving = self._slots or (), self._moving
        if moving is None:
            return slots
        return tuple(
            one for one in slots if one.kind == moving.kind and one.identifier != moving.slot
        )

    def _go(self, step: Step) -> None:
        self._step, self._trouble = step, None
        self._show()

    def _day_shown(self) -> date | None:
        """Return the chosen day, or the first of those shown that takes bookings."""
        if self._day is not None or self._step is Step.DAY:
            return self._day
        now = self._time.now()
        first = local_date(now) + timedelta(days=DAYS_SHOWN if self._later else 0)
        end = first + timedelta(days=DAYS_SHOWN)
        days = (local_date(slot.starts_at) for slot in self._fitting() if slot.takes_bookings(now))
        return min((day for day in days if first <= day < end), default=first)

    def _day_words(self) -> str:
        day = self._day_shown()
        if day is None:
            return ""
        noon = datetime(day.year, day.month, day.day, 4, tzinfo=self._time.now().tzinfo)
        return moments.coming_day(noon, self._time.now(), self._language)

    def _full_notice(self) -> Notice | None:
        return notice_of(self._full.why, self._language) if self._full else None

    def _next_free(self) -> str:
        free: FreeSlot | None = self._full.next_free if self._full else None
        if free is None:
            return ""
        hours = when(free.starts_at, free.ends_at, self._time.now(), self._language)
        return say(self._language, f"{'move' if self._moving else 'book'}.next_free", when=hours)

    def _place(self, slot: str, *, waits: bool) -> None:
        self._act(lambda: self._placed(slot, waits=waits))

    async def _placed(self, slot: str, *, waits: bool) -> Trouble | None:
        moving = self._moving
        if moving is not None:
            placed = await self._bookings.move(moving.identifier, slot)
        else:
            placed = await self._bookings.place(slot, self._count, waits=waits)
        if isinstance(placed, Trouble):
            if not is_undecided(placed):
                self._reading.start()  # what was shown is no longer so
            return placed
        if isinstance(placed, SlotFull):
            self._full, self._step = placed, Step.FULL
            return None
        self._booking = placed
        self._step = Step.HELD if placed.state is BookingState.HELD else Step.DONE
        return None

    async def _confirm(self, booking: Booking) -> Trouble | None:
        confirmed = await self._bookings.confirm(booking.identifier)
        if isinstance(confirmed, Trouble):
            return confirmed
        self._booking, self._step = confirmed, Step.DONE
        return None

    async def _give_up(self, booking: Booking) -> Trouble | None:
        given_up = await self._bookings.cancel(booking.identifier)
        if isinstance(given_up, Trouble):
            return given_up
        self._booking = self._slot = self._full = None
        self._step = self._first_step()
        self._reading.start()
        return None

    @override
    async def _read(self) -> Trouble | None:
        venue = self._venue
        if venue is None:
            return None
        today = local_date(self._time.now())
        last = today + timedelta(days=_DAYS_AHEAD - 1)
        slots = await self._bookings.slots(venue[0], today, last)
        if isinstance(slots, Trouble):
            return slots
        if self._venue is venue:  # not another one meanwhile
            self._slots = slots
            chosen = self._slot.identifier if self._slot else ""
            self._slot = next((slot for slot in slots if slot.identifier == chosen), self._slot)
        return None

    @override
    def _may_read(self) -> bool:
        return self._bookings.may_ask and self._venue is not None

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is done for the card on this phone."""
        self._show()
