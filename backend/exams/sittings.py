"""What people sit, as registrations and seats say together."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.bookings import bookers
from backend.bookings.rules import Sitting, SlotKind
from backend.exams.documents import ExamRegistration, ExamSeat
from backend.exams.registration_rules import RegistrationState
from backend.exams.rules import LONGEST
from backend.foundation.mongo import Session
from backend.residents.same_person import people_behind, same_person

_TIMES = {"resident_id": 1, "session": 1, "starts_at": 1, "ends_at": 1}


class ExamSittings:
    """Tells bookings what people sit (see `Sittings`)."""

    async def not_over(
        self, residents: Collection[str], now: datetime, session: Session | None = None
    ) -> Mapping[str, Sequence[Sitting]]:
        """Return by resident what they sit that is not over, whichever record of theirs says so."""
        records = await people_behind(list(residents), session)
        wanted: dict[str, Any] = {
            "resident_id": {
                "$in": sorted({record for some in records.values() for record in some})
            },
            "starts_at": {"$gt": now - LONGEST},
            "ends_at": {"$gt": now},
        }
        standing = {**wanted, "state": RegistrationState.REGISTERED.value}
        seats = ExamSeat.get_pymongo_collection().find(wanted, _TIMES, session=session)
        waiting = ExamRegistration.get_pymongo_collection().find(standing, _TIMES, session=session)
        found: dict[str, list[Sitting]] = {}
        for row in [*await seats.to_list(), *await waiting.to_list()]:
            sitting = Sitting(row["starts_at"], row["ends_at"])
            found.setdefault(row["resident_id"], []).append(sitting)
        return {
            one: [s for record in some for s in found.get(record, ())]
            for one, some in records.items()
        }


async def booked_sittings(resident_id: str, session: Session | None = None) -> list[Sitting]:
    """Return the slots of examinations that somebody booked, or waits for, by all their records."""
    rows = await bookers.of_residents(await same_person(resident_id, session), session)
    return [
        Sitting(one.starts_at, one.ends_at)
        for row in rows.values()
        for one in bookers.ahead_in(row)
        if one.kind is SlotKind.EXAM
    ]


async def hold_person(resident_id: str, session: Session) -> None:
    """Take what somebody has ahead for a transaction, under each record of theirs: mostly one."""
    for record in await same_person(resident_id, session):
        await bookers.hold(record, session)
