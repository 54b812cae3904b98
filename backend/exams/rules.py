"""Who is let in to an examination, and when; pure (S8)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.assertions.rules import code_refusal
from backend.bookings.rules import Sitting, sits_then
from backend.foundation.refusals import Refusal, refusal
from shared.admission.circumstances import Circumstances, HeldBooking
from shared.admission.condition import Case, Failure
from shared.admission.entitlement_conditions import BookingHeld, LateFrom
from shared.admission.evidence import Evidence, Medium
from shared.admission.regions import RegionRules
from shared.admission.scene import Scene
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

MOST_SEATS = 10_000
LONGEST = timedelta(hours=12)
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_RELOAD = ("请刷新后重新选择。", "Load the list again and choose from it.")

SESSION_UNKNOWN = refusal(
    "exam_session_unknown", ("没有这个考试场次。", "There is no such session."), _RELOAD
)
SESSION_FORM = refusal(
    "exam_session_form",
    ("考试场次设置不完整。", "The session is not described as a whole."),
    ("请检查名称、考点、时间和座位数。", "Check name, venue, times and the number of seats."),
)
SESSION_KNOWN = refusal(
    "exam_session_known",
    ("该场次编号已使用。", "There is a session of this code already."),
    ("请使用新的场次编号。", "Give the new session another code."),
)
SESSION_OF_OTHERS = refusal(
    "exam_session_of_others",
    ("这是其他部门的考试。", "This examination is another department's."),
    ("请由组织考试的部门办理。", "Ask the department that holds it."),
)
SEAT_FORM = refusal(
    "exam_seat_form",
    ("没有这个座位号。", "There is no such seat."),
    ("请核对座位号。", "Check the seat's number."),
)
SEAT_TAKEN = refusal(
    "exam_seat_taken",
    ("该座位已安排给他人。", "The seat is somebody else's."),
    ("请安排其他座位。", "Choose another seat."),
)
SEATED = refusal(
    "exam_seated",
    ("本人在该场次已有座位。", "This person has a seat in the session already."),
    ("无需重复安排。", "There is nothing to do."),
)
CLASH = refusal(
    "exam_clash",
    ("本人同一时间有另一场考试。", "This person sits another examination at that time."),
    ("请安排其他场次。", "Choose another session."),
)
NO_SEAT = refusal(
    "exam_no_seat",
    ("持卡人不在本场考生名单中。", "The holder has no seat in this session."),
    ("请核对场次和考点。", "Check the session and the venue."),
)
PHOTO_DIFFERS = refusal(
    "exam_photo_differs",
    ("现场照片与本人不符。", "The picture does not show the holder."),
    (
        "请核对本人；如系替考，请登记。",
        "Look at the person; if somebody sits it for them, note that.",
    ),
)
PHOTO_FORM = refusal(
    "exam_photo_form",
    ("照片无法读取。", "The picture cannot be read."),
    ("请重新拍照。", "Take it again."),
)
IMPERSONATED = refusal(
    "exam_impersonated",
    ("该座位已登记替考嫌疑。", "Impersonation was noted for this seat."),
    ("请联系考点负责人。", "Ask whoever is in charge of the venue."),
)


@dataclass(frozen=True, slots=True)
class ExamSession:
    """A sitting of an examination; nobody enters `late_minutes` after it began."""

    code: str
    owner: str
    name: LocalizedText
    venue: int
    starts_at: datetime
    ends_at: datetime
    seats: int
    early_minutes: int = 60
    late_minutes: int = 15


@dataclass(frozen=True, slots=True)
class SeatFacts:
    """What of a seat decides whether its holder is let in."""

    seat: int
    entered: bool
    impersonated: bool


def session_fault(session: ExamSession) -> Refusal | None:
    """Return why a session cannot be held as it is described."""
    whole = (
        is_code(session.code)
        and all(
            0 < len(text) <= 80 and text.isprintable()
            for text in (session.name.zh, session.name.en)
        )
        and timedelta(0) < session.ends_at - session.starts_at <= LONGEST
        and 1 <= session.seats <= MOST_SEATS
        and 0 <= session.early_minutes <= 240
        and 0 <= session.late_minutes <= 240
        and session.early_minutes + session.late_minutes > 0
        and session.venue > 0
    )
    return None if whole else SESSION_FORM


def seat_fault(session: ExamSession, seat: int, others: Iterable[Sitting]) -> Refusal | None:
    """Return why somebody is not given a seat; `others` are the times of what else they sit."""
    if not 1 <= seat <= session.seats:
        return SEAT_FORM
    clash = sits_then(session.starts_at, session.ends_at, others)
    return None if clash is None else CLASH


def entry_refusal(
    session: ExamSession, seat: SeatFacts | None, region: int, now: datetime
) -> Refusal | None:
    """Return why the holder of a seat is not let in now, by the one admission rule."""
    if seat is None:
        return NO_SEAT
    if seat.impersonated:
        return IMPERSONATED
    held = HeldBooking(
        f"{session.code}.{seat.seat}",
        session.venue,
        session.starts_at,
        session.ends_at,
        entered=int(seat.entered),
    )
    rule = BookingHeld(
        early_minutes=session.early_minutes,
        late_minutes=session.late_minutes,
        late_from=LateFrom.START,
    )
    around = Circumstances(now, session.venue, bookings=(held,))
    evidence = Evidence(Medium.ECODE, region, authenticated=True)
    found = rule.check(Case(evidence, around, Scene.EXAM, RegionRules(), local_day(now)))
    return code_refusal(found.reason, found.detail) if isinstance(found, Failure) else None


def is_code(text: str) -> bool:
    """Tell whether a text can be the code of a session."""
    return _CODE.fullmatch(text) is not None
