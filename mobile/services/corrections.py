"""Corrections 更正: the requests, asking for one, taking one back, and changing one's phone."""

from collections import defaultdict

from mobile.core.account import SentCode
from mobile.core.correction import Correction
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result
from mobile.services.backend import Data
from mobile.services.holder import InFront

SHOWN = 50


class Corrections:
    """Speaks for who is signed in, or for the principal in front; a phone one changes oneself."""

    def __init__(self, account: Account, front: InFront) -> None:
        self._account = account
        self.front = front
        # The same wish for somebody else is another request.
        self._requesting = defaultdict[str, Act[Correction]](
            lambda: Act("RequestCorrection", _correction)
        )
        self._withdrawing = Act("WithdrawCorrection", _correction)
        self._changing_phone: Act[str] = Act("ChangePhone", lambda wire: str(wire["maskedPhone"]))

    async def read(self) -> tuple[Correction, ...] | Trouble:
        """Return the last requests, the latest first."""
        answer = await self._ask("Corrections", {"first": SHOWN})
        return read_result(
            answer, "corrections", lambda wire: tuple(map(Correction.of_wire, wire["nodes"]))
        )

    async def request(self, which: str, value: str, explanation: str) -> Correction | Trouble:
        """Ask that `value` be put into a field."""
        wish = {"field": which, "value": value, "explanation": explanation}
        return await self._requesting[self.front.acting].perform(self._ask, wish)

    async def withdraw(self, identifier: str) -> Correction | Trouble:
        """Take a request back."""
        return await self._withdrawing.perform(self._ask, {"id": identifier})

    async def request_phone_code(self, phone: str) -> SentCode | Trouble:
        """Have a code sent to the new phone."""
        answer = await self._account.ask("RequestPhoneChange", {"input": {"phone": phone}})
        return read_result(answer, "requestPhoneChange", SentCode.of_wire)

    async def change_phone(self, phone: str, code: str) -> str | Trouble:
        """Put the new phone on the record and return it masked."""
        wish = {"phone": phone, "code": code}
        return await self._changing_phone.perform(self._account.ask, wish)

    async def _ask(self, operation: str, variables: Data) -> Data | Trouble:
        """Run an operation; an answer for somebody who is not in front any more is none."""
        subject = self.front.acting
        answer = await self._account.ask(operation, variables, subject)
        return answer if self.front.acting == subject else UNREACHABLE


def _correction(wire: Data) -> Correction:
    return Correction.of_wire(wire["correction"])
