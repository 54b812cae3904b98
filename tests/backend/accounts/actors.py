"""Who signs in: residents on their phones, staff at their desks."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from typing_extensions import override

from backend.accounts.documents import Account
from backend.accounts.passwords import Passwords
from backend.accounts.second_factor import code_at
from backend.accounts.sms import SandboxSms
from backend.accounts.staff import FirstCredentials, NewStaff, StaffAccounts
from backend.cards.card_writes import PhysicalCard
from backend.cards.service import Cards
from backend.figures import AccountPolicy
from backend.foundation.access import OPERATOR, Role
from backend.foundation.audit import Organisation
from backend.foundation.refusals import Refusal
from backend.residents.service import Residents
from shared.localized_text import LocalizedText
from shared.wire.request_proof import sign_request
from tests.backend.actors import JSON, REGION, City, Holder, Phone, id_number, new_key

PASSWORD = "骑着单车去 赣江边"  # noqa: S105 - of people nobody is
OUTLET = Organisation("360702-01", LocalizedText("章贡区服务网点", "Zhanggong outlet"))


@dataclass
class Device(Phone):
    """A phone or a desk computer that may be signed in."""

    access: str | None = None
    refresh: str = ""
    session: str = ""
    acting_for: str = ""
    address: str = "127.0.0.1"

    @override
    async def send(
        self, method: str, path: str, body: bytes = b"", etag: str | None = None
    ) -> httpx.Response:
        now, mandate = self.clock.now(), self.acting_for
        proof = sign_request(self.key, method, path, body, now, mandate)
        headers = {**JSON, "DPoP": proof}
        if self.access is not None:
            headers["Authorization"] = f"DPoP {self.access}"
        return await self.client.request(method, path, content=body, headers=headers)

    async def do(self, operation: str, **wish: Any) -> Any:
        """Run an operation of one field with its input and return the union's member."""
        answer = await self.ask(operation, **({"input": wish} if wish else {}))
        [member] = answer.values()
        return member

    async def sign_in(
        self,
        login: str,
        password: str = PASSWORD,
        key: str | None = None,
        device_name: str = "手机",
    ) -> Any:
        wish = {"login": login, "password": password, "deviceName": device_name}
        return self.keep(
            await self.do("SignInWithPassword", idempotencyKey=key or new_key(), **wish)
        )

    async def renew_session(self, token: str | None = None, key: str | None = None) -> Any:
        wish = {"refreshToken": token or self.refresh, "idempotencyKey": key or new_key()}
        self.access = None
        return self.keep(await self.do("RefreshSession", **wish))

    def keep(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        """Keep the tokens of an answer, as the app does."""
        if answer["__typename"] == "SessionTokens":
            self.access, self.refresh = answer["accessToken"], answer["refreshToken"]
            self.session = answer["sessionId"]
        return answer


@dataclass
class Employee:
    """A member of staff with what they were given."""

    staff_id: str
    login: str
    password: str
    secret: str
    recovery_codes: tuple[str, ...]
    device: Device = field(repr=False)

    def code(self) -> str:
        return code_at(self.secret, self.device.clock.now())

    async def sign_in(self, code: str | None = None, key: str | None = None) -> Any:
        wish = {
            "idempotencyKey": key or new_key(),
            "login": self.login,
            "password": self.password,
            "code": self.code() if code is None else code,
            "deviceName": "柜台一号",
        }
        return self.device.keep(await self.device.do("SignInStaff", **wish))


@dataclass
class People:
    """The city's residents and staff."""

    city: City

    def device(self) -> Device:
        return Device(self.city.client, self.city.clock)

    async def register(self, number: str, phone: str | None = None, name: str = "钟小明") -> str:
        """Register somebody who never signed in, and return their id."""
        registered = await self.city.house.services[Residents].register(
            number, name, REGION, self.city.clock.now(), phone
        )
        assert not isinstance(registered, Refusal)
        return registered.resident_id

    async def card_of(self, resident_id: str, sequence: str) -> Holder:
        """Give a resident a card."""
        physical, now = PhysicalCard(f"D15600{sequence}", None, 3), self.city.clock.now()
        card_id = await self.city.house.services[Cards].issue(resident_id, physical, now)
        assert not isinstance(card_id, Refusal)
        return Holder(resident_id, card_id)

    async def give_password(self, resident_id: str, password: str = PASSWORD) -> None:
        """Give a resident a password without a sign-in before it."""
        hashed = await Passwords(AccountPolicy(8, 1, 1, 1, *[1] * 10)).hash(password)
        assert isinstance(hashed, str)
        now = self.city.clock.now()
        await Account(id=resident_id, password_hash=hashed, password_set_at=now).insert()

    async def resident(self, sequence: str = "901") -> str:
        """Register somebody with a password and return their number."""
        number = id_number(sequence=sequence)
        await self.give_password(await self.register(number))
        return number

    async def signed_in(self, sequence: str = "901") -> Device:
        """Return the phone of somebody who signed in."""
        device = self.device()
        answer = await device.sign_in(await self.resident(sequence))
        assert answer["__typename"] == "SessionTokens", answer
        return device

    async def staff(
        self,
        login: str,
        *roles: Role,
        sequence: str = "801",
        first: bool = False,
        place: Organisation = OUTLET,
    ) -> Employee:
        """Add a member of staff; unless `first`, they have changed their first password."""
        new = NewStaff(login, id_number(sequence=sequence), "谢雨", place, frozenset(roles))
        made = await self.city.house.services[StaffAccounts].add(OPERATOR, new_key(), new)
        assert isinstance(made, FirstCredentials), made
        one = Employee(
            made.staff_id,
            login,
            made.password,
            made.totp_secret,
            made.recovery_codes,
            self.device(),
        )
        if not first:
            await one.sign_in()
            done = await one.device.do(
                "SetPassword", currentPassword=one.password, newPassword=PASSWORD
            )
            assert done["__typename"] == "PasswordSet", done
            one.password, one.device.access = PASSWORD, None
            self.city.clock.advance(60)  # each code of the authenticator counts once
        return one

    async def inbox(self) -> list[str]:
        """Return the texts that were not sent, newest first."""
        await asyncio.sleep(0.01)  # they are sent beside the answer
        return [message.text for message in self.city.house.services[SandboxSms].inbox()]


def aliased(operation: str, field: str, count: int) -> str:
    """Return an operation that asks one field many times."""
    fields = " ".join(
        f"a{number}: {field} {{ __typename ... on Refusal {{ code }} }}" for number in range(count)
    )
    return f"{operation} {{ {fields} }}"


def body_of(query: str, variables: Mapping[str, Any]) -> bytes:
    return json.dumps({"query": query, "variables": variables}).encode()
