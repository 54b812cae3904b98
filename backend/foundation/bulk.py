"""Reading and loading many documents in a batch program: a process of its own, Motor's one room.

The server's store is PyMongo's own async client; batch programs go through Motor, so that they
never share the server's pool, and Motor can be dropped with this file.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo.errors import BulkWriteError

BATCH = 500
"""Documents a round trip: larger batches block the loop for hundreds of milliseconds."""


async def read_in_bulk(
    uri: str,
    database: str,
    collection: str,
    *,
    matching: Mapping[str, Any],
    fields: Mapping[str, Any],
) -> AsyncIterator[dict[str, Any]]:
    """Yield the documents that match, with only `fields`, on a connection of its own."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, tz_aware=True)
    try:
        found = client[database][collection].find(matching, fields, batch_size=BATCH)
        async for document in found:
            yield document
    finally:
        client.close()


class BulkLoader:
    """Inserts batches of documents with ids of their own; a batch begun before is completed."""

    def __init__(self, database: "AsyncIOMotorDatabase[dict[str, Any]]") -> None:
        self._database = database

    async def insert(self, collection: str, documents: Sequence[dict[str, Any]]) -> None:
        """Insert what is not there yet.

        Raises:
            BulkWriteError: another document has a value that must be unique.
        """
        if not documents:
            return
        try:
            await self._database[collection].insert_many(documents, ordered=False)
        except BulkWriteError as error:
            faults = (error.details or {}).get("writeErrors", [])
            if any("_id" not in fault.get("keyPattern", {}) for fault in faults):
                raise


@asynccontextmanager
async def bulk_loader(uri: str, database: str) -> AsyncIterator[BulkLoader]:
    """Yield a loader on a connection of its own."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, tz_aware=True)
    try:
        yield BulkLoader(client[database])
    finally:
        client.close()
