"""Checking the whole audit log each night, without anybody asking for it (D32, L19)."""

import asyncio
import logging
from datetime import datetime, time, timedelta

from backend.foundation.audit_chain import Sequencer
from backend.foundation.audit_verify import (
    Broken,
    Sound,
    last_anchor,
    last_verification,
    verify_and_note,
)
from backend.foundation.logs import FIELDS, describe_error
from backend.foundation.mongo import PyMongoError
from shared.clock import LOCAL_ZONE, Clock

NIGHTLY = time(3)
"""Local time, when few people are at it: the check reads every row there is."""
LOOK_SECONDS = 300.0
_log = logging.getLogger("yikatong.audit")


def due_since(now: datetime) -> datetime:
    """Return the last instant at which a check was to begin, `now` at the latest."""
    local = now.astimezone(LOCAL_ZONE)
    tonight = datetime.combine(local.date(), NIGHTLY, LOCAL_ZONE)
    return tonight if tonight <= local else tonight - timedelta(days=1)


class AuditWatch:
    """Verifies the chain once a night, on the server that links it."""

    def __init__(self, sequencer: Sequencer, clock: Clock) -> None:
        self._sequencer = sequencer
        self._clock = clock

    async def look(self) -> Sound | Broken | None:
        """Check the chain if that is due and this server's; return what was found.

        The head of the last check that found all well is an anchor, so that a chain which was cut
        or written anew since then is found, too. Whoever can write this store can write that one
        as well: an anchor that is kept elsewhere is still the operator's to note.
        """
        now = self._clock.now()
        last = await last_verification()
        if last is not None and last.at >= due_since(now):
            return None
        if not await self._sequencer.leads():
            return None
        anchor = await last_anchor()
        found = await verify_and_note([] if anchor is None else [anchor], now)
        if isinstance(found, Broken):
            fields = {"fault": found.fault.value, "seq": found.seq, "row": found.row_id}
            _log.error("the audit log is not as it was written", extra={FIELDS: fields})
        return found

    async def keep_watching(self) -> None:
        """Look for ever; a failure is logged and tried again."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except PyMongoError as error:
                _log.warning("not verified", extra={FIELDS: {"error": describe_error(error)}})
