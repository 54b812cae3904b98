"""The resident's training vouchers: read, reserved for a course, freed again."""

from mobile.core.pending import PendingAct
from mobile.core.trouble import Trouble
from mobile.core.vouchers import Course, Voucher, VouchersSeen
from mobile.services.acts import KeptAct
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.city_time import CityTime
from mobile.services.holder import Holder
from mobile.services.pending import PendingActs
from mobile.services.remembered import Remembered
from mobile.services.wallet import WalletStore

RESERVE, RELEASE = "ReserveTrainingVoucher", "ReleaseTrainingVoucher"


class Vouchers(Remembered[VouchersSeen]):
    """Speaks for the holder; a reservation without an answer is found under `unanswered`."""

    def __init__(
        self, holder: Holder, store: WalletStore, time: CityTime, pending: PendingActs
    ) -> None:
        kept = store.vouchers_of_others()
        super().__init__(holder, store.vouchers(), store.save_vouchers, store.forget_vouchers, kept)
        self._time = time
        self._pending = pending
        self._changing = {
            name: KeptAct(name, _changed, pending, self._learn) for name in (RESERVE, RELEASE)
        }
        pending.listen(self._tell)

    @property
    def unanswered(self) -> PendingAct | None:
        """The first reservation that may or may not have been made."""
        return next(iter(self._pending.unanswered(RESERVE)), None)

    async def read(self) -> Trouble | None:
        """Read the vouchers, the newest first."""
        answer = await self._holder.ask("TrainingVouchers", {})
        seen = read_result(
            answer,
            "trainingVouchers",
            lambda wire: VouchersSeen(
                tuple(map(Voucher.of_wire, wire["vouchers"])), self._time.now()
            ),
        )
        if isinstance(seen, Trouble):
            return seen
        self._keep(seen)
        return None

    async def reserve(self, identifier: str, course: Course) -> Voucher | Trouble:
        """Reserve a seat; the same wish is one reservation however often it is sent."""
        return await self._change(RESERVE, {"voucher": identifier, **course.to_wire()})

    async def release(self, identifier: str) -> Voucher | Trouble:
        """Take back a reservation that is not confirmed yet."""
        return await self._change(RELEASE, {"voucher": identifier})

    async def send_again(self, act: PendingAct) -> Voucher | Trouble:
        """Send a wish again under its own key: whether it was done before or not, it is once."""
        return await self._change(act.operation, act.wish)

    def let_be(self, act: PendingAct) -> None:
        """Ask no more about an act; what it did, if it did, is in the list."""
        self._pending.settled(act)

    async def _change(self, operation: str, wish: Data) -> Voucher | Trouble:
        return await self._changing[operation].perform(self._holder.ask, wish)

    def _learn(self, changed: Voucher) -> None:
        known = self.known or VouchersSeen((), self._time.now())
        self._keep(known.with_voucher(changed))


def _changed(wire: Data) -> Voucher:
    return Voucher.of_wire(wire["voucher"])
