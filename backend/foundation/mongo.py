"""The store: one client, one database, documents bound to it with their indexes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from beanie import Document, init_beanie
from pymongo import ASCENDING, DESCENDING, AsyncMongoClient, ReplaceOne, ReturnDocument, UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.cursor import AsyncCursor
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
)

from shared.localized_text import LocalizedText

# The driver's names that services need, so that only this room knows the driver.
__all__ = [
    "ASCENDING",
    "DESCENDING",
    "AsyncCursor",
    "BulkWriteError",
    "Collection",
    "ConnectionFailure",
    "DuplicateKeyError",
    "PyMongoError",
    "ReplaceOne",
    "ReturnDocument",
    "Session",
    "Store",
    "StoreUnusable",
    "UpdateOne",
    "open_store",
]

Session = AsyncClientSession
Collection = AsyncCollection[dict[str, Any]]
SELECTION_MILLISECONDS = 5_000
READY_SECONDS = 0.5


class StoreUnusable(Exception):
    """The store cannot be worked with; its address stays out of `text`, it may hold a password."""

    def __init__(self, text: LocalizedText) -> None:
        super().__init__(text.en)
        self.text = text


_UNREACHABLE = LocalizedText(
    "连不上 MongoDB。请检查 YIKATONG_MONGODB_URI 和该服务器。",
    "MongoDB cannot be reached. Check YIKATONG_MONGODB_URI and that server.",
)
_WRONG_URI = LocalizedText(
    "YIKATONG_MONGODB_URI 不是 MongoDB 连接地址，或账号没有权限。请改正后再启动。",
    "YIKATONG_MONGODB_URI is no MongoDB address, or its account lacks rights. Correct it.",
)
_NO_REPLICA_SET = LocalizedText(
    "YIKATONG_MONGODB_URI 指向的 MongoDB 不是副本集，无法使用事务。请启用副本集。",
    "The MongoDB of YIKATONG_MONGODB_URI is no replica set and has no transactions. Make it one.",
)


@dataclass(frozen=True, slots=True)
class Store:
    """An open connection; belongs to the event loop it was made on.

    `uri` is for batch programs, which open their own; it may hold a password.
    """

    client: AsyncMongoClient[dict[str, Any]]
    database: AsyncDatabase[dict[str, Any]]
    uri: str = field(repr=False)

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
        StoreUnusable: no connection in time, no such right, or no replica set.
    """
    try:
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            uri, tz_aware=True, serverSelectionTimeoutMS=_selection_of(uri)
        )
    except (PyMongoError, ValueError) as error:
        raise StoreUnusable(_WRONG_URI) from error
    store = Store(client, client[name], uri)
    try:
        await _check_kind(store)
        await init_beanie(database=store.database, document_models=list(documents))
    except ConnectionFailure as error:
        await store.close()
        raise StoreUnusable(_UNREACHABLE) from error
    except OperationFailure as error:
        await store.close()
        raise StoreUnusable(_WRONG_URI) from error
    return store


def _selection_of(uri: str) -> int:
    """Return the milliseconds an address says itself: what goes beside it would prevail."""
    said = {name.lower(): values for name, values in parse_qs(urlsplit(uri).query).items()}
    return int(said.get("serverselectiontimeoutms", [str(SELECTION_MILLISECONDS)])[-1])


async def _check_kind(store: Store) -> None:
    hello = await store.client.admin.command("hello")
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        await store.close()
        raise StoreUnusable(_NO_REPLICA_SET)
