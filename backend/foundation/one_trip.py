"""One command and its answer, where the driver's cursors and numbered retries cost more than both.

For a path on which somebody waits at a gate. What the collection says of its concerns goes along,
as the driver sends it; what a broken connection means, each function tells.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo.errors import AutoReconnect, WriteConcernError, WriteError

from backend.foundation.mongo import Collection
from backend.foundation.pooled_command import command_once

_DUPLICATE_KEY = 11000
Row = Mapping[str, Any]


async def read_few(collection: Collection, stages: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows of an aggregation that yields at most a hundred: one answer's worth.

    A read that a broken connection ended is made again, as the driver does it.
    """
    command: dict[str, Any] = {
        "aggregate": collection.name,
        "pipeline": list(stages),
        "cursor": {},
    }
    if collection.read_concern.level is not None:
        command["readConcern"] = collection.read_concern.document
    try:
        answer = await command_once(collection.database, command, collection.codec_options)
    except AutoReconnect:
        return await (await collection.aggregate(list(stages))).to_list()
    rows: list[dict[str, Any]] = answer["cursor"]["firstBatch"]
    return rows


async def insert_if_new(collection: Collection, row: Row) -> bool:
    """Insert a row; False where one of its id may be there: read it then.

    Without the number by which the store would know a repetition, nobody can tell after a broken
    connection whether it was written. So the row has to name whoever wrote it.

    Raises:
        WriteError: the store refused it for another reason.
        WriteConcernError: it was written, but not by as many members as it should.
    """
    command: dict[str, Any] = {"insert": collection.name, "documents": [row]}
    if collection.write_concern.document:
        command["writeConcern"] = collection.write_concern.document
    try:
        answer = await command_once(collection.database, command, collection.codec_options)
    except AutoReconnect:
        return False
    for fault in answer.get("writeErrors", ()):
        if fault["code"] == _DUPLICATE_KEY:
            return False
        raise WriteError(fault.get("errmsg", ""), fault["code"], fault)
    unmet = answer.get("writeConcernError")
    if unmet is not None:
        raise WriteConcernError(unmet.get("errmsg", ""), unmet.get("code"), unmet)
    return True
