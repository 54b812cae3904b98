"""Cards: taking over those in their holders' hands, and finding the one a phone speaks for."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from backend.cards import deeds
from backend.cards import refusals as no
from backend.cards.card_writes import MAX_CARD_INDEX, PhysicalCard, card_to_judge, cards_of
from backend.cards.documents import Card
from backend.cards.lifecycle import ENDED, LIVE, PENDING, CardFacts, CardState
from backend.cards.paper_register import is_paper, paper_is_live, papers_of
from backend.cards.rules import DeviceState, expiry_of
from backend.figures import CardFigures
from backend.foundation import audit
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.one_trip import read_few
from backend.foundation.person_keys import sealer_of
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.mandates.representing import ShowingPhone, phones_showing
from backend.residents.same_person import (
    people_behind,
    same_person,
    surviving_beside,
    surviving_in,
)
from shared.ecode.algorithms import Algorithm, PublicKey
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
    "devices.renew_after": 1,
}
_SHOWN = dict.fromkeys(
    ("resident_id", "region", "state", "expires_at", "devices.serial", "devices.state"), 1
)
_OPENERS = {
    "region": 1,
    "card_index": 1,
    "card_digest": 1,
    "devices.serial": 1,
    "devices.state": 1,
    "devices.algorithm": 1,
    "devices.public_key": 1,
}


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
    device: DeviceState
    certified_until: datetime | None
    renew_after: datetime | None


@dataclass(frozen=True, slots=True)
class CardOpeners:
    """What a card can be shown with: phones' keys by their serials, its chip's digest.

    `until` is when the first of delegates' phones among them shows it no more by itself.
    """

    region: int
    card_index: int
    digest: bytes | None
    phones: Mapping[int, PublicKey]
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CardHolder:
    """Whose card was scanned; `stopped_at` is since when it does not count, if it does not."""

    card_id: str
    resident_id: str
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card shown at a counter; `device` is the state of the phone that showed its code.

    `beside` is what the stages that were asked for put beside the card's row.
    """

    resident_id: str
    region: int
    state: CardState
    expires_at: datetime | None
    device: DeviceState | None = None
    beside: Mapping[str, Any] = field(default_factory=dict)


