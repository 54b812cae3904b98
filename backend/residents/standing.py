"""A resident as a certificate needs them, read beside another area's row in the same round trip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backend.foundation.mongo import Session
from backend.foundation.person_keys import COLLECTION as KEYS
from backend.residents.documents import ON_RECORD, Resident, ResidentStatus
from backend.residents.rules import PersonField
from backend.residents.same_person import RECORDS
from backend.residents.service import NO_BIRTH, Residents

_PLACE = "resident"


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether somebody is a resident, and their birth date for age rules, as in `Person`."""

    birth: date = field(repr=False)
    present: bool


def beside() -> dict[str, Any]:
    """Return the stage of an aggregation that puts a person's records beside a row.

    Which ones they are stands there already (`same_person.records_beside`).
    """
    shown = {"birth_sealed": 1, "status": 1}
    return {
        "$lookup": {
            "from": Resident.get_collection_name(),
            "localField": RECORDS,
            "foreignField": "_id",
            "pipeline": [{"$project": shown}],
            "as": _PLACE,
        }
    }


async def status_of(resident_id: str, session: Session | None = None) -> ResidentStatus | None:
    """Return whether somebody is a resident; None where nobody has that id."""
    found = await Resident.get_pymongo_collection().find_one(
        {"_id": resident_id}, {"status": 1}, session=session
    )
    return None if found is None else ResidentStatus(found["status"])


async def with_phone(resident_ids: Sequence[str]) -> frozenset[str]:
    """Return who of them has a phone on record, in one read."""
    wanted = {"_id": {"$in": list(resident_ids)}, "phone_index": {"$exists": True}}
    found = Resident.get_pymongo_collection().find(wanted, {"_id": 1})
    return frozenset([str(row["_id"]) async for row in found])


def status_beside(local_field: str) -> dict[str, Any]:
    """Return the stage that puts only the status of the resident of `local_field` beside a row."""
    return {
        "$lookup": {
            "from": Resident.get_collection_name(),
            "localField": local_field,
            "foreignField": "_id",
            "pipeline": [{"$project": {"status": 1}}],
            "as": _PLACE,
        }
    }


def status_in(row: Mapping[str, Any]) -> ResidentStatus | None:
    """Return the status that a stage put beside a row; None where nobody has that id."""
    found = row[_PLACE]
    return ResidentStatus(found[0]["status"]) if found else None


def standing_in(row: Mapping[str, Any], residents: Residents) -> Standing:
    """Return the person that `beside` put there; their keys stand beside the row too.

    The birth date is that of the record that is kept. What any of their records says of leaving
    counts: a death is reported under one number.

    Raises:
        LookupError: there is no such resident.
        SealBroken: the stored value was altered.
    """
    records = {found["_id"]: found for found in row[_PLACE]}
    kept = records.get(row[RECORDS][0])
    if kept is None:
        raise LookupError("no such resident")
    birth = residents.open({**kept, KEYS: row[KEYS]}, PersonField.BIRTH)
    present = all(one["status"] in ON_RECORD for one in records.values()) and birth is not None
    return Standing(date.fromisoformat(birth) if birth else NO_BIRTH, present)
