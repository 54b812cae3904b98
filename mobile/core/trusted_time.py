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

    `offset` is server time minus device time at `anchor`; `agreed` once a server has said so.
    """

    anchor: ClockReading
    offset: timedelta = timedelta(0)
    agreed: bool = False

    def at(self, reading: ClockReading) -> datetime:
        """Return the city's time at `reading`."""
        return reading.wall + self.offset - self._jump(reading)

    def settled(
        self, server_time: datetime, asked: ClockReading, answered: ClockReading
    ) -> "TrustedTime":
        """Return the agreement after the server said its time, somewhere between two readings.

        The offset moves only as far as the answer proves it wrong: a slow answer, or a phone that
        fell asleep while it waited, proves little.
        """
        if abs(_jump(asked, answered)) > JUMP:
            return self
        least, most = server_time - answered.wall, server_time - asked.wall
        present = self.at(answered) - answered.wall
        offset = min(max(present, least), most) if self.agreed else (least + most) / 2
        return TrustedTime(answered, offset, agreed=True)

    def error(self, reading: ClockReading) -> timedelta:
        """Return by how much the device's clock is ahead of the city's time (negative: behind)."""
        return reading.wall - self.at(reading)

    def _jump(self, reading: ClockReading) -> timedelta:
        jump = _jump(self.anchor, reading)
        return jump if abs(jump) > JUMP else timedelta(0)


def _jump(earlier: ClockReading, later: ClockReading) -> timedelta:
    """Return by how much the wall clock went further than the steady one."""
    return (later.wall - earlier.wall) - timedelta(seconds=later.steady - earlier.steady)
