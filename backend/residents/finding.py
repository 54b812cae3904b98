"""Finding residents at a counter 查询居民: by the exact number or phone, masked, and written down.

There is no search by a part of anything and no list: who asks must have the document or the person
before them. Each find is a read that the person finds in "who used my data"; how many a member of
staff makes in an hour is bounded, so that nobody copies the city out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.foundation.access import Caller
from backend.foundation.audit import OK, Deed, System, record_read, record_reads, refused
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.residents.rules import SEARCH_FORM, number_of, phone_of
from backend.residents.service import Person, Residents
from shared.clock import Clock
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

_FOUND = LocalizedText(
    "查询了您的登记信息（已隐去部分内容）", "looked you up; the values were masked"
)
_NOBODY = LocalizedText("查询了居民，没有找到", "looked for a resident and found nobody")


class ReadLimits(Protocol):
    """How many reads of residents one member of staff may make."""

    async def of_reads(self, staff_id: str) -> Refusal | None:
        """Count one read; return why it is one too many."""
        ...


@dataclass(frozen=True, slots=True)
class FoundResident:
    """A resident as staff find them: masked."""

    resident_id: str
    person: Person


class ResidentSearch:
    """Finds residents for staff."""

    def __init__(self, residents: Residents, limits: ReadLimits, clock: Clock) -> None:
        self._residents = residents
        self._limits = limits
        self._clock = clock

    async def find(
        self, caller: Caller | None, number: str | None, phone: str | None
    ) -> Sequence[FoundResident] | Refusal:
        """Return who has a citizen number, or a phone that several may share; masked."""
        forbidden = may(caller, Act.RESIDENT_READ)
        if forbidden is not None or caller is None or caller.staff_id is None:
            if caller is not None:
                await record_read(self._deed(caller, None, refused(forbidden or SIGN_IN_NEEDED)))
            return forbidden or SIGN_IN_NEEDED
        index = self._asked(number, phone)
        if isinstance(index, Refusal):
            return index
        locked = await self._limits.of_reads(caller.staff_id)
        if locked is not None:
            await record_read(self._deed(caller, None, refused(locked)))
            return locked
        persons = await self._residents.having(index)
        deeds = [self._deed(caller, resident_id, OK) for resident_id in persons]
        await record_reads(deeds or [self._deed(caller, None, OK)])
        return [FoundResident(*found) for found in persons.items()]

    def _asked(self, number: str | None, phone: str | None) -> dict[str, bytes] | Refusal:
        if (number is None) == (phone is None):
            return SEARCH_FORM
        if number is not None:
            parsed = number_of(number, local_day(self._clock.now()))
            if isinstance(parsed, Refusal):
                return parsed
            return {"number_index": self._residents.number_index(parsed.value)}
        called = phone_of(phone or "")
        if isinstance(called, Refusal):
            return called
        return {"phone_index": self._residents.phone_index(called)}

    def _deed(self, caller: Caller, subject: str | None, result: str) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action="residents.found",
            words=_FOUND if subject else _NOBODY,
            system=System.COUNTER,
            subject=subject,
            organisation=caller.organisation,
            result=result,
        )
