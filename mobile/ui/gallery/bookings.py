"""My bookings, venues, and booking."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from mobile.core.booking import Booking, BookingsSeen
from mobile.core.trouble import ACT_UNREACHABLE, UNREACHABLE, Trouble
from mobile.ui.gallery.booking_samples import BOOKINGS, CONFIRMED, OFFERED, SOON, WAITING
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    mine = _Mine(stage)
    yield "bookings", mine.page()
    yield "bookings-empty", mine.page(())
    yield "bookings-offline", mine.page(trouble=UNREACHABLE)
    yield "bookings-unread", mine.page(None, trouble=UNREACHABLE)
    yield "bookings-cancelled", mine.page(done=("ticket.cancelled", CONFIRMED))
    yield "ticket", mine.page(opened="confirmed")
    yield "ticket-offline", mine.page(opened="soon", trouble=UNREACHABLE)
    yield "ticket-offered", mine.page(opened="offered")
    yield "ticket-lost-answer", mine.page(opened="offered", trouble=ACT_UNREACHABLE)
    yield "ticket-waiting", mine.page(opened="waiting")
    yield "ticket-closed", mine.page(opened="closed")
    for booking in (CONFIRMED, SOON, OFFERED, WAITING):
        yield (
            f"ticket-{booking.identifier}-cancel",
            mine.page(opened=booking.identifier, asking=True),
        )


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
    ) -> Callable[[], None]:
        """Return what shows the bookings, as they were read before the link was lost."""

        def show() -> None:
            model, age = self._stage.models.bookings, timedelta(hours=3 if trouble else 0)
            known = None if bookings is None else BookingsSeen(bookings, NOW - age)
            model._bookings.known = known
            self._stage.show(self._stage.wallet, "bookings")
            model.show_list()
            model._opened, model._asking, model._done = opened, asking, done
            model._trouble, model._reading.trouble = trouble, None
            model.tick()

        return show
