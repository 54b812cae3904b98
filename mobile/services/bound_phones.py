"""The phones of the resident's card: seeing and unbinding them."""

from mobile.core.bound_phone import BoundPhone
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.acts import Act
from mobile.services.answers import read_result


class BoundPhones:
    """Asks for the list, and unbinds."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._unbinding = Act("UnbindDevice", lambda wire: BoundPhone.of_wire(wire["device"]))

    async def read(self) -> tuple[BoundPhone, ...] | Trouble:
        """Return the phones, the latest first."""
        answer = await self._account.ask("Devices", {})
        return read_result(
            answer, "devices", lambda wire: tuple(map(BoundPhone.of_wire, wire["devices"]))
        )

    async def unbind(self, serial: int) -> BoundPhone | Trouble:
        """Take a phone's right to show the code; return it as it is then."""
        return await self._unbinding.perform(self._account.ask, {"serial": serial})
