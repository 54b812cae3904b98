"""What the demonstration city's residents can register for; dates follow the day of seeding."""

from datetime import UTC, datetime, time, timedelta

from backend.cards.concession import Category
from backend.exams.registration import ExamRegistrations
from backend.exams.registration_rules import OPENED, Terms
from backend.exams.rules import SESSION_KNOWN, ExamSession
from backend.exams.service import Exams
from backend.foundation.access import Caller, Role
from backend.foundation.audit import Organisation
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.venues.ganzhou import LIBRARY
from shared.clock import LOCAL_ZONE
from shared.identifiers import random_identifier
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

_OFFICE = Organisation(
    "360700-rsks", LocalizedText("市人事考试中心", "Personnel Examination Centre")
)
_OFFICER = Caller(roles=frozenset({Role.DEPARTMENT_OFFICER}), organisation=_OFFICE)
_NAME = LocalizedText("社会工作者职业水平考试", "Social Workers' Proficiency Test")


async def seed_exams(services: Services, now: datetime) -> Refusal | None:
    """Open a session in a fortnight for registration, one a month; return why it could not be."""
    today = local_day(now)
    starts_at = datetime.combine(today + timedelta(days=14), time(9), LOCAL_ZONE).astimezone(UTC)
    code = f"social-work-{today:%Y%m}"
    session = ExamSession(
        *(code, _OFFICE.code, _NAME, LIBRARY, starts_at, starts_at + timedelta(hours=2)), seats=30
    )
    put = await services[Exams].put(_OFFICER, random_identifier("seed"), session)
    if isinstance(put, Refusal) and put != SESSION_KNOWN:
        return put
    terms = Terms(
        opens_at=now,
        closes_at=now + timedelta(days=7),
        places=30,
        youngest=18,
        fee_fen=9_000,
        free_for=frozenset({Category.MINIMUM_LIVING}),
    )
    opening = (_OFFICER, random_identifier("seed"), code, terms)
    opened = await services[ExamRegistrations].open(*opening)
    return opened if isinstance(opened, Refusal) and opened != OPENED else None
