"""Writing an accepted correction into the record 更正: the one place where it changes by hand."""

from datetime import date, datetime
from typing import Any

from backend.foundation.households import Households
from backend.foundation.mongo import Session
from backend.residents.documents import Origin, Resident
from backend.residents.field_ledger import FieldLedger
from backend.residents.rules import PersonField, Source
from backend.residents.service import Residents
from backend.residents.source_rules import Word
from shared.identity.age import local_day
from shared.identity.id_number import InvalidIdNumber, parse_id_number


class RecordCorrection:
    """Corrects name, birth date and number of residents."""

    def __init__(self, residents: Residents, households: Households) -> None:
        self._residents = residents
        self._households = households

    async def correct(
        self, resident_id: str, one: PersonField, value: str, now: datetime, session: Session
    ) -> None:
        """Write the right value of a field, in the transaction of the decision.

        A name replaced stays among the former names. A new number brings its birth date along,
        unless the date on the record was another one than the old number's.

        Raises:
            LookupError: there is no such resident, or the value was erased.
            DuplicateKeyError: the number is another resident's.
        """
        found = await Resident.get_pymongo_collection().find_one(
            {"_id": resident_id}, session=session
        )
        if found is None:
            raise LookupError("no such resident")
        await self._residents.with_keys([found], session)
        ledger = FieldLedger(self._residents, found)
        if one is PersonField.NUMBER:
            birth = self._birth_with(found, value, now)
            if birth is not None:
                ledger.settle(PersonField.BIRTH, Word(Source.CORRECTION, now, birth))
            await self._households.know(resident_id, value, session)
        else:
            ledger.settle(one, Word(Source.CORRECTION, now, value))
        change = ledger.update(now) or {"$set": {"changed_at": now}}
        if one is PersonField.NUMBER:
            change["$set"] |= self._number(found, value, now)
        await self._residents.write({resident_id: change}, session)

    def _number(self, found: dict[str, Any], number: str, now: datetime) -> dict[str, Any]:
        return {
            "number_sealed": self._residents.seal(number, "number_sealed", found),
            "number_index": self._residents.number_index(number),
            "origins.number": Origin(source=Source.CORRECTION, at=now).model_dump(),
        }

    def _birth_with(self, found: dict[str, Any], number: str, now: datetime) -> str | None:
        old = self._birth_in(self._residents.open(found, PersonField.NUMBER) or "", now)
        new = self._birth_in(number, now)
        followed = self._residents.open(found, PersonField.BIRTH) == (old and old.isoformat())
        return new.isoformat() if followed and new else None

    def _birth_in(self, number: str, now: datetime) -> date | None:
        parsed = parse_id_number(number, local_day(now))
        return None if isinstance(parsed, InvalidIdNumber) else parsed.birth
