"""Looking a record up: whether it may be, the row of it, and then the question to its authority."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.cards.asking import Asking
from backend.figures import MandateFigures
from backend.foundation import audit
from backend.foundation.audit import Actor, ActorKind, Deed, Organisation, System
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.mandates.acting import record_act
from backend.official_records.registers import RecordSourceDown, RecordSources
from backend.official_records.rules import (
    ACCOUNT_WITHOUT_NUMBER,
    HEALTH_RECORDS,
    PRINCIPAL_CONSENT_NEEDED,
    RECORD_SOURCE_DOWN,
    SOURCES,
    WORDS,
    RecordKind,
    RecordSection,
    care_sections,
    guardian_decides,
    health_sections,
    student_sections,
)
from backend.residents.rules import PersonField
from backend.residents.service import Residents
from backend.rights.consents import Consents
from shared.clock import Clock
from shared.identity.age import age_on, local_day


@dataclass(frozen=True, slots=True)
class OfficialRecord:
    """What an authority said at `asked_at`; without sections it holds nothing of the person."""

    source: Organisation
    sections: Sequence[RecordSection]
    asked_at: datetime


class OfficialRecords:
    """Looks records up for their holder, or for a delegate; each look is a row of the log first."""

    def __init__(
        self,
        sources: RecordSources,
        residents: Residents,
        consents: Consents,
        figures: MandateFigures,
        clock: Clock,
    ) -> None:
        self._sources = sources
        self._residents = residents
        self._consents = consents
        self._figures = figures
        self._clock = clock

    async def look_up(self, asking: Asking, kind: RecordKind) -> OfficialRecord | Refusal:
        """Return a record as its authority has it now; nothing of it is kept.

        The consent and the mandate are checked in the write that records the look.
        """
        now = self._clock.now()
        refused = await audit.in_one_write(lambda session: self._noted(asking, kind, now, session))
        if refused is not None:
            return refused
        identity = await self._residents.identity(asking.resident_id)
        number = None if identity is None else identity.values.get(PersonField.NUMBER)
        if number is None:
            return ACCOUNT_WITHOUT_NUMBER
        try:
            sections = await self._asked(kind, number, now)
        except RecordSourceDown:
            return RECORD_SOURCE_DOWN
        return OfficialRecord(SOURCES[kind], sections, now)

    async def _noted(
        self, asking: Asking, kind: RecordKind, now: datetime, session: Session
    ) -> Refusal | None:
        if kind is RecordKind.HEALTH:
            refused = await self._refusal_of_consent(asking, now, session)
            if refused is not None:
                return refused
        deed = Deed(
            at=now,
            actor=Actor(ActorKind.RESIDENT, asking.resident_id),
            action=f"official_records.{kind}",
            words=WORDS[kind],
            system=System.APP,
            subject=asking.resident_id,
            organisation=SOURCES[kind],  # it learns that its record is asked for
            origin=asking.origin,
        )
        return await record_act(deed, asking.acting, session)

    async def _refusal_of_consent(
        self, asking: Asking, now: datetime, session: Session
    ) -> Refusal | None:
        acting = asking.acting
        if acting is not None:
            person = await self._residents.person(asking.resident_id, session)
            age = age_on(person.birth, local_day(now))
            if guardian_decides(acting.relation, age, self._figures.consent_age):
                return None
        refused = await self._consents.require(asking.resident_id, HEALTH_RECORDS, session)
        return refused if acting is None or refused is None else PRINCIPAL_CONSENT_NEEDED

    async def _asked(self, kind: RecordKind, number: str, now: datetime) -> Sequence[RecordSection]:
        if kind is RecordKind.HEALTH:
            health = await self._sources.health_record(number)
            return () if health is None else health_sections(health)
        if kind is RecordKind.STUDENT:
            student = await self._sources.student_record(number)
            return () if student is None else student_sections(student, local_day(now))
        plan = await self._sources.care_plan(number)
        return () if plan is None else care_sections(plan)
