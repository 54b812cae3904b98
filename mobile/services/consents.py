"""Consents: what they are for, giving and withdrawing one, and the receipts."""

from mobile.core.consent import Purpose, Receipt
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.backend import Data

RECEIPTS = 50


class Consents:
    """Speaks for who is signed in."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._giving = Act("GiveConsent", _receipt)
        self._withdrawing = Act("WithdrawConsent", _receipt)

    async def purposes(self) -> tuple[Purpose, ...] | Trouble:
        """Return every purpose with whether the consent to it stands."""
        answer = await self._account.ask("ConsentPurposes", {})
        return read_result(
            answer, "consentPurposes", lambda wire: tuple(map(Purpose.of_wire, wire["nodes"]))
        )

    async def receipts(self) -> tuple[Receipt, ...] | Trouble:
        """Return the last receipts, the latest first."""
        answer = await self._account.ask("ConsentReceipts", {"first": RECEIPTS})
        return read_result(
            answer, "consentReceipts", lambda wire: tuple(map(Receipt.of_wire, wire["nodes"]))
        )

    async def give(self, purpose: Purpose) -> Receipt | Trouble | None:
        """Agree to a purpose in the version that was shown."""
        wish = {"purpose": purpose.code, "version": purpose.version}
        return await self._giving.perform(self._account.ask, wish)

    async def withdraw(self, purpose: Purpose) -> Receipt | Trouble | None:
        """Take the consent back; None where none was ever given."""
        return await self._withdrawing.perform(self._account.ask, {"purpose": purpose.code})


def _receipt(wire: Data) -> Receipt | None:
    return Receipt.of_wire(wire["receipt"]) if wire["receipt"] else None
