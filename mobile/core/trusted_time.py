"""The city's time on a phone whose clock may be wrong.

Each answer of the server says how far the device's clock is off. While the app runs, a wall clock
that jumps against the steady clock is somebody's hand at the settings and is not followed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

JUMP = timedelta(seconds=2)
NOTICEABLE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class ClockReading:
    """The device's two clocks at one moment; `steady` is seconds that no hand moves."""

    wall: datetime
    steady: float


@dataclass(frozen=True, slots=True)
class TrustedTime:
    """An agreed pair of moments from which later readings are told.

    `offset` is server time minus device time at `anchor`.
    """

    anchor: ClockReading
    offset: timedelta = timedelta(0)

    def at(self, reading: ClockReading) -> datetime:
        """Return the city's time at `reading`."""
        return reading.wall + self.offset - self._jump(reading)

    def settled(self, server_time: datetime, reading: ClockReading) -> "TrustedTime":
        """Return the agreement after the server said its time."""
        return TrustedTime(reading, server_time - reading.wall)

    def error(self, reading: ClockReading) -> timedelta:
        """Return by how much the device's clock is ahead of the city's time (negative: behind)."""
        return reading.wall - self.at(reading)

    def _jump(self, reading: ClockReading) -> timedelta:
        by_wall = reading.wall - self.anchor.wall
        by_steady = timedelta(seconds=reading.steady - self.anchor.steady)
        jump = by_wall - by_steady
        return jump if abs(jump) > JUMP else timedelta(0)
