"""The code that a phone shows at a moment: certificate, device key and time make its digits."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.ecode.algorithms import SigningKey
from shared.ecode.certificate import Certificate
from shared.ecode.digits import to_digits
from shared.ecode.layout import CHALLENGE_BYTES
from shared.ecode.proof import SLOT_SECONDS, counter_at, present


@dataclass(frozen=True, slots=True)
class PresentedCode:
    """One slot's code: digits for a QR symbol in numeric mode, and when the slot began."""

    digits: str
    started_at: datetime

    def fraction_left(self, now: datetime) -> float:
        """Return how much of the slot is left, 1.0 to 0.0."""
        passed = (now - self.started_at) / timedelta(seconds=SLOT_SECONDS)
        return min(1.0, max(0.0, 1.0 - passed))


class CodePresenter:
    """Makes one code a slot and gives the same one again within it."""

    def __init__(self, certificate: Certificate, device_key: SigningKey) -> None:
        self._certificate = certificate
        self._device_key = device_key
        self._current: PresentedCode | None = None
        self._answered: bytes | None = None

    def at(self, now: datetime, challenge: bytes | None = None) -> PresentedCode | None:
        """Return the code of the slot in which `now` lies; None when no certificate holds.

        The proof carries the slot's start, so that a picture of it dies as early as it can, and
        the venue's `challenge`, or random bytes where none was asked.
        """
        if not self._certificate.holds_at(now):
            return None
        start = int(now.timestamp()) // SLOT_SECONDS * SLOT_SECONDS
        started_at = datetime.fromtimestamp(start, UTC)
        if (
            self._current is None
            or self._current.started_at != started_at
            or self._answered != challenge
        ):
            raw = present(
                self._certificate,
                self._device_key,
                issued_at=start,
                counter=counter_at(start),
                challenge=challenge or secrets.token_bytes(CHALLENGE_BYTES),
            )
            self._answered = challenge
            self._current = PresentedCode(to_digits(raw), started_at)
        return self._current
