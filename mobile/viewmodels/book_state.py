"""What is shown of booking, step by step, and how it is read aloud."""

from dataclasses import dataclass
from enum import StrEnum

from mobile.core.texts import say
from mobile.viewmodels.booking_lines import Ticket
from mobile.viewmodels.counting import Counting
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.question import Question
from mobile.viewmodels.served import said
from mobile.viewmodels.slot_lines import DayLine, SlotLine
from shared.localized_text import Language


class Step(StrEnum):
    """What is asked; in 长辈版 the day has a screen of its own."""

    DAY = "day"
    SLOT = "slot"
    COUNT = "count"
    MOVE = "move"  # 改签: for how many is settled, it is only asked whether
    FULL = "full"
    HELD = "held"
    GIVE_UP = "give_up"  # 不要了: asked before held places go to others
    DONE = "done"


@dataclass(frozen=True, slots=True)
class BookState:
    """What is shown at `step`; `days` and `slots` None before they were ever read.

    `moving` says from when a booking is being moved; empty where a new one is made.
    """

    step: str = Step.SLOT
    venue: str = ""
    moving: str = ""
    loading: bool = False
    days: tuple[DayLine, ...] = ()
    other_days: str = ""
    slots: tuple[SlotLine, ...] | None = None
    counting: Counting | None = None
    question: Question | None = None
    full: Notice | None = None
    next_free: str = ""
    ticket: Ticket | None = None
    told: Notice | None = None
    lapsed: bool = False
    busy: bool = False
    seen: str = ""
    problem: Notice | None = None

    def reading(self, day: str, language: Language) -> str:
        """Return it in words to be said; `day` is the chosen one."""
        notice = self.problem or self.told or self.full
        words = self._words(day, language)
        return f"{said(notice)} {words}" if notice else words

    def _words(self, day: str, language: Language) -> str:
        counting = self.counting
        if self.question:
            return self.question.reading()
        if counting:
            hours = f"{counting.when} {counting.title}"
            return say(language, "book.reading.count", when=hours, count=counting.count)
        if self.ticket:
            return self.ticket.reading(language)
        if self.step == Step.DAY:
            days = "；".join(f"{line.name} {line.date} {line.places}" for line in self.days)
            return say(language, "book.reading.days", venue=self.venue, days=days)
        slots = "；".join(f"{line.hours} {line.places}" for line in self.slots or ())
        return say(language, "book.reading.slots", day=day, slots=slots)
