"""The city's time, told from the phone's clock and the server's answers."""

from datetime import datetime, timedelta

from mobile.core.trusted_time import ClockReading, TrustedTime
from shared.clock import Clock


class CityTime:
    """Holds the last agreement with the server; before the first, the phone's clock is believed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._trusted = TrustedTime(self.reading())

    def reading(self) -> ClockReading:
        """Return both clocks of the device."""
        return ClockReading(self._clock.now(), self._clock.monotonic())

    def now(self) -> datetime:
        """Return the city's time."""
        return self._trusted.at(self.reading())

    @property
    def offset(self) -> timedelta:
        """Server time minus device time, to be kept for the next start."""
        return self._trusted.offset

    @property
    def error(self) -> timedelta:
        """By how much the device's clock is ahead of the city's time."""
        return self._trusted.error(self.reading())

    def resume(self, offset: timedelta) -> None:
        """Take up the offset kept at the last run."""
        self._trusted = TrustedTime(self.reading(), offset, agreed=True)

    def settle(self, server_time: datetime, asked: ClockReading) -> None:
        """Agree on `server_time`, which the server wrote between `asked` and now."""
        self._trusted = self._trusted.settled(server_time, asked, self.reading())
