"""How often an agreement is used: counted in the store before each call is looked at.

Counting first means that calls sent side by side are counted each. A call over the minute's rate
does not use up the day's.
"""

from datetime import datetime

from backend.foundation.mongo import DuplicateKeyError, ReturnDocument
from backend.foundation.refusals import Refusal
from backend.sharing.documents import SharingCount
from backend.sharing.refusals import RATE_DAY, RATE_MINUTE
from backend.sharing.rules import Terms
from shared.identity.age import local_day


async def rate_fault(agreement: str, terms: Terms, now: datetime) -> Refusal | None:
    """Count one call under an agreement; return why it is one too many."""
    minute, day = int(now.timestamp()) // 60, local_day(now).isoformat()
    if await _counted(f"{agreement} {minute}", now) > terms.per_minute:
        return RATE_MINUTE
    return RATE_DAY if await _counted(f"{agreement} {day}", now) > terms.per_day else None


async def _counted(count_id: str, now: datetime) -> int:
    while True:
        try:
            found = await SharingCount.get_pymongo_collection().find_one_and_update(
                {"_id": count_id},
                {"$inc": {"calls": 1}, "$setOnInsert": {"at": now}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:
            continue  # two first calls at once: the other one made the document
        if found is not None:
            return int(found["calls"])
