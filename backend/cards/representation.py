"""Certificates by which a delegate's phone shows its principal's code 代办码.

The issuer signs that a representative shows it, so the phone cannot leave that away. It holds no
longer than the principal's own would, and not beyond the mandate.
"""

import base64
from dataclasses import dataclass
from datetime import timedelta

from backend.cards import refusals as no
from backend.cards.certificates import Certificates, Issued
from backend.cards.documents import Card
from backend.cards.lifecycle import CardState
from backend.cards.service import Cards
from backend.foundation.audit import Deed
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.mandates import refusals as mandate_refusals
from backend.mandates.acting import Acting, record_act, record_upkeep
from backend.mandates.documents import StoredCode
from backend.mandates.representing import keep_code, place_of_code
from shared.clock import Clock
from shared.ecode.certificate import parse_certificate
from shared.localized_text import LocalizedText
from shared.wire.request_proof import ProvenKey

_TAKEN = LocalizedText("在手机上取得了可出示的电子社保卡", "Got the e-card to show it on a phone")
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Represented:
    """A certificate for a delegate's phone, and the card it shows."""

    issued: Issued
    card_id: str
    resident_id: str
    number_tail: str
    region: int
    state: CardState


class Representation:
    """Gives delegates' phones what they show."""

    def __init__(self, cards: Cards, certificates: Certificates, once: Once, clock: Clock) -> None:
        self._cards = cards
        self._certificates = certificates
        self._once = once
        self._clock = clock

    async def take(
        self, acting: Acting, key: ProvenKey, idempotency_key: str
    ) -> Represented | Refusal:
        """Return a certificate for the delegate's phone that holds `key`, once per request."""
        card_id = await self._cards.present_card(acting.principal)
        card = None if isinstance(card_id, Refusal) else await Card.get(card_id)
        if card is None:
            return no.NO_CARD

        async def act(session: Session) -> Answer | Refusal:
            issued = await self._issued(acting, key, card, session)
            if isinstance(issued, Refusal):
                return issued
            return {"certificate": base64.b64encode(issued.certificate.raw).decode()}

        answer = await self._once.perform(
            caller=key.thumbprint,
            key=idempotency_key,
            request={"act": "show for another", "mandate": acting.mandate},
            now=self._clock.now(),
            act=act,
        )
        if isinstance(answer, Refusal):
            return answer
        certificate = parse_certificate(base64.b64decode(answer["certificate"]))
        return Represented(
            issued=self._certificates.issued(certificate),
            card_id=card.id,
            resident_id=card.resident_id,
            number_tail=card.number_tail,
            region=card.region,
            state=card.state,
        )

    async def _issued(
        self, acting: Acting, key: ProvenKey, card: Card, session: Session
    ) -> Issued | Refusal:
        now = self._clock.now()
        place = await place_of_code(acting.mandate, card.card_index, key.thumbprint, now, session)
        if not place.known and place.others >= acting.figures.showing_phones:
            return mandate_refusals.TOO_MANY_PHONES
        until = place.until or now + timedelta(days=365)
        hour = now.replace(minute=0, second=0, microsecond=0)
        if until < hour + _HOUR:
            return mandate_refusals.MANDATE_OVER  # a certificate lasts whole hours
        issued = await self._certificates.represented(
            card.id, place.serial, key.public, until, session
        )
        if isinstance(issued, Refusal):
            return issued
        deed = Deed(
            at=now,
            actor=acting.actor,
            action="cards.shown_for_another",
            words=_TAKEN,
            system=acting.system,
            subject=acting.principal,
        )
        recorded = record_upkeep if place.known else record_act
        refused = await recorded(deed, acting, session)
        if refused is not None:
            return refused
        code = StoredCode(
            card_index=card.card_index,
            serial=place.serial,
            thumbprint=key.thumbprint,
            algorithm=key.public.algorithm,
            public_key=key.public.raw,
            certified_until=issued.certificate.claims.not_after,
        )
        await keep_code(acting.mandate, code, now, session)
        return issued
