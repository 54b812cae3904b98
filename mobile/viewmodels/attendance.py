"""考勤记录: the months, the buildings of one, and the days at one of them."""

from dataclasses import dataclass
from datetime import date, timedelta

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.attendance import AttendanceDay, AttendanceVenue, AttendanceVenues, months_until
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.attendance import Attendance
from mobile.services.city_time import CityTime
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.reading import Reading
from mobile.viewmodels.served import ServedModel, said
from shared.identity.age import local_day
from shared.localized_text import Language


@dataclass(frozen=True, slots=True)
class AttendanceVenueLine:
    """A building, ready to be drawn."""

    number: int
    name: str
    last: str


@dataclass(frozen=True, slots=True)
class AttendanceDayLine:
    """A day; `missing` says what was not tapped."""

    day: str
    times: str
    inside: str
    missing: str


@dataclass(frozen=True, slots=True)
class AttendanceState:
    """What is shown of a `month`: its buildings, or the days of the `chosen` one.

    Either is None before it was read.
    """

    months: tuple[tuple[str, str], ...] = ()
    month: str = ""
    lead: str = ""
    venues: tuple[AttendanceVenueLine, ...] | None = None
    more: bool = False
    chosen: str = ""
    total: str = ""
    days: tuple[AttendanceDayLine, ...] | None = None
    nothing: bool = False
    loading: bool = False
    problem: Notice | None = None