class Cards:
    """The register of the city's cards.

    `region_name` is the city that issues them, `figures` what it decided about them.
    """

    def __init__(
        self, sealer: Sealer, region: int, region_name_en: str, figures: CardFigures
    ) -> None:
        self._sealer = sealer
        self.figures = figures
        self._region = region
        found = region_of(region)
        zh = (found.city or found.full_name) if found else region_digits(region)
        self.region_name = LocalizedText(zh, region_name_en)

    async def issue(self, resident_id: str, physical: PhysicalCard, now: datetime) -> str | Refusal:
        """Register a card that its holder has and uses; return its id. One such card a person.

        New cards come by `CardServices.apply`; this takes over the stock issued before.
        """
        card_id = random_identifier("card")
        own = await sealer_of(self._sealer, resident_id)
        number_sealed = own.seal(
            physical.number, collection=_COLLECTION, field="number_sealed", document=card_id
        )
        card = Card(
            id=card_id,
            resident_id=resident_id,
            region=self._region,
            card_index=secrets.randbelow(MAX_CARD_INDEX),
            card_digest=physical.digest,
            generation=physical.generation,
            version=1 + max((card.version for card in await cards_of(resident_id)), default=0),
            state=CardState.ACTIVE,
            account_reference=random_identifier("acc"),
            number_sealed=number_sealed,
            number_tail=card_tail(physical.number),
            devices=[],
            issued_at=now,
            changed_at=now,
            expires_at=expiry_of(now, self.figures),
        )
        deed = deeds.of_operator("cards.taken_over", deeds.TAKEN_OVER, resident_id, now)

        async def act(session: Session) -> None:
            await card.insert(session=session)
            await audit.record(deed, session)

        while True:
            try:
                await audit.in_one_write(act)
            except DuplicateKeyError as error:
                fields = (error.details or {}).get("keyPattern", {})
                if "resident_id" in fields:
                    return no.CARD_EXISTS
                if "card_digest" in fields:
                    return no.CARD_IN_USE
                # Card indexes are drawn, never reused: one in four billion meets another.
                card.card_index = secrets.randbelow(MAX_CARD_INDEX)
            else:
                return card_id

    async def live_card(self, resident_id: str) -> str | None:
        """Return the id of a resident's valid card, if there is one."""
        people = await same_person(resident_id)
        found = await Card.get_pymongo_collection().find_one(
            {"resident_id": {"$in": people}, "state": {"$in": list(LIVE)}}, {"_id": 1}
        )
        return None if found is None else str(found["_id"])

    async def holds_card(self, resident_id: str, session: Session | None = None) -> bool:
        """Tell whether a resident has a card that counts or is on its way to them."""
        return bool(await self.holders_among([resident_id], session))

    async def holders_among(
        self, resident_ids: Sequence[str], session: Session | None = None
    ) -> frozenset[str]:
        """Return who of them has a card that counts or is on its way, by any of their records."""
        people = await people_behind(resident_ids, session)
        records = sorted({one for records in people.values() for one in records})
        found = Card.get_pymongo_collection().find(
            {"resident_id": {"$in": records}, "state": {"$in": [*PENDING, *LIVE]}},
            {"resident_id": 1},
            session=session,
        )
        holders = {row["resident_id"] async for row in found}
        return frozenset(one for one in resident_ids if holders & set(people[one]))

    async def present_card(self, resident_id: str) -> str | Refusal:
        """Return the id of a resident's card: the live one, else that on its way, else the last."""
        known = await cards_of(resident_id)
        return known[-1].id if known else no.NO_CARD

    async def present_state(self, resident_id: str) -> CardState | None:
        """Return the state of that card; None where there was never one."""
        known = await cards_of(resident_id)
        return known[-1].state if known else None

    async def facts(self, card_id: str) -> CardFacts:
        """Return what of a card decides which services can be had.

        Raises:
            LookupError: there is no such card.
        """
        found = await card_to_judge(card_id)
        if found is None:
            raise LookupError("no such card")
        return found[1]

    async def live_numbers(self, resident_ids: Sequence[str]) -> list[tuple[int, bytes | None]]:
        """Return what readers know the valid cards of residents by: card index and digest."""
        people = await people_behind(resident_ids)
        records = sorted({one for family in people.values() for one in family})
        found = Card.get_pymongo_collection().find(
            {"resident_id": {"$in": records}, "state": {"$in": list(LIVE)}},
            {"card_index": 1, "card_digest": 1},
        )
        digests = [(card["card_index"], card.get("card_digest")) async for card in found]
        return [(index, None if digest is None else bytes(digest)) for index, digest in digests]

    async def openers(self, card_indexes: Sequence[int], now: datetime) -> list[CardOpeners]:
        """Return what the valid ones of some cards can be shown with, in three reads."""
        found = Card.get_pymongo_collection().find(
            {"card_index": {"$in": list(card_indexes)}, "state": {"$in": list(LIVE)}}, _OPENERS
        )
        shown, papers = await phones_showing(card_indexes, now), await papers_of(card_indexes, now)
        return [
            _openers(card, shown.get(index, {}) | papers.get(index, {}))
            async for card in found
            for index in [card["card_index"]]
        ]

    async def indexes(self, resident_ids: Sequence[str]) -> dict[str, int]:
        """Return the card indexes of residents' valid cards, by the ids asked for."""
        people = await people_behind(resident_ids)
        records = sorted({one for family in people.values() for one in family})
        found = Card.get_pymongo_collection().find(
            {"resident_id": {"$in": records}, "state": {"$in": list(LIVE)}},
            {"resident_id": 1, "card_index": 1},
        )
        held = {card["resident_id"]: card["card_index"] async for card in found}
        return {
            one: held[record]
            for one, family in people.items()
            for record in family
            if record in held
        }

    async def changed_after(self, instant: datetime) -> bool:
        """Tell whether the state of any card changed after `instant`."""
        changed = {"changed_at": {"$gt": instant}}
        return await Card.get_pymongo_collection().find_one(changed, {"_id": 1}) is not None

    async def of_phones(self, thumbprints: Sequence[str]) -> list[PhoneCard | None]:
        """Return the cards that phones speak for, by their keys, in one read.

        A phone of a merged record's card speaks for the record that is kept.
        """
        found = await Card.get_pymongo_collection().aggregate(
            [
                {"$match": {"devices.thumbprint": {"$in": list(thumbprints)}}},
                {"$project": _PHONE_FIELDS},
                surviving_beside("resident_id"),
            ]
        )
        by_key = {
            device["thumbprint"]: _phone_card(card, device)
            async for card in found
            for device in card["devices"]
        }
        return [by_key.get(thumbprint) for thumbprint in thumbprints]

    async def renew_at(self, resident_id: str, now: datetime, session: Session) -> None:
        """Tell a resident's phones that their certificates are to be renewed from now on.

        What they hold says something of the holder that is no longer so, and ends by itself.
        """
        held = {"state": {"$in": list(LIVE)}, "devices.certified_until": {"$gt": now}}
        people = await same_person(resident_id, session)
        await Card.get_pymongo_collection().update_many(
            {"resident_id": {"$in": people}, **held},
            {"$set": {"devices.$[certified].renew_after": now}},
            array_filters=[{"certified.certified_until": {"$gt": now}}],
            session=session,
        )

    async def shown_by_digest(
        self, digest: bytes, beside: Sequence[Mapping[str, Any]] = ()
    ) -> ShownCard | None:
        """Return a physical card, whatever its state; `beside` are stages over its row."""
        return await _shown({"card_digest": digest}, None, beside)

    async def shown_by_index(
        self, card_index: int, serial: int, beside: Sequence[Mapping[str, Any]] = ()
    ) -> ShownCard | None:
        """Return the card of an e-card code, with the state of its phone or paper `serial`."""
        card = await _shown({"card_index": card_index}, serial, beside)
        if card is None or not is_paper(serial):
            return card
        live = await paper_is_live(card_index, serial)
        return replace(card, device=DeviceState.BOUND if live else DeviceState.UNBOUND)

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
            {"resident_id": 1, "card_index": 1, "card_digest": 1, "state": 1, "changed_at": 1},
        )
        holders: dict[int | bytes, CardHolder] = {}
        async for card in found:
            stopped = card["state"] in {CardState.SUSPENDED, *ENDED}
            stopped_at = card["changed_at"] if stopped else None
            holder = CardHolder(card["_id"], card["resident_id"], stopped_at)
            holders[card["card_index"]] = holder
            if "card_digest" in card:
                holders[bytes(card["card_digest"])] = holder
        return holders


