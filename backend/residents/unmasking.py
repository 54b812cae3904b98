"""Unmasking 查看完整信息: a person's values shown by the resident's id, with a reason.

Where the person shows their card instead, `backend/assertions` tells what the matter needs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.foundation.access import Caller
from backend.foundation.audit import OK, Deed, System, reason_of, record_read, refused
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.residents.finding import ReadLimits
from backend.residents.rules import (
    RESIDENT_UNKNOWN,
    REVEAL_LASTS,
    REVEAL_OVER,
    PersonField,
    fields_of,
    is_resident_id,
)
from backend.residents.service import Residents
from shared.clock import Clock
from shared.localized_text import LocalizedText

_NAMES = {
    PersonField.NAME: LocalizedText("姓名", "name"),
    PersonField.NUMBER: LocalizedText("证件号码", "ID number"),
    PersonField.PHONE: LocalizedText("手机号码", "phone number"),
    PersonField.BIRTH: LocalizedText("出生日期", "birth date"),
}


@dataclass(frozen=True, slots=True)
class Revealed:
    """The values asked for and no others; None where the record has none. Kept out of `repr`."""

    resident_id: str
    values: Mapping[PersonField, str | None] = field(repr=False)


class Unmasking:
    """Shows staff, or residents themselves, what is masked everywhere else."""

    def __init__(self, residents: Residents, limits: ReadLimits, once: Once, clock: Clock) -> None:
        self._residents = residents
        self._limits = limits
        self._once = once
        self._clock = clock

    async def reveal(
        self,
        caller: Caller | None,
        idempotency_key: str,
        resident_id: str,
        fields: Sequence[str],
        reason: str,
    ) -> Revealed | Refusal:
        """Return a resident's values, after the row that tells of it is written.

        The same request again is the same look, for some minutes; after them it is refused, since
        one row must not stand for a look today and another one tomorrow.

        Args:
            caller: who asks.
            idempotency_key: the client's.
            resident_id: of whom.
            fields: names of `PersonField`.
            reason: why, in the words of staff; residents need none for their own.
        """
        if not is_resident_id(resident_id):
            return may(caller, Act.RESIDENT_UNMASK) or RESIDENT_UNKNOWN
        may_not = may(caller, Act.RESIDENT_UNMASK, resident_id)
        if caller is None or may_not is not None:
            if caller is not None and may_not is not None:
                await record_read(self._deed(caller, resident_id, (), "", refused(may_not)))
            return may_not or SIGN_IN_NEEDED
        asked = fields_of(list(fields))
        if isinstance(asked, Refusal):
            return asked
        why = "" if caller.resident_id == resident_id else reason_of(reason)
        if isinstance(why, Refusal):
            return why
        found = await self._residents.stored(resident_id)
        if found is None:
            return RESIDENT_UNKNOWN
        refusal = await self._record(caller, idempotency_key, resident_id, asked, why)
        if refusal is not None:
            return refusal
        return Revealed(resident_id, {one: self._residents.open(found, one) for one in asked})

    async def _record(
        self,
        caller: Caller,
        key: str,
        resident_id: str,
        asked: Sequence[PersonField],
        why: str,
    ) -> Refusal | None:
        """Write the row of one look, within what one member of staff may look at."""
        who, now = caller.thumbprint or caller.actor.id, self._clock.now()
        names = ",".join(one.value for one in asked)
        request = {"act": "reveal", "resident": resident_id, "fields": names, "reason": why}
        answer = await self._once.answered(caller=who, key=key, request=request)
        if answer is None and caller.staff_id is not None:
            locked = await self._limits.of_reads(caller.staff_id)
            if locked is not None:
                await record_read(self._deed(caller, resident_id, asked, why, refused(locked)))
                return locked

        async def act(session: Session) -> Answer:
            await record_read(self._deed(caller, resident_id, asked, why, OK), session)
            return {"until": now + REVEAL_LASTS}

        if answer is None:
            answer = await self._once.perform(
                caller=who, key=key, request=request, now=now, act=act
            )
        if isinstance(answer, Refusal):
            return answer
        return REVEAL_OVER if answer["until"] < now else None

    def _deed(
        self,
        caller: Caller,
        resident_id: str,
        asked: Sequence[PersonField],
        why: str,
        result: str,
    ) -> Deed:
        own = caller.resident_id == resident_id
        zh = "、".join(_NAMES[one].zh for one in asked) or "完整信息"
        en = ", ".join(_NAMES[one].en for one in asked) or "values"
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action="residents.unmasked",
            words=LocalizedText(f"查看了您未隐去的{zh}", f"looked at your {en} in full"),
            system=System.COUNTER if caller.staff_id else System.APP,
            subject=resident_id,
            organisation=caller.organisation,
            result=result,
            reason=why,
            disclosed=not own,
        )
