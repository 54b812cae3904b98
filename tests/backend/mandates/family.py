"""A grandmother and her daughter, each signed in on a phone of her own."""

from dataclasses import dataclass, field
from typing import Any

from backend.accounts.sessions import Sessions
from backend.accounts.sms import SandboxSms
from backend.cards.service import Cards
from backend.foundation.audit import in_one_write
from backend.mandates.notices import NoticeDelivery
from backend.mandates.scopes import Scope
from backend.mandates.sweeps import MandateDepartures, MandateSweeps
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, Holder, id_number, new_key

GRANDMOTHER = "19480229"
DAUGHTER = "19750310"


@dataclass
class Relative:
    """A person with a phone of their own."""

    resident_id: str
    phone: Device

    async def do(self, operation: str, key: str = "", **wish: Any) -> Any:
        return await self.phone.do(operation, idempotencyKey=key or new_key(), **wish)

    async def say(self, operation: str, key: str = "", **wish: Any) -> str:
        """Return the refusal's code, or what kind of answer there was."""
        answer = await self.do(operation, key, **wish)
        return str(answer.get("code") or answer["__typename"])

    async def see(self, operation: str, **wish: Any) -> Any:
        [member] = (await self.phone.ask(operation, **wish)).values()
        return member


@dataclass
class Family:
    """People and what is between them."""

    city: City
    _next: int = field(default=0)

    async def relative(self, birth: str = DAUGHTER, *, card: bool = False) -> Relative:
        people, self._next = People(self.city), self._next + 1
        sequence = f"{self._next:02}{self._next % 10}"
        number = id_number(birth, sequence)
        resident_id = await people.register(number, f"139707{self._next:05}")
        await people.give_password(resident_id)
        if card:
            await people.card_of(resident_id, sequence)
        phone = people.device()
        assert (await phone.sign_in(number))["__typename"] == "SessionTokens"
        return Relative(resident_id, phone)

    async def mandate(
        self, principal: Relative, delegate: Relative, *scopes: Scope, **terms: Any
    ) -> str:
        """Make a mandate by invitation, taking and confirmation; return its id."""
        made = await self.confirmed(principal, delegate, *scopes, **terms)
        assert made["__typename"] == "MandateChanged", made
        return str(made["mandate"]["id"])

    async def confirmed(
        self, principal: Relative, delegate: Relative, *scopes: Scope, **terms: Any
    ) -> Any:
        wish = {"relation": "ELDER", "days": 31, "scopes": [one.value for one in scopes], **terms}
        invited = await principal.do("InviteMandate", side="PRINCIPAL", **wish)
        assert invited["__typename"] == "MandateInvited", invited
        taken = await delegate.do("TakeMandate", invitation=invited["invitation"])
        assert taken["__typename"] == "MandateChanged", taken
        return await principal.do("ConfirmMandate", mandate=taken["mandate"]["id"])

    async def holder(self, one: Relative) -> Holder:
        """Return a relative with their card, as the city's other actors take it."""
        card_id = await self.city.house.services[Cards].live_card(one.resident_id)
        assert card_id is not None
        return Holder(one.resident_id, card_id)

    async def card_index(self, one: Relative) -> int:
        return await self.city.card_index(await self.holder(one))

    async def died(self, one: Relative) -> None:
        """Let the register report a death."""
        departures = MandateDepartures(self.city.house.services[Sessions], self.city.clock)
        await in_one_write(lambda session: departures.departed([one.resident_id], session))

    async def sms(self) -> list[str]:
        """Deliver what waits and return the messages of the sandbox, newest first."""
        await self.city.house.services[NoticeDelivery].deliver()
        return [one.text for one in self.city.house.services[SandboxSms].inbox()]

    async def sweep(self) -> int:
        return await self.city.house.services[MandateSweeps].sweep()
