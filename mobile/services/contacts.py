"""Numbers of family, typed on this phone and kept sealed on it alone."""

from contextlib import suppress

from mobile.ports.secret_box.box import BoxUnwritable
from mobile.services.account import Account
from mobile.services.wallet import WalletStore


class Contacts:
    """Holds a number for each mandate; signing out forgets them."""

    def __init__(self, store: WalletStore, account: Account) -> None:
        self._store = store
        self._account = account
        self._numbers = store.contacts()
        account.listen(self._follow)

    def number(self, mandate: str) -> str:
        """Return the number of who acts by a mandate; empty where none was typed."""
        return self._numbers.get(mandate, "")

    def keep(self, mandate: str, number: str) -> None:
        """Keep a number; where it cannot be stored it holds until the app ends."""
        self._numbers = {**self._numbers, mandate: number}
        with suppress(BoxUnwritable):
            self._store.save_contacts(self._numbers)

    def _follow(self) -> None:
        if self._numbers and not self._account.signed_in and self._account.ended is None:
            self._numbers = {}
            with suppress(BoxUnwritable):
                self._store.forget_contacts()
