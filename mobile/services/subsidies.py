"""The resident's subsidies 惠民补贴: read a page at a time, kept as last seen."""

from mobile.core.subsidy import SubsidiesSeen
from mobile.core.trouble import Trouble
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.city_time import CityTime
from mobile.services.holder import Holder
from mobile.services.remembered import Remembered
from mobile.services.wallet import WalletStore

PAGE = 20


class Subsidies(Remembered[SubsidiesSeen]):
    """Speaks for the holder, or for a principal, whose are not stored."""

    def __init__(self, holder: Holder, store: WalletStore, time: CityTime) -> None:
        super().__init__(holder, store.subsidies(), store.save_subsidies, store.forget_subsidies)
        self._time = time

    async def read(self) -> Trouble | None:
        """Read the newest."""
        page = await self._page({"first": PAGE})
        if isinstance(page, Trouble):
            return page
        self._keep(page)
        return None

    async def read_older(self) -> Trouble | None:
        """Read the page after those that are known."""
        known = self.known
        if known is None or not known.following:
            return None
        page = await self._page({"first": PAGE, "after": known.following})
        if isinstance(page, Trouble):
            return page
        if self.known is known:  # or they were read anew meanwhile, and go on elsewhere
            self._keep(known.with_page(page))
        return None

    async def _page(self, wish: Data) -> SubsidiesSeen | Trouble:
        answer = await self._holder.ask("Subsidies", wish)
        return read_result(
            answer, "subsidies", lambda wire: SubsidiesSeen.of_page(wire, self._time.now())
        )
