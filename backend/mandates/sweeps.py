"""What time does to mandates: reminders 30, 7 and 1 days before an end, and the end (D13, D14)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from backend.foundation.audit import in_one_write
from backend.foundation.kept_running import each, rounds
from backend.foundation.mongo import Session
from backend.mandates.documents import Mandate
from backend.mandates.ending import end, end_of
from backend.mandates.notices import tell
from backend.mandates.rules import Ending, MandateState, days_left, reminder_after
from backend.mandates.scopes import Relation
from backend.mandates.stored import Row, read
from shared.clock import Clock
from shared.localized_text import LocalizedText

LOOK_SECONDS = 30.0
AT_ONCE = 200


class Departures(Protocol):
    """Who else acts in the write that marks deaths."""

    async def departed(self, resident_ids: Sequence[str], session: Session) -> None:
        """Take note of deaths."""
        ...


class MandateDepartures:
    """Ends the mandates of who died in the very write that marks the death (D26)."""

    def __init__(self, others: Departures, clock: Clock) -> None:
        self._others = others
        self._clock = clock

    async def departed(self, resident_ids: Sequence[str], session: Session) -> None:
        """Take note of deaths, on either side."""
        await self._others.departed(resident_ids, session)
        await end_of(resident_ids, Ending.DEATH, self._clock.now(), session)


class MandateSweeps:
    """Does what has become due."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def sweep(self) -> int:
        """Remind and end what is due now; return how many mandates."""
        now, mandates = self._clock.now(), Mandate.get_pymongo_collection()
        due = mandates.find({"due_at": {"$lte": now}}, {"_id": 1}, batch_size=AT_ONCE)

        async def one(row: Row) -> int:
            # One a transaction: each is one person's, and two sweeps at once do nothing twice.
            return await in_one_write(lambda session: _done(row["_id"], now, session))

        return await each(due.sort("due_at", 1), one)

    async def keep_swept(self) -> None:
        """Sweep for ever; what fails is tried again."""
        await rounds(self.sweep, LOOK_SECONDS)


async def _done(mandate_id: str, now: datetime, session: Session) -> int:
    row = await read(mandate_id, session)
    if row is None or row.get("due_at") is None or row["due_at"] > now:
        return 0  # another sweep was first
    ends_at = row["ends_at"]
    if now >= ends_at:
        await end(row, Ending(row["ends_as"]), None, now, session)
        return 1
    await Mandate.get_pymongo_collection().update_one(
        {"_id": mandate_id, "state": MandateState.ACTIVE.value},
        {"$set": {"due_at": reminder_after(ends_at, now)}},
        session=session,
    )
    await _remind(row, days_left(ends_at, now), now, session)
    return 1


async def _remind(row: Row, days: int, now: datetime, session: Session) -> None:
    given = LocalizedText(
        f"您授权家人代办的期限将在{days}天内到期，到期自动结束；如需继续请重新授权",
        f"The mandate you gave ends within {days} days by itself; give a new one if you need it",
    )
    held = LocalizedText(
        f"您替家人代办的期限将在{days}天内到期，到期自动结束；如需继续请对方重新授权",
        f"The mandate you act under ends within {days} days by itself; ask for a new one if needed",
    )
    agent = row["relation"] == Relation.ASSISTED
    told = [("principal", given)] if agent else [("principal", given), ("delegate", held)]
    for side, words in told:
        notice = f"{row['_id']}.ends.{days}.{side}"
        await tell(notice, [row[side]], row["_id"], "mandates.ends_soon", words, now, session)
