"""Sequencers that ignore one another's leases, each in a process of its own."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from typing_extensions import override

from backend.foundation import audit_chain
from backend.foundation.audit_chain import ChainHead, Head, LeaseLost, Row, Sequencer
from backend.foundation.mongo import Session, Store, StoreUnusable, open_store
from backend.stored import DOCUMENTS
from shared.clock import SystemClock


class Score(NamedTuple):
    """What one sequencer has done so far: rows it linked, and attempts it lost to the other."""

    linked: int = 0
    lost: int = 0


class Careful(Sequencer):
    """The sequencer as it is, counting its links."""

    linked = 0

    @override
    async def _append(
        self, head: Head, rows: Sequence[Row], place: Mapping[str, Any] | None
    ) -> tuple[Head, int]:
        moved, count = await super()._append(head, rows, place)
        self.linked += count
        return moved, count


class Careless(Careful):
    """One that writes without the condition on the head."""

    @override
    async def _write(
        self, head: Head, moved: Head, links: list[Row], rows: Sequence[Row], session: Session
    ) -> None:
        store = ChainHead.get_pymongo_collection().database
        await store["audit_chain"].update_one(
            {}, {"$set": {"seq": moved.seq, "hash": moved.hash, "place": dict(moved.place or {})}}
        )
        for link in links:
            kept = {"prev": link["prev"], "hash": link["hash"]}
            await store["careless_links"].insert_one(kept)


def follow(kind: type[Careful], uri: str, database: str, race: "Connection[Score, None]") -> None:
    """Link what arrives, telling each new score, until anything is said."""
    audit_chain.LEASE = timedelta(0)  # all may always go on: only the store keeps them apart
    audit_chain.BATCH = 5
    asyncio.run(_follow(kind, uri, database, race))


async def _follow(
    kind: type[Careful], uri: str, database: str, race: "Connection[Score, None]"
) -> None:
    store = await _opened(uri, database)
    sequencer, lost, told = kind(SystemClock()), 0, Score()
    race.send(told)
    while not race.poll():
        try:
            await sequencer.catch_up()
        except LeaseLost:
            lost += 1
        if (score := Score(sequencer.linked, lost)) != told:
            race.send(told := score)
    await store.close()


async def _opened(uri: str, database: str) -> Store:
    """Open the store, again where a busy machine's mongod did not answer in time."""
    for _ in range(3):
        try:
            return await open_store(uri, database, DOCUMENTS)
        except StoreUnusable:
            continue
    return await open_store(uri, database, DOCUMENTS)
