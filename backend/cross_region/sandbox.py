"""The sandbox of other regions' systems, for development and tests; none of them is real.

It does each case once, by the case's id, whatever happens to its answers, and can be told to be
offline, to lose answers, to take its time or to refuse.
"""

from collections import Counter
from enum import StrEnum

from typing_extensions import override

from backend.cross_region.issuing_region import (
    CaseRequest,
    IssuingRegion,
    RegionAnswer,
    RegionDown,
    Said,
)
from shared.localized_text import LocalizedText


class Manner(StrEnum):
    """How a region behaves."""

    PROMPT = "prompt"
    OFFLINE = "offline"
    LOSES_ANSWERS = "loses_answers"  # does what is asked, and its answer is lost
    SLOW = "slow"  # takes the case up, and does it once it is prompt again
    REFUSES = "refuses"


class SandboxRegions(IssuingRegion):
    """Answers for every other region."""

    def __init__(self) -> None:
        self.manners: dict[int, Manner] = {}
        self.performed: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self._answers: dict[tuple[int, str], RegionAnswer] = {}

    @override
    async def submit(self, request: CaseRequest) -> RegionAnswer:
        self.asked[request.case_id] += 1
        manner = self.manners.get(request.origin_region, Manner.PROMPT)
        if manner is Manner.OFFLINE:
            raise RegionDown
        place = request.origin_region, request.case_id
        answer = self._answers.get(place)
        if answer is None or answer.said is Said.ACCEPTED:
            answer = self._answers[place] = self._answered(request, manner)
        if manner is Manner.LOSES_ANSWERS:
            raise RegionDown
        return answer

    def _answered(self, request: CaseRequest, manner: Manner) -> RegionAnswer:
        if manner is Manner.SLOW:
            return RegionAnswer(request.case_id, Said.ACCEPTED)
        if manner is Manner.REFUSES:
            text = LocalizedText("该卡已注销。", "The card was cancelled.")
            return RegionAnswer(request.case_id, Said.REFUSED, "card_cancelled", text)
        self.performed[request.case_id] += 1
        return RegionAnswer(request.case_id, Said.DONE)
