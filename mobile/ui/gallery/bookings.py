"""My bookings, venues, and booking."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from mobile.core.booking import Booking, BookingsSeen
from mobile.core.slot import Slot
from mobile.core.trouble import ACT_UNREACHABLE, UNREACHABLE, Trouble
from mobile.core.venue import Position, Venue, VenuesSeen
from mobile.ui.gallery.booking_samples import (
    BOOKINGS,
    CONFIRMED,
    FULL,
    HELD,
    HELD_THEN,
    LAPSED,
    LOST,
    OFFERED,
    QUEUED,
    SAME_TIME,
    SLOTS,
    SOON,
    VENUES,
    VISIT,
    WAITING,
)
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.book_state import Step


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    mine, finding = _Mine(stage), _Finding(stage)
    elder = stage.preferences.value.elder
    yield "bookings", mine.page()
    yield "bookings-empty", mine.page(())
    yield "bookings-offline", mine.page(trouble=UNREACHABLE)
    yield "bookings-unread", mine.page(None, trouble=UNREACHABLE)
    yield "bookings-unanswered", mine.page(unanswered=True)
    yield "bookings-cancelled", mine.page(done=("ticket.cancelled", CONFIRMED))
    yield "ticket", mine.page(opened="confirmed")
    yield "ticket-offline", mine.page(opened="soon", trouble=UNREACHABLE)
    yield "ticket-offered", mine.page(opened="offered")
    yield "ticket-lost-answer", mine.page(opened="offered", trouble=ACT_UNREACHABLE)
    yield "ticket-waiting", mine.page(opened="waiting")
    yield "ticket-closed", mine.page(opened="closed")
    for booking in (VISIT, *QUEUED):
        yield f"ticket-{booking.identifier}", mine.page((booking,), opened=booking.identifier)
    for booking in (CONFIRMED, SOON, OFFERED, WAITING):
        yield (
            f"ticket-{booking.identifier}-cancel",
            mine.page(opened=booking.identifier, asking=True),
        )

    if elder:
        yield "venues-filter", finding.venues(filtering=True)
    yield "venues", finding.venues()
    yield "venues-none", finding.venues(())
    yield "venues-offline", finding.venues(trouble=UNREACHABLE)
    yield "venues-no-position", finding.venues(no_position=True, filtering=elder)
    yield "venue", finding.venues(opened=VENUES[0])
    yield "venue-closed", finding.venues(opened=VENUES[1])
    if elder:
        yield "book-day", finding.booking(Step.DAY)
    yield "book-slot", finding.booking(Step.SLOT)
    yield "book-slot-none", finding.booking(Step.SLOT, slots=())
    yield "book-count", finding.booking(Step.COUNT, count=4)
    yield "book-count-waits", finding.booking(Step.COUNT, slot=2, count=3)
    yield "book-refused", finding.booking(Step.COUNT, trouble=SAME_TIME)
    yield "book-lost-answer", finding.booking(Step.COUNT, trouble=ACT_UNREACHABLE)
    yield "book-full", finding.booking(Step.FULL)
    yield "book-held", finding.booking(Step.HELD, booking=HELD)
    yield "book-lapsed", finding.booking(Step.HELD, booking=LAPSED)
    yield "book-done", finding.booking(Step.DONE, booking=CONFIRMED)
    yield "move-slot", finding.booking(Step.DAY if elder else Step.SLOT, moving=CONFIRMED)
    yield "move-sure", finding.booking(Step.MOVE, moving=CONFIRMED)
    yield "move-full", finding.booking(Step.FULL, moving=CONFIRMED)
    yield "move-refused", finding.booking(Step.MOVE, moving=CONFIRMED, trouble=SAME_TIME)
    yield "move-done", finding.booking(Step.DONE, booking=HELD_THEN, moving=CONFIRMED)
    yield "book-waiting", finding.booking(Step.DONE, booking=WAITING)


class _Mine:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def page(
        self,
        bookings: tuple[Booking, ...] | None = BOOKINGS,
        *,
        opened: str = "",
        asking: bool = False,
        done: tuple[str, Booking] | None = None,
        trouble: Trouble | None = None,
        unanswered: bool = False,
    ) -> Callable[[], None]:
        """Return what shows the bookings, as they were read before the link was lost."""

        def show() -> None:
            model, age = self._stage.models.bookings, timedelta(hours=3 if trouble else 0)
            known = None if bookings is None else BookingsSeen(bookings, NOW - age)
            self._stage.show(self._stage.wallet, "bookings")
            model._bookings._own = known
            model.show_list()
            model._opened, model._asking, model._done = opened, asking, done
            model._trouble, model._reading.trouble = trouble, None
            model._queue.tried_at = NOW  # nothing is asked for a picture
            model._bookings._pending._acts = (LOST,) if unanswered else ()
            model.tick()

        return show


class _Finding:
    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def venues(
        self,
        found: tuple[Venue, ...] | None = VENUES,
        *,
        opened: Venue | None = None,
        filtering: bool = False,
        no_position: bool = False,
        trouble: Trouble | None = None,
    ) -> Callable[[], None]:
        """Return what shows a search for what is near and open."""

        def show() -> None:
            model = self._stage.models.venues
            self._stage.show(self._stage.wallet, "bookings")
            model._venues.known = VenuesSeen(VENUES, NOW - timedelta(hours=3))
            model._found = None if trouble else found
            near = None if no_position or trouble else Position(25.83, 114.93)
            model._wish = replace(model._wish, near=near, open_now=not trouble)
            model._next = "next" if found and not trouble else None
            model._filtering, model._opened, model._no_position = filtering, opened, no_position
            model._trouble, model._reading.trouble = None, trouble
            self._stage.models.place.go("venues")
            model.tick()

        return show

    def booking(
        self,
        step: Step,
        *,
        slots: tuple[Slot, ...] = SLOTS,
        slot: int = 1,
        count: int = 1,
        booking: Booking | None = None,
        moving: Booking | None = None,
        trouble: Trouble | None = None,
    ) -> Callable[[], None]:
        """Return what shows a step of booking, or of moving."""

        def show() -> None:
            model = self._stage.models.book
            self._stage.show(self._stage.wallet, "bookings")
            model.begin(VENUES[0])
            model._moving = moving
            model._slots, model._slot, model._count = slots, SLOTS[slot], count
            model._step, model._booking, model._full = step, booking, FULL
            model._trouble = trouble
            self._stage.models.place.go("book")
            model._trouble = trouble
            model.tick()

        return show
