"""Binding a phone to a card by an activation code 激活码, a strong verification of its holder."""

import base64
import secrets
from dataclasses import dataclass
from functools import partial

from backend.cards import deeds
from backend.cards import refusals as no
from backend.cards.certificates import Certificates, Issued
from backend.cards.decisions import effective_state
from backend.cards.documents import Card, Device, EnrolmentCode
from backend.cards.policies import EcardPolicies
from backend.cards.rules import (
    CODE_DIGITS,
    CODE_VALID,
    DeviceState,
    Standing,
    code_of,
    device_name_of,
    may_enrol,
)
from backend.figures import CardFigures
from backend.foundation import audit
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.foundation.wrong_tries import WrongTries
from backend.residents.service import Residents
from shared.clock import Clock
from shared.ecode.certificate import parse_certificate
from shared.wire.request_proof import ProvenKey

_CODE_PURPOSE = "cards.enrolment_code"
WRONG_TRIES = 5
WRONG_TRIES_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """What a phone sends with its activation code; `address` is where it sends from."""

    idempotency_key: str
    code: str
    device_name: str
    address: str


class Enrolment:
    """Enrols phones by activation codes."""

    def __init__(
        self,
        residents: Residents,
        once: Once,
        certificates: Certificates,
        policies: EcardPolicies,
        sealer: Sealer,
        figures: CardFigures,
        clock: Clock,
    ) -> None:
        self._residents = residents
        self._once = once
        self._certificates = certificates
        self._policies = policies
        self._sealer = sealer
        self._figures = figures
        self._clock = clock
        self._tries = WrongTries(clock, limit=WRONG_TRIES, seconds=WRONG_TRIES_SECONDS)

    async def new_code(self, card_id: str) -> str:
        """Make an activation code for a card: ten digits, used once, valid for 15 minutes.

        Codes made before for the same card and not used stop working.
        """
        while True:
            code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
            expires_at = self._clock.now() + CODE_VALID
            document = EnrolmentCode(
                id=code_id(self._sealer, code), card_id=card_id, expires_at=expires_at
            )
            try:
                await audit.in_one_write(partial(self._put_code, document))
            except DuplicateKeyError:
                continue  # another card's code of these days: draw again
            return code

    async def _put_code(self, code: EnrolmentCode, session: Session) -> None:
        await put_code(code, session)
        card = await Card.get(code.card_id, session=session)
        holder, now = (card.resident_id if card else None), self._clock.now()
        deed = deeds.of_operator("cards.activation_code_made", deeds.CODE_MADE, holder, now)
        await audit.record(deed, session)

    async def enrol(self, request: EnrolmentRequest, key: ProvenKey) -> Issued | Refusal:
        """Bind the phone that holds `key` and return its first certificate, once per request.

        A phone that is known and waits to be verified is verified by this.
        """
        counted = False

        async def act(session: Session) -> Answer | Refusal:
            nonlocal counted  # a transaction that is tried again is the same try
            if not counted and not self._tries.take(request.address):
                return no.TOO_MANY_TRIES
            counted = True
            return await self._bind(request, key, session)

        answer = await self._once.perform(
            caller=key.thumbprint,
            key=request.idempotency_key,
            request={"code": request.code, "name": request.device_name},
            now=self._clock.now(),
            act=act,
        )
        if counted and answer is not no.CODE_WRONG:
            self._tries.give_back(request.address)
        if isinstance(answer, Refusal):
            return answer
        certificate = parse_certificate(base64.b64decode(answer["certificate"]))
        return self._certificates.issued(certificate)

    async def renew(
        self, idempotency_key: str, key: ProvenKey, held: bytes = b""
    ) -> Issued | Refusal:
        """Return a new certificate, as `Certificates.renew`."""
        return await self._certificates.renew(idempotency_key, key, held)

    async def _bind(
        self, request: EnrolmentRequest, key: ProvenKey, session: Session
    ) -> Answer | Refusal:
        name, code = device_name_of(request.device_name), code_of(request.code)
        if isinstance(name, Refusal):
            return name
        card = await self._use_code(code, key, session)
        if isinstance(card, Refusal):
            return card
        waiting = card.waiting_device(key.thumbprint)
        if waiting is None:
            refused = await self.refusal_of_another(card, session)
            if refused is not None:
                return refused
        device = waiting or card.new_device(key, name, self._clock.now())
        issued = await bind(card, device, self._certificates, key, session)
        if isinstance(issued, Refusal):
            return issued
        now, origin = self._clock.now(), request.address
        deed = deeds.of_phone(
            "cards.device_enrolled", deeds.ENROLLED, card.resident_id, now, origin=origin
        )
        await audit.record(deed, session)
        return {"certificate": base64.b64encode(issued.certificate.raw).decode()}

    async def refusal_of_another(self, card: Card, session: Session) -> Refusal | None:
        """Return why the card gets no further phone, or None where it does."""
        person = await self._residents.person(card.resident_id, session)
        known = sum(device.state is not DeviceState.UNBOUND for device in card.devices)
        state = effective_state(card.state, card.expires_at, self._clock.now())
        standing = Standing(state, person.present, None, known)
        return may_enrol(standing, await self._policies.present(), self._figures)

    async def _use_code(
        self, code: str | Refusal, key: ProvenKey, session: Session
    ) -> Card | Refusal:
        if isinstance(code, Refusal):
            return code
        used = await EnrolmentCode.get_pymongo_collection().find_one_and_update(
            {
                "_id": code_id(self._sealer, code),
                "used_by": None,
                "expires_at": {"$gt": self._clock.now()},
            },
            {"$set": {"used_by": key.thumbprint}},
            session=session,
        )
        card = await Card.get(used["card_id"], session=session) if used else None
        return no.CODE_WRONG if card is None else card


def code_id(sealer: Sealer, code: str) -> str:
    """Return under what an activation code is stored: its keyed hash."""
    return sealer.blind_index(code, purpose=_CODE_PURPOSE).hex()


async def put_code(code: EnrolmentCode, session: Session) -> None:
    """Store a card's activation code in the place of those not used yet."""
    unused = {"card_id": code.card_id, "used_by": None}
    await EnrolmentCode.find(unused, session=session).delete(session=session)
    await code.insert(session=session)


async def bind(
    card: Card, device: Device, certificates: Certificates, key: ProvenKey, session: Session
) -> Issued | Refusal:
    """Let a verified phone speak for the card, with its first certificate."""
    issued = await certificates.first(card.id, device.serial, key.public, session)
    if isinstance(issued, Refusal):
        return issued
    bound = device.model_copy(update={"state": DeviceState.BOUND, **issued.to_device()})
    others = [one for one in card.devices if one.serial != device.serial]
    fields = [one.model_dump(exclude_none=True) for one in (*others, bound)]
    try:
        await Card.get_pymongo_collection().update_one(
            {"_id": card.id}, {"$set": {"devices": fields, **issued.to_card()}}, session=session
        )
    except DuplicateKeyError:
        return no.KEY_IN_USE
    return issued
