"""What is shown at a counter, read: an e-card code verified as at a gate, or a card.

A code is verified with the trust list that readers get; whether card and phone count is asked of
the store itself afterwards, which knows it before any status list does.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from typing_extensions import override

from backend.assertions.documents import ShownCode
from backend.assertions.rules import (
    CARD_NOT_FOUND,
    CODE_SHOWN,
    EVIDENCE_FORM,
    Evidence,
    code_refusal,
    of_another_region,
)
from backend.cards.service import Cards, ShownCard
from backend.foundation.keys import Keys
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.readers.trust import own_trust_list
from shared.cardfile.identification_code import parse_identification_code
from shared.ecode.proof import ANY
from shared.ecode.reasons import Reason
from shared.ecode.replay import Fresh, ReplayGuard
from shared.ecode.verify import (
    CardStatus,
    CodeVerifier,
    PresentationContext,
    RefusedCode,
    StatusLookup,
)
from shared.trust.status_list import card_digest
from shared.trust.trust_list import read_trust_list

_HOUR = timedelta(hours=1)
_COUNTER = PresentationContext(venue=ANY)
_BEFORE, _NOW = 0, 1
"""Two lanes of a replay guard: what was shown before was shown elsewhere, were it a second ago."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a counter sends: a code's digits, or an identification code read from a chip, as hex."""

    code: str | None = field(default=None, repr=False)
    identification_code: str | None = field(default=None, repr=False)

    @property
    def kind(self) -> Evidence | None:
        """Which of the two it is; None where it is neither or both."""
        if (self.code is None) == (self.identification_code is None):
            return None
        return Evidence.CARD if self.code is None else Evidence.CODE


@dataclass(frozen=True, slots=True)
class ReadCode:
    """A code that was verified: which phone of which card showed it, when, and answering what."""

    card_index: int
    serial: int
    counter: int
    challenge: bytes


Read = tuple[ShownCard, ReadCode | None]


class _AskedAfterwards(StatusLookup):
    """No list: the store is asked for the card's and the phone's state."""

    @override
    def status(self, region: int, card_index: int, device_serial: int) -> CardStatus:
        return CardStatus.ACTIVE


class EvidenceDesk:
    """Reads what is shown, and lets each showing of a code serve once."""

    def __init__(self, cards: Cards, keys: Keys, sealer: Sealer, region: int) -> None:
        self._cards = cards
        self._keys = keys
        self._sealer = sealer
        self._region = region
        self._verifier: tuple[datetime, CodeVerifier] | None = None

    async def read(self, shown: Shown, now: datetime) -> Read | Refusal:
        """Return the card that was shown, or why it is none of ours."""
        if shown.kind is None:
            return EVIDENCE_FORM
        if shown.code is None:
            digest = self._digest(shown.identification_code or "")
            if isinstance(digest, Refusal):
                return digest
            card = await self._cards.shown_by_digest(digest)
            return CARD_NOT_FOUND if card is None else (card, None)
        code = self._verified(shown.code, now)
        if isinstance(code, Refusal):
            return code
        card = await self._cards.shown_by_index(code.card_index, code.serial)
        return CARD_NOT_FOUND if card is None else (card, code)

    async def take(self, code: ReadCode, now: datetime, session: Session) -> Refusal | None:
        """Use a showing up, or return that it, or a later one, was shown before."""
        shown = ShownCode.get_pymongo_collection()
        phone = f"{code.card_index}:{code.serial}"
        wanted = {"_id": self._sealer.blind_index(phone, purpose="assertions.shown").hex()}
        found = await shown.find_one(wanted, session=session)
        if found is not None:
            guard = ReplayGuard()
            at = found["shown_at"]
            guard.remember(code.card_index, code.serial, found["counter"], _BEFORE, at)
            sighting = guard.look(code.card_index, code.serial, code.counter, _NOW, now)
            if not isinstance(sighting, Fresh):
                return CODE_SHOWN
        # Two transactions that take the same showing meet here: one of them is done again.
        change = {"$set": {"counter": code.counter, "shown_at": now}}
        await shown.update_one(wanted, change, upsert=True, session=session)
        return None

    def _digest(self, text: str) -> bytes | Refusal:
        try:
            code = parse_identification_code(bytes.fromhex(text))
        except ValueError:
            return EVIDENCE_FORM
        if code.division != self._region:
            return of_another_region(code.division)
        return card_digest(code.raw)

    def _verified(self, text: str, now: datetime) -> ReadCode | Refusal:
        found = self._present_verifier(now).verify(text, now, _COUNTER)
        if isinstance(found, RefusedCode):
            claims = found.certificate.claims if found.certificate else None
            if found.reason is Reason.ISSUER_UNKNOWN and claims and claims.region != self._region:
                return of_another_region(claims.region)
            return code_refusal(found.reason, found.detail)
        claims = found.certificate.claims
        if claims.paper:
            # Whoever holds a copy holds the code: it says nothing of who stands at the counter.
            return code_refusal(Reason.PAPER_NOT_ALLOWED, {})
        proof = found.proof
        return ReadCode(claims.card_index, claims.device_serial, proof.counter, proof.challenge)

    def _present_verifier(self, now: datetime) -> CodeVerifier:
        """Return what verifies with the trust list of the present hour, made once in it."""
        if self._verifier is None or not timedelta(0) <= now - self._verifier[0] < _HOUR:
            text = own_trust_list(self._keys, self._region, now)
            trust = read_trust_list(text, self._keys.root.public, now)
            hour = now.replace(minute=0, second=0, microsecond=0)
            self._verifier = hour, CodeVerifier(trust, _AskedAfterwards())
        return self._verifier[1]
