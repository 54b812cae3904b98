"""An examination hall: a session, its department and its door."""

from datetime import timedelta
from typing import Any

from backend.app import House
from backend.exams.rules import ExamSession
from backend.exams.service import Exams, SeatView
from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key

VENUE = 77
OFFICE = Organisation("360700-rsks", LocalizedText("赣州市人事考试院", "Ganzhou Exam Office"))
OFFICER = Caller(
    staff_id="stf_exams", roles=frozenset({Role.DEPARTMENT_OFFICER}), organisation=OFFICE
)
DOOR = Caller(
    staff_id="stf_door",
    roles=frozenset({Role.VENUE_STAFF}),
    organisation=Organisation(f"venue-{VENUE}", LocalizedText("赣州一中考点", "No. 1 School")),
)


def session(clock: ManualClock, code: str = "civil-1", **changed: Any) -> ExamSession:
    """Return a session that begins in two hours."""
    plain: dict[str, Any] = {
        "owner": OFFICE.code,
        "name": LocalizedText("公务员考试", "Civil service examination"),
        "venue": VENUE,
        "starts_at": clock.now() + timedelta(hours=2),
        "ends_at": clock.now() + timedelta(hours=4),
        "seats": 30,
    }
    return ExamSession(code, **{**plain, **changed})


async def leave_an_exam(house: House, clock: ManualClock, resident_id: str, code: str) -> None:
    """Have a resident sit an examination: a row of every kind."""
    service = house.services[Exams]
    put = await service.put(OFFICER, new_key(), session(clock, code))
    assert isinstance(put, ExamSession), put
    seat = await service.assign(OFFICER, new_key(), code, resident_id, 7)
    assert isinstance(seat, SeatView), seat
