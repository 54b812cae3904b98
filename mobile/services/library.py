"""What the resident has of the libraries: read, renewed, waited for no longer; kept as last seen.

It is one's own alone: what somebody reads is nobody's who acts for them 代办.
"""

from mobile.core.library import Hold, Loan, ShelfSeen
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

RENEW, CANCEL = "RenewLibraryLoan", "CancelLibraryHold"


class Library(Remembered[ShelfSeen]):
    """Speaks for the holder; an act without an answer is found under `unanswered`."""

    def __init__(
        self, holder: Holder, store: WalletStore, time: CityTime, pending: PendingActs
    ) -> None:
        super().__init__(holder, store.shelf(), store.save_shelf, store.forget_shelf)
        self._time = time
        self._pending = pending
        self._renewing = KeptAct(
            RENEW, lambda wire: Loan.of_wire(wire["loan"]), pending, self._learn
        )
        self._cancelling = KeptAct(
            CANCEL, lambda wire: Hold.of_wire(wire["hold"]), pending, self._learn
        )
        pending.listen(self._tell)

    @property
    def unanswered(self) -> PendingAct | None:
        """The first act that may or may not have been done."""
        return next(iter(self._pending.unanswered(RENEW, CANCEL)), None)

    async def read(self) -> Trouble | None:
        """Read the account, with the names of the libraries."""
        answer = await self._holder.ask("LibraryShelf", {})
        whole = {} if isinstance(answer, Trouble) else answer
        seen = read_result(
            answer,
            "libraryAccount",
            lambda wire: ShelfSeen.of_answer(wire, whole, self._time.now()),
        )
        if isinstance(seen, Trouble):
            return seen
        self._keep(seen)
        return None

    async def renew(self, loan: str) -> Loan | Trouble:
        """Renew a loan that nobody waits for, once however often it is sent."""
        return await self._renewing.perform(self._holder.ask, {"loan": loan})

    async def cancel(self, hold: str) -> Hold | Trouble:
        """Wait no longer."""
        return await self._cancelling.perform(self._holder.ask, {"hold": hold})

    async def send_again(self, act: PendingAct) -> Loan | Hold | Trouble:
        """Send a wish again under its own key: whether it was done before or not, it is once."""
        wish: Data = act.wish
        if act.operation == RENEW:
            return await self.renew(wish["loan"])
        return await self.cancel(wish["hold"])

    def let_be(self, act: PendingAct) -> None:
        """Ask no more about an act; what it did, if it did, is in the list."""
        self._pending.settled(act)

    def _learn(self, changed: Loan | Hold) -> None:
        known = self.known
        if known is not None:
            self._keep(
                known.with_loan(changed) if isinstance(changed, Loan) else known.with_hold(changed)
            )
