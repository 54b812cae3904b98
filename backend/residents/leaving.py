"""Closing an account, the part of this area: the keys go, and with them every value they sealed."""

from datetime import datetime

from typing_extensions import override

from backend.foundation.households import HouseholdMember
from backend.foundation.leaving import Leaving
from backend.foundation.mongo import Session
from backend.foundation.person_keys import KeyPurpose, destroy_key, destroy_keys
from backend.residents.documents import (
    EligibilityGround,
    RecordMerge,
    Resident,
    ResidentStatus,
    StoredResidentEvent,
)
from backend.residents.rules import PersonField

_OF_ACCOUNT = ("phone_index", "phone_sealed", "origins.phone")
_OF_RECORD = ("number_index", "number_sealed", "name_sealed", "birth_sealed")

_BESIDE = ("merged_into", "stated")


class ResidentLeaving(Leaving):
    """Destroys keys; a record without any is a tombstone 已注销 that nothing leads to."""

    @override
    async def close_account(self, resident_id: str, now: datetime, session: Session) -> None:
        await destroy_key(resident_id, KeyPurpose.ACCOUNT, session)
        await Resident.get_pymongo_collection().update_one(
            {"_id": resident_id},
            {
                "$set": {"closed_at": now, "changed_at": now},
                "$unset": dict.fromkeys(_OF_ACCOUNT, ""),
                "$pull": {"stated": {"field": PersonField.PHONE.value}},
            },
            session=session,
        )

    @override
    async def erase(self, resident_id: str, now: datetime, session: Session) -> None:
        await destroy_keys(resident_id, session)
        tombstone = {
            "status": ResidentStatus.CLOSED.value,
            "former_names": [],
            "origins": {},
            "changed_at": now,
        }
        await Resident.get_pymongo_collection().update_one(
            {"_id": resident_id},
            {"$set": tombstone, "$unset": dict.fromkeys((*_OF_RECORD, *_BESIDE), "")},
            session=session,
        )
        await HouseholdMember.get_pymongo_collection().delete_one(
            {"_id": resident_id}, session=session
        )
        await RecordMerge.get_pymongo_collection().delete_many(
            {"resident_ids": resident_id}, session=session
        )
        for rows in (StoredResidentEvent, EligibilityGround):
            await rows.get_pymongo_collection().delete_many(
                {"resident_id": resident_id}, session=session
            )
