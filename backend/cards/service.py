"""Cards: issuing them, changing their state, and finding the one a phone speaks for."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.cards.documents import Card, CardState, DeviceState
from backend.cards.rules import CARD_EXISTS, CARD_IN_USE, CARD_UNKNOWN, may_change_state
from backend.foundation.mongo import DuplicateKeyError
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from shared.identifiers import random_identifier
from shared.identity.masking import card_tail
from shared.identity.regions import region_digits, region_of
from shared.localized_text import LocalizedText

_COLLECTION = "cards"
_PHONE_FIELDS = {
    "resident_id": 1,
    "region": 1,
    "state": 1,
    "card_index": 1,
    "number_tail": 1,
    "devices.serial": 1,
    "devices.thumbprint": 1,
    "devices.state": 1,
    "devices.certified_until": 1,
}


@dataclass(frozen=True, slots=True)
class PhysicalCard:
    """The physical card to be registered: number, digest of its 识别码, generation (1 to 3)."""

    number: str
    digest: bytes | None
    generation: int


@dataclass(frozen=True, slots=True)
class PhoneCard:
    """The card a phone speaks for, and the phone's own part in it."""

    card_id: str
    resident_id: str
    region: int
    state: CardState
    card_index: int
    number_tail: str
    serial: int
    device_bound: bool
    certified_until: datetime


@dataclass(frozen=True, slots=True)
class CardHolder:
    """Whose card was scanned."""

    card_id: str
    resident_id: str


class Cards:
    """The register of the city's cards; `region_name` is the city that issues them."""

    def __init__(self, sealer: Sealer, region: int, region_name_en: str) -> None:
        self._sealer = sealer
        self._region = region
        found = region_of(region)
        zh = (found.city or found.full_name) if found else region_digits(region)
        self.region_name = LocalizedText(zh, region_name_en)

    async def issue(self, resident_id: str, physical: PhysicalCard, now: datetime) -> str | Refusal:
        """Register a card for a resident and return its id; one valid card a person."""
        card_id = random_identifier("card")
        number_sealed = self._sealer.seal(
            physical.number, collection=_COLLECTION, field="number_sealed", document=card_id
        )
        card = Card(
            id=card_id,
            resident_id=resident_id,
            region=self._region,
            card_index=secrets.randbelow(2**32),
            card_digest=physical.digest,
            generation=physical.generation,
            state=CardState.ACTIVE,
            number_sealed=number_sealed,
            number_tail=card_tail(physical.number),
            devices=[],
            issued_at=now,
            changed_at=now,
        )
        while True:
            try:
                await card.insert()
            except DuplicateKeyError as error:
                fields = (error.details or {}).get("keyPattern", {})
                if "resident_id" in fields:
                    return CARD_EXISTS
                if "card_digest" in fields:
                    return CARD_IN_USE
                # Card indexes are drawn, never reused: one in four billion meets another.
                card.card_index = secrets.randbelow(2**32)
            else:
                return card_id

    async def live_card(self, resident_id: str) -> str | None:
        """Return the id of a resident's valid card, if there is one."""
        states = [CardState.ACTIVE, CardState.SUSPENDED]
        found = await Card.get_pymongo_collection().find_one(
            {"resident_id": resident_id, "state": {"$in": states}}, {"_id": 1}
        )
        return None if found is None else str(found["_id"])

    async def change_state(self, card_id: str, to: CardState, now: datetime) -> Refusal | None:
        """Suspend, restore or revoke a card; the next status list says so."""
        card = await Card.get(card_id)
        if card is None:
            return CARD_UNKNOWN
        refused = may_change_state(card.state, to)
        if refused is None and card.state != to:
            await Card.get_pymongo_collection().update_one(
                {"_id": card_id, "state": card.state}, {"$set": {"state": to, "changed_at": now}}
            )
        return refused

    async def unbind_device(self, card_id: str, serial: int, now: datetime) -> bool:
        """Take a phone's right to speak for the card; tell whether it had it."""
        bound = {"$elemMatch": {"serial": serial, "state": DeviceState.BOUND}}
        change = {
            "devices.$.state": DeviceState.UNBOUND,
            "devices.$.unbound_at": now,
            "changed_at": now,
        }
        result = await Card.get_pymongo_collection().update_one(
            {"_id": card_id, "devices": bound}, {"$set": change}
        )
        return result.modified_count == 1

    async def of_phones(self, thumbprints: Sequence[str]) -> list[PhoneCard | None]:
        """Return the cards that phones speak for, by their keys, in one read."""
        found = Card.get_pymongo_collection().find(
            {"devices.thumbprint": {"$in": list(thumbprints)}}, _PHONE_FIELDS
        )
        by_key = {
            device["thumbprint"]: _phone_card(card, device)
            async for card in found
            for device in card["devices"]
        }
        return [by_key.get(thumbprint) for thumbprint in thumbprints]

    async def holders(
        self, indexes: Iterable[int], digests: Iterable[bytes]
    ) -> Mapping[int | bytes, CardHolder]:
        """Return the holders of scanned cards, by card index and by digest, in one read."""
        found = Card.get_pymongo_collection().find(
            {
                "$or": [
                    {"card_index": {"$in": list(set(indexes))}},
                    {"card_digest": {"$in": list(set(digests))}},
                ]
            },
            {"resident_id": 1, "card_index": 1, "card_digest": 1},
        )
        holders: dict[int | bytes, CardHolder] = {}
        async for card in found:
            holder = CardHolder(card["_id"], card["resident_id"])
            holders[card["card_index"]] = holder
            if "card_digest" in card:
                holders[bytes(card["card_digest"])] = holder
        return holders


def _phone_card(card: Mapping[str, Any], device: Mapping[str, Any]) -> PhoneCard:
    return PhoneCard(
        card_id=card["_id"],
        resident_id=card["resident_id"],
        region=card["region"],
        state=CardState(card["state"]),
        card_index=card["card_index"],
        number_tail=card["number_tail"],
        serial=device["serial"],
        device_bound=device["state"] == DeviceState.BOUND,
        certified_until=device["certified_until"],
    )
