"""Paying courts from stored value: the price, the act, its receipt; kept as last seen."""

from mobile.core.court_payment import CourtPayment, PaymentsSeen
from mobile.core.pending import PendingAct
from mobile.core.trouble import Trouble
from mobile.services.acts import KeptAct
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.city_time import CityTime
from mobile.services.holder import Holder
from mobile.services.pending import PendingActs
from mobile.services.remembered import Remembered
from mobile.services.wallet import WalletStore

PAY = "PayBooking"


class CourtPayments(Remembered[PaymentsSeen]):
    """Speaks for whoever booked; a payment without an answer is found under `unanswered`."""

    def __init__(
        self, holder: Holder, store: WalletStore, time: CityTime, pending: PendingActs
    ) -> None:
        super().__init__(holder, store.payments(), store.save_payments, store.forget_payments)
        self._time = time
        self._pending = pending
        self._paying = KeptAct(PAY, _paid, pending)
        pending.listen(self._tell)

    def unanswered(self, booking: str) -> PendingAct | None:
        """Return the payment of a booking that may or may not have been made."""
        lost = self._pending.unanswered(PAY)
        return next((act for act in lost if act.wish["booking"] == booking), None)

    async def read(self, booking: str) -> Trouble | None:
        """Read what a booking costs."""
        answer = await self._holder.ask("CourtPayment", {"booking": booking})
        now = self._time.now()
        payment = read_result(answer, "courtPayment", lambda wire: CourtPayment.of_wire(wire, now))
        if isinstance(payment, Trouble):
            return payment
        self._keep((self.known or PaymentsSeen({})).with_payment(booking, payment))
        return None

    async def pay(self, group: str, booking: str) -> Trouble | None:
        """Pay, once however often it is sent; None when it is paid."""
        done = await self._paying.perform(self._holder.ask, {"group": group, "booking": booking})
        return done if isinstance(done, Trouble) else None

    def let_be(self, act: PendingAct) -> None:
        """Ask no more about an act; what it did, if it did, is told with the price."""
        self._pending.settled(act)


def _paid(wire: Data) -> int:
    return int(wire["account"]["balanceFen"])
