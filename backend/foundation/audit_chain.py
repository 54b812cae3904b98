"""The chain over the audit log: each row linked to the one before it, in the order of arrival.

A single sequencer reads arrivals from the store's own order of commits (a change stream), so that
acts wait for nobody and a row committed late is not passed by. The link and the chain's head are
written in one transaction that holds only while the head is where this sequencer left it: two of
them cannot fork the chain, whatever their clocks say; the lease merely keeps them from trying.

Where the store no longer remembers the place (its log of commits is finite) or none was kept, all
rows without a link are swept up first.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.asynchronous.change_stream import AsyncCollectionChangeStream
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from backend.foundation.audit import AuditRow, canonical
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import Session
from shared.clock import Clock
from shared.identifiers import random_identifier

HEAD = "head"
FIRST_PREVIOUS = bytes(32)
BATCH = 500
LEASE = timedelta(seconds=15)
RETRY_SECONDS = 5.0
LONGEST_GATHERING_SECONDS = 1.0
# How long a look for arrivals waits for the first: while following, and while catching up.
_FOLLOWING_MILLISECONDS = 1_000
_CATCHING_UP_MILLISECONDS = 100
# The place was forgotten: ChangeStreamFatalError, ChangeStreamHistoryLost.
_PLACE_LOST = frozenset({280, 286})
Row = dict[str, Any]
Stream = AsyncCollectionChangeStream[Row]
_log = logging.getLogger("yikatong.audit")


class AuditLink(Document):
    """The link of one row; its id is the place in the chain, from 1.

    `hash` is SHA-256 of `prev` (32 bytes, the hash of the link before) and the canonical row.
    """

    id: int  # type: ignore[assignment]  # the place in the chain, not an ObjectId
    row_id: str
    prev: bytes
    hash: bytes

    class Settings:
        """Where it is stored."""

        name = "audit_links"
        indexes: ClassVar = [IndexModel([("row_id", ASCENDING)], name="of_row", unique=True)]


class ChainHead(Document):
    """Where the chain ends, who may go on, and up to where arrivals were read.

    `place` is a change stream's token or the operation time to start from; `followed_at` when the
    arrivals had last been read to their end.
    """

    id: str  # type: ignore[assignment]  # always HEAD
    seq: int
    hash: bytes
    holder: str
    leased_until: datetime
    place: dict[str, Any] | None = None
    followed_at: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "audit_chain"


class LeaseLost(Exception):
    """Another sequencer went on meanwhile; nothing was written."""


@dataclass(frozen=True, slots=True)
class Head:
    """The chain's end as this sequencer knows it."""

    seq: int
    hash: bytes
    place: Mapping[str, Any] | None


def link_hash(previous: bytes, row: Mapping[str, Any]) -> bytes:
    """Return the hash that links a row to the chain that ends in `previous`."""
    return hashlib.sha256(previous + canonical(row)).digest()


