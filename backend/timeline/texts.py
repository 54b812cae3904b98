"""What the timeline says of its rows."""

from collections.abc import Mapping

from backend.bookings.rules import BookingState
from backend.library.rules import LoanState
from shared.localized_text import LocalizedText

IN = LocalizedText("已进入", "Admitted")
NOT_IN = LocalizedText("未进入", "Not admitted")
TAKEN = LocalizedText("办理了票券", "Took a pass")
NO_VENUE = LocalizedText("已撤销的场馆", "A venue that is gone")
BOOKING_STATES: Mapping[BookingState, LocalizedText] = {
    BookingState.WAITING: LocalizedText("候补未成", "Waited in vain"),
    BookingState.OFFERED: LocalizedText("未确认", "Not confirmed"),
    BookingState.HELD: LocalizedText("未确认", "Not confirmed"),
    BookingState.CONFIRMED: LocalizedText("已预约", "Booked"),
    BookingState.ATTENDED: LocalizedText("已到场", "Attended"),
    BookingState.NO_SHOW: LocalizedText("未到场", "Did not come"),
    BookingState.CANCELLED: LocalizedText("已取消", "Cancelled"),
    BookingState.EXPIRED: LocalizedText("超时未确认", "Not confirmed in time"),
    BookingState.CLOSED: LocalizedText("场馆取消", "Cancelled by the venue"),
}
NO_TITLE = LocalizedText("已下架的图书", "A book that is gone")
LOAN_STATES: Mapping[LoanState, LocalizedText] = {
    LoanState.OPEN: LocalizedText("借书 · 借阅中", "Borrowed · out"),
    LoanState.RETURNED: LocalizedText("借书 · 已归还", "Borrowed · returned"),
    LoanState.LOST: LocalizedText("借书 · 已报失", "Borrowed · reported lost"),
}
