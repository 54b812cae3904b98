"""The roll of those who registered for a session 报名名单, as its department reads it.

Names and numbers are masked, and everybody on a page reads of it among the uses of their data.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.exams.documents import ExamRegistration
from backend.exams.leaving import NOBODY, ON_ROLL
from backend.exams.records import by_staff, own_row
from backend.exams.registration_rules import RegistrationState
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.mongo import ASCENDING
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.residents.service import Residents
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class RollEntry:
    """Somebody who registered, masked."""

    registration_id: str
    masked_name: str
    masked_number: str
    state: RegistrationState
    registered_at: datetime

    @property
    def position(self) -> Position:
        """Where it stands in the roll."""
        return Position(self.registered_at, self.registration_id)


@dataclass(frozen=True, slots=True)
class Roll:
    """A page of the roll, and how many stand on all of it."""

    page: Page[RollEntry]
    registered: int


class ExamRoll:
    """Shows departments who registered for their sessions."""

    def __init__(self, residents: Residents, clock: Clock) -> None:
        self._residents = residents
        self._clock = clock

    async def page(
        self, caller: Caller | None, session: str, first: int, after: Position | None
    ) -> Roll | Refusal:
        """Return a page of those whose registration stands, in the order they came."""
        refused = may(caller, Act.EXAM_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        known = await own_row(caller, session)
        if isinstance(known, Refusal):
            return known
        wanted: dict[str, Any] = {
            "session": session,
            "state": {"$in": ON_ROLL},
            "resident_id": {"$ne": NOBODY},
        }
        registrations = ExamRegistration.get_pymongo_collection()
        if after is not None:
            wanted["registered_at"] = {"$gte": after.at}
            wanted["$or"] = [{"registered_at": {"$gt": after.at}}, {"_id": {"$gt": after.row_id}}]
        order = [("registered_at", ASCENDING), ("_id", ASCENDING)]
        rows = await registrations.find(wanted).sort(order).limit(first + 1).to_list()
        page = cut_page(rows, first)
        persons = await self._residents.persons([row["resident_id"] for row in page.rows])
        now = self._clock.now()
        await audit.record_reads(
            [by_staff(caller, "exams.listed", row["resident_id"], now) for row in page.rows]
        )
        entries = [
            RollEntry(
                row["_id"],
                persons[row["resident_id"]].masked_name,
                persons[row["resident_id"]].masked_number,
                RegistrationState(row["state"]),
                row["registered_at"],
            )
            for row in page.rows
            if row["resident_id"] in persons
        ]
        return Roll(Page(entries, page.has_more), known.get("registered", 0))