def _openers(card: Mapping[str, Any], shown: Mapping[int, ShowingPhone]) -> CardOpeners:
    digest = card.get("card_digest")
    return CardOpeners(
        region=card["region"],
        card_index=card["card_index"],
        digest=None if digest is None else bytes(digest),
        phones={
            device["serial"]: PublicKey(Algorithm(device["algorithm"]), bytes(device["public_key"]))
            for device in card["devices"]
            if device["state"] == DeviceState.BOUND
        }
        | {serial: phone.key for serial, phone in shown.items()},
        until=min((phone.ends_at for phone in shown.values()), default=None),
    )


def _phone_card(card: Mapping[str, Any], device: Mapping[str, Any]) -> PhoneCard:
    return PhoneCard(
        card_id=card["_id"],
        resident_id=surviving_in(card, card["resident_id"]),
        region=card["region"],
        state=CardState(card["state"]),
        card_index=card["card_index"],
        number_tail=card["number_tail"],
        serial=device["serial"],
        device=DeviceState(device["state"]),
        certified_until=device.get("certified_until"),
        renew_after=device.get("renew_after"),
    )


async def _shown(
    wanted: Mapping[str, Any], serial: int | None, beside: Sequence[Mapping[str, Any]]
) -> ShownCard | None:
    read: tuple[Mapping[str, Any], ...] = ({"$match": wanted}, {"$limit": 1}, {"$project": _SHOWN})
    rows = await read_few(Card.get_pymongo_collection(), [*read, *beside])
    if not rows:
        return None
    found = rows[0]
    phones = {one["serial"]: DeviceState(one["state"]) for one in found["devices"]}
    return ShownCard(
        resident_id=found["resident_id"],
        region=found["region"],
        state=CardState(found["state"]),
        expires_at=found.get("expires_at"),
        # A phone that the card does not know speaks for it no longer.
        device=None if serial is None else phones.get(serial, DeviceState.UNBOUND),
        beside=found,
    )
