"""Writing records: whoever judges people by what changes is told in the same transaction."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from backend.foundation.mongo import Session, UpdateOne
from backend.residents.documents import Resident

JUDGED_BY = frozenset({"status", "birth_sealed"})
"""The fields by which others judge: whether somebody is a resident, and of what age."""


class Judges(Protocol):
    """Keeps what was judged of people by their records."""

    async def facts_changed(self, resident_ids: Sequence[str], session: Session) -> None:
        """Take note that what they were judged by is no longer so."""
        ...


async def write_records(
    changes: Mapping[str, Mapping[str, Any]], judges: Sequence[Judges], session: Session
) -> None:
    """Write updates of records, by their ids.

    Raises:
        DuplicateKeyError: the one record's number is another resident's.
    """
    residents = Resident.get_pymongo_collection()
    if len(changes) == 1:
        [(one, change)] = changes.items()
        await residents.update_one({"_id": one}, change, session=session)
    elif changes:
        updates = [UpdateOne({"_id": one}, change) for one, change in changes.items()]
        await residents.bulk_write(updates, session=session)
    judged = [one for one, change in changes.items() if _judged_by(change)]
    if judged:
        for judge in judges:
            await judge.facts_changed(judged, session)


def _judged_by(change: Mapping[str, Any]) -> bool:
    return any(not JUDGED_BY.isdisjoint(fields) for fields in change.values())
