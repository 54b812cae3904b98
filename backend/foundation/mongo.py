"""The store: one client, one database, documents bound to it with their indexes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beanie import Document, init_beanie
from pymongo import DESCENDING, AsyncMongoClient, ReturnDocument, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, ConnectionFailure, DuplicateKeyError, PyMongoError

from shared.localized_text import LocalizedText

# The driver's names that services need, so that only this room knows the driver.
__all__ = [
    "DESCENDING",
    "BulkWriteError",
    "Collection",
    "DuplicateKeyError",
    "PyMongoError",
    "ReturnDocument",
    "Session",
    "Store",
    "StoreUnreachable",
    "UpdateOne",
    "open_store",
]

Session = AsyncClientSession
Collection = AsyncCollection[dict[str, Any]]
SELECTION_MILLISECONDS = 5_000
READY_SECONDS = 0.5


class StoreUnreachable(Exception):
    """No connection to the store; its address stays out of the words, it may hold a password."""

    text = LocalizedText(
        "连不上 MongoDB 副本集。请检查 YIKATONG_MONGODB_URI 和该服务器。",
        "The MongoDB replica set cannot be reached. Check YIKATONG_MONGODB_URI and that server.",
    )


@dataclass(frozen=True, slots=True)
class Store:
    """An open connection; belongs to the event loop it was made on."""

    client: AsyncMongoClient[dict[str, Any]]
    database: AsyncDatabase[dict[str, Any]]

    async def is_ready(self) -> bool:
        """Tell whether writes would be taken now."""
        try:
            answer = await self.client.admin.command("hello", maxTimeMS=int(READY_SECONDS * 1000))
        except PyMongoError:
            return False
        return bool(answer.get("isWritablePrimary"))

    async def close(self) -> None:
        """Give the connections back."""
        await self.client.close()


async def open_store(uri: str, name: str, documents: Sequence[type[Document]]) -> Store:
    """Connect, bind `documents` to database `name` and make their indexes.

    Write concern and read concern stay the server's defaults (majority): measured, a crash then
    loses nothing that was acknowledged.

    Raises:
        StoreUnreachable: no connection within `SELECTION_MILLISECONDS`.
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        uri, tz_aware=True, serverSelectionTimeoutMS=SELECTION_MILLISECONDS
    )
    database = client[name]
    try:
        await init_beanie(database=database, document_models=list(documents))
    except ConnectionFailure as error:
        await client.close()
        raise StoreUnreachable from error
    return Store(client, database)
