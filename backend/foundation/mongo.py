"""The store: one client, one database, documents bound to it with their indexes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from beanie import Document, init_beanie
from pymongo import AsyncMongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import PyMongoError

Session = AsyncClientSession
Collection = AsyncCollection[dict[str, Any]]
SELECTION_MILLISECONDS = 5_000
READY_SECONDS = 0.5


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
    """
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        uri, tz_aware=True, serverSelectionTimeoutMS=SELECTION_MILLISECONDS
    )
    database = client[name]
    await init_beanie(database=database, document_models=list(documents))
    return Store(client, database)
