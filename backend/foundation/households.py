"""Who lives together 同户, as far as the log must know it: staff who look up their own are seen.

Residents and staff stand here by their ids, with keyed hashes of their citizen number and of their
household's number 户号 in place of both. A member of staff has the same hash as the resident they
are, so that what the register reports of the one holds for the other. It stands this low because
the log itself asks it at every read (L31).
"""

from collections.abc import Sequence
from typing import ClassVar

from beanie import Document
from pymongo import IndexModel

from backend.foundation.mongo import Session
from backend.foundation.sealing import Sealer


class HouseholdMember(Document):
    """One resident or member of staff, by their id, with blind indexes of person and household."""

    id: str  # type: ignore[assignment]  # the resident's or the staff's id, not an ObjectId
    person: bytes
    household: bytes | None = None

    class Settings:
        """Where it is stored."""

        name = "household_members"
        indexes: ClassVar = [IndexModel("person")]


class Households:
    """Notes who is who, and who lives with whom."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def know(self, member_id: str, number: str, session: Session) -> None:
        """Note which person a resident or a member of staff is, in their household if known."""
        members, person = HouseholdMember.get_pymongo_collection(), self._person(number)
        kin = await members.find_one(
            {"person": person, "household": {"$ne": None}}, {"household": 1}, session=session
        )
        known = {"person": person} | ({"household": kin["household"]} if kin else {})
        await members.update_one({"_id": member_id}, {"$set": known}, upsert=True, session=session)

    async def join(self, number: str, household: str, session: Session) -> None:
        """Note the household of a person who is known, in place of any noted before."""
        mark = self._sealer.blind_index(household, purpose="households.household")
        await HouseholdMember.get_pymongo_collection().update_many(
            {"person": self._person(number)}, {"$set": {"household": mark}}, session=session
        )

    def _person(self, number: str) -> bytes:
        return self._sealer.blind_index(number, purpose="households.person")


async def of_same_household(
    member_id: str, others: Sequence[str], session: Session | None = None
) -> frozenset[str]:
    """Return which of `others` live with the member or are the same person, in one read."""
    found = HouseholdMember.get_pymongo_collection().find(
        {"_id": {"$in": [member_id, *others]}}, session=session
    )
    members = {member["_id"]: member async for member in found}
    own = members.pop(member_id, None)
    if own is None:
        return frozenset()
    household = own.get("household")
    return frozenset(
        one["_id"]
        for one in members.values()
        if one["person"] == own["person"]
        or (household is not None and one.get("household") == household)
    )
