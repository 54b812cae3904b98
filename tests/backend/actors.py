"""Who acts in the backend's tests: a city with residents, their phones, and venues' terminals."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from backend.app import House
from backend.cards.card_service_frame import CardChange, Wish
from backend.cards.card_services import CardServices
from backend.cards.card_writes import SYSTEM, PhysicalCard
from backend.cards.commands import COUNTER
from backend.cards.enrolment import Enrolment
from backend.cards.lifecycle import SERVICES, Actor, CardEvent
from backend.cards.service import Cards
from backend.demo_city import IDENTIFICATION_CODE, VENUES
from backend.foundation.households import HouseholdMember
from backend.foundation.refusals import Refusal
from backend.readers.service import Terminals
from backend.residents.service import Residents
from backend.schema import OPERATIONS
from backend.venues.service import Venues
from shared.clock import ManualClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.identity.id_number import check_character
from shared.trust.status_list import card_digest
from shared.wire.request_proof import sign_request

REGION = 360700
DIGEST = card_digest(IDENTIFICATION_CODE)
JSON = {"Content-Type": "application/json"}


def id_number(birth: str = "19880312", sequence: str = "901") -> str:
    """Return a well-formed number of a division that does not exist."""
    digits = f"369999{birth}{sequence}"
    return digits + check_character(digits)


@dataclass
class Holder:
    """A resident with a card."""

    resident_id: str
    card_id: str


@dataclass
class Signer:
    """Something with a key that asks the backend."""

    client: httpx.AsyncClient
    clock: ManualClock
    key: SoftwareKey = field(default_factory=lambda: SoftwareKey.generate(Algorithm.ED25519))

    async def send(
        self, method: str, path: str, body: bytes = b"", etag: str | None = None
    ) -> httpx.Response:
        proof = sign_request(self.key, method, path, body, self.clock.now())
        known = {} if etag is None else {"If-None-Match": etag}
        return await self.client.request(
            method, path, content=body, headers={**JSON, "DPoP": proof, **known}
        )


class Phone(Signer):
    """A resident's phone; `held` is its certificate as it came."""

    held: str | None = None

    async def post(self, query: str, variables: Mapping[str, Any] | None = None) -> httpx.Response:
        body = json.dumps({"query": query, "variables": variables or {}}).encode()
        return await self.send("POST", "/graphql", body)

    async def ask(self, operation: str, **variables: Any) -> Any:
        """Run one of the app's own operations and return its data."""
        answer = await self.post(document(operation), variables)
        content = answer.json()
        assert answer.status_code == 200, content
        assert "errors" not in content, content
        return content["data"]

    async def enrol(self, code: str, key: str | None = None, name: str = "手机") -> Any:
        """Send an activation code and return the union's member."""
        wish = {"idempotencyKey": key or new_key(), "enrolmentCode": code, "deviceName": name}
        return self._kept((await self.ask("EnrolDevice", input=wish))["enrolDevice"])

    async def renew(self, key: str | None = None) -> Any:
        wish = {"idempotencyKey": key or new_key(), "heldCertificate": self.held}
        return self._kept((await self.ask("RenewCertificate", input=wish))["renewCertificate"])

    def _kept(self, answer: Any) -> Any:
        if answer["__typename"] != "Refusal":
            self.held = answer["certificate"]["certificate"]
        return answer


class Terminal(Signer):
    """A venue's reader."""

    async def enrol(self, token: str, /, **changed: Any) -> httpx.Response:
        wish = {
            "token": token,
            "public_key": self.key.public.to_pem(),
            "name": "gate-pc",
            "version": "1.0",
            **changed,
        }
        return await self.send("POST", "/readers/v1/enrolments", json.dumps(wish).encode())

    async def upload(self, *scans: Any) -> Any:
        """Upload scans and return the receipts."""
        answer = await self.upload_body({"version": 1, "scans": scans})
        assert answer.status_code == 200, answer.text
        return answer.json()["receipts"]

    async def upload_body(self, body: Any) -> httpx.Response:
        return await self.send("POST", "/readers/v1/scans", json.dumps(body).encode())


