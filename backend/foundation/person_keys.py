"""Keys of each person 一人一密: what is sealed under them ends with them (crypto-erasure, L8).

One document a resident, in a collection of its own: whoever keeps backups gives this one a shorter
life than all others, and what was erased is then unreadable in the old backups of the rest too.
Two random keys, by purpose, each wrapped under the installation's data key and bound to its person
and purpose. Destroying a key is removing it from here; nothing else has to be found or rewritten.

Keys are read with the record they open, in the same round trip (`beside`), and kept by nobody: the
next read after an erasure finds none. Turning data keys wraps these again and touches no value.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any, ClassVar

from beanie import Document
from pymongo import IndexModel, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError
from typing_extensions import override

from backend.foundation.mongo import Session
from backend.foundation.sealing import (
    OWN_KEY,
    SealBroken,
    Sealer,
    SealingKey,
    named,
    opened,
    place_of,
)
from backend.foundation.suites import Aead, SealingAlgorithm, aead, seal_bytes

COLLECTION = "person_keys"
BATCH = 1000
_HEAD_BYTES = 3
_DUPLICATE = 11000
Row = Mapping[str, Any]


class KeyPurpose(IntEnum):
    """What a person's key is for; the number stands in each value it sealed."""

    REGISTER = 1  # 登记: what the issuer must keep while a card counts
    ACCOUNT = 2  # 账户: what only the account needs

    @property
    def stored_as(self) -> str:
        """The field of the wrapped key."""
        return _STORED_AS[self]


_STORED_AS = {one: f"{one.name.lower()}_key" for one in KeyPurpose}
_PURPOSES = {one.value: one for one in KeyPurpose}


class KeyDestroyed(SealBroken):
    """The person's key is gone: what it sealed was erased."""


class PersonKeys(Document):
    """The wrapped keys of one resident, those that were not destroyed; its id is the resident's.

    `data_key` is the lowest number of a data key that wraps one of them.
    """

    id: str  # type: ignore[assignment]  # the resident's id, not an ObjectId
    register_key: bytes | None = None
    account_key: bytes | None = None
    data_key: int
    made_at: datetime

    class Settings:
        """Where it is stored."""

        name = COLLECTION
        keep_nulls = False
        indexes: ClassVar = [IndexModel("data_key")]


class PersonSealer(Sealer):
    """Seals the values of one person with their own keys, and opens those of the house too."""

    def __init__(
        self,
        house: Sealer,
        resident_id: str,
        wrapped: Row | None,
        keys: Mapping[KeyPurpose, SealingKey] | None = None,
    ) -> None:
        super().__init__(house.keyring)
        self.resident_id = resident_id
        self._wrapped = wrapped or {}
        self._ciphers: dict[int, tuple[int, Aead]] = {
            purpose: (key.algorithm, aead(key.algorithm, key.key))
            for purpose, key in (keys or {}).items()
        }

    @property
    def wrapped(self) -> Row:
        """The keys as they are stored."""
        return self._wrapped

    @override
    def seal(
        self,
        value: str,
        *,
        collection: str,
        field: str,
        document: str,
        purpose: KeyPurpose = KeyPurpose.REGISTER,
    ) -> bytes:
        """Return `value` sealed under the person's key of a purpose.

        Raises:
            KeyDestroyed: the person has no such key any more.
        """
        place = place_of(collection, field, document)
        algorithm, cipher = self._own(purpose, place)
        return bytes((algorithm, OWN_KEY, purpose)) + seal_bytes(cipher, value.encode(), place)

    @override
    def open(self, sealed: bytes, *, collection: str, field: str, document: str) -> str:
        """Return the value, whatever key it is sealed under.

        Raises:
            KeyDestroyed: it was erased.
            SealBroken: it was altered or belongs elsewhere, or its key or algorithm is unknown.
        """
        place = place_of(collection, field, document)
        if len(sealed) < _HEAD_BYTES or sealed[1] != OWN_KEY:
            return self.open_key(sealed, place).decode()
        purpose = _PURPOSES.get(sealed[2])
        if purpose is None:
            raise SealBroken(f"{named(place)}: unknown purpose")
        algorithm, cipher = self._own(purpose, place)
        if algorithm != sealed[0]:
            raise SealBroken(f"{named(place)}: unknown algorithm")
        return opened(cipher, sealed[_HEAD_BYTES:], place).decode()

    def _own(self, purpose: KeyPurpose, place: bytes) -> tuple[int, Aead]:
        held = self._ciphers.get(purpose)
        if held is None:
            wrapped = self._wrapped.get(purpose.stored_as)
            if wrapped is None:
                raise KeyDestroyed(f"{named(place)}: its key was destroyed")
            key = self.open_key(wrapped, _place(self.resident_id, purpose))
            held = self._ciphers[purpose] = key[0], aead(SealingAlgorithm(key[0]), key[1:])
        return held


def new_keys(house: Sealer, resident_id: str, now: datetime) -> dict[str, Any]:
    """Return both keys of a person as they are stored."""
    return dict(fresh_sealers(house, [resident_id], now)[resident_id].wrapped)


def fresh_sealers(
    house: Sealer, resident_ids: Sequence[str], now: datetime
) -> dict[str, PersonSealer]:
    """Return what seals for new people, by keys that `store_fresh` has yet to store."""
    return {one: _fresh(house, one, now) for one in resident_ids}


