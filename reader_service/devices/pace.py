"""When a recording's next picture is due, whatever was done since the last one."""

import time

_LONGEST_WAIT_SECONDS = 0.1


class Pace:
    """Counts pictures by the monotonic clock, from the first time it is asked."""

    def __init__(self, frames_per_second: float) -> None:
        self._seconds = 1 / frames_per_second
        self._due: float | None = None

    def wait(self) -> bool:
        """Wait for the next picture's time, a short while at most; tell whether it has come."""
        now = time.monotonic()
        if self._due is None:
            self._due = now
        left = self._due - now
        if left > 0:
            time.sleep(min(left, _LONGEST_WAIT_SECONDS))
        if left > _LONGEST_WAIT_SECONDS:
            return False
        self._due += self._seconds
        return True

    def behind(self) -> int:
        """Return how many pictures' times have passed unused, and count them as used."""
        if self._due is None:
            return 0
        missed = max(0, int((time.monotonic() - self._due) / self._seconds))
        self._due += missed * self._seconds
        return missed