class Sequencer:
    """Links rows as they arrive; runs in the server, one at a time over all servers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._name = random_identifier("seq")

    async def catch_up(self) -> int | None:
        """Link every row that is there and return how many, or None where another one does it."""
        head = await self._lease()
        return None if head is None else await self._follow(head, until_idle=True)

    async def keep_chained(self) -> None:
        """Link rows as they arrive, whenever no other server does, until cancelled."""
        while True:
            try:
                head = await self._lease()
                if head is not None:
                    await self._follow(head, until_idle=False)
            except LeaseLost:
                _log.info("another sequencer goes on")
            except PyMongoError as error:
                _log.warning("not chained", extra={FIELDS: {"error": describe_error(error)}})
            await asyncio.sleep(RETRY_SECONDS)

    async def leads(self) -> bool:
        """Tell whether it is this sequencer that links rows now."""
        wanted = {"_id": HEAD, "holder": self._name, "leased_until": {"$gt": self._clock.now()}}
        return await ChainHead.get_pymongo_collection().count_documents(wanted, limit=1) == 1

    async def _lease(self) -> Head | None:
        now = self._clock.now()
        collection = ChainHead.get_pymongo_collection()
        mine: Row = {"holder": self._name, "leased_until": now + LEASE}
        found = await collection.find_one_and_update(
            {"_id": HEAD, "$or": [{"holder": self._name}, {"leased_until": {"$lt": now}}]},
            {"$set": mine},
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            first: Row = {"_id": HEAD, "seq": 0, "hash": FIRST_PREVIOUS, **mine}
            try:
                await collection.insert_one(first)
            except DuplicateKeyError:
                return None
            found = first
        return Head(found["seq"], bytes(found["hash"]), found.get("place"))

    async def _follow(self, head: Head, *, until_idle: bool) -> int:
        linked = 0
        if head.place is None:
            head, linked = await self._sweep(head)
        try:
            async with _arrivals(head, until_idle=until_idle) as stream:
                while True:
                    rows = await self._next_rows(stream)
                    place = {"token": stream.resume_token}
                    head, count = await self._append(head, rows, place)
                    linked += count
                    if until_idle and not rows:
                        return linked
        except OperationFailure as error:
            if error.code not in _PLACE_LOST:
                raise
            _log.warning("place lost", extra={FIELDS: {"code": error.code}})
            return linked + await self._follow(replace(head, place=None), until_idle=until_idle)

    async def _next_rows(self, stream: Stream) -> list[Row]:
        """Return what has arrived, up to a batch; waits a second at most where nothing has."""
        rows: list[Row] = []
        began = self._clock.monotonic()
        while len(rows) < BATCH and (event := await stream.try_next()) is not None:
            rows.append(event["fullDocument"])
            if self._clock.monotonic() - began > LONGEST_GATHERING_SECONDS:
                break  # a trickle never ends; its rows must not wait for a full batch
        return rows

    async def _sweep(self, head: Head) -> tuple[Head, int]:
        """Link all rows that have no link, oldest first, and note from where to follow on."""
        database = AuditRow.get_pymongo_collection().database
        linked = 0
        async with database.client.start_session(causal_consistency=True) as session:
            # Every row committed up to this instant is seen by the majority reads below.
            since = (await database.command("ping", session=session))["operationTime"]
            while rows := await unlinked_rows(BATCH, session):
                head, count = await self._append(head, rows, None)
                linked += count
        return replace(head, place={"since": since}), linked

    async def _append(
        self, head: Head, rows: Sequence[Row], place: Mapping[str, Any] | None
    ) -> tuple[Head, int]:
        """Link the rows that have no link yet and move the head, in one transaction."""
        known = await _linked_ids([row["_id"] for row in rows]) if rows else set()
        links: list[Row] = []
        previous = head.hash
        for row in rows:
            if row["_id"] not in known:
                hashed = link_hash(previous, row)
                link = {"row_id": row["_id"], "prev": previous, "hash": hashed}
                links.append({"_id": head.seq + len(links) + 1, **link})
                previous = hashed
        moved = Head(head.seq + len(links), previous, place)
        client = AuditRow.get_pymongo_collection().database.client
        async with client.start_session() as session:
            await session.with_transaction(lambda s: self._write(head, moved, links, rows, s))
        return moved, len(links)

    async def _write(
        self, head: Head, moved: Head, links: list[Row], rows: Sequence[Row], session: Session
    ) -> None:
        now = self._clock.now()
        change: Row = {"seq": moved.seq, "hash": moved.hash, "leased_until": now + LEASE}
        if moved.place is not None:
            change["place"] = dict(moved.place)
        if not rows:
            change["followed_at"] = now
        # The condition is what keeps the chain from forking: who was overtaken writes nothing.
        written = await ChainHead.get_pymongo_collection().update_one(
            {"_id": HEAD, "holder": self._name, "seq": head.seq, "hash": head.hash},
            {"$set": change},
            session=session,
        )
        if written.matched_count != 1:
            raise LeaseLost
        if links:
            await AuditLink.get_pymongo_collection().insert_many(links, session=session)


async def unlinked_rows(limit: int, session: Session | None = None) -> list[Row]:
    """Return rows that have no link, oldest first: a pass over all rows, for the rare case."""
    majority = ReadConcern("majority")
    collection = AuditRow.get_pymongo_collection().with_options(read_concern=majority)
    lookup = {"from": "audit_links", "localField": "_id", "foreignField": "row_id", "as": "link"}
    found = await collection.aggregate(
        [
            {"$lookup": {**lookup, "pipeline": [{"$project": {"_id": 1}}]}},
            {"$match": {"link": {"$size": 0}}},
            {"$sort": {"at": 1, "_id": 1}},
            {"$limit": limit},
            {"$unset": "link"},
        ],
        session=session,
        allowDiskUse=True,
    )
    return [row async for row in found]


@asynccontextmanager
async def _arrivals(head: Head, *, until_idle: bool) -> AsyncIterator[Stream]:
    place = head.place or {}
    stream = await AuditRow.get_pymongo_collection().watch(
        [{"$match": {"operationType": "insert"}}, {"$project": {"fullDocument": 1}}],
        resume_after=place.get("token"),
        start_at_operation_time=place.get("since"),
        max_await_time_ms=_CATCHING_UP_MILLISECONDS if until_idle else _FOLLOWING_MILLISECONDS,
        batch_size=BATCH,
    )
    async with stream:
        yield stream


async def _linked_ids(row_ids: Sequence[str]) -> set[str]:
    found = AuditLink.get_pymongo_collection().find({"row_id": {"$in": row_ids}}, {"row_id": 1})
    return {link["row_id"] async for link in found}
