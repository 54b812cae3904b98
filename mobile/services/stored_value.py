"""The resident's stored value 储值: read with its movements, taken out; kept as last seen.

It is one's own alone. Money comes in at a venue's counter, which has its own way.
"""

from mobile.core.pending import PendingAct
from mobile.core.stored_value import Movement, StoredAccount, StoredValueSeen
from mobile.core.trouble import Trouble
from mobile.services.acts import KeptAct
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.city_time import CityTime
from mobile.services.holder import Holder
from mobile.services.pending import PendingActs
from mobile.services.remembered import Remembered
from mobile.services.wallet import WalletStore

REFUND = "RefundStoredValue"
FIRST_MOVEMENTS = 30


class StoredValues(Remembered[StoredValueSeen]):
    """Speaks for the holder; a refund without an answer is found under `unanswered`."""

    def __init__(
        self, holder: Holder, store: WalletStore, time: CityTime, pending: PendingActs
    ) -> None:
        super().__init__(
            holder, store.stored_value(), store.save_stored_value, store.forget_stored_value
        )
        self._time = time
        self._pending = pending
        self._refunding = KeptAct(REFUND, _changed, pending, self._learn)
        pending.listen(self._tell)

    @property
    def unanswered(self) -> PendingAct | None:
        """The first refund that may or may not have been made."""
        return next(iter(self._pending.unanswered(REFUND)), None)

    async def read(self) -> Trouble | None:
        """Read what is stored with each group; the movements stay as they were seen."""
        answer = await self._holder.ask("StoredValue", {})
        accounts = read_result(
            answer,
            "storedValue",
            lambda wire: tuple(map(StoredAccount.of_wire, wire["accounts"])),
        )
        if isinstance(accounts, Trouble):
            return accounts
        before = self.known.movements if self.known else {}
        self._keep(StoredValueSeen(accounts, before, self._time.now()))
        return None

    async def read_movements(self, group: str) -> Trouble | None:
        """Read the newest rows of a group's ledger."""
        asked: Data = {"group": group, "first": FIRST_MOVEMENTS}
        rows = read_result(
            await self._holder.ask("StoredValueEntries", asked),
            "storedValueEntries",
            lambda wire: tuple(map(Movement.of_wire, wire["entries"])),
        )
        if isinstance(rows, Trouble):
            return rows
        if self.known is not None:
            self._keep(self.known.with_movements(group, rows))
        return None

    async def refund(self, group: str) -> StoredAccount | Trouble:
        """Take the whole balance out, once however often it is sent."""
        return await self._refunding.perform(self._holder.ask, {"group": group})

    async def send_again(self, act: PendingAct) -> StoredAccount | Trouble:
        """Send a wish again under its own key: whether it was done before or not, it is once."""
        return await self.refund(act.wish["group"])

    def let_be(self, act: PendingAct) -> None:
        """Ask no more about an act; what it did, if it did, is in the list."""
        self._pending.settled(act)

    def _learn(self, changed: StoredAccount) -> None:
        if self.known is not None:
            self._keep(self.known.with_account(changed))


def _changed(wire: Data) -> StoredAccount:
    return StoredAccount.of_wire(wire["account"])
