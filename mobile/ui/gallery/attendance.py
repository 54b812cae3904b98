"""One's own attendance: buildings of a month, days at one, an empty month, no link."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from mobile.core.attendance import AttendanceDay, AttendanceVenue
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.ui.gallery.booking_samples import LIBRARY
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from shared.clock import LOCAL_ZONE
from shared.localized_text import LocalizedText


def _at(day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LOCAL_ZONE)


_HALL = LocalizedText("赣州市政务服务大楼", "Ganzhou Government Services Building")
VENUES = (
    AttendanceVenue(41, _HALL, _at(22, 8, 24)),
    AttendanceVenue(1, LIBRARY, NOW - timedelta(days=9)),
)
DAYS = (
    AttendanceDay(date(2026, 11, 22), _at(22, 8, 24), None, timedelta(0), 1),
    AttendanceDay(
        date(2026, 11, 20), _at(20, 8, 31), _at(20, 18, 2), timedelta(hours=8, minutes=31), 0
    ),
    AttendanceDay(date(2026, 11, 19), _at(19, 22, 0), _at(20, 6, 5), timedelta(minutes=485), 0),
    AttendanceDay(date(2026, 11, 18), _at(18, 8, 29), _at(18, 8, 59), timedelta(minutes=30), 2),
)


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    yield "attendance", _show(stage, VENUES)
    yield "attendance-more", _show(stage, VENUES, more="cursor")
    yield "attendance-days", _show(stage, VENUES, DAYS)
    yield "attendance-none", _show(stage, ())
    yield "attendance-offline", _show(stage, None, trouble=UNREACHABLE)


def _show(
    stage: Stage,
    venues: tuple[AttendanceVenue, ...] | None,
    days: tuple[AttendanceDay, ...] | None = None,
    *,
    more: str | None = None,
    trouble: Trouble | None = None,
) -> Callable[[], None]:
    def show() -> None:
        stage.show(stage.wallet, "attendance")
        model = stage.models.attendance
        model.open()
        model._venues, model._next = venues, more
        if days is not None:
            model.choose(VENUES[0].number)
            model._days = days
        model._reading.trouble = trouble
        model._show()

    return show
