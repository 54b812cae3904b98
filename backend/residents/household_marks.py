"""Noting a resident's household at a counter 登记户号, where the register has none or is late."""

from backend.foundation.access import Caller
from backend.foundation.audit import OK, Deed, System, record, record_read, refused
from backend.foundation.households import Households, of_same_household
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.residents.rules import (
    OWN_HOUSEHOLD,
    RESIDENT_UNKNOWN,
    PersonField,
    household_of,
    is_resident_id,
)
from backend.residents.service import Residents
from shared.clock import Clock
from shared.localized_text import LocalizedText

_JOINED = LocalizedText("登记了您的户", "noted your household")


class HouseholdMarks:
    """Notes households for clerks, never of the clerk's own."""

    def __init__(
        self, residents: Residents, households: Households, once: Once, clock: Clock
    ) -> None:
        self._residents = residents
        self._households = households
        self._once = once
        self._clock = clock

    async def join(
        self, caller: Caller | None, idempotency_key: str, resident_id: str, household: str
    ) -> Refusal | None:
        """Note the household a resident is of, in place of any noted before.

        A clerk who could move their own family out of their household would raise no alert any
        more: that is another clerk's act, and the try raises one (L31).
        """
        forbidden = may(caller, Act.RESIDENT_CORRECT)
        if forbidden is not None or caller is None or caller.staff_id is None:
            return forbidden or SIGN_IN_NEEDED
        number = household_of(household)
        if isinstance(number, Refusal):
            return number
        known = is_resident_id(resident_id)
        found = await self._residents.stored(resident_id) if known else None
        if found is None:
            return RESIDENT_UNKNOWN
        if await of_same_household(caller.staff_id, [resident_id]):
            await record_read(self._deed(caller, resident_id, refused(OWN_HOUSEHOLD)))
            return OWN_HOUSEHOLD
        person = self._residents.open(found, PersonField.NUMBER) or ""

        async def act(session: Session) -> Answer:
            await self._households.know(resident_id, person, session)
            await self._households.join(person, number, session)
            await record(self._deed(caller, resident_id, OK), session)
            return {}

        answer = await self._once.perform(
            caller=caller.thumbprint or caller.staff_id,
            key=idempotency_key,
            request={
                "act": "join household",
                "resident": resident_id,
                "household": self._residents.fingerprint(number),
            },
            now=self._clock.now(),
            act=act,
        )
        return answer if isinstance(answer, Refusal) else None

    def _deed(self, caller: Caller, resident_id: str, result: str) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action="residents.household_noted",
            words=_JOINED,
            system=System.COUNTER,
            subject=resident_id,
            organisation=caller.organisation,
            result=result,
        )
