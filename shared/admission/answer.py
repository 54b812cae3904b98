"""The answer at the gate: one value with its reason and its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.ecode.reasons import OWN_FAULT, TRY_AGAIN, Detail, Reason, explain
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
        return self in {Verdict.ADMIT, Verdict.LOOK}


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


_FREE = LocalizedText("请进 · 免费", "Come in · free")
_WELCOME = LocalizedText("请进", "Come in")
_REDUCED = LocalizedText("请进 · 优惠", "Come in · reduced")
_HEADLINES: Mapping[str, LocalizedText] = {
    "free": _FREE,
    "reduced": _REDUCED,
    "full": _WELCOME,
}


def admit(price: str = "full") -> Answer:
    """Return an admission; `price` is `full`, `reduced` or `free`."""
    return Answer(Verdict.ADMIT, _HEADLINES[price])


def look(headline: LocalizedText, check: LocalizedText, reason: Reason | None = None) -> Answer:
    """Return an admission for which staff check something first."""
    return Answer(Verdict.LOOK, headline, check, reason)


def refuse(reason: Reason, detail: Detail | None = None) -> Answer:
    """Return the refusal of `reason`: a plain one, a second try, or the venue's own fault."""
    numbers = detail or {}
    text = explain(reason, numbers)
    verdict = Verdict.REFUSE
    if reason in TRY_AGAIN:
        verdict = Verdict.AGAIN
    elif reason in OWN_FAULT:
        verdict = Verdict.SYSTEM
    return Answer(verdict, text.staff, text.next_step, reason, numbers)
