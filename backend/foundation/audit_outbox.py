"""Audit rows that stand in the very document their act changed, until they are moved to the log.

For acts that are one conditional write: a transaction around act and row would more than double
them. The row is pushed into the document's `OUTBOX` by the same write, so one is never without the
other; moving it to the log is repeatable, because a row has its id from the beginning. A row leaves
the document only after the log's copy is safe, and the log takes it once.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from beanie import Document
from pymongo import IndexModel

from backend.foundation.audit import AuditRow, Deed, row_of
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import BulkWriteError, PyMongoError, UpdateOne

OUTBOX = "outbox"
OWN = "own"
"""In a row's place of a resident: the one whose document it stands in.

Who writes a row without having read the document need not know them; the log always does.
"""
HOLDS_SOME: Mapping[str, Any] = {f"{OUTBOX}._id": {"$exists": True}}
"""Matches documents with a row; ask it by the index of that name below."""
INDEX = "outbox_holds_some"
BATCH = 200
GATHER_SECONDS = 1.0
LOOK_SECONDS = 10.0
_DUPLICATE = 11000
_log = logging.getLogger("yikatong.audit_outbox")


def outbox_index(field: str) -> IndexModel:
    """Return the index of a collection whose documents have an outbox: of those that hold a row.

    Its key is a plain `field` that every document has and a push does not touch. An index of the
    rows themselves is written with each row: measured, 3 % of a renewal's write where one row
    waits in a document, and up to a third where a dozen do.
    """
    return IndexModel(field, name=INDEX, partialFilterExpression=HOLDS_SOME)


def pushed(deed: Deed) -> dict[str, Any]:
    """Return the part of an update that leaves a deed's row in the document it changes.

    Raises:
        PersonalDataInRow: its words hold a citizen number or a phone number.
    """
    return {"$push": {OUTBOX: row_of(deed)}}


class AuditOutbox:
    """Moves the rows of one collection's documents to the log; each is one `resident_id`'s."""

    def __init__(self, kind: type[Document]) -> None:
        self._kind = kind
        self._some = asyncio.Event()

    def wake(self) -> None:
        """Tell that there is a row to move."""
        self._some.set()

    async def drain(self) -> int:
        """Move every row that is there now and return how many were.

        It ends with the first batch that is not full: what comes meanwhile waits for the next
        round, else a busy server would move each row alone, by three commands of its own.
        """
        total = 0
        while True:
            documents, rows = await self._drain_some()
            total += rows
            if documents < BATCH:
                return total

    async def keep_drained(self) -> None:
        """Move rows soon after they come, and from time to time those of servers that died."""
        while True:
            try:
                await self.drain()
            except PyMongoError as error:
                _log.warning("not drained", extra={FIELDS: {"error": describe_error(error)}})
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._some.wait()
            except TimeoutError:
                continue
            self._some.clear()
            await asyncio.sleep(GATHER_SECONDS)

    async def _drain_some(self) -> tuple[int, int]:
        """Move the rows of one batch; return of how many documents, and how many rows."""
        documents = self._kind.get_pymongo_collection()
        shown = {OUTBOX: 1, "resident_id": 1}
        waiting = documents.find(HOLDS_SOME, shown).hint(INDEX).limit(BATCH)
        found = await waiting.to_list()
        rows = [_named(row, one["resident_id"]) for one in found for row in one[OUTBOX]]
        if rows:
            await _insert(rows)
            await documents.bulk_write([_emptied(one) for one in found], ordered=False)
        return len(found), len(rows)


def _named(row: dict[str, Any], resident_id: str) -> dict[str, Any]:
    """Return a row with its resident in the places of `OWN`."""
    actor = row["actor"]
    acted = {**actor, "id": resident_id} if actor["id"] == OWN else actor
    about = {"subject": resident_id} if row.get("subject") == OWN else {}
    return {**row, "actor": acted, **about}


def _emptied(document: Mapping[str, Any]) -> UpdateOne:
    """Return the write that takes out the rows that were read, and none that came since."""
    ids = [row["_id"] for row in document[OUTBOX]]
    return UpdateOne({"_id": document["_id"]}, {"$pull": {OUTBOX: {"_id": {"$in": ids}}}})


async def _insert(rows: list[dict[str, Any]]) -> None:
    try:
        await AuditRow.get_pymongo_collection().insert_many(rows, ordered=False)
    except BulkWriteError as error:
        faults = (error.details or {}).get("writeErrors", [])
        # Another server moved it too, or this one died before it emptied the outbox.
        if any(fault["code"] != _DUPLICATE for fault in faults):
            raise
