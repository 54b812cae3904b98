"""Closing the account 注销账户: its terms, asking for it, and taking that back."""

from mobile.core.closing import ClosingRequest, ClosingTerms
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result


class Closings:
    """Speaks for who is signed in."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._requesting = Act(
            "RequestClosing", lambda wire: ClosingRequest.of_wire(wire["request"])
        )
        self._withdrawing: Act[None] = Act("WithdrawClosing", lambda _: None)

    async def terms(self) -> ClosingTerms | Trouble:
        """Return what a closing would do now."""
        answer = await self._account.ask("ClosingTerms", {})
        return read_result(answer, "closingTerms", ClosingTerms.of_wire)

    async def request(self) -> ClosingRequest | Trouble:
        """Ask for the closing; it waits its cooling-off time."""
        return await self._requesting.perform(self._account.ask, {})

    async def withdraw(self) -> Trouble | None:
        """Keep the account after all."""
        return await self._withdrawing.perform(self._account.ask, {})
