"""Reading a resident's timeline: one indexed read a kind, whatever is asked for and found."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping

from backend.bookings.service import Bookings, BookingView
from backend.bookings.slots import Slots
from backend.cards.card_history import CardHappening, CardHistory
from backend.foundation.pages import Page, Position
from backend.library.loans import Borrowings, LoanView
from backend.passes.changes import Passes
from backend.passes.views import PassView
from backend.readers.visits import VisitFacts, Visits
from backend.timeline.rules import TimelineCategory, TimelineRow, one_line
from backend.timeline.texts import (
    BOOKING_STATES,
    IN,
    LOAN_STATES,
    NO_TITLE,
    NO_VENUE,
    NOT_IN,
    TAKEN,
)
from backend.venues.catalogue import Catalogue
from shared.admission.answer import Verdict
from shared.clock import Clock
from shared.localized_text import LocalizedText

_LAST_ID = "~"  # after every id
Source = Callable[[str, int, Position], Awaitable[Page[TimelineRow]]]


class Timeline:
    """Puts what happened in several areas into one line; it stores nothing of its own."""

    def __init__(
        self,
        visits: Visits,
        bookings: Bookings,
        passes: Passes,
        cards: CardHistory,
        borrowings: Borrowings,
        slots: Slots,
        catalogue: Catalogue,
        clock: Clock,
    ) -> None:
        self._visits = visits
        self._bookings = bookings
        self._passes = passes
        self._cards = cards
        self._borrowings = borrowings
        self._slots = slots
        self._catalogue = catalogue
        self._clock = clock
        self._sources: Mapping[TimelineCategory, Source] = {
            TimelineCategory.VISIT: self._visited,
            TimelineCategory.BOOKING: self._booked,
            TimelineCategory.PASS: self._taken,
            TimelineCategory.CARD: self._carded,
            TimelineCategory.LOAN: self._borrowed,
        }

    async def page(
        self,
        resident_id: str,
        first: int,
        after: Position | None,
        categories: Collection[TimelineCategory],
    ) -> Page[TimelineRow]:
        """Return up to `first` rows of some categories that follow `after`, none of the future."""
        start = after or Position(self._clock.now(), _LAST_ID)
        wanted = [source for kind, source in self._sources.items() if kind in categories]
        pages = await asyncio.gather(*(source(resident_id, first, start) for source in wanted))
        return one_line(pages, first)

    async def _visited(self, resident_id: str, first: int, after: Position) -> Page[TimelineRow]:
        page = await self._visits.page(resident_id, first, after)
        return Page(tuple(map(_visit, page.rows)), page.has_more)

    async def _booked(self, resident_id: str, first: int, after: Position) -> Page[TimelineRow]:
        page = await self._bookings.page(resident_id, first, after)
        if not page.rows:
            return Page((), has_more=False)
        plans = sorted({booking.plan for booking in page.rows})
        numbers = sorted({booking.venue for booking in page.rows})
        places, venues = await asyncio.gather(
            self._slots.places(plans), self._catalogue.of_numbers(numbers)
        )
        titles = {plan: place.title for plan, place in zip(plans, places, strict=True) if place}
        names = {number: one.name for number, one in zip(numbers, venues, strict=True) if one}
        rows = tuple(
            _booking(one, names.get(one.venue, NO_VENUE), titles.get(one.plan)) for one in page.rows
        )
        return Page(rows, page.has_more)

    async def _taken(self, resident_id: str, first: int, after: Position) -> Page[TimelineRow]:
        page = await self._passes.page(resident_id, first, after)
        return Page(tuple(map(_pass, page.rows)), page.has_more)

    async def _carded(self, resident_id: str, first: int, after: Position) -> Page[TimelineRow]:
        page = await self._cards.page(resident_id, first, after)
        return Page(tuple(map(_happening, page.rows)), page.has_more)

    async def _borrowed(self, resident_id: str, first: int, after: Position) -> Page[TimelineRow]:
        page = await self._borrowings.page(resident_id, first, after)
        return Page(tuple(map(_loan, page.rows)), page.has_more)


def _visit(visit: VisitFacts) -> TimelineRow:
    refused = visit.verdict is Verdict.REFUSE
    detail = _both(NOT_IN, visit.reason) if refused else IN
    return TimelineRow(visit.scan_id, visit.at, TimelineCategory.VISIT, visit.venue_name, detail)


def _booking(
    booking: BookingView, venue: LocalizedText, title: LocalizedText | None
) -> TimelineRow:
    detail = _both(BOOKING_STATES[booking.state], title)
    return TimelineRow(
        booking.booking_id, booking.starts_at, TimelineCategory.BOOKING, venue, detail
    )


def _pass(held: PassView) -> TimelineRow:
    return TimelineRow(held.pass_id, held.issued_at, TimelineCategory.PASS, held.name, TAKEN)


def _happening(one: CardHappening) -> TimelineRow:
    return TimelineRow(one.event_id, one.at, TimelineCategory.CARD, one.name, one.state)


def _loan(loan: LoanView) -> TimelineRow:
    title = LocalizedText(loan.name, loan.name) if loan.name else NO_TITLE
    detail = LOAN_STATES[loan.state]
    return TimelineRow(loan.loan_id, loan.lent_at, TimelineCategory.LOAN, title, detail)


def _both(one: LocalizedText, other: LocalizedText | None) -> LocalizedText:
    if other is None:
        return one
    return LocalizedText(f"{one.zh} · {other.zh}", f"{one.en} · {other.en}")
