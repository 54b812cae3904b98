"""Reading many documents in a batch program: a process of its own, reading only, Motor's one room.

The server's store is PyMongo's own async client; batch programs read through Motor, so that they
never share the server's pool, and Motor can be dropped with this file.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

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
