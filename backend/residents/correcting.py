"""Writing an accepted correction into the record 更正: the one place where it changes by hand."""

from datetime import date, datetime
from typing import Any

from backend.foundation.households import Households
from backend.foundation.mongo import Session
from backend.residents.documents import Origin, Resident
from backend.residents.rules import PersonField, Source
from backend.residents.service import Residents
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
            LookupError: there is no such resident.
            DuplicateKeyError: the number is another resident's.
        """
        found = await Resident.get_pymongo_collection().find_one(
            {"_id": resident_id}, session=session
        )
        if found is None:
            raise LookupError("no such resident")
        await self._residents.with_keys([found], session)
        fields = {one: value}
        if one is PersonField.NUMBER:
            fields |= self._birth_with(found, value, now)
            await self._households.know(resident_id, value, session)
        change = self._set(found, fields, now)
        if one is PersonField.NAME:
            change["$push"] = {"former_names": self._former_name(found, now)}
        await Resident.get_pymongo_collection().update_one(
            {"_id": resident_id}, change, session=session
        )

    def _set(
        self, found: dict[str, Any], fields: dict[PersonField, str], now: datetime
    ) -> dict[str, Any]:
        origin = Origin(source=Source.CORRECTION, at=now).model_dump()
        values: dict[str, Any] = {"changed_at": now}
        for one, value in fields.items():
            name = f"{one.value}_sealed"
            values[name] = self._residents.seal(value, name, found)
            values[f"origins.{one.value}"] = origin
            if one is PersonField.NUMBER:
                values["number_index"] = self._residents.number_index(value)
        return {"$set": values}

    def _birth_with(
        self, found: dict[str, Any], number: str, now: datetime
    ) -> dict[PersonField, str]:
        old = self._birth_in(self._residents.open(found, PersonField.NUMBER) or "", now)
        new = self._birth_in(number, now)
        followed = self._residents.open(found, PersonField.BIRTH) == (old and old.isoformat())
        return {PersonField.BIRTH: new.isoformat()} if followed and new else {}

    def _birth_in(self, number: str, now: datetime) -> date | None:
        parsed = parse_id_number(number, local_day(now))
        return None if isinstance(parsed, InvalidIdNumber) else parsed.birth

    def _former_name(self, found: dict[str, Any], now: datetime) -> dict[str, Any]:
        place = len(found.get("former_names", ()))
        former = self._residents.open(found, PersonField.NAME) or ""
        return {
            "sealed": self._residents.seal(former, f"former_name_{place}", found),
            "origin": found["origins"]["name"],
            "until": now,
        }
