"""Who the app speaks for: the card on this phone, or without one whoever is signed in."""

from collections.abc import Callable

from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.backend import Backend, Data
from mobile.services.session import Session


class Holder:
    """Asks as the holder of the card."""

    def __init__(self, backend: Backend, session: Session, account: Account) -> None:
        self._backend = backend
        self._session = session
        self._account = account

    @property
    def may_ask(self) -> bool:
        """Tell whether there is anybody to speak for."""
        return self._session.wallet is not None or self._account.signed_in

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever that may have changed."""
        self._session.listen(listener)
        self._account.listen(listener)

    async def ask(self, operation: str, variables: Data) -> Data | Trouble:
        """Run an operation."""
        key = self._session.key
        if self._session.wallet is None or key is None:
            return await self._account.ask(operation, variables)
        return await self._backend.ask(operation, variables, key)
