"""A library's counter: librarians lend, take back and take money for whoever shows a card."""

from collections.abc import Collection

from backend.foundation.access import Caller
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.library.deeds import librarian
from backend.library.fines import Fines
from backend.library.lending import Lending
from backend.library.loans import LoanView
from backend.library.network import not_librarian
from backend.library.patrons import Patrons
from backend.library.returning import Returned, Returning


class LibraryCounter:
    """Does what is asked at a counter, for staff of that library; money for those of any member."""

    def __init__(
        self, patrons: Patrons, lending: Lending, returning: Returning, fines: Fines
    ) -> None:
        self._patrons = patrons
        self._lending = lending
        self._returning = returning
        self._fines = fines

    async def lend(
        self, caller: Caller | None, key: str, library: str, shown: str, barcode: str
    ) -> LoanView | Refusal:
        """Lend a copy to whoever shows a card or reader number."""
        whose = await self._whose(caller, shown, (library,))
        if caller is None or isinstance(whose, Refusal):
            return whose if isinstance(whose, Refusal) else SIGN_IN_NEEDED
        return await self._lending.lend(librarian(caller, library), key, whose, barcode)

    async def take_back(
        self, caller: Caller | None, key: str, library: str, barcode: str
    ) -> Returned | Refusal:
        """Take a copy back at a library."""
        refused = await not_librarian(caller, (library,))
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        return await self._returning.take_back(librarian(caller, library), key, barcode)

    async def pay(
        self, caller: Caller | None, key: str, shown: str, fen: int, reference: str
    ) -> int | Refusal:
        """Note what somebody paid; return what is still owed."""
        whose = await self._whose(caller, shown)
        if caller is None or isinstance(whose, Refusal):
            return whose if isinstance(whose, Refusal) else SIGN_IN_NEEDED
        return await self._fines.pay(librarian(caller), key, whose, fen, reference)

    async def put_deposit(
        self, caller: Caller | None, key: str, shown: str, fen: int, reference: str
    ) -> int | Refusal:
        """Note the deposit somebody leaves from now on."""
        whose = await self._whose(caller, shown)
        if caller is None or isinstance(whose, Refusal):
            return whose if isinstance(whose, Refusal) else SIGN_IN_NEEDED
        return await self._fines.put_deposit(librarian(caller), key, whose, fen, reference)

    async def _whose(
        self, caller: Caller | None, shown: str, libraries: Collection[str] | None = None
    ) -> str | Refusal:
        refused = await not_librarian(caller, libraries)
        return refused or await self._patrons.shown(shown, checks_codes=True)
