"""A flood of codes that nobody signed leaves a trace in the journal, not a copy of itself.

Every refusal is recorded, at the rate of any real queue. What a scanner that runs wild or somebody
with a screen of random codes shows beyond that is answered all the same and counted: the next row
says how many, so that neither the disk nor a visitor waits for junk.
"""

from dataclasses import dataclass

from shared.ecode.reasons import Reason

UNRECORDED = "unrecorded"
"""In a record's detail: how many like it came before and were not recorded one by one."""
BURST = 60
"""Rows at once, a lane; then one a second."""
UNSIGNED = frozenset(
    {
        Reason.NOT_OURS,
        Reason.DAMAGED,
        Reason.VERSION_UNKNOWN,
        Reason.CERTIFICATE_NOT_YET_VALID,
        Reason.CERTIFICATE_EXPIRED,
        Reason.PAPER_NOT_YET,
        Reason.PAPER_DAY_OVER,
        Reason.STALE,
        Reason.CLOCK_AHEAD,
        Reason.ALGORITHM_UNSUPPORTED,
        Reason.ISSUER_UNKNOWN,
        Reason.ISSUER_KEY_NOT_VALID,
        Reason.CERTIFICATE_FORGED,
        Reason.PROOF_FORGED,
    }
)
"""Refused before both signatures were found right: anybody can make such a code."""


@dataclass(slots=True)
class _Lane:
    rows: float
    at: float
    unrecorded: int = 0


class JunkBrake:
    """How much junk each lane may still record; for whoever holds the ledger's lock."""

    def __init__(self) -> None:
        self._lanes: dict[int, _Lane] = {}

    def let_record(self, lane: int, now: float) -> int | None:
        """Return how many went unrecorded before a row that may be, None where it may not.

        `now` is monotonic.
        """
        state = self._lanes.setdefault(lane, _Lane(BURST, now))
        state.rows = min(BURST, state.rows + max(0.0, now - state.at))
        state.at = now
        if state.rows < 1:
            state.unrecorded += 1
            return None
        state.rows -= 1
        before, state.unrecorded = state.unrecorded, 0
        return before
