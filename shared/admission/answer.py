"""The answer at the gate: one value with its reason and its words."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.ecode.reasons import OWN_FAULT, READER_OFF, TRY_AGAIN, Detail, Reason, explain
from shared.localized_text import LocalizedText


class Verdict(StrEnum):
    """The five answers a lane can give."""

    ADMIT = "admit"
    LOOK = "look"  # admit, and staff check something first
    REFUSE = "refuse"
    AGAIN = "again"
    SYSTEM = "system"

    @property
    def opens(self) -> bool:
        """Whether the gate opens."""
        return self is Verdict.ADMIT or self is Verdict.LOOK


@dataclass(frozen=True, slots=True)
class Answer:
    """What the lane does and says.

    `headline` is read at three metres, `next_step` tells what to do or to check; `reason` is there
    whenever the answer is not a plain admission.
    """

    verdict: Verdict
    headline: LocalizedText
    next_step: LocalizedText | None = None
    reason: Reason | None = None
    detail: Detail = field(default_factory=dict)


def admit(terms: LocalizedText | None = None) -> Answer:
    """Return an admission; `terms` says on what: free, reduced, booked, a price."""
    if terms is None:
        return Answer(Verdict.ADMIT, LocalizedText("请进", "Come in"))
    return Answer(Verdict.ADMIT, LocalizedText(f"请进 · {terms.zh}", f"Come in · {terms.en}"))


def look(headline: LocalizedText, check: LocalizedText, reason: Reason | None = None) -> Answer:
    """Return an admission for which staff check something first."""
    return Answer(Verdict.LOOK, headline, check, reason)


def refuse(reason: Reason, detail: Detail | None = None, now: datetime | None = None) -> Answer:
    """Return the refusal of `reason`: a plain one, a second try, or the venue's own fault.

    With `now`, a moment of today or tomorrow in `detail` is said so.
    """
    numbers = detail or {}
    text = explain(reason, numbers, now)
    verdict = Verdict.REFUSE
    if reason in TRY_AGAIN:
        verdict = Verdict.AGAIN
    elif reason in OWN_FAULT or READER_OFF in numbers:
        verdict = Verdict.SYSTEM
    return Answer(verdict, text.staff, text.next_step, reason, numbers)
