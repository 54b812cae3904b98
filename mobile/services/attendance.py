"""Reading one's own attendance 考勤; the phone stores none of it."""

from collections.abc import Callable

from mobile.core.attendance import AttendanceDay, AttendanceVenues, read_days
from mobile.core.trouble import Trouble
from mobile.services.answers import read_result
from mobile.services.holder import Holder


class Attendance:
    """Asks as the holder of the card alone: nobody looks at another's days."""

    def __init__(self, holder: Holder) -> None:
        self._holder = holder

    @property
    def own_in_front(self) -> bool:
        """Tell whether the holder speaks for themselves."""
        return self._holder.may_ask and not self._holder.subject

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever somebody else may be in front."""
        self._holder.listen(listener)

    async def venues(self, month: str, after: str | None = None) -> AttendanceVenues | Trouble:
        """Return the buildings entered in a month such as 2026-11, a page of them."""
        answer = await self._holder.ask("AttendanceVenues", {"month": month, "after": after})
        return read_result(answer, "attendanceVenues", AttendanceVenues.of_wire)

    async def days(self, month: str, venue: int) -> tuple[AttendanceDay, ...] | Trouble:
        """Return the days of a month at a building."""
        answer = await self._holder.ask("Attendance", {"month": month, "venue": venue})
        return read_result(answer, "attendance", read_days)
