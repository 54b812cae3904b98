"""Registering residents and telling the other areas what they may know of one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from backend.foundation.mongo import DuplicateKeyError, ReturnDocument, Session
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import SealBroken, Sealer
from backend.residents.documents import Origin, Resident, ResidentStatus
from backend.residents.rules import (
    LONGEST_NAME,
    Assurance,
    Identity,
    PersonField,
    Source,
    identity_of,
    phone_of,
)
from shared.identifiers import random_identifier
from shared.identity.age import local_day
from shared.identity.masking import mask_id_number, mask_name, mask_phone
from shared.identity.phone import parse_phone

COLLECTION = "residents"
_NUMBER_PURPOSE = "residents.number"
_PHONE_PURPOSE = "residents.phone"
_FAMILY = 10
_FIELDS = {
    PersonField.NAME: "name_sealed",
    PersonField.NUMBER: "number_sealed",
    PersonField.PHONE: "phone_sealed",
    PersonField.BIRTH: "birth_sealed",
}
_SIGNS_IN = {"status": {"$ne": ResidentStatus.DECEASED.value}}
_SHOWN = dict.fromkeys((*_FIELDS.values(), "status", "assurance"), 1)


@dataclass(frozen=True, slots=True)
class Registration:
    """The resident a registration led to, and whether they were registered before.

    `differs` names the fields in which a record of before has another value than was given now; it
    was left as it is. Both are for the house and its staff: whoever registers over the network is
    told the same in either case.
    """

    resident_id: str
    existed: bool
    differs: tuple[PersonField, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """What other areas may know of a resident: masked, and the birth date for age rules."""

    masked_name: str
    masked_number: str
    birth: date = field(repr=False)
    present: bool
    masked_phone: str | None = None
    status: ResidentStatus = ResidentStatus.RESIDENT
    assurance: Assurance = Assurance.FIRST


@dataclass(frozen=True, slots=True)
class Registrant:
    """Who is to be registered, by values that the rules have passed, and how surely."""

    identity: Identity
    phone: str | None = field(repr=False)
    region: int
    assurance: Assurance
    source: Source


class Residents:
    """The register of residents."""

    def __init__(self, sealer: Sealer, longest_name: int = LONGEST_NAME) -> None:
        self._sealer = sealer
        self.longest_name = longest_name

    async def register(
        self, number: str, name: str, region: int, now: datetime, phone: str | None = None
    ) -> Registration | Refusal:
        """Register a person by their document; the same number leads to the same resident (S1)."""
        registrant = self.registrant(number, name, phone, now)
        if isinstance(registrant, Refusal):
            return registrant
        identity, number_called = registrant
        return await self.record(
            Registrant(identity, number_called, region, Assurance.SECOND, Source.DOCUMENT), now
        )

    def registrant(
        self, number: str, name: str, phone: str | None, now: datetime
    ) -> tuple[Identity, str | None] | Refusal:
        """Read what was typed: who it is and their phone."""
        identity = identity_of(number, name, local_day(now), self.longest_name)
        called = None if phone is None else phone_of(phone)
        if isinstance(identity, Refusal):
            return identity
        return called if isinstance(called, Refusal) else (identity, called)

    async def record(
        self, registrant: Registrant, now: datetime, session: Session | None = None
    ) -> Registration:
        """Store a person, or find the record there is, by one and the same command.

        Raises:
            SealBroken: the record found was altered.
        """
        document = self.sealed(registrant, random_identifier("res"), now)
        try:
            found = await _upserted(document, session)
        except DuplicateKeyError:
            if session is not None:
                raise
            # Two at once: the other one was first, and now there is a record to find.
            found = await _upserted(document, session)
        number = registrant.identity.number.value
        if self.open(found, PersonField.NUMBER) != number:
            raise SealBroken(f"{COLLECTION}.number_index: altered or moved")
        existed = found["_id"] != document["_id"]
        return Registration(
            found["_id"], existed, self._differs(found, registrant) if existed else ()
        )

    async def person(self, resident_id: str, session: Session | None = None) -> Person:
        """Return what may be known of a resident.

        Raises:
            LookupError: there is no such resident.
            SealBroken: the stored values were altered.
        """
        found = await self.stored(resident_id, session)
        if found is None:
            raise LookupError("no such resident")
        return self._person(found)

    async def persons(self, resident_ids: Sequence[str]) -> dict[str, Person]:
        """Return what may be known of several residents, by their ids, in one read.

        Raises:
            SealBroken: a stored value was altered.
        """
        found = Resident.get_pymongo_collection().find({"_id": {"$in": list(resident_ids)}}, _SHOWN)
        return {row["_id"]: self._person(row) async for row in found}

    async def of_login(self, login: str) -> list[str]:
        """Return the ids of who signs in by a citizen number or a phone number, at most a few.

        A phone may be that of several residents, as in families. The dead are nobody's login: what
        asks here does the same for them as for names that nobody has.
        """
        phone = parse_phone(login)
        if phone is None:
            index = {"number_index": self.number_index(login)}
        else:
            index = {"phone_index": self._sealer.blind_index(phone, purpose=_PHONE_PURPOSE)}
        wanted = {**index, **_SIGNS_IN}
        found = await Resident.get_pymongo_collection().find(wanted, {"_id": 1}).to_list(_FAMILY)
        return [str(row["_id"]) for row in found]

    async def assure(self, resident_id: str, now: datetime, session: Session) -> None:
        """Raise a resident to the second level of assurance 二级, if they are not there yet."""
        await Resident.get_pymongo_collection().update_one(
            {"_id": resident_id, "assurance": Assurance.FIRST.value},
            {"$set": {"assurance": Assurance.SECOND.value, "changed_at": now}},
            session=session,
        )

    async def change_phone(
        self, resident_id: str, phone: str, now: datetime, session: Session
    ) -> str | None:
        """Put another phone on the record and return the one that stood there.

        Raises:
            LookupError: there is no such resident.
        """
        found = await self.stored(resident_id, session)
        if found is None:
            raise LookupError("no such resident")
        origin = Origin(source=Source.RESIDENT, at=now).model_dump()
        change = {
            "phone_index": self._sealer.blind_index(phone, purpose=_PHONE_PURPOSE),
            "phone_sealed": self.seal(phone, "phone_sealed", resident_id),
            "origins.phone": origin,
            "changed_at": now,
        }
        await Resident.get_pymongo_collection().update_one(
            {"_id": resident_id}, {"$set": change}, session=session
        )
        return self.open(found, PersonField.PHONE)

    def fingerprint(self, *values: str) -> str:
        """Return a keyed hash of values, by which the same request is known again."""
        return self._sealer.blind_index("\0".join(values), purpose="residents.request").hex()

    async def may_sign_in(self, resident_id: str, session: Session | None = None) -> bool:
        """Tell whether there is a resident who may sign in: the dead may not."""
        found = await Resident.get_pymongo_collection().find_one(
            {"_id": resident_id, **_SIGNS_IN}, {"_id": 1}, session=session
        )
        return found is not None

    async def stored(
        self, resident_id: str, session: Session | None = None
    ) -> dict[str, Any] | None:
        """Return a resident's sealed fields, for the services of this area."""
        collection = Resident.get_pymongo_collection()
        return await collection.find_one({"_id": resident_id}, _SHOWN, session=session)

    def open(self, found: dict[str, Any], one: PersonField) -> str | None:
        """Return a field's value, for the services of this area.

        Raises:
            SealBroken: it was altered.
        """
        name = _FIELDS[one]
        sealed = found.get(name)
        if sealed is None:
            return None
        return self._sealer.open(sealed, collection=COLLECTION, field=name, document=found["_id"])

    def seal(self, value: str, field_name: str, resident_id: str) -> bytes:
        """Return a value sealed for a resident's record."""
        return self._sealer.seal(
            value, collection=COLLECTION, field=field_name, document=resident_id
        )

    def number_index(self, number: str) -> bytes:
        """Return by what a citizen number is found."""
        return self._sealer.blind_index(number, purpose=_NUMBER_PURPOSE)

    def sealed(self, registrant: Registrant, resident_id: str, now: datetime) -> dict[str, Any]:
        """Return a new resident as stored."""
        number, phone = registrant.identity.number, registrant.phone
        origin = Origin(source=registrant.source, at=now).model_dump()
        origins = {"number": origin, "name": origin, "birth": origin}
        document: dict[str, Any] = {
            "_id": resident_id,
            "number_index": self.number_index(number.value),
            "number_sealed": self.seal(number.value, "number_sealed", resident_id),
            "name_sealed": self.seal(registrant.identity.name, "name_sealed", resident_id),
            "birth_sealed": self.seal(number.birth.isoformat(), "birth_sealed", resident_id),
            "region": registrant.region,
            "status": ResidentStatus.RESIDENT.value,
            "assurance": registrant.assurance.value,
            "origins": origins,
            "former_names": [],
            "registered_at": now,
            "changed_at": now,
        }
        if phone is not None:
            document["phone_index"] = self._sealer.blind_index(phone, purpose=_PHONE_PURPOSE)
            document["phone_sealed"] = self.seal(phone, "phone_sealed", resident_id)
            origins["phone"] = Origin(source=Source.RESIDENT, at=now).model_dump()
        return document

    def _person(self, found: dict[str, Any]) -> Person:
        name, number, phone, birth = (self.open(found, one) for one in PersonField)
        status = ResidentStatus(found["status"])
        return Person(
            masked_name=mask_name(name or ""),
            masked_number=mask_id_number(number or ""),
            birth=date.fromisoformat(birth or ""),
            present=status is ResidentStatus.RESIDENT,
            masked_phone=None if phone is None else mask_phone(phone),
            status=status,
            assurance=Assurance(found.get("assurance", Assurance.FIRST)),
        )

    def _differs(self, found: dict[str, Any], registrant: Registrant) -> tuple[PersonField, ...]:
        given = {PersonField.NAME: registrant.identity.name, PersonField.PHONE: registrant.phone}
        return tuple(
            one
            for one, value in given.items()
            if value is not None and value != self.open(found, one)
        )


async def _upserted(document: dict[str, Any], session: Session | None) -> dict[str, Any]:
    """Insert a new resident or find the one with that number, by one command either way."""
    index = document["number_index"]
    fresh = {name: value for name, value in document.items() if name != "number_index"}
    found: dict[str, Any] | None = await Resident.get_pymongo_collection().find_one_and_update(
        {"number_index": index},
        {"$setOnInsert": fresh},
        projection=_SHOWN,
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if found is None:
        raise LookupError("an upsert returned nothing")
    return found
