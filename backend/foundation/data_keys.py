"""The data keys of this installation: wrapped in the store, in the clear only in memory.

A new data key is known to every server before the first one seals with it: it carries the moment
from which it is used, and each server reads the keys again more often than that. Wrapping them
under a new key-encryption key changes these few documents alone.
"""

import asyncio
import logging
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from beanie import Document

from backend.foundation.keys import InheritedKeys
from backend.foundation.kms import Kms, UnwrapFailed, WrappedKey, kms_refused
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import DuplicateKeyError, PyMongoError, Session
from backend.foundation.sealing import MAX_KEY_NUMBER, IndexKey, Keyring, SealingKey
from backend.foundation.suites import (
    INDEX_KEY_BYTES,
    NEW_INDEX,
    NEW_SEALING,
    IndexAlgorithm,
    SealingAlgorithm,
)
from backend.settings import StartRefused, Suite
from shared.clock import Clock

FIRST_KEY = 1
INDEX_KEY_ID = 0
REFRESH_SECONDS = 15.0
USED_AFTER = timedelta(seconds=60)
_log = logging.getLogger("yikatong.data_keys")


class KeyUse(StrEnum):
    """What a data key does; the one index key has the id `INDEX_KEY_ID`."""

    SEALING = "sealing"
    INDEX = "index"


class DataKey(Document):
    """A wrapped key; its id is the number that stands in each value it sealed."""

    id: int  # type: ignore[assignment]  # the key's number, not an ObjectId
    use: KeyUse
    algorithm: int
    kek: str
    wrapped: bytes
    made_at: datetime
    used_from: datetime

    class Settings:
        """Where it is stored."""

        name = "data_keys"


class DataKeysExhausted(Exception):
    """All the numbers that fit a sealed value's one byte are taken."""


