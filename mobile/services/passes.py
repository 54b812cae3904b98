"""The resident's passes: what there is, what it costs, taken, given back, handed on."""

from mobile.core.passes import Offered, Pass, PassesSeen, PassProduct, PassQuote, PassWish
from mobile.core.pending import PendingAct
from mobile.core.trouble import NONSENSE, NOT_UNDERSTOOD, Trouble
from mobile.services.acts import KeptAct
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.city_time import CityTime
from mobile.services.holder import Holder
from mobile.services.pending import PendingActs
from mobile.services.remembered import Remembered
from mobile.services.wallet import WalletStore

FIRST_PASSES = 50
TAKE, ACCEPT = "TakePass", "AcceptPass"
REFUND, WITHDRAW, TRANSFER = "RefundPass", "WithdrawPassTransfer", "TransferPass"


class Passes(Remembered[PassesSeen]):
    """Speaks for the holder; an act without an answer is found under `unanswered`."""

    def __init__(
        self, holder: Holder, store: WalletStore, time: CityTime, pending: PendingActs
    ) -> None:
        kept = store.passes_of_others()
        super().__init__(holder, store.passes(), store.save_passes, store.forget_passes, kept)
        self._time = time
        self._pending = pending
        self._changing = {
            name: KeptAct(name, _changed, pending, self._learn)
            for name in (TAKE, ACCEPT, REFUND, WITHDRAW)
        }
        self._offering = KeptAct(
            TRANSFER, _offered, pending, lambda offered: self._learn(offered.held)
        )
        pending.listen(self._tell)

    @property
    def unanswered(self) -> PendingAct | None:
        """The first pass that may or may not have been taken or accepted."""
        return next(iter(self._pending.unanswered(TAKE, ACCEPT)), None)

    async def read(self) -> Trouble | None:
        """Read the passes, the newest first."""
        answer = await self._holder.ask("Passes", {"first": FIRST_PASSES})
        seen = read_result(
            answer,
            "passes",
            lambda wire: PassesSeen(tuple(map(Pass.of_wire, wire["nodes"])), self._time.now()),
        )
        if isinstance(seen, Trouble):
            return seen
        self._keep(seen)
        return None

    async def products(self, venue: int | None) -> tuple[PassProduct, ...] | Trouble:
        """Return what is given out today: good at a venue, or anywhere."""
        answer = await self._holder.ask("PassProducts", {"venue": venue})
        if isinstance(answer, Trouble):
            return answer
        try:
            return tuple(map(PassProduct.of_wire, answer["passProducts"]))
        except NONSENSE:
            return NOT_UNDERSTOOD

    async def quote(self, wish: PassWish) -> PassQuote | Trouble:
        """Return what a wish costs now."""
        answer = await self._holder.ask("QuotePass", wish.to_wire())
        return read_result(answer, "quotePass", PassQuote.of_wire)

    async def take(self, wish: PassWish) -> Pass | Trouble:
        """Take a pass that costs nothing; the same wish is one pass however often it is sent."""
        return await self._change(TAKE, wish.to_wire())

    async def accept(self, invitation: str) -> Pass | Trouble:
        """Accept a pass that somebody hands on."""
        return await self._change(ACCEPT, {"invitation": invitation})

    async def refund(self, identifier: str) -> Pass | Trouble:
        """Give an unused pass back."""
        return await self._change(REFUND, {"pass": identifier})

    async def withdraw(self, identifier: str) -> Pass | Trouble:
        """Hand a pass on no longer."""
        return await self._change(WITHDRAW, {"pass": identifier})

    async def offer(self, identifier: str) -> Offered | Trouble:
        """Make an invitation by which somebody else can have a pass."""
        return await self._offering.perform(self._holder.ask, {"pass": identifier})

    async def send_again(self, act: PendingAct) -> Pass | Trouble:
        """Send a wish again under its own key: whether it was done before or not, it is once."""
        return await self._change(act.operation, act.wish)

    def let_be(self, act: PendingAct) -> None:
        """Ask no more about an act; what it did, if it did, is in the list."""
        self._pending.settled(act)

    async def _change(self, operation: str, wish: Data) -> Pass | Trouble:
        return await self._changing[operation].perform(self._holder.ask, wish)

    def _learn(self, held: Pass) -> None:
        known = self.known or PassesSeen((), self._time.now())
        self._keep(known.with_pass(held))


def _changed(wire: Data) -> Pass:
    return Pass.of_wire(wire["pass"])


def _offered(wire: Data) -> Offered:
    return Offered(Pass.of_wire(wire["pass"]), str(wire["invitation"]))
