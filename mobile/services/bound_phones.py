"""The phones of the resident's card: seeing and unbinding them."""

from mobile.core.bound_phone import BoundPhone
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.answers import read_result
from shared.identifiers import random_identifier


class BoundPhones:
    """Asks for the list, and unbinds; a phone's unbinding is one request until it is answered."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._keys: dict[int, str] = {}

    async def read(self) -> tuple[BoundPhone, ...] | Trouble:
        """Return the phones, the latest first."""
        answer = await self._account.ask("Devices", {})
        return read_result(
            answer, "devices", lambda wire: tuple(map(BoundPhone.of_wire, wire["devices"]))
        )

    async def unbind(self, serial: int) -> BoundPhone | Trouble:
        """Take a phone's right to show the code; return it as it is then."""
        key = self._keys.setdefault(serial, random_identifier("unbind"))
        request = {"idempotencyKey": key, "serial": serial}
        answer = await self._account.ask("UnbindDevice", {"input": request})
        phone = read_result(answer, "unbindDevice", lambda wire: BoundPhone.of_wire(wire["device"]))
        if not isinstance(phone, Trouble):
            del self._keys[serial]
        return phone
