"""Which records are one person's: the one place where `merged_into` is followed (S115)."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.foundation.mongo import Session
from backend.foundation.store_changes import Watched
from backend.residents.documents import Resident

_POINTER = {"merged_into": 1}
_BESIDE = "person"
RECORDS = "records"
"""Where `records_beside` puts the ids of all records of a person, the kept one first."""
MERGES = Watched(
    Resident.get_pymongo_collection,
    ("_id",),
    {
        "$or": [
            {"updateDescription.updatedFields.merged_into": {"$exists": True}},
            {"updateDescription.removedFields": "merged_into"},
        ]
    },
)
"""The changes that make records one person's, or several people's again."""


async def same_person(resident_id: str, session: Session | None = None) -> list[str]:
    """Return the ids of all records of a person, the kept one first; of a stranger, the id alone.

    One read, and a second one only for a record that was merged.
    """
    return (await people_behind([resident_id], session))[resident_id]


async def surviving(resident_id: str, session: Session | None = None) -> str:
    """Return the id of the record that is kept of a person."""
    found = await Resident.get_pymongo_collection().find_one(
        {"_id": resident_id}, _POINTER, session=session
    )
    return str(found.get("merged_into", resident_id)) if found else resident_id


def surviving_beside(local_field: str) -> dict[str, Any]:
    """Return the stage of an aggregation that puts a resident's pointer beside a row."""
    return {
        "$lookup": {
            "from": Resident.get_collection_name(),
            "localField": local_field,
            "foreignField": "_id",
            "pipeline": [{"$project": _POINTER}],
            "as": _BESIDE,
        }
    }


def surviving_in(row: Mapping[str, Any], resident_id: str) -> str:
    """Return the id of the kept record, from a row that `surviving_beside` went over."""
    found = row[_BESIDE]
    return str(found[0].get("merged_into", resident_id)) if found else resident_id


def records_beside(local_field: str) -> list[dict[str, Any]]:
    """Return the stages that put the ids of all of a resident's records beside a row."""
    parts = {
        "$lookup": {
            "from": Resident.get_collection_name(),
            "localField": RECORDS,
            "foreignField": "merged_into",
            "pipeline": [{"$project": {"_id": 1}}],
            "as": _BESIDE,
        }
    }
    kept = {"$ifNull": [{"$first": f"${_BESIDE}.merged_into"}, f"${local_field}"]}
    whole = {"$concatArrays": [[f"${RECORDS}"], f"${_BESIDE}._id"]}
    return [
        surviving_beside(local_field),
        {"$set": {RECORDS: kept}},
        parts,
        {"$set": {RECORDS: whole}},
    ]


async def people_behind(
    resident_ids: Sequence[str], session: Session | None = None
) -> dict[str, list[str]]:
    """Return the records of several people as `same_person` does, by the ids asked for."""
    rows = await _around(list(resident_ids), session)
    kept = {one: rows.get(one, {}).get("merged_into", one) for one in resident_ids}
    if others := sorted(set(kept.values()) - set(resident_ids)):
        rows |= await _around(others, session)
    merged: dict[str, list[str]] = {}
    for row_id in sorted(rows):
        if into := rows[row_id].get("merged_into"):
            merged.setdefault(into, []).append(row_id)
    return {one: [kept[one], *merged.get(kept[one], [])] for one in resident_ids}


async def _around(ids: list[str], session: Session | None) -> dict[str, dict[str, Any]]:
    wanted = {"$or": [{"_id": {"$in": ids}}, {"merged_into": {"$in": ids}}]}
    found = Resident.get_pymongo_collection().find(wanted, _POINTER, session=session)
    return {row["_id"]: row async for row in found}
