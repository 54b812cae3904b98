"""Whether a venue would let the holder in now, by what the phone last read."""

from typing import TYPE_CHECKING

from mobile.core.venue import Venue
from mobile.services.bookings import Bookings
from mobile.services.city_time import CityTime
from mobile.services.passes import Passes
from mobile.services.session import Session

if TYPE_CHECKING:
    from shared.admission.answer import Answer


class EntryCheck:
    """Asks the gate's own rule; nothing is sent."""

    def __init__(
        self, session: Session, bookings: Bookings, passes: Passes, time: CityTime
    ) -> None:
        self._session = session
        self._bookings = bookings
        self._passes = passes
        self._time = time

    def at(self, venue: Venue) -> "Answer | None":
        """Return a gate's answer, None without a card or where the venue's rules are unknown."""
        wallet = self._session.wallet
        if wallet is None or venue.rules is None:
            return None
        from mobile.core.entry import entry_answer  # noqa: PLC0415, needed after the first frame

        bookings, passes = self._bookings.known, self._passes.known
        return entry_answer(
            venue.rules,
            venue.number,
            wallet.certificate,
            bookings.bookings if bookings else (),
            passes.passes if passes else (),
            self._time.now(),
        )
