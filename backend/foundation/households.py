"""Who lives together 同户, as far as the log must know it: staff who look up their own are seen.

Residents and staff stand here by their ids, with a keyed hash of the household's number 户号 in
place of the number. It stands this low because the log itself asks it at every read (L31).
"""

from collections.abc import Sequence

from beanie import Document

from backend.foundation.mongo import Session


class HouseholdMember(Document):
    """One resident or member of staff, by their id, and their household's blind index."""

    id: str  # type: ignore[assignment]  # the resident's or the staff's id, not an ObjectId
    household: bytes

    class Settings:
        """Where it is stored."""

        name = "household_members"


async def join_household(member_id: str, household: bytes, session: Session | None = None) -> None:
    """Note the household of a resident or a member of staff, in place of any noted before."""
    await HouseholdMember.get_pymongo_collection().update_one(
        {"_id": member_id}, {"$set": {"household": household}}, upsert=True, session=session
    )


async def of_same_household(one: str, others: Sequence[str]) -> frozenset[str]:
    """Return who of `others` is known to live with `one`, in one read."""
    wanted = {"_id": {"$in": [one, *others]}}
    found = HouseholdMember.get_pymongo_collection().find(wanted)
    households = {member["_id"]: member["household"] async for member in found}
    own = households.get(one)
    return frozenset(other for other in others if own is not None and households.get(other) == own)
