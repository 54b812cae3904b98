"""The resident's bookings: read, made, confirmed, given back; what was seen last is kept sealed."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date

from mobile.core.booking import Booking, BookingsSeen
from mobile.core.slot import Slot, SlotFull
from mobile.core.trouble import Trouble
from mobile.ports.secret_box.box import BoxUnwritable
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.backend import Backend, Data
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from mobile.services.wallet import WalletStore

FIRST_BOOKINGS = 50


class Bookings:
    """Speaks for the card on this phone, or without one for who is signed in."""

    def __init__(
        self,
        backend: Backend,
        session: Session,
        account: Account,
        store: WalletStore,
        time: CityTime,
    ) -> None:
        self._backend = backend
        self._session = session
        self._account = account
        self._store = store
        self._time = time
        self._placing = {
            waits: Act("JoinWaitingList" if waits else "BookPlace", _placed)
            for waits in (False, True)
        }
        self._confirming = Act("ConfirmBooking", _changed)
        self._cancelling = Act("CancelBooking", _changed)
        self._listeners: list[Callable[[], None]] = []
        self.known = store.bookings()
        session.listen(self._follow)
        account.listen(self._follow)

    @property
    def may_ask(self) -> bool:
        """Tell whether there is anybody to speak for."""
        return self._session.wallet is not None or self._account.signed_in

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever something else became known."""
        self._listeners.append(listener)

    async def read(self) -> Trouble | None:
        """Read the bookings, the latest slot first."""
        answer = await self._ask("Bookings", {"first": FIRST_BOOKINGS})
        seen = read_result(
            answer,
            "bookings",
            lambda wire: BookingsSeen(tuple(map(Booking.of_wire, wire["nodes"])), self._time.now()),
        )
        if isinstance(seen, Trouble):
            return seen
        self._keep(seen)
        return None

    async def slots(self, venue: int, first: date, last: date) -> tuple[Slot, ...] | Trouble:
        """Return a venue's slots from one local day to another."""
        days = {"venue": venue, "from": first.isoformat(), "to": last.isoformat()}
        answer = await self._ask("Slots", days)
        return read_result(answer, "slots", lambda wire: tuple(map(Slot.of_wire, wire["slots"])))

    async def place(
        self, slot: str, quantity: int, *, waits: bool = False
    ) -> Booking | SlotFull | Trouble:
        """Have places held until they are confirmed, or with `waits` wait for them.

        The same wish is one booking however often it is sent, until it is answered.
        """
        wish = {"slot": slot, "quantity": quantity}
        placed = await self._placing[waits].perform(self._ask, wish)
        if isinstance(placed, Booking):
            self._learn(placed)
        return placed

    async def confirm(self, identifier: str) -> Booking | Trouble:
        """Take places that are held or offered."""
        return await self._change(self._confirming, identifier)

    async def cancel(self, identifier: str) -> Booking | Trouble:
        """Give a booking back, or leave the waiting list."""
        return await self._change(self._cancelling, identifier)

    async def _change(self, act: Act[Booking], identifier: str) -> Booking | Trouble:
        changed = await act.perform(self._ask, {"booking": identifier})
        if isinstance(changed, Booking):
            self._learn(changed)
        return changed

    async def _ask(self, operation: str, variables: Data) -> Data | Trouble:
        key = self._session.key
        if self._session.wallet is None or key is None:
            return await self._account.ask(operation, variables)
        return await self._backend.ask(operation, variables, key)

    def _learn(self, booking: Booking) -> None:
        known = self.known or BookingsSeen((), self._time.now())
        self._keep(known.with_booking(booking))

    def _keep(self, seen: BookingsSeen) -> None:
        """Hold what was seen; where it cannot be stored it holds until the app ends."""
        self.known = seen
        with suppress(BoxUnwritable):
            self._store.save_bookings(seen)
        self._tell()

    def _follow(self) -> None:
        """Forget the bookings of a card that was removed, or of who signed out."""
        if self.known is not None and not self.may_ask:
            self.known = None
            with suppress(BoxUnwritable):
                self._store.forget_bookings()
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _changed(wire: Data) -> Booking:
    return Booking.of_wire(wire["booking"])


def _placed(wire: Data) -> Booking | SlotFull:
    return SlotFull.of_wire(wire) if wire["__typename"] == "SlotFull" else _changed(wire)
