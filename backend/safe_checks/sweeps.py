"""Noticing that nobody was heard of."""

import logging
from datetime import datetime

from backend.foundation.audit import in_one_write
from backend.foundation.kept_running import rounds
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import Session
from backend.foundation.sealing import SealBroken
from backend.residents.documents import ResidentStatus
from backend.residents.service import Residents
from backend.safe_checks.documents import SafeCheck
from backend.safe_checks.service import note_missed
from shared.clock import Clock

LOOK_SECONDS = 30.0
AT_ONCE = 200
_log = logging.getLogger("yikatong.safe_checks")


class SafeCheckSweeps:
    """Does what has become due."""

    def __init__(self, residents: Residents, clock: Clock) -> None:
        self._residents = residents
        self._clock = clock

    async def sweep(self) -> int:
        """Note what was missed by now; return how many."""
        now, done = self._clock.now(), 0
        due = SafeCheck.get_pymongo_collection().find({"due_at": {"$lte": now}}, {"_id": 1})
        for row in await due.sort("due_at", 1).limit(AT_ONCE).to_list():
            # One a transaction: each is one person's, and two sweeps at once tell nobody twice.
            try:
                done += await in_one_write(
                    lambda session, person=row["_id"]: self._done(person, now, session)  # type: ignore[misc]
                )
            except (LookupError, SealBroken) as error:
                # Of one record that does not open, all the others' families still hear.
                _log.error("not looked at", extra={FIELDS: {"error": describe_error(error)}})
        return done

    async def _done(self, resident_id: str, now: datetime, session: Session) -> int:
        person = await self._residents.person(resident_id, session)
        if person.status is not ResidentStatus.DECEASED:
            return await note_missed(resident_id, now, session)
        # Nobody waits for the word of the dead, and their phone is not written to.
        await SafeCheck.get_pymongo_collection().delete_one({"_id": resident_id}, session=session)
        return 1

    async def keep_swept(self) -> None:
        """Sweep for ever; what fails is tried again."""
        await rounds(self.sweep, LOOK_SECONDS, until_idle=True)
