"""The account one is paid to: reading it, naming another, and taking a change back."""

from mobile.core.payout_account import PayoutAccount
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result


class PayoutAccounts:
    """Speaks for who is signed in; nothing of it stays on the phone."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._changing = Act("ChangePayoutAccount", PayoutAccount.of_wire)
        self._withdrawing = Act("WithdrawPayoutChange", PayoutAccount.of_wire)

    async def read(self) -> PayoutAccount | Trouble:
        """Return the account that counts and the change that is held."""
        answer = await self._account.ask("PayoutAccount", {})
        return read_result(answer, "payoutAccount", PayoutAccount.of_wire)

    async def change(self, bank: str, number: str) -> PayoutAccount | Trouble:
        """Name another account, which counts 72 hours later."""
        wish = {"bank": bank, "number": number}
        return await self._changing.perform(self._account.ask, wish)

    async def withdraw(self) -> PayoutAccount | Trouble:
        """Stop the change that is held."""
        return await self._withdrawing.perform(self._account.ask, {})
