"""Unmasking 查看完整信息: the one act that lets a person's values leave this area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.foundation.access import Caller
from backend.foundation.audit import OK, Deed, System, reason_of, record_read, refused
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.residents.rules import RESIDENT_UNKNOWN, PersonField, fields_of
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

    def __init__(self, residents: Residents, clock: Clock) -> None:
        self._residents = residents
        self._clock = clock

    async def reveal(
        self, caller: Caller | None, resident_id: str, fields: Sequence[str], reason: str
    ) -> Revealed | Refusal:
        """Return a resident's values, after the row that tells of it is written.

        Args:
            caller: who asks.
            resident_id: of whom.
            fields: names of `PersonField`.
            reason: why, in the words of staff; residents need none for their own.
        """
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
        await record_read(self._deed(caller, resident_id, asked, why, OK))
        return Revealed(resident_id, {one: self._residents.open(found, one) for one in asked})

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
