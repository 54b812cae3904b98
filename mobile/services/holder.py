"""Who the app speaks for: the card on this phone, who is signed in, or somebody else 代办."""

from collections.abc import Callable
from typing import Protocol

from mobile.core.trouble import STORAGE_DAMAGED, UNREACHABLE, Trouble
from mobile.services.account import Account
from mobile.services.backend import Backend, Data
from mobile.services.session import Session
from shared.ecode.algorithms import SoftwareKey


class InFront(Protocol):
    """Tells for whom this phone acts now."""

    acting: str

    @property
    def in_force(self) -> frozenset[str]:
        """The mandates by which this phone's holder may act now."""
        ...

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever that may have changed."""
        ...


class Holder:
    """Asks as the holder of the card, or for the principal who is in front."""

    def __init__(
        self, backend: Backend, session: Session, account: Account, family: InFront
    ) -> None:
        self._backend = backend
        self._session = session
        self._account = account
        self._family = family

    @property
    def subject(self) -> str:
        """For whom: the mandate's id, empty for the holder of this phone."""
        return self._family.acting

    @property
    def principals(self) -> frozenset[str]:
        """Whom one may act for now, by mandate."""
        return self._family.in_force

    @property
    def may_ask(self) -> bool:
        """Tell whether there is anybody to speak for."""
        own = self._session.wallet is not None and not self.subject
        return own or self._account.signed_in

    @property
    def names(self) -> tuple[str, ...]:
        """What names the holder: the card on this phone, then who is signed in, where known."""
        wallet = self._session.wallet
        named = (wallet.card.identifier if wallet else "", self._account.holder)
        return tuple(filter(None, named))

    @property
    def is_expected(self) -> bool:
        """Tell whether the holder is to come back: to a card that cannot be opened, or a sign-in.

        The latter after a session that ended by itself.
        """
        damaged = self._session.storage_trouble is STORAGE_DAMAGED
        return damaged or self._account.ended is not None

    def cannot_store(self, reason: str) -> None:
        """Have it said beside the card that this phone cannot store; `reason` is the system's."""
        self._session.cannot_store(reason)

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever that may have changed."""
        self._session.listen(listener)
        self._account.listen(listener)
        self._family.listen(listener)

    async def ask(self, operation: str, variables: Data) -> Data | Trouble:
        """Run an operation; an answer for somebody who is not in front any more is none."""
        subject, key = self.subject, self._session.key
        if subject:
            answer = await self._account.ask(operation, variables, subject)
            return answer if self.subject == subject else UNREACHABLE
        answer = await self._ask_as_holder(operation, variables, key)
        return answer if not self.subject else UNREACHABLE

    async def _ask_as_holder(
        self, operation: str, variables: Data, key: SoftwareKey | None
    ) -> Data | Trouble:
        if self._session.wallet is None or key is None:
            return await self._account.ask(operation, variables)
        return await self._backend.ask(operation, variables, key)
