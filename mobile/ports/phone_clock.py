"""The device's clock, whose steady half goes on while the phone sleeps."""

import time
from datetime import datetime

from shared.clock import SystemClock


class PhoneClock:
    """`SystemClock` with CLOCK_BOOTTIME where there is one.

    The ordinary monotonic clock stands still in sleep, so that every nap would look like a wall
    clock moved by hand.
    """

    def __init__(self) -> None:
        self._system = SystemClock()
        self._boot = getattr(time, "CLOCK_BOOTTIME", None)

    def now(self) -> datetime:
        """Return the device's wall-clock time, right or wrong."""
        return self._system.now()

    def monotonic(self) -> float:
        """Return seconds that go on in sleep and never go back."""
        if self._boot is None:
            return self._system.monotonic()
        return time.clock_gettime(self._boot)
