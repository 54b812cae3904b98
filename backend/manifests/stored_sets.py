"""Stored offline sets: a head that names the series, and the records of it.

What changes within a series is written in one transaction with the head. A new series is filled
first and then named by the head, so that no transaction has to hold a large set.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from backend.foundation.mongo import DuplicateKeyError, Session, Store, UpdateOne
from backend.manifests.documents import OfflineRecord, OfflineSetHead
from backend.manifests.rules import Changes, fingerprint, series_of
from shared.wire.offline_set import seal_record

BATCH = 1_000
Row = Mapping[str, Any]


async def head_of(venue: int) -> Row | None:
    """Return the head of a venue's set, if there is one."""
    return await OfflineSetHead.get_pymongo_collection().find_one({"_id": venue})


async def _put_head(
    venue: int, head: Row | None, fields: Row, session: Session | None = None
) -> None:
    """Write the head if it still is the one that was read; else a duplicate key is raised."""
    await OfflineSetHead.get_pymongo_collection().update_one(
        {"_id": venue, "epoch": head["epoch"] if head else 0},
        {"$set": fields},
        upsert=True,
        session=session,
    )


async def fingerprints(venue: int, salt: bytes) -> dict[bytes, bytes | None]:
    """Return what a series holds: fingerprints by locators, None of removed records."""
    found = OfflineRecord.get_pymongo_collection().find(
        {"venue": venue, "series": series_of(salt)},
        {"locator": 1, "fingerprint": 1},
        batch_size=BATCH,
    )
    return {bytes(row["locator"]): _bytes(row["fingerprint"]) async for row in found}


async def changed_after(venue: int, salt: bytes, epoch: int) -> list[Row]:
    """Return the records of a series that changed after an epoch."""
    found = OfflineRecord.get_pymongo_collection().find(
        {"venue": venue, "series": series_of(salt), "epoch": {"$gt": epoch}},
        {"locator": 1, "sealed": 1},
        batch_size=BATCH,
    )
    return [row async for row in found]


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


async def change(store: Store, venue: int, head: Row | None, fields: Row, changed: Changes) -> None:
    """Write what changed within a series.

    Raises:
        DuplicateKeyError: another server was faster.
    """
    known = {**(head or {}), **fields}
    rows = await asyncio.to_thread(_rows, venue, known, changed)
    writes = [UpdateOne({"_id": row["_id"]}, {"$set": row}, upsert=True) for row in rows]

    async def transact(session: Session) -> None:
        await _put_head(venue, head, fields, session)
        if writes:
            records = OfflineRecord.get_pymongo_collection()
            await records.bulk_write(writes, ordered=False, session=session)

    async with store.client.start_session() as session:
        await session.with_transaction(transact)


async def begin(venue: int, head: Row | None, fields: Row, changed: Changes) -> None:
    """Fill a new series, then have the head name it, then remove those of before.

    Raises:
        DuplicateKeyError: another server was faster; nothing of this one stays.
    """
    records = OfflineRecord.get_pymongo_collection()
    rows = await asyncio.to_thread(_rows, venue, fields, changed)
    for start in range(0, len(rows), BATCH):
        await records.insert_many(rows[start : start + BATCH], ordered=False)
    series = series_of(fields["salt"])
    try:
        await _put_head(venue, head, fields)
    except DuplicateKeyError:
        await records.delete_many({"venue": venue, "series": series})
        raise
    await records.delete_many({"venue": venue, "series": {"$ne": series}})


def _rows(venue: int, head: Row, changed: Changes) -> list[dict[str, Any]]:
    """Return records as they are stored."""
    series = series_of(bytes(head["salt"]))

    def row(locator: bytes, sealed: bytes | None, known: bytes | None) -> dict[str, Any]:
        return {
            "_id": f"{venue}.{locator.hex()}",
            "venue": venue,
            "series": series,
            "locator": locator,
            "epoch": head["epoch"],
            "sealed": sealed,
            "fingerprint": known,
            "kept_until": head["kept_until"],
        }

    return [
        *(
            row(key.locator, seal_record(key, content), fingerprint(key, content))
            for key, content in changed.put.items()
        ),
        *(row(locator, None, None) for locator in changed.removed),
    ]
