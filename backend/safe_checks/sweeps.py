"""Noticing that nobody was heard of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from backend.foundation.audit import in_one_write
from backend.foundation.kept_running import each, rounds
from backend.foundation.mongo import Session
from backend.residents.documents import ResidentStatus
from backend.residents.service import Residents
from backend.safe_checks.documents import SafeCheck
from backend.safe_checks.service import note_missed
from shared.clock import Clock

LOOK_SECONDS = 30.0
AT_ONCE = 200


class SafeCheckSweeps:
    """Does what has become due."""

    def __init__(self, residents: Residents, clock: Clock) -> None:
        self._residents = residents
        self._clock = clock

    async def sweep(self) -> int:
        """Note what was missed by now; return how many."""
        now, checks = self._clock.now(), SafeCheck.get_pymongo_collection()
        due = checks.find({"due_at": {"$lte": now}}, {"_id": 1}, batch_size=AT_ONCE)

        async def one(row: Mapping[str, Any]) -> int:
            # One a transaction: each is one person's, and two sweeps at once tell nobody twice.
            return await in_one_write(lambda session: self._done(row["_id"], now, session))

        return await each(due.sort("due_at", 1), one)

    async def _done(self, resident_id: str, now: datetime, session: Session) -> int:
        person = await self._residents.person(resident_id, session)
        if person.status is not ResidentStatus.DECEASED:
            return await note_missed(resident_id, now, session)
        # Nobody waits for the word of the dead, and their phone is not written to.
        await SafeCheck.get_pymongo_collection().delete_one({"_id": resident_id}, session=session)
        return 1

    async def keep_swept(self) -> None:
        """Sweep for ever; what fails is tried again."""
        await rounds(self.sweep, LOOK_SECONDS)
