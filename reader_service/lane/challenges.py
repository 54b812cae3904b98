"""The challenge 挑战码 of one lane: what its screen shows for the next visitor to type."""

from shared.ecode.challenge import draw_challenge

GOOD_SECONDS = 300.0
"""How long one is shown that nobody answers."""


class LaneChallenge:
    """Six digits, new for each visitor; whoever uses it holds the lane's lock."""

    def __init__(self, now: float) -> None:
        """Draw the first; `now` is monotonic seconds."""
        self._digits = draw_challenge()
        self._since = now

    def shown(self, now: float) -> str:
        """Return the digits to be answered now."""
        if now - self._since >= GOOD_SECONDS:
            self.renew(now)
        return self._digits

    def renew(self, now: float) -> None:
        """Ask the next visitor something else."""
        before = self._digits
        while self._digits == before:
            self._digits = draw_challenge()
        self._since = now