def _fresh(house: Sealer, resident_id: str, now: datetime) -> PersonSealer:
    keys = {purpose: house.new_key() for purpose in KeyPurpose}
    wrapped = {
        purpose.stored_as: _wrapped(house, resident_id, purpose, key)
        for purpose, key in keys.items()
    }
    row = {"_id": resident_id, **wrapped, "data_key": house.current, "made_at": now}
    return PersonSealer(house, resident_id, row, keys)


def beside(local_field: str) -> dict[str, Any]:
    """Return the stage of an aggregation that puts the keys of a resident beside a row.

    `local_field` may hold the ids of several.
    """
    return {
        "$lookup": {
            "from": COLLECTION,
            "localField": local_field,
            "foreignField": "_id",
            "pipeline": [{"$project": dict.fromkeys((one.stored_as for one in KeyPurpose), 1)}],
            "as": COLLECTION,
        }
    }


def sealer_in(row: Row, house: Sealer, resident_id: str) -> PersonSealer:
    """Return what opens the values of a row that `beside` put the keys to."""
    found = [keys for keys in row[COLLECTION] if keys["_id"] == resident_id]
    return PersonSealer(house, resident_id, found[0] if found else None)


async def sealer_of(
    house: Sealer, resident_id: str, session: Session | None = None
) -> PersonSealer:
    """Return what opens the values of one person, whose keys are read now."""
    wrapped = await PersonKeys.get_pymongo_collection().find_one(
        {"_id": resident_id}, session=session
    )
    return PersonSealer(house, resident_id, wrapped)


async def sealers_of(
    house: Sealer, resident_ids: Sequence[str], session: Session | None = None
) -> dict[str, PersonSealer]:
    """Return what opens the values of several people, whose keys are read in one command."""
    found = PersonKeys.get_pymongo_collection().find(
        {"_id": {"$in": list(resident_ids)}}, session=session
    )
    wrapped = {row["_id"]: row async for row in found}
    return {one: PersonSealer(house, one, wrapped.get(one)) for one in resident_ids}


async def keep_keys(house: Sealer, keys: Row, resident_id: str, session: Session) -> PersonSealer:
    """Store the keys of a new person, or find those of the person there is, by one command."""
    fresh = {name: value for name, value in keys.items() if name != "_id"}
    stored = await PersonKeys.get_pymongo_collection().find_one_and_update(
        {"_id": resident_id},
        {"$setOnInsert": fresh},
        upsert=True,
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return PersonSealer(house, resident_id, stored)


async def store_fresh(fresh: Mapping[str, PersonSealer]) -> bool:
    """Store the keys of `fresh_sealers` in one command; those who have keys already keep them.

    Returns:
        Whether all of them were stored: where not, ask `sealers_of` which keys count.
    """
    try:
        await PersonKeys.get_pymongo_collection().insert_many(
            [own.wrapped for own in fresh.values()], ordered=False
        )
    except BulkWriteError as error:
        faults = (error.details or {}).get("writeErrors", [])
        if any(fault["code"] != _DUPLICATE for fault in faults):
            raise
        return False
    return True


async def renew_key(
    house: Sealer, resident_id: str, purpose: KeyPurpose, session: Session
) -> PersonSealer:
    """Give a person a new key where theirs was destroyed; what that one sealed stays unreadable."""
    stored = await PersonKeys.get_pymongo_collection().find_one_and_update(
        {"_id": resident_id},
        {"$set": {purpose.stored_as: _new_key(house, resident_id, purpose)}},
        return_document=ReturnDocument.AFTER,
        session=session,
    )
    return PersonSealer(house, resident_id, stored)


async def destroy_key(resident_id: str, purpose: KeyPurpose, session: Session) -> None:
    """Destroy one key of a person."""
    await PersonKeys.get_pymongo_collection().update_one(
        {"_id": resident_id}, {"$unset": {purpose.stored_as: ""}}, session=session
    )


async def destroy_keys(resident_id: str, session: Session) -> None:
    """Destroy all keys of a person."""
    await PersonKeys.get_pymongo_collection().delete_one({"_id": resident_id}, session=session)


async def rewrap_keys(house: Sealer, batch: int = BATCH) -> int:
    """Wrap the keys of people under the data key that seals now; return how many people's.

    A key destroyed meanwhile stays destroyed: each write holds only over what was read.
    """
    keys, count = PersonKeys.get_pymongo_collection(), 0
    while True:
        found = await keys.find({"data_key": {"$lt": house.current}}).limit(batch).to_list()
        if not found:
            return count
        done = await keys.bulk_write([_rewrapped(house, row) for row in found], ordered=False)
        count += done.modified_count


def _rewrapped(house: Sealer, row: dict[str, Any]) -> UpdateOne:
    fresh: dict[str, Any] = {"data_key": house.current}
    read: dict[str, Any] = {"_id": row["_id"]}
    for purpose in KeyPurpose:
        name = purpose.stored_as
        read[name] = row.get(name)
        if row.get(name) is not None:
            place = _place(row["_id"], purpose)
            fresh[name] = house.seal_key(house.open_key(row[name], place), place)
    return UpdateOne(read, {"$set": fresh})


def _new_key(house: Sealer, resident_id: str, purpose: KeyPurpose) -> bytes:
    return _wrapped(house, resident_id, purpose, house.new_key())


def _wrapped(house: Sealer, resident_id: str, purpose: KeyPurpose, key: SealingKey) -> bytes:
    return house.seal_key(bytes((key.algorithm,)) + key.key, _place(resident_id, purpose))


def _place(resident_id: str, purpose: KeyPurpose) -> bytes:
    return place_of(COLLECTION, purpose.stored_as, resident_id)
