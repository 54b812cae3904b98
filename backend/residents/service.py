"""Registering residents and telling the other areas what they may know of one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from backend.foundation.audit import in_one_write
from backend.foundation.mongo import DuplicateKeyError, ReturnDocument, Session
from backend.foundation.person_keys import COLLECTION as KEYS
from backend.foundation.person_keys import (
    KeyPurpose,
    PersonSealer,
    keep_keys,
    new_keys,
    renew_key,
)
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import SealBroken, Sealer
from backend.residents.documents import ON_RECORD, Origin, Resident, ResidentStatus
from backend.residents.eligibility import keep_first_ground
from backend.residents.facts import Judges, write_records
from backend.residents.field_ledger import FieldLedger
from backend.residents.records import COLLECTION, SHOWN, Registrant, ResidentRecords, Row
from backend.residents.rules import (
    LONGEST_NAME,
    Assurance,
    Identity,
    PersonField,
    Source,
    identity_of,
    phone_of,
)
from backend.residents.source_rules import Word
from shared.identifiers import random_identifier
from shared.identity.age import local_day
from shared.identity.masking import mask_id_number, mask_name, mask_phone
from shared.identity.phone import parse_phone

_FAMILY = 10
_SIGNS_IN = {"status": {"$ne": ResidentStatus.DECEASED.value}, "closed_at": None}
NO_BIRTH = date.min
"""In place of the birth date of a record that was erased."""


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
    """What other areas may know of a resident: masked, and the birth date for age rules.

    Of a record that was erased nothing is known: names are stars, and `birth` is `NO_BIRTH`.
    """

    masked_name: str
    masked_number: str
    birth: date = field(repr=False)
    present: bool
    masked_phone: str | None = None
    status: ResidentStatus = ResidentStatus.RESIDENT
    assurance: Assurance = Assurance.FIRST


@dataclass(frozen=True, slots=True)
class RecordedIdentity:
    """Who a record is of, in full, for an identity assertion (S4) and nothing else.

    `values` are those of name, number and birth date, and empty where `closed`: the account was.
    """

    died: bool
    closed: bool
    values: Mapping[PersonField, str] = field(repr=False)


class Residents(ResidentRecords):
    """The register of residents; `judges` are told when what people are judged by changes."""

    def __init__(
        self, sealer: Sealer, longest_name: int = LONGEST_NAME, judges: Sequence[Judges] = ()
    ) -> None:
        super().__init__(sealer)
        self.longest_name = longest_name
        self._judges = judges

    async def write(self, changes: Mapping[str, Row], session: Session) -> None:
        """Write updates of records, by their ids: the one way for what people are judged by."""
        await write_records(changes, self._judges, session)

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
        """Store a person, or find the record there is, by the same commands.

        Whoever closed their account and registers again has one again from here.

        Raises:
            SealBroken: the record found was altered.
        """
        if session is not None:
            return await self._record(registrant, now, session)
        try:
            return await in_one_write(lambda own: self._record(registrant, now, own))
        except DuplicateKeyError:
            # Two at once: the other one was first, and now there is a record to find.
            return await in_one_write(lambda own: self._record(registrant, now, own))

    async def _record(
        self, registrant: Registrant, now: datetime, session: Session
    ) -> Registration:
        keys = new_keys(self._sealer, random_identifier("res"), now)
        fresh = PersonSealer(self._sealer, keys["_id"], keys)
        document = self.sealed(registrant, fresh, now)
        found = await _upserted(document, session)
        found[KEYS] = await keep_keys(self._sealer, keys, found["_id"], session)
        kind = registrant.identity.number.kind
        await keep_first_ground(kind, found[KEYS], now, session)
        number = registrant.identity.number.value
        if self.open(found, PersonField.NUMBER) != number:
            raise SealBroken(f"{COLLECTION}.number_index: altered or moved")
        existed = found["_id"] != document["_id"]
        if found.get("closed_at") is not None:
            await self._reopen(found, registrant.phone, now, session)
        return Registration(
            found["_id"], existed, self._differs(found, registrant) if existed else ()
        )

    async def _reopen(self, found: Row, phone: str | None, now: datetime, session: Session) -> None:
        """Give an account again to one who closed it while their card went on counting."""
        found[KEYS] = await renew_key(self._sealer, found["_id"], KeyPurpose.ACCOUNT, session)
        fields: Row = {"changed_at": now}
        if phone is not None:
            fields |= self.phone_fields(phone, found[KEYS])
            fields["origins.phone"] = Origin(source=Source.RESIDENT, at=now).model_dump()
        await Resident.get_pymongo_collection().update_one(
            {"_id": found["_id"]}, {"$set": fields, "$unset": {"closed_at": ""}}, session=session
        )
        found |= fields

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

    async def identity(self, resident_id: str) -> RecordedIdentity | None:
        """Return what identity assertions are made of; whoever asks writes down what leaves.

        Raises:
            SealBroken: the stored values were altered.
        """
        found = await self.stored(resident_id)
        if found is None:
            return None
        asked = (PersonField.NAME, PersonField.NUMBER, PersonField.BIRTH)
        opened = {one: self.open(found, one) for one in asked}
        values = {one: value for one, value in opened.items() if value is not None}
        closed = found.get("closed_at") is not None or len(values) < len(asked)
        died = found["status"] == ResidentStatus.DECEASED
        return RecordedIdentity(died, closed, {} if closed else values)

    async def own_name(self, resident_id: str) -> str | None:
        """Return a name in full, for its bearer alone; None where the account was closed.

        Raises:
            SealBroken: the stored value was altered.
        """
        found = await self.stored(resident_id)
        if found is None or found.get("closed_at") is not None:
            return None
        return self.open(found, PersonField.NAME)

    async def persons(self, resident_ids: Sequence[str]) -> dict[str, Person]:
        """Return what may be known of several residents, by their ids, in one read.

        Raises:
            SealBroken: a stored value was altered.
        """
        rows = await self.read({"_id": {"$in": list(resident_ids)}}, None)
        return {row["_id"]: self._person(row) for row in rows}

    async def having(self, index: Mapping[str, bytes]) -> dict[str, Person]:
        """Return who has a number or a phone by its blind index, by their ids, at most a few.

        Raises:
            SealBroken: a stored value was altered.
        """
        rows = await self.read(dict(index), None, limit=_FAMILY)
        kept = {row["merged_into"] for row in rows if "merged_into" in row}
        if kept:
            # Found by the number or phone of a merged record: it is the kept one's person.
            rows = [row for row in rows if "merged_into" not in row]
            missing = sorted(kept - {row["_id"] for row in rows})
            rows += await self.read({"_id": {"$in": missing}}, None)
        return {row["_id"]: self._person(row) for row in rows}

    async def of_login(self, login: str) -> list[str]:
        """Return the ids of who signs in by a citizen number or a phone number, at most a few.

        A phone may be that of several residents, as in families. The dead are nobody's login: what
        asks here does the same for them, and for who closed their account, as for names nobody has.
        """
        phone = parse_phone(login)
        if phone is None:
            index = {"number_index": self.number_index(login)}
        else:
            index = {"phone_index": self.phone_index(phone)}
        wanted = {**index, **_SIGNS_IN}
        shown = {"merged_into": 1}
        found = await Resident.get_pymongo_collection().find(wanted, shown).to_list(_FAMILY)
        ids = {row["_id"] for row in found}
        # One person's records share a phone: the kept one stands for them all.
        return [str(row["_id"]) for row in found if row.get("merged_into") not in ids]

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
        before, ledger = self.open(found, PersonField.PHONE), FieldLedger(self, found)
        change: Row = {
            **self.phone_fields(phone, self.own(found)),
            "origins.phone": Origin(source=Source.RESIDENT, at=now).model_dump(),
            "changed_at": now,
        }
        if before is not None:
            ledger.settle(PersonField.PHONE, Word(Source.RESIDENT, now, phone))
            change |= (ledger.update(now) or {}).get("$set", {})
        await Resident.get_pymongo_collection().update_one(
            {"_id": resident_id}, {"$set": change}, session=session
        )
        return before

    def fingerprint(self, *values: str) -> str:
        """Return a keyed hash of values, by which the same request is known again."""
        return self._sealer.blind_index("\0".join(values), purpose="residents.request").hex()

    async def may_sign_in(self, resident_id: str, session: Session | None = None) -> bool:
        """Tell whether a resident may sign in: neither the dead nor who closed their account."""
        found = await Resident.get_pymongo_collection().find_one(
            {"_id": resident_id, **_SIGNS_IN}, {"_id": 1}, session=session
        )
        return found is not None

    async def phone_of(self, resident_id: str, session: Session) -> str | None:
        """Return a resident's phone, for the house itself; None where it cannot be read."""
        found = await self.stored(resident_id, session)
        try:
            return None if found is None else self.open(found, PersonField.PHONE)
        except SealBroken:
            return None

    async def with_account(
        self, resident_ids: Sequence[str], session: Session | None = None
    ) -> frozenset[str]:
        """Return who of them has not closed their account, or has one again."""
        found = Resident.get_pymongo_collection().find(
            {"_id": {"$in": list(resident_ids)}, "closed_at": None}, {"_id": 1}, session=session
        )
        return frozenset([row["_id"] async for row in found])

    def _person(self, found: Row) -> Person:
        name, number, phone, birth = (self.open(found, one) for one in PersonField)
        status = ResidentStatus(found["status"])
        return Person(
            masked_name=mask_name(name or ""),
            masked_number=mask_id_number(number or ""),
            birth=date.fromisoformat(birth) if birth else NO_BIRTH,
            present=status in ON_RECORD,
            masked_phone=None if phone is None else mask_phone(phone),
            status=status,
            assurance=Assurance(found.get("assurance", Assurance.FIRST)),
        )

    def _differs(self, found: Row, registrant: Registrant) -> tuple[PersonField, ...]:
        given = {PersonField.NAME: registrant.identity.name, PersonField.PHONE: registrant.phone}
        return tuple(
            one
            for one, value in given.items()
            if value is not None and value != self.open(found, one)
        )


async def _upserted(document: Row, session: Session) -> Row:
    """Insert a new resident or find the one with that number, by one command either way."""
    index = document["number_index"]
    fresh = {name: value for name, value in document.items() if name != "number_index"}
    found: Row | None = await Resident.get_pymongo_collection().find_one_and_update(
        {"number_index": index},
        {"$setOnInsert": fresh},
        projection=SHOWN,
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    if found is None:
        raise LookupError("an upsert returned nothing")
    return found
