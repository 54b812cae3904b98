"""The condition on codes on paper 纸质当日码: whether they are taken, and how often a day."""

from dataclasses import dataclass
from typing import Any, ClassVar

from shared.admission.condition import HELD, Case, Failure, Held, Leaf, Remark
from shared.admission.evidence import Medium
from shared.admission.holder_conditions import next_midnight
from shared.admission.wire_form import read_number
from shared.ecode.moment import moment_of
from shared.ecode.reasons import Detail, Reason
from shared.localized_text import LocalizedText

DEFAULT_PAPER_ENTRIES = 1
"""A copy of it is as good as the paper, so that a venue says so where it wants more than one."""
MOST_PAPER_ENTRIES = 20
_ON_PAPER = Remark(
    LocalizedText("请进 · 纸质码", "Come in · paper code"),
    LocalizedText(
        "纸质当日码：请核对本人与纸上姓名", "Paper code: compare the person with the name on it"
    ),
)


def read_paper_entries(value: Any, what: str) -> int:
    """Return how many entries a day a venue gives a card on paper.

    Raises:
        InvalidRules: it is no number from 0 to `MOST_PAPER_ENTRIES`.
    """
    return read_number(value, what, most=MOST_PAPER_ENTRIES)


@dataclass(frozen=True, slots=True)
class PaperShown(Leaf):
    """A code on paper is taken until its card was admitted `entries` times on the day.

    It is static, so whoever holds a copy holds the code: all entries of the card count, and staff
    look at whoever shows it.
    """

    kind: ClassVar[str] = "paper"
    FORM: ClassVar = {"entries": read_paper_entries}

    entries: int

    def check(self, case: Case) -> Held | Failure:
        """Let paper be looked at, or refuse it: always, or until the next local day."""
        if case.evidence.medium is not Medium.PAPER:
            return HELD
        if not self.entries:
            return Failure(self, Reason.PAPER_NOT_ALLOWED, {})
        entered = case.around.entries_today
        if entered < self.entries:
            return Held((_ON_PAPER,))
        # Not before that day's paper is made; what stands in the hand now never works again.
        again = next_midnight(case.day)
        detail: Detail = {"entries": entered, "most": self.entries, "when": moment_of(again)}
        return Failure(self, Reason.ENTRIES_USED_UP, detail, again)
