"""Activation codes 激活码 from an outlet: the other way, for whoever wants no face check.

A clerk compares the holder with their document and hands out a code, which any phone of the holder
takes (`Enrolment.enrol`). Codes are kept as keyed hashes only; a repeated request gets the same
code again because it is drawn by a keyed function of the request.
"""

from dataclasses import dataclass, field
from datetime import datetime

from backend.cards import deeds
from backend.cards import refusals as no
from backend.cards.card_writes import cards_of
from backend.cards.documents import EnrolmentCode
from backend.cards.enrolment import code_id, put_code
from backend.cards.lifecycle import LIVE
from backend.cards.rules import CODE_DIGITS, CODE_VALID
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import KEY_FORM, KEY_REUSED, Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.foundation.sealing import Sealer
from backend.residents.documents import ResidentStatus
from backend.residents.rules import RESIDENT_UNKNOWN
from backend.residents.standing import status_of
from shared.clock import Clock
from shared.identifiers import is_identifier

_DRAWN_FOR = "cards.activation_code"
_ACTION = "cards.activation_code_made"


@dataclass(frozen=True, slots=True)
class ActivationCode:
    """A code of ten digits for one phone; kept out of `repr`."""

    code: str = field(repr=False)
    expires_at: datetime


class ActivationCodes:
    """Makes codes for clerks."""

    def __init__(self, once: Once, refused: RefusedActs, sealer: Sealer, clock: Clock) -> None:
        self._once = once
        self._refused = refused
        self._sealer = sealer
        self._clock = clock

    async def at_counter(
        self,
        caller: Caller | None,
        idempotency_key: str,
        resident_id: str,
        *,
        document_checked: bool,
    ) -> ActivationCode | Refusal:
        """Make a code for the card of a resident who stands at the counter.

        Codes made before for the same card and not used stop working.

        Args:
            caller: the clerk.
            idempotency_key: a repeated request gets the same code.
            resident_id: the holder.
            document_checked: whether the clerk compared the person with their document.
        """
        if caller is None:
            return SIGN_IN_NEEDED
        by = caller.staff_id or caller.thumbprint

        async def act(session: Session) -> Answer | Refusal:
            refused = may(caller, Act.DEVICE_ENROL)
            if refused is not None:
                return refused
            card_id = await _live_card(resident_id, session)
            if isinstance(card_id, Refusal):
                return card_id
            return no.DOCUMENT_UNCHECKED if not document_checked else await make(card_id, session)

        async def make(card_id: str, session: Session) -> Answer:
            now, draw = self._clock.now(), 0
            while await EnrolmentCode.get(self._id(request, draw), session=session):
                draw += 1  # another card's code of these days
            expires_at = now.replace(microsecond=0) + CODE_VALID
            code = EnrolmentCode(id=self._id(request, draw), card_id=card_id, expires_at=expires_at)
            await put_code(code, session)
            deed = deeds.of_caller(caller, _ACTION, deeds.CODE_MADE, resident_id, now)
            await audit.record(deed, session)
            return {"draw": draw, "expires_at": expires_at}

        request = {"act": "make code", "resident": resident_id, "by": by, "key": idempotency_key}
        answer = await self._once.perform(
            caller=by, key=idempotency_key, request=request, now=self._clock.now(), act=act
        )
        if isinstance(answer, Refusal):
            await self._record_refusal(caller, resident_id, answer)
            return answer
        return ActivationCode(self._code(request, answer["draw"]), answer["expires_at"])

    def _id(self, request: dict[str, str], draw: int) -> str:
        return code_id(self._sealer, self._code(request, draw))

    def _code(self, request: dict[str, str], draw: int) -> str:
        asked = "\0".join((request["by"], request["key"], request["resident"], str(draw)))
        drawn = int.from_bytes(self._sealer.blind_index(asked, purpose=_DRAWN_FOR), "big")
        return f"{drawn % 10**CODE_DIGITS:0{CODE_DIGITS}}"

    async def _record_refusal(self, by: Caller, resident_id: str, why: Refusal) -> None:
        if why in (KEY_FORM, KEY_REUSED):
            return
        known = is_identifier(resident_id) and await status_of(resident_id)
        about = resident_id if known else None
        now, result = self._clock.now(), audit.refused(why)
        deed = deeds.of_caller(by, _ACTION, deeds.CODE_MADE, about, now, result)
        await self._refused.record(deed)


async def _live_card(resident_id: str, session: Session) -> str | Refusal:
    status = await status_of(resident_id, session) if is_identifier(resident_id) else None
    if status is None:
        return RESIDENT_UNKNOWN
    if status is not ResidentStatus.RESIDENT:
        return no.HOLDER_ABSENT
    known = await cards_of(resident_id, session)
    return known[-1].id if known and known[-1].state in LIVE else no.NO_CARD