class DataKeys:
    """Makes, reads and re-wraps the data keys; `keyring` is what the rest of the house seals by."""

    def __init__(self, kms: Kms, suite: Suite, clock: Clock) -> None:
        self._kms = kms
        self._suite = suite
        self._clock = clock
        self.keyring: Keyring

    async def open(self, inherited: InheritedKeys | None) -> None:
        """Read the keys into the ring; make the first ones, or take over those from before.

        Raises:
            StartRefused: a key does not unwrap, or the Kms has no key to wrap with.
        """
        found = await _stored()
        if not found:
            await self._insert_first(inherited)
            found = await _stored()
        index = found.get(INDEX_KEY_ID)
        if index is None or len(found) == 1:  # an old sealing key may be gone, not all of them
            missing = ("检索", "index") if index is None else ("加密", "sealing")
            raise kms_refused(
                f"数据密钥不完整，缺少{missing[0]}密钥。请从备份恢复 data_keys。",
                f"The data keys are incomplete: no {missing[1]} key. Restore data_keys from a "
                "backup.",
            )
        index_key = IndexKey(IndexAlgorithm(index.algorithm), self._unwrap(index))
        self.keyring = Keyring(self._sealing(found), self._current(found), index_key)

    async def refresh(self) -> None:
        """Take over keys that were made meanwhile, and the newest whose moment has come."""
        found = await _stored()
        known = self.keyring.numbers
        fresh = {number: key for number, key in found.items() if number not in known}
        self.keyring.take(self._sealing(fresh), self._current(found))

    async def keep_fresh(self) -> None:
        """Refresh for ever; a failure is logged and tried again."""
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await self.refresh()
            except (PyMongoError, StartRefused) as error:
                _log.error("data keys not read", extra={FIELDS: {"error": describe_error(error)}})

    async def rewrap(self) -> tuple[str, int]:
        """Make a new key-encryption key and wrap every data key under it; values stay as they are.

        Returns:
            The new key's name and how many data keys it wraps. The old one can be destroyed then.
        """
        name = self._kms.make_key()
        count = 0
        for stored in (await _stored()).values():
            wrapped = self._kms.wrap(self._unwrap(stored), _bound(stored))
            # Only over what was read: a rotation running at the same time keeps its own result.
            result = await DataKey.get_pymongo_collection().update_one(
                {"_id": stored.id, "wrapped": stored.wrapped},
                {"$set": {"kek": wrapped.kek, "wrapped": wrapped.sealed}},
            )
            count += result.modified_count
        return name, count

    async def make(self, used_after: timedelta = USED_AFTER) -> tuple[int, datetime]:
        """Make a data key that seals new values from a moment on; return its number and moment.

        Raises:
            DataKeysExhausted: there are as many as one byte can number.
        """
        while True:
            number = max(await _stored()) + 1
            if number > MAX_KEY_NUMBER:
                raise DataKeysExhausted
            algorithm = NEW_SEALING[self._suite]
            key = secrets.token_bytes(algorithm.key_bytes)
            data_key = self._wrapped(number, KeyUse.SEALING, algorithm, key, used_after)
            try:
                await data_key.insert()
            except DuplicateKeyError:
                continue  # another one was made at the same time
            return number, data_key.used_from

    async def _insert_first(self, inherited: InheritedKeys | None) -> None:
        sealing: tuple[SealingAlgorithm, bytes]
        index: tuple[IndexAlgorithm, bytes]
        if inherited:
            sealing = SealingAlgorithm.AES_256_GCM, inherited.sealing
            index = IndexAlgorithm.HMAC_SHA256, inherited.index
            _log.warning("sealing.key and index.key are wrapped in the store now; remove the files")
        else:
            algorithm = NEW_SEALING[self._suite]
            sealing = algorithm, secrets.token_bytes(algorithm.key_bytes)
            index = NEW_INDEX[self._suite], secrets.token_bytes(INDEX_KEY_BYTES)
        none = timedelta()
        keys = [
            self._wrapped(INDEX_KEY_ID, KeyUse.INDEX, *index, none),
            self._wrapped(FIRST_KEY, KeyUse.SEALING, *sealing, none),
        ]
        rows = [{"_id": key.id, **key.model_dump(exclude={"id"}, mode="python")} for key in keys]
        collection = DataKey.get_pymongo_collection()

        async def insert(session: Session) -> None:
            for row in rows:
                await collection.insert_one(row, session=session)

        # One without the other would be a store that no server can open.
        async with collection.database.client.start_session() as session:
            try:
                await session.with_transaction(insert)
            except DuplicateKeyError:
                return  # another server's first start: its keys count

    def _wrapped(
        self, number: int, use: KeyUse, algorithm: int, key: bytes, used_after: timedelta
    ) -> DataKey:
        now = self._clock.now()
        data_key = DataKey(
            id=number,
            use=use,
            algorithm=int(algorithm),
            kek="",
            wrapped=b"",
            made_at=now,
            used_from=now + used_after,
        )
        wrapped = self._kms.wrap(key, _bound(data_key))
        data_key.kek, data_key.wrapped = wrapped.kek, wrapped.sealed
        return data_key

    def _sealing(self, found: dict[int, DataKey]) -> dict[int, SealingKey]:
        return {
            number: SealingKey(SealingAlgorithm(stored.algorithm), self._unwrap(stored))
            for number, stored in found.items()
            if number != INDEX_KEY_ID
        }

    def _current(self, found: dict[int, DataKey]) -> int:
        now = self._clock.now()
        due = [key.id for key in found.values() if key.id and key.used_from <= now]
        return max(due, default=FIRST_KEY)

    def _unwrap(self, stored: DataKey) -> bytes:
        try:
            return self._kms.unwrap(WrappedKey(stored.kek, stored.wrapped), _bound(stored))
        except UnwrapFailed as error:
            raise kms_refused(
                f"数据密钥 {stored.id} 打不开：密钥 {stored.kek} 不在，或记录被改动。",
                f"Data key {stored.id} does not open: the key {stored.kek} is not here, or the "
                "record was altered. Restore it from a backup.",
            ) from error


async def open_data_keys(
    kms: Kms, suite: Suite, inherited: InheritedKeys | None, clock: Clock
) -> DataKeys:
    """Return the store's data keys, open."""
    data_keys = DataKeys(kms, suite, clock)
    await data_keys.open(inherited)
    return data_keys


async def _stored() -> dict[int, DataKey]:
    # The bound lets the query use the index of ids.
    bounds: dict[str, Any] = {"_id": {"$gte": INDEX_KEY_ID}}
    return {key.id: key async for key in DataKey.find(bounds)}


def _bound(key: DataKey) -> bytes:
    """Return what a wrapped key is tied to: it opens as no other key and for no other use."""
    return f"data_keys\0{key.id}\0{key.use.value}\0{key.algorithm}".encode()
