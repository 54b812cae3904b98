"""我的考试: seats in examinations, the soonest first, with what to bring and when to come (S8)."""

from dataclasses import dataclass
from datetime import datetime

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.exam import ExamSeat, ExamsSeen, Standing
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.exams import Exams
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said
from shared.localized_text import Language

_SIGNS = {
    Standing.AHEAD: "clock",
    Standing.OPEN: "door",
    Standing.SHUT: "refused",
    Standing.CHECKED_IN: "check",
    Standing.OVER: "history",
}


@dataclass(frozen=True, slots=True)
class ExamLine:
    """A seat, ready to be drawn; `comes` while its candidate may still be let in.

    `first` is the one that comes next: the code is beside it alone.
    """

    name: str
    state: str
    icon: str
    attention: bool
    over: bool
    comes: bool
    first: bool
    start: str
    end: str
    venue: str
    address: str
    seat: str
    entry: str
    late: str


@dataclass(frozen=True, slots=True)
class ExamsState:
    """What is shown; `lines` None before anything was read."""

    lines: tuple[ExamLine, ...] | None = None
    loading: bool = False
    seen: str = ""
    problem: Notice | None = None


class ExamsModel(ServedModel):
    """Read only: a seat is the department's to give."""

    state = ObjectProperty(ExamsState(), rebind=True)

    def __init__(
        self, exams: Exams, account: Account, time: CityTime, preferences: PreferencesModel
    ) -> None:
        super().__init__(account, time, preferences)
        self._exams = exams
        exams.listen(self._show)
        self._show()

    def reading(self) -> str:
        """Return the screen in words to be said: the next examination, or why there is none."""
        state, language = self.state, self._language
        if state.problem:
            return said(state.problem)
        if state.lines is None:
            return say(language, "exam.unread")
        if not state.lines:
            return f"{say(language, 'exam.none')}。{say(language, 'exam.none.next')}"
        line = state.lines[0]
        told = say(
            language,
            "exam.reading",
            name=line.name,
            state=line.state,
            start=line.start,
            end=line.end,
            venue=line.venue,
            seat=line.seat,
            entry=line.entry,
        )
        return f"{told}{say(language, 'exam.bring.either')}" if line.comes else told

    @override
    def _show(self) -> None:
        known = self._exams.known if self._exams.own_in_front else None
        self.state = ExamsState(
            lines=None if known is None else exam_lines(known, self._time.now(), self._language),
            loading=known is None and self._reading.going_on,
            seen=self._seen(),
            problem=self._problem(),
        )

    @override
    def _seen(self) -> str:
        known = self._exams.known if self._exams.own_in_front else None
        if known is None:
            return ""
        age = moments.age(known.seen_at, self._time.now(), self._language)
        return say(self._language, "card.seen", age=age)

    @override
    async def _read(self) -> Trouble | None:
        return await self._exams.read()

    @override
    def _may_read(self) -> bool:
        return self._exams.own_in_front

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()


def exam_lines(known: ExamsSeen, now: datetime, language: Language) -> tuple[ExamLine, ...]:
    """Return the seats in words, what comes next first."""
    ordered = known.in_order(now)
    coming = {Standing.AHEAD, Standing.OPEN}
    first = next((one for one in ordered if one.standing(now) in coming), None)
    return tuple(_line(one, known, now, language, first=one is first) for one in ordered)


def _line(
    one: ExamSeat, known: ExamsSeen, now: datetime, language: Language, *, first: bool
) -> ExamLine:
    standing = one.standing(now)
    comes = standing in {Standing.AHEAD, Standing.OPEN}
    venue = known.venues.get(one.venue)
    address = venue.address.in_language(language) if venue and venue.address else ""
    times = {name: _clock(at, one.starts_at, language) for name, at in _moments(one)}
    day = moments.coming_day(one.starts_at, now, language)
    late = say(language, "exam.entry.late", until=times["until"])
    return ExamLine(
        name=one.name.in_language(language),
        state=say(language, f"exam.state.{standing}", time=times["entered"]),
        icon=_SIGNS[standing],
        attention=standing is Standing.SHUT,
        over=standing is Standing.OVER,
        comes=comes,
        first=first,
        start=say(language, "exam.start", day=day, start=times["start"]),
        end=say(language, "exam.end", end=times["end"]),
        venue=venue.name.in_language(language)
        if venue
        else say(language, "exam.venue", number=one.venue),
        address=address if venue else say(language, "exam.venue.unread"),
        seat=say(language, "exam.seat.number", number=one.seat),
        entry=say(language, "exam.entry.times", open=times["open"], until=times["until"]),
        late=late if comes else say(language, "exam.shut"),
    )


def _moments(one: ExamSeat) -> tuple[tuple[str, datetime], ...]:
    return (
        ("start", one.starts_at),
        ("end", one.ends_at),
        ("open", one.entry_from),
        ("until", one.entry_until),
        ("entered", one.entered_at or one.starts_at),
    )


def _clock(at: datetime, beside: datetime, language: Language) -> str:
    """Return 09:00, with its day where that is not the day it stands beside."""
    if moments.same_day(at, beside):
        return moments.minute(at)
    return moments.day_and_minute(at, language)
