"""What sources say of people reaches their records: what stands, and what a clerk has to settle.

Hearing the same again changes nothing, so files may be taken over twice, whole or in part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from backend.foundation.audit import Actor, ActorKind, Deed, System, in_one_write, record
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal, refusal
from backend.residents.documents import Resident
from backend.residents.field_ledger import FieldLedger
from backend.residents.rules import (
    LONGEST_NAME,
    RESIDENT_UNKNOWN,
    PersonField,
    Source,
    number_of,
)
from backend.residents.service import Residents
from backend.residents.source_rules import Word
from shared.clock import Clock
from shared.identity.age import local_day
from shared.identity.person_name import NameFault, parse_person_name
from shared.localized_text import LocalizedText

_HEARD = LocalizedText(
    "登记了人社业务库中的一项信息", "Noted what the social security bureau's files say of you"
)
_BUREAU = Actor(ActorKind.SYSTEM, Source.SOCIAL_SECURITY.value)
STATEMENT_FORM = refusal(
    "statement_form",
    ("该行的信息项、内容或时间不对。", "The line's field, value or time is wrong."),
    (
        "只接受姓名和出生日期，时间不晚于现在；请核对后重传。",
        "Name and birth date, not of the future.",
    ),
)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a file of the bureau says of a person known by their citizen number."""

    number: str = field(repr=False)
    which: PersonField
    value: str = field(repr=False)
    at: datetime


class Statements:
    """Hears sources."""

    def __init__(self, residents: Residents, clock: Clock) -> None:
        self._residents = residents
        self._clock = clock

    async def hear(
        self, resident_id: str, words: Mapping[PersonField, Word], session: Session
    ) -> frozenset[PersonField] | None:
        """Take words on one record; return in which fields another value stands from now on.

        None where the record says all this already. The audit row is the caller's.
        """
        found = await Resident.get_pymongo_collection().find_one(
            {"_id": resident_id}, session=session
        )
        if found is None:
            return None
        await self._residents.with_keys([found], session)
        ledger = FieldLedger(self._residents, found)
        changed = frozenset(one for one, word in words.items() if ledger.hear(one, word))
        update = ledger.update(self._clock.now())
        if update is None:
            return None
        await self._residents.write({resident_id: update}, session)
        return changed

    async def take_over(self, statement: Statement) -> bool | Refusal:
        """Take over what the bureau's files say; return whether it was new."""
        now = self._clock.now()
        number = number_of(statement.number, local_day(now))
        if isinstance(number, Refusal):
            return number
        value = _value(statement, now)
        if isinstance(value, Refusal):
            return value
        wanted = {"number_index": self._residents.number_index(number.value)}
        word = Word(Source.SOCIAL_SECURITY, statement.at, value)

        async def act(session: Session) -> bool | Refusal:
            found = await Resident.get_pymongo_collection().find_one(
                wanted, {"_id": 1}, session=session
            )
            if found is None:
                return RESIDENT_UNKNOWN
            heard = await self.hear(found["_id"], {statement.which: word}, session)
            if heard is None:
                return False
            await record(
                Deed(
                    at=now,
                    actor=_BUREAU,
                    action="residents.stated",
                    words=_HEARD,
                    system=System.BATCH,
                    subject=found["_id"],
                ),
                session,
            )
            return True

        return await in_one_write(act)


def _value(statement: Statement, now: datetime) -> str | Refusal:
    if statement.at > now:
        return STATEMENT_FORM
    if statement.which is PersonField.NAME:
        name = parse_person_name(statement.value, LONGEST_NAME)
        return STATEMENT_FORM if isinstance(name, NameFault) else name
    if statement.which is not PersonField.BIRTH:
        return STATEMENT_FORM
    try:
        born = date.fromisoformat(statement.value)
    except ValueError:
        return STATEMENT_FORM
    return born.isoformat() if born <= local_day(now) else STATEMENT_FORM