@dataclass
class City:
    """The backend under test with whoever uses it."""

    client: httpx.AsyncClient
    house: House
    clock: ManualClock

    async def resident(self, number: str | None = None, name: str = "钟小明") -> str:
        registered = await self.house.services[Residents].register(
            number or id_number(), name, REGION, self.clock.now()
        )
        assert not isinstance(registered, Refusal)
        return registered.resident_id

    async def holder(self, sequence: str = "901", digest: bytes | None = DIGEST) -> Holder:
        resident_id = await self.resident(id_number(sequence=sequence))
        physical = PhysicalCard(f"D15600{sequence}", digest, 3)
        card_id = await self.house.services[Cards].issue(resident_id, physical, self.clock.now())
        assert not isinstance(card_id, Refusal)
        return Holder(resident_id, card_id)

    async def code(self, holder: Holder) -> str:
        return await self.house.services[Enrolment].new_code(holder.card_id)

    async def serve(
        self, card: Holder | str, event: CardEvent, key: str | None = None
    ) -> CardChange | Refusal:
        """Do a card service that needs nothing more, at an outlet or as the house itself."""
        at_outlet = Actor.OUTLET_CLERK in SERVICES[event].by
        wish = Wish(COUNTER if at_outlet else SYSTEM, key or new_key(), card_in_hand=True)
        card_id = card if isinstance(card, str) else card.card_id
        services = self.house.services[CardServices]
        if event is CardEvent.ENABLE:
            return await services.enable(wish, card_id)
        return await services.serve(wish, card_id, event)

    async def served(self, card: Holder | str, *events: CardEvent) -> None:
        """Do card services that must succeed."""
        for event in events:
            done = await self.serve(card, event)
            assert isinstance(done, CardChange), done

    def stranger(self) -> Phone:
        return Phone(self.client, self.clock)

    async def phone(self, holder: Holder) -> Phone:
        phone = self.stranger()
        enrolled = await phone.enrol(await self.code(holder))
        assert enrolled["__typename"] == "EnrolledDevice", enrolled
        return phone

    async def venue(self, number: int = 1) -> None:
        await self.house.services[Venues].put(VENUES[number - 1])

    async def token(self, venue: int = 1) -> str:
        token = await self.house.services[Terminals].invite(venue, "门岗", self.clock.now())
        assert isinstance(token, str)
        return token

    async def terminal(self, venue: int = 1) -> Terminal:
        await self.venue(venue)
        terminal = Terminal(self.client, self.clock)
        answer = await terminal.enrol(await self.token(venue))
        assert answer.status_code == 201, answer.text
        return terminal

    async def card_index(self, holder: Holder) -> int:
        cards = self.house.store.database["cards"]
        card = await cards.find_one({"_id": holder.card_id})
        assert card is not None
        return int(card["card_index"])


async def join_household(member_id: str, household: bytes) -> None:
    """Note a household as the register's answers lead to it; each id is a person of its own."""
    noted = {"person": member_id.encode(), "household": household}
    await HouseholdMember.get_pymongo_collection().update_one(
        {"_id": member_id}, {"$set": noted}, upsert=True
    )


def document(operation: str) -> str:
    return (OPERATIONS / f"{operation}.graphql").read_text(encoding="utf-8")


def new_key() -> str:
    return secrets.token_hex(8)


def scan(at: datetime, **changed: Any) -> dict[str, Any]:
    """Return a scan of the demonstration card on lane 2, as it goes over the wire."""
    plain = {
        "scan_id": secrets.token_hex(16),
        "lane": 2,
        "scanned_at": int(at.timestamp() * 1000),
        "medium": "card",
        "verdict": "look",
        "reason": "card_not_authenticated",
        "region": REGION,
        "card_index": None,
        "device_serial": None,
        "counter": None,
        "card_digest": DIGEST.hex(),
        "detail": {},
    }
    return {**plain, **changed}


def code_scan(at: datetime, card_index: int, counter: int = 7, **changed: Any) -> dict[str, Any]:
    """Return a scan of an admitted code on lane 1."""
    code = {
        "lane": 1,
        "medium": "ecode",
        "verdict": "admit",
        "reason": None,
        "card_index": card_index,
        "device_serial": 1,
        "counter": counter,
        "card_digest": None,
    }
    return scan(at, **{**code, **changed})
