"""Conditions on the time, and on what the venue saw of the holder before."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from shared.admission.circumstances import DayRange
from shared.admission.condition import HELD, Case, Failure, Held, Leaf, Remark
from shared.admission.holder_conditions import local_midnight, next_midnight
from shared.admission.opening import OpeningCalendar
from shared.admission.wire_form import member_of, read_number
from shared.ecode.moment import moment_of
from shared.ecode.reasons import Detail, Reason
from shared.localized_text import LocalizedText

_INSIDE = Remark(
    LocalizedText("请进 · 记录在场内", "Come in · inside by the record"),
    LocalizedText("没有离场记录，请核对本人", "No exit was seen; please check the holder"),
    Reason.ALREADY_INSIDE,
)


@dataclass(frozen=True, slots=True)
class Open(Leaf):
    """The venue is open and the last entry has not passed."""

    kind: ClassVar[str] = "open"
    FORM: ClassVar = {"calendar": OpeningCalendar.of_wire}

    calendar: OpeningCalendar

    def check(self, case: Case) -> Held | Failure:
        """Refuse outside the hours, and say when visitors are next let in."""
        now = case.around.now
        if self.calendar.lets_in(now):
            return HELD
        opens = self.calendar.next_entry(now)
        if opens is None:
            return Failure(self, Reason.CLOSED_FOR_LONG, {})
        reason = Reason.LAST_ENTRY_PASSED if self.calendar.is_open(now) else Reason.NOT_OPEN
        return Failure(self, reason, {"opens": moment_of(opens)}, opens)


@dataclass(frozen=True, slots=True)
class DaysWithin(Leaf):
    """The local day lies in these days: a campaign, an exhibition, a season."""

    kind: ClassVar[str] = "days"
    FORM: ClassVar = {"days": DayRange.of_wire}

    days: DayRange

    def check(self, case: Case) -> Held | Failure:
        """Refuse before and after."""
        if self.days.covers(case.day):
            return HELD
        if case.day < self.days.first:
            begins = local_midnight(self.days.first)
            return Failure(self, Reason.SCENE_NOT_BEGUN, {"when": moment_of(begins)}, begins)
        last = self.days.last or case.day
        return Failure(self, Reason.SCENE_ENDED, {"date": last.isoformat()})


@dataclass(frozen=True, slots=True)
class EntriesToday(Leaf):
    """The holder was admitted here fewer than `most` times today."""

    kind: ClassVar[str] = "entries_today"
    FORM: ClassVar = {"most": lambda value, what: read_number(value, what, least=1, most=1_000)}

    most: int

    def check(self, case: Case) -> Held | Failure:
        """Refuse until the next local day."""
        entries = case.around.entries_today
        if entries < self.most:
            return HELD
        again = next_midnight(case.day)
        detail: Detail = {"entries": entries, "most": self.most, "when": moment_of(again)}
        return Failure(self, Reason.ENTRIES_USED_UP, detail, again)


@dataclass(frozen=True, slots=True)
class SinceLastEntry(Leaf):
    """At least these minutes have passed since the holder's last entry (timed anti-passback)."""

    kind: ClassVar[str] = "since_last_entry"
    FORM: ClassVar = {
        "minutes": lambda value, what: read_number(value, what, least=1, most=24 * 60)
    }

    minutes: int

    def check(self, case: Case) -> Held | Failure:
        """Refuse until the minutes are over; an entry after `now` is a wrong clock, and counts."""
        last = case.around.last_entry
        if last is None:
            return HELD
        again = last + timedelta(minutes=self.minutes)
        if case.around.now >= again:
            return HELD
        # Said in whole minutes, so rounded up: who comes at the minute said gets in.
        said = again + timedelta(seconds=59, microseconds=999_999)
        return Failure(self, Reason.TOO_SOON, {"when": moment_of(said)}, again)


class Passback(StrEnum):
    """What happens to somebody who is inside by the record (anti-passback)."""

    SOFT = "soft"  # staff look
    HARD = "hard"  # refused


@dataclass(frozen=True, slots=True)
class NotInside(Leaf):
    """The holder is not inside by the record."""

    kind: ClassVar[str] = "not_inside"
    FORM: ClassVar = {"passback": member_of(Passback)}

    passback: Passback

    def check(self, case: Case) -> Held | Failure:
        """Refuse or remark."""
        if not case.around.inside:
            return HELD
        if self.passback is Passback.SOFT:
            return Held((_INSIDE,))
        return Failure(self, Reason.ALREADY_INSIDE, {})


@dataclass(frozen=True, slots=True)
class NotFull(Leaf):
    """There is room for one more in the area; what is not counted is not full."""

    kind: ClassVar[str] = "not_full"
    FORM: ClassVar = {"capacity": read_number}

    capacity: int

    def check(self, case: Case) -> Held | Failure:
        """Refuse when full, and let in as many of a party as there is room for."""
        people = case.around.people_inside
        if people is None or people + case.around.party <= self.capacity:
            return HELD
        if people < self.capacity:
            return Held(admits=self.capacity - people)
        return Failure(self, Reason.AREA_FULL, {"inside": people, "capacity": self.capacity})
