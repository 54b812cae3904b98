"""Whose card or code is shown, for desks that serve them and learn nothing else of the person."""

from dataclasses import dataclass
from datetime import datetime

from backend.assertions.evidence import EvidenceDesk, ReadCode, Shown
from backend.assertions.rules import CARD_NOT_FOUND, Presented, presented_fault
from backend.cards.decisions import effective_state
from backend.cards.rules import refusal_of_device
from backend.cards.service import ShownCard
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.residents.service import RecordedIdentity, Residents
from shared.clock import Clock


@dataclass(frozen=True, slots=True)
class PresentHolder:
    """The holder of a card that counts, and which showing of a code it was, if it was one."""

    resident_id: str
    code: ReadCode | None


def fault_of(card: ShownCard, found: RecordedIdentity, now: datetime) -> Refusal | None:
    """Return why a card that was read stands for nobody now."""
    state = effective_state(card.state, card.expires_at, now)
    phone = None if card.device is None else refusal_of_device(card.device)
    return presented_fault(Presented(state, found.died, found.closed, phone))


class Presenting:
    """Tells desks who shows a card; each showing of a code serves once."""

    def __init__(self, desk: EvidenceDesk, residents: Residents, clock: Clock) -> None:
        self._desk = desk
        self._residents = residents
        self._clock = clock

    async def holder(self, shown: Shown) -> PresentHolder | Refusal:
        """Return whose card or code is shown, or why it counts for nobody."""
        now = self._clock.now()
        read = await self._desk.read(shown, now)
        if isinstance(read, Refusal):
            return read
        card, code = read
        found = await self._residents.identity(card.resident_id)
        fault = CARD_NOT_FOUND if found is None else fault_of(card, found, now)
        return fault or PresentHolder(card.resident_id, code)

    async def use(self, holder: PresentHolder, session: Session) -> Refusal | None:
        """Use the showing of a code up, within the act that it is for."""
        if holder.code is None:
            return None
        return await self._desk.take(holder.code, self._clock.now(), session)
