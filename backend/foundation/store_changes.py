"""Which rows changed since somebody last looked, told by the store's own log (change streams).

Whoever keeps what they derived of many rows reads again only those. No writer has to mark anything,
so none can forget to. What nobody asked for in a while is not kept up: they begin anew.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from pymongo.asynchronous.change_stream import AsyncCollectionChangeStream
from pymongo.errors import PyMongoError

from backend.foundation.mongo import Collection

Row = Mapping[str, Any]
Stream = AsyncCollectionChangeStream[dict[str, Any]]
MOST_KEPT = 50_000
"""Changes that are remembered of a collection; who looked longer ago begins anew."""
_BATCH = 1_000
_WAIT_MILLISECONDS = 1
"""The log is read to its present end; nobody waits there for what comes next."""
_LONGEST_PAUSE_SECONDS = 600.0
"""After that reading everything anew costs less than reading what happened meanwhile."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A collection, the fields to tell of its changed rows, and which changes count (a match)."""

    collection: Callable[[], Collection]
    fields: tuple[str, ...]
    counts: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Position:
    """How much of the log had been read; of another `reading` it means nothing."""

    reading: object
    count: int


class StoreChanges:
    """The changes of one collection, shared by all who ask in this process."""

    def __init__(self, watched: Watched, most: int = MOST_KEPT) -> None:
        self._watched = watched
        self._rows: deque[Row] = deque(maxlen=most)
        self._count = 0
        self._reading = object()
        self._stream: Stream | None = None
        self._asked_at = 0.0
        self._one_at_a_time = asyncio.Lock()

    async def position(self) -> Position:
        """Return a position such that every write acknowledged by now lies before it.

        Raises:
            PyMongoError: the log cannot be read.
        """
        async with self._one_at_a_time:
            if monotonic() - self._asked_at > _LONGEST_PAUSE_SECONDS:
                await self._end()
            self._asked_at = monotonic()
            try:
                await self._catch_up()
            except PyMongoError:
                await self._end()
                raise
            return Position(self._reading, self._count)

    def between(self, before: Position, now: Position) -> Sequence[Row] | None:
        """Return rows that changed from one position to another, None if that is forgotten.

        A row has `_id` and those of the fields watched that it had when the log was read; a row
        that was deleted has only `_id`. One that changed often may be there often.
        """
        forgotten = self._count - len(self._rows)
        if not before.reading is now.reading is self._reading or before.count < forgotten:
            return None
        return [self._rows[at - forgotten] for at in range(before.count, now.count)]

    async def _catch_up(self) -> None:
        if self._stream is None:
            self._stream = await self._watched.collection().watch(
                [{"$match": self._watched.counts}, {"$project": {"documentKey": 1}}],
                max_await_time_ms=_WAIT_MILLISECONDS,
                batch_size=_BATCH,
            )
        ended = False
        while not ended:
            ids: set[Any] = set()
            while len(ids) < _BATCH and not ended:
                event = await self._stream.try_next()
                ended = event is None
                if event is not None:
                    ids.add(event["documentKey"]["_id"])
            if ids:
                await self._note(ids)

    async def _note(self, ids: set[Any]) -> None:
        found = self._watched.collection().find(
            {"_id": {"$in": list(ids)}},
            dict.fromkeys(self._watched.fields, 1),
            batch_size=_BATCH,
        )
        rows = await found.to_list()
        gone = ids - {row["_id"] for row in rows}
        rows += [{"_id": one} for one in gone]
        self._rows.extend(rows)
        self._count += len(rows)

    async def _end(self) -> None:
        """Forget all; whoever holds a position begins anew."""
        stream, self._stream = self._stream, None
        self._reading = object()
        self._rows.clear()
        if stream is not None:
            await stream.close()
