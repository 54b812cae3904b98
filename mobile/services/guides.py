"""Reading guides; it says nothing about who reads."""

from contextlib import suppress
from dataclasses import replace

from mobile.core.guide import Guide, GuidesSeen, read_titles
from mobile.core.trouble import Trouble
from mobile.core.venue import Position
from mobile.ports.secret_box.box import BoxUnwritable
from mobile.services.answers import read_result
from mobile.services.backend import Backend, Data
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from mobile.services.wallet import WalletStore


class Guides:
    """Asks by the phone's key alone; `known` is the list and the guides as last seen."""

    def __init__(
        self, backend: Backend, session: Session, store: WalletStore, time: CityTime
    ) -> None:
        self._backend = backend
        self._session = session
        self._store = store
        self._time = time
        self.known = store.guides()

    async def read_list(self) -> Trouble | None:
        """Read which guides there are."""
        titles = read_result(await self._ask("Guides", {}), "guides", read_titles)
        if isinstance(titles, Trouble):
            return titles
        now = self._time.now()
        known = self.known or GuidesSeen((), now)
        self._keep(replace(known, titles=titles, seen_at=now))
        return None

    async def read(self, item: str, near: Position | None) -> Guide | Trouble:
        """Read a guide whole, its outlets by how near they are where the phone knows its place."""
        asked = {"item": item, "near": near.to_wire() if near else None}
        guide = read_result(await self._ask("Guide", asked), "guide", Guide.of_wire)
        if isinstance(guide, Guide):
            now = self._time.now()
            self._keep((self.known or GuidesSeen((), now)).with_guide(guide, now))
        return guide

    def _keep(self, known: GuidesSeen) -> None:
        self.known = known
        with suppress(BoxUnwritable):
            self._store.save_guides(known)

    async def _ask(self, operation: str, variables: Data) -> Data | Trouble:
        key = self._session.device_key()
        if isinstance(key, Trouble):
            return key
        return await self._backend.ask(operation, variables, key)
