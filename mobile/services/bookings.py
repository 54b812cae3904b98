"""The resident's bookings: read, made, confirmed, moved, given back; kept sealed as last seen."""

from dataclasses import replace
from datetime import date

from mobile.core.booking import Booking, BookingsSeen
from mobile.core.pending import PendingAct
from mobile.core.slot import Slot, SlotFull
from mobile.core.trouble import Trouble
from mobile.services.acts import KeptAct
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.city_time import CityTime
from mobile.services.holder import Holder
from mobile.services.pending import PendingActs
from mobile.services.remembered import Remembered
from mobile.services.wallet import WalletStore

FIRST_BOOKINGS = 50
PLACE, WAIT, MOVE = "BookPlace", "JoinWaitingList", "RescheduleBooking"
CONFIRM, CANCEL, CHECK_IN = "ConfirmBooking", "CancelBooking", "CheckInForVisit"


class Bookings(Remembered[BookingsSeen]):
    """Speaks for the holder; an act without an answer is found under `unanswered`."""

    def __init__(
        self, holder: Holder, store: WalletStore, time: CityTime, pending: PendingActs
    ) -> None:
        kept = store.bookings_of_others()
        super().__init__(holder, store.bookings(), store.save_bookings, store.forget_bookings, kept)
        self._time = time
        self._pending = pending
        self._placing = {
            name: KeptAct(name, _placed, pending, self._learn) for name in (PLACE, WAIT, MOVE)
        }
        self._changing = {
            name: KeptAct(name, _changed, pending, self._learn)
            for name in (CONFIRM, CANCEL, CHECK_IN)
        }
        pending.listen(self._tell)

    @property
    def unanswered(self) -> PendingAct | None:
        """The first wish for places that may or may not have come through."""
        return next(iter(self._pending.unanswered(PLACE, WAIT, MOVE)), None)

    async def read(self) -> Trouble | None:
        """Read the bookings, the latest slot first."""
        answer = await self._holder.ask("Bookings", {"first": FIRST_BOOKINGS})
        seen = read_result(
            answer,
            "bookings",
            lambda wire: BookingsSeen(
                tuple(self._with_queue(Booking.of_wire(one)) for one in wire["nodes"]),
                self._time.now(),
            ),
        )
        if isinstance(seen, Trouble):
            return seen
        self._keep(seen)
        return None

    async def read_one(self, identifier: str) -> Trouble | None:
        """Read one booking with its place in today's queue."""
        answer = await self._holder.ask("Booking", {"id": identifier})
        booking = read_result(answer, "booking", Booking.of_wire)
        if isinstance(booking, Trouble):
            return booking
        self._learn(booking)
        return None

    async def slots(self, venue: int, first: date, last: date) -> tuple[Slot, ...] | Trouble:
        """Return a venue's slots from one local day to another."""
        days = {"venue": venue, "from": first.isoformat(), "to": last.isoformat()}
        answer = await self._holder.ask("Slots", days)
        return read_result(answer, "slots", lambda wire: tuple(map(Slot.of_wire, wire["slots"])))

    async def place(
        self, slot: str, quantity: int, *, waits: bool = False
    ) -> Booking | SlotFull | Trouble:
        """Have places held until they are confirmed, or with `waits` wait for them.

        The same wish is one booking however often it is sent, until it is answered.
        """
        return await self._place(WAIT if waits else PLACE, {"slot": slot, "quantity": quantity})

    async def move(self, identifier: str, slot: str) -> Booking | SlotFull | Trouble:
        """Move a confirmed booking to another slot; where that fails it stays as it was."""
        return await self._place(MOVE, {"booking": identifier, "slot": slot})

    async def confirm(self, identifier: str) -> Booking | Trouble:
        """Take places that are held or offered."""
        return await self._change(CONFIRM, identifier)

    async def cancel(self, identifier: str) -> Booking | Trouble:
        """Give a booking back, or leave the waiting list."""
        return await self._change(CANCEL, identifier)

    async def check_in(self, identifier: str) -> Booking | Trouble:
        """Take a number in the queue of an appointment, or take up one's own again."""
        return await self._change(CHECK_IN, identifier)

    async def send_again(self, act: PendingAct) -> Booking | SlotFull | Trouble:
        """Send a wish again under its own key: whether it was done before or not, it is once."""
        return await self._place(act.operation, act.wish)

    def let_be(self, act: PendingAct) -> None:
        """Ask no more about an act; what it did, if it did, is in the list."""
        self._pending.settled(act)

    async def _place(self, operation: str, wish: Data) -> Booking | SlotFull | Trouble:
        return await self._placing[operation].perform(self._holder.ask, wish)

    async def _change(self, operation: str, identifier: str) -> Booking | Trouble:
        return await self._changing[operation].perform(self._holder.ask, {"booking": identifier})

    def _learn(self, placed: Booking | SlotFull) -> None:
        if isinstance(placed, Booking):
            if placed.queue is not None:
                queue = replace(placed.queue, seen_at=self._time.now())
                placed = replace(placed, queue=queue)
            known = self.known or BookingsSeen((), self._time.now())
            self._keep(known.with_booking(placed))

    def _with_queue(self, booking: Booking) -> Booking:
        """Return a booking of a list with what was last told of its queue."""
        known = self.known.bookings if self.known else ()
        before = next((one for one in known if one.identifier == booking.identifier), None)
        if before is None:
            return booking
        return replace(booking, check_in_from=before.check_in_from, queue=before.queue)


def _changed(wire: Data) -> Booking:
    return Booking.of_wire(wire["booking"])


def _placed(wire: Data) -> Booking | SlotFull:
    return SlotFull.of_wire(wire) if wire["__typename"] == "SlotFull" else _changed(wire)
