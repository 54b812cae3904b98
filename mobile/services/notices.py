"""Notices 告知书: reading them, and telling the server which ones the resident has read."""

from contextlib import suppress
from dataclasses import replace

from mobile.core.privacy_notice import NoticesRead, PrivacyNotice
from mobile.core.trouble import NONSENSE, NOT_UNDERSTOOD, Trouble
from mobile.ports.secret_box.box import BoxUnwritable
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.backend import Backend
from mobile.services.session import Session
from mobile.services.wallet import WalletStore


class Notices:
    """Holds the notices last seen, `fresh` if in this run; what is read is told after a sign-in."""

    def __init__(
        self, backend: Backend, session: Session, account: Account, store: WalletStore
    ) -> None:
        self._backend = backend
        self._session = session
        self._account = account
        self._store = store
        self._telling: Act[None] = Act("AcknowledgeNotice", lambda _: None)
        self.known = store.notices()
        self.fresh = False

    async def read(self) -> Trouble | None:
        """Ask for the present notices; the device's key is made if there is none yet."""
        key = self._session.device_key()
        if isinstance(key, Trouble):
            return key
        answer = await self._backend.ask("Notices", {}, key)
        if isinstance(answer, Trouble):
            return answer
        try:
            present = tuple(map(PrivacyNotice.of_wire, answer["notices"]))
        except NONSENSE:
            return NOT_UNDERSTOOD
        self._keep(replace(self.known, present=present))
        self.fresh = True
        return None

    async def acknowledge(self, notice: PrivacyNotice) -> None:
        """Keep that `notice` was read here, and tell the server if somebody is signed in."""
        self._keep(self.known.with_read(notice))
        await self.tell()

    async def tell(self) -> None:
        """Tell what was read here; what who signed in has not read elsewhere is unread here, too.

        What cannot be told now is told at the next occasion.
        """
        if not self._account.signed_in:
            return
        for code, version in tuple(self.known.untold.items()):
            told = await self._telling.perform(
                self._account.ask, {"code": code, "version": version}
            )
            if isinstance(told, Trouble):
                return
            untold = {one: v for one, v in self.known.untold.items() if one != code}
            self._keep(replace(self.known, untold=untold))
        answer = await self._account.ask("PendingNotices", {})
        pending = read_result(
            answer, "pendingNotices", lambda wire: [node["code"] for node in wire["nodes"]]
        )
        if not isinstance(pending, Trouble):
            known = self.known
            for code in pending:
                known = known.without(code)
            self._keep(known)

    def _keep(self, known: NoticesRead) -> None:
        """Hold the notices; where they cannot be stored they are read anew at the next start."""
        if known != self.known:
            self.known = known
            with suppress(BoxUnwritable):
                self._store.save_notices(known)
