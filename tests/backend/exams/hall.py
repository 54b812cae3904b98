"""An examination hall: a session, its department and its door."""

from datetime import timedelta
from typing import Any

from backend.app import House
from backend.cards.asking import Asking
from backend.cards.lifecycle import CardState
from backend.exams.records import SeatView
from backend.exams.registration import ExamRegistrations, Opening
from backend.exams.registration_rules import Terms
from backend.exams.rules import ExamSession
from backend.exams.seating import ExamSeating
from backend.exams.service import Exams
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
    starts_at = changed.get("starts_at", clock.now() + timedelta(hours=2))
    plain: dict[str, Any] = {
        "owner": OFFICE.code,
        "name": LocalizedText("公务员考试", "Civil service examination"),
        "venue": VENUE,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "seats": 30,
    }
    return ExamSession(code, **{**plain, **changed})


async def leave_an_exam(house: House, clock: ManualClock, resident_id: str, code: str) -> None:
    """Have a resident sit an examination: a row of every kind."""
    await open_session(house, clock, code)
    asking = Asking(resident_id, f"phone of {resident_id}", CardState.ACTIVE)
    registered = await house.services[ExamRegistrations].register(asking, new_key(), code)
    assert isinstance(registered, Opening), registered
    seat = await house.services[ExamSeating].assign(OFFICER, new_key(), code, resident_id, 7)
    assert isinstance(seat, SeatView), seat


def terms(clock: ManualClock, **changed: Any) -> Terms:
    """Return terms for an hour from now on, without requirements or fee."""
    plain: dict[str, Any] = {
        "opens_at": clock.now(),
        "closes_at": clock.now() + timedelta(hours=1),
        "places": 30,
    }
    return Terms(**{**plain, **changed})


async def open_session(
    house: House, clock: ManualClock, code: str = "civil-1", **changed: Any
) -> None:
    """Describe a session and open it; `changed` are its terms, and `held` the session's own."""
    held = changed.pop("held", {})
    put = await house.services[Exams].put(OFFICER, new_key(), session(clock, code, **held))
    assert isinstance(put, ExamSession), put
    opening = (OFFICER, new_key(), code, terms(clock, **changed))
    opened = await house.services[ExamRegistrations].open(*opening)
    assert isinstance(opened, ExamSession), opened
