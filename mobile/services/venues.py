"""Looking up venues; it says nothing about who looks."""

from contextlib import suppress

from mobile.core.trouble import Trouble
from mobile.core.venue import Venue, VenuePage, VenuesSeen, VenueWish
from mobile.ports.secret_box.box import BoxUnwritable
from mobile.services.answers import read_result
from mobile.services.backend import Backend, Data
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from mobile.services.wallet import WalletStore


class Venues:
    """Asks by the phone's key alone; `known` are the venues found last."""

    def __init__(
        self, backend: Backend, session: Session, store: WalletStore, time: CityTime
    ) -> None:
        self._backend = backend
        self._session = session
        self._store = store
        self._time = time
        self.known = store.venues()

    async def search(
        self, wish: VenueWish, after: str | None = None, *, remember: bool = True
    ) -> VenuePage | Trouble:
        """Return a page of the venues that fit, those near first where that was asked.

        The first page is kept as those found last, unless it is not to be `remember`ed.
        """
        answer = await self._ask("Venues", {**wish.to_wire(), "after": after})
        page = read_result(answer, "venues", VenuePage.of_wire)
        if isinstance(page, VenuePage) and after is None and page.venues and remember:
            self.known = VenuesSeen(page.venues, self._time.now())
            with suppress(BoxUnwritable):
                self._store.save_venues(self.known)
        return page

    async def venue(self, number: int) -> Venue | Trouble:
        """Return all about one venue."""
        return read_result(await self._ask("Venue", {"number": number}), "venue", Venue.of_wire)

    async def _ask(self, operation: str, variables: Data) -> Data | Trouble:
        key = self._session.device_key()
        if isinstance(key, Trouble):
            return key
        return await self._backend.ask(operation, variables, key)
