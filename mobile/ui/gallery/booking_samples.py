"""Made-up bookings, venues and slots."""

from datetime import timedelta

from mobile.core.booking import Booking, BookingState
from mobile.ui.gallery.samples import NOW
from shared.localized_text import LocalizedText

_HALL = LocalizedText("纪念馆参观", "Memorial hall")
_COURT = LocalizedText("羽毛球1号场", "Badminton court 1")
_SEAT = LocalizedText("自习座位", "Study seat")
MEMORIAL = LocalizedText("中央红军长征出发地纪念园", "Long March Departure Memorial Park")
SPORTS = LocalizedText("赣州市体育中心", "Ganzhou Sports Centre")
LIBRARY = LocalizedText("赣州市图书馆", "Ganzhou City Library")
_ADDRESS = LocalizedText("于都县贡江镇长征大道", "Changzheng Avenue, Yudu")
_STAMP = timedelta(minutes=30, seconds=7)


def _booking(
    identifier: str,
    names: tuple[LocalizedText, LocalizedText],
    hours: float,
    state: BookingState,
    quantity: int = 1,
    *,
    expires_minutes: int | None = None,
    entered: int = 0,
    remark: LocalizedText | None = None,
) -> Booking:
    """Return a booking that starts `hours` after half past six (UTC) of the samples' day."""
    start = NOW - _STAMP + timedelta(hours=hours)
    expires = None if expires_minutes is None else NOW + timedelta(minutes=expires_minutes)
    return Booking(
        identifier=identifier,
        slot=f"slot_{identifier}",
        title=names[1],
        venue_number=1,
        venue=names[0],
        address=_ADDRESS,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        free_cancel_until=start - timedelta(hours=2),
        quantity=quantity,
        state=state,
        expires_at=expires,
        entered=entered,
        forfeited=False,
        remark=remark,
    )


CONFIRMED = _booking("confirmed", (MEMORIAL, _HALL), 27, BookingState.CONFIRMED, 4)
SOON = _booking("soon", (MEMORIAL, _HALL), 1, BookingState.CONFIRMED, 2)
OFFERED = _booking("offered", (SPORTS, _COURT), 30, BookingState.OFFERED, expires_minutes=22)
HELD = _booking("held", (MEMORIAL, _HALL), 51, BookingState.HELD, 4, expires_minutes=9)
WAITING = _booking("waiting", (LIBRARY, _SEAT), 75, BookingState.WAITING)
BOOKINGS = (
    WAITING,
    OFFERED,
    CONFIRMED,
    SOON,
    _booking("used", (LIBRARY, _SEAT), -48, BookingState.ATTENDED, entered=1),
    _booking("missed", (SPORTS, _COURT), -96, BookingState.NO_SHOW),
    _booking(
        "closed",
        (MEMORIAL, _HALL),
        -144,
        BookingState.CLOSED,
        3,
        remark=LocalizedText("因检修闭馆一天。", "Closed for repairs for a day."),
    ),
)
