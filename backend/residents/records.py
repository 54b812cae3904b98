"""A resident's record as it is stored: sealed under the person's own keys, read with them."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.foundation.mongo import Session
from backend.foundation.person_keys import COLLECTION as KEYS
from backend.foundation.person_keys import (
    KeyDestroyed,
    KeyPurpose,
    PersonSealer,
    fresh_sealers,
    sealer_in,
    sealers_of,
    store_fresh,
)
from backend.foundation.person_keys import beside as keys_beside
from backend.foundation.sealing import SealBroken, Sealer
from backend.residents.documents import Origin, Resident, ResidentStatus
from backend.residents.rules import Assurance, Identity, PersonField, Source

COLLECTION = "residents"
_NUMBER_PURPOSE = "residents.number"
_PHONE_PURPOSE = "residents.phone"
_FIELDS = {
    PersonField.NAME: "name_sealed",
    PersonField.NUMBER: "number_sealed",
    PersonField.PHONE: "phone_sealed",
    PersonField.BIRTH: "birth_sealed",
}
_BESIDE = ("status", "assurance", "origins", "closed_at", "merged_into", "stated")
SHOWN = dict.fromkeys((*_FIELDS.values(), *_BESIDE), 1)
_OF_ACCOUNT = ("phone_sealed", "stated_phone_")
"""What goes with the account; the rest goes with the record."""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Registrant:
    """Who is to be registered, by values that the rules have passed, and how surely."""

    identity: Identity
    phone: str | None = field(repr=False)
    region: int
    assurance: Assurance
    source: Source


class ResidentRecords:
    """Reads, seals and opens records, for the services of this area."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def sealers(self, resident_ids: Sequence[str]) -> dict[str, PersonSealer]:
        """Return what opens the values of several people, whatever area stored them."""
        return await sealers_of(self._sealer, resident_ids)

    async def stored(self, resident_id: str, session: Session | None = None) -> Row | None:
        """Return a resident's sealed fields with their keys, for the services of this area."""
        rows = await self.read({"_id": resident_id}, session)
        return rows[0] if rows else None

    def open(self, found: Row, one: PersonField) -> str | None:
        """Return a field's value, None where there is none or it was erased.

        Args:
            found: a resident as `stored` returns it, or with keys by `with_keys`.
            one: which field.

        Raises:
            SealBroken: it was altered.
        """
        name = _FIELDS[one]
        sealed = found.get(name)
        if sealed is None:
            return None
        try:
            return self.own(found).open(
                sealed, collection=COLLECTION, field=name, document=found["_id"]
            )
        except KeyDestroyed:
            return None

    async def phones_of(self, resident_ids: Sequence[str]) -> dict[str, str]:
        """Return people's phones, for the house itself, in one read; not those that do not open."""
        phones: dict[str, str | None] = {}
        for row in await self.read({"_id": {"$in": sorted(set(resident_ids))}}, None):
            with suppress(SealBroken):
                phones[row["_id"]] = self.open(row, PersonField.PHONE)
        return {whose: phone for whose, phone in phones.items() if phone is not None}

    def open_stated(self, found: Row, stated: Row) -> str | None:
        """Return what another source said of a field, None where it was erased.

        Raises:
            SealBroken: it was altered.
        """
        try:
            return self.own(found).open(
                stated["sealed"],
                collection=COLLECTION,
                field=stated_name(stated["field"], stated["origin"]["source"]),
                document=found["_id"],
            )
        except KeyDestroyed:
            return None

    def seal(self, value: str, field_name: str, found: Row) -> bytes:
        """Return a value sealed for the record of a resident, given as for `open`.

        Raises:
            KeyDestroyed: the record or the account it belongs to was closed.
        """
        return _sealed(self.own(found), value, field_name)

    async def with_keys(self, rows: Iterable[Row], session: Session | None = None) -> None:
        """Put their keys to residents that were read without them, in one command."""
        found = {row["_id"]: row for row in rows}
        for resident_id, own in (await sealers_of(self._sealer, list(found), session)).items():
            found[resident_id][KEYS] = own

    def fresh_keys(self, resident_ids: Sequence[str], now: datetime) -> dict[str, PersonSealer]:
        """Return keys for people about to be loaded, for `first_keys` to store."""
        return fresh_sealers(self._sealer, resident_ids, now)

    async def first_keys(self, fresh: dict[str, PersonSealer]) -> dict[str, PersonSealer]:
        """Store fresh keys in bulk and return those that count; who has keys already keeps them.

        To be called before the people are stored: a loading that was cut off goes on with these.
        """
        stored = await store_fresh(fresh)
        return fresh if stored else await sealers_of(self._sealer, list(fresh))

    async def read(
        self, wanted: Row, session: Session | None, limit: int | None = None
    ) -> list[Row]:
        """Read residents with their keys in one round trip."""
        most: list[Row] = [] if limit is None else [{"$limit": limit}]
        stages = [{"$match": wanted}, *most, {"$project": SHOWN}, keys_beside("_id")]
        found = await Resident.get_pymongo_collection().aggregate(stages, session=session)
        return await found.to_list()

    def own(self, found: Row) -> PersonSealer:
        """Return what seals and opens the values of a resident given as for `open`."""
        own = found[KEYS]
        if not isinstance(own, PersonSealer):
            own = found[KEYS] = sealer_in(found, self._sealer, found["_id"])
        return own

    def phone_fields(self, phone: str, own: PersonSealer) -> Row:
        """Return the fields of a phone as stored."""
        return {
            "phone_index": self.phone_index(phone),
            "phone_sealed": _sealed(own, phone, "phone_sealed"),
        }

    def phone_index(self, phone: str) -> bytes:
        """Return by what residents with a phone are found."""
        return self._sealer.blind_index(phone, purpose=_PHONE_PURPOSE)

    def number_index(self, number: str) -> bytes:
        """Return by what a citizen number is found."""
        return self._sealer.blind_index(number, purpose=_NUMBER_PURPOSE)

    def sealed(self, registrant: Registrant, own: PersonSealer, now: datetime) -> Row:
        """Return a new resident as stored, sealed under their own keys."""
        number, phone = registrant.identity.number, registrant.phone
        origin = Origin(source=registrant.source, at=now).model_dump()
        origins = {"number": origin, "name": origin, "birth": origin}
        document: Row = {
            "_id": own.resident_id,
            "number_index": self.number_index(number.value),
            "number_sealed": _sealed(own, number.value, "number_sealed"),
            "name_sealed": _sealed(own, registrant.identity.name, "name_sealed"),
            "birth_sealed": _sealed(own, number.birth.isoformat(), "birth_sealed"),
            "region": registrant.region,
            "status": ResidentStatus.RESIDENT.value,
            "assurance": registrant.assurance.value,
            "origins": origins,
            "former_names": [],
            "registered_at": now,
            "changed_at": now,
        }
        if phone is not None:
            document |= self.phone_fields(phone, own)
            origins["phone"] = Origin(source=Source.RESIDENT, at=now).model_dump()
        return document


def stated_name(one: str, source: str) -> str:
    """Return the name that what a source says of a field is sealed for."""
    return f"stated_{one}_{source}"


def _sealed(own: PersonSealer, value: str, name: str) -> bytes:
    purpose = KeyPurpose.ACCOUNT if name.startswith(_OF_ACCOUNT) else KeyPurpose.REGISTER
    return own.seal(
        value, collection=COLLECTION, field=name, document=own.resident_id, purpose=purpose
    )