class AttendanceModel(ServedModel):
    """Reads a month's buildings when its page comes up, and a building's days by touch."""

    state = ObjectProperty(AttendanceState(), rebind=True)

    def __init__(
        self,
        attendance: Attendance,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
    ) -> None:
        super().__init__(account, time, preferences)
        self._attendance = attendance
        self._older = Reading(self._read_older, time, self._show)
        self._begun, self._month = 0, ""
        self._venues: tuple[AttendanceVenue, ...] | None = None
        self._next: str | None = None
        self._venue: AttendanceVenue | None = None
        self._days: tuple[AttendanceDay, ...] | None = None
        attendance.listen(self._follow_front)
        self._show()

    @override
    def open(self) -> None:
        """Begin with this month's buildings."""
        self._forget()
        super().open()

    def choose_month(self, month: str) -> None:
        """Show another month, of the same building if one is open."""
        if month != self._month and month in self._months():
            self._month = month
            self._venues, self._next = None, None
            self._days = None
            self._older.forget()
            self._reading.forget()
            self.refresh()

    def choose(self, number: int) -> None:
        """Show the days at a building of the list."""
        found = (one for one in self._venues or () if one.number == number)
        self._venue, self._days = next(found, None), None
        self._reading.forget()
        self.refresh()

    def step_back(self) -> bool:
        """Go back to the buildings; False there."""
        if self._venue is None:
            return False
        self._venue = self._days = None
        self._reading.forget()
        if self._venues is None:
            self.refresh()
        self._show()
        return True

    def read_more(self) -> None:
        """Read the buildings that follow those shown."""
        if self._next is not None:
            self._older.start()
            self._show()

    @override
    async def close(self) -> None:
        await super().close()
        await self._older.close()

    def reading(self) -> str:
        """Return the screen in words to be said."""
        language, state = self._language, self.state
        if state.problem:
            return said(state.problem)
        if state.nothing:
            return say(language, "attendance.none") + say(language, "attendance.none.next")
        if state.chosen:
            days = [
                "，".join(filter(None, (one.day, one.times, one.inside, one.missing)))
                for one in state.days or ()
            ]
            return "。".join((state.chosen, state.total, *days))
        named = [f"{one.name}，{one.last}" for one in state.venues or ()]
        return "。".join((say(language, "attendance.title"), state.lead, *named))

    @override
    def _show(self) -> None:
        language, venue, days = self._language, self._venue, self._days
        venues = None if self._venues is None else tuple(map(self._venue_line, self._venues))
        shown = venues if venue is None else days
        older = self._older.trouble
        self.state = AttendanceState(
            months=tuple((one, _month_word(one, language)) for one in self._months()),
            month=self._month or self._months()[0],
            lead=say(language, "attendance.lead" if venue is None else "attendance.lead.days"),
            venues=venues if venue is None else None,
            more=venue is None and self._next is not None,
            chosen="" if venue is None else venue.name.in_language(language),
            total=_total(days, language) if days else "",
            days=None if days is None else tuple(map(self._day_line, days)),
            nothing=shown == (),
            loading=shown is None and self._reading.going_on,
            problem=self._problem() or (notice_of(older, language, "cloud-off") if older else None),
        )

    def _venue_line(self, one: AttendanceVenue) -> AttendanceVenueLine:
        last = say(self._language, "attendance.last", moment=self._moment(one.last_in))
        return AttendanceVenueLine(one.number, one.name.in_language(self._language), last)

    def _day_line(self, one: AttendanceDay) -> AttendanceDayLine:
        language = self._language
        inside = say(language, "attendance.inside", length=_length(one.inside, language))
        return AttendanceDayLine(
            moments.day(moments.noon(one.day), language),
            _times(one, language),
            inside if one.inside else "",
            self._missing(one),
        )

    def _missing(self, one: AttendanceDay) -> str:
        if not one.unpaired:
            return ""
        if one.unpaired == 1 and one.day == local_day(self._time.now()):
            return say(self._language, "attendance.still")
        return say(self._language, "attendance.missing", count=one.unpaired)

    def _months(self) -> tuple[str, ...]:
        return months_until(local_day(self._time.now()))

    @override
    async def _read(self) -> Trouble | None:
        while True:  # until what was read is what is asked for by then
            asked = self._asked
            _, month, venue = asked
            found = await (
                self._attendance.venues(month)
                if venue is None
                else self._attendance.days(month, venue.number)
            )
            if asked == self._asked:
                return self._take(found)
            if not self._may_read():
                return None

    def _take(
        self, found: "AttendanceVenues | tuple[AttendanceDay, ...] | Trouble"
    ) -> Trouble | None:
        if isinstance(found, Trouble):
            return found
        if isinstance(found, AttendanceVenues):
            self._venues, self._next = found.rows, found.more
        else:
            self._days = found
        return None

    async def _read_older(self) -> Trouble | None:
        asked, known = self._asked, self._venues or ()
        page = await self._attendance.venues(asked[1], self._next)
        if isinstance(page, Trouble):
            return page
        if asked[:2] == self._asked[:2] and known == self._venues:
            self._venues, self._next = known + page.rows, page.more
        return None

    @property
    def _asked(self) -> tuple[int, str, AttendanceVenue | None]:
        """What is shown, and for which time that the page was begun."""
        return self._begun, self._month or self._months()[0], self._venue

    @override
    def _may_read(self) -> bool:
        return self._attendance.own_in_front

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()

    def _follow_front(self) -> None:
        """Forget at once what is not the holder's who is in front."""
        if not self._may_read():
            self._forget()
        self._show()

    @override
    def _forget(self) -> None:
        super()._forget()
        self._begun += 1
        self._month, self._venue, self._days = "", None, None
        self._venues, self._next = None, None
        self._older.forget()


def _month_word(month: str, language: Language) -> str:
    first = moments.noon(date.fromisoformat(f"{month}-01"))
    return moments.month(first, language)


def _times(one: AttendanceDay, language: Language) -> str:
    first = moments.minute(one.first_in)
    if one.last_out is None:
        return say(language, "attendance.in", time=first)
    kind = "in_out" if local_day(one.last_out) == one.day else "overnight"
    return say(language, f"attendance.{kind}", first=first, last=moments.minute(one.last_out))


def _length(length: timedelta, language: Language) -> str:
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    kind = "length" if hours else "length.short"
    return say(language, f"attendance.{kind}", hours=hours, minutes=minutes)


def _total(days: tuple[AttendanceDay, ...], language: Language) -> str:
    length = _length(sum((one.inside for one in days), timedelta()), language)
    kind = "sum.one" if len(days) == 1 else "sum"
    return say(language, f"attendance.{kind}", days=len(days), length=length)
