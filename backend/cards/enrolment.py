"""Binding a phone to a card by an activation code, and renewing the phone's certificate."""

import base64
import secrets
from dataclasses import dataclass
from datetime import date

from backend.cards.documents import Card, Device, DeviceState, EnrolmentCode
from backend.cards.rules import (
    CODE_DIGITS,
    CODE_VALID,
    CODE_WRONG,
    DEVICE_UNKNOWN,
    KEY_IN_USE,
    TOO_MANY_TRIES,
    CertifiedPhone,
    Standing,
    claims_for,
    code_of,
    device_name_of,
    may_be_certified,
    may_enrol,
)
from backend.foundation.idempotency import Answer, Once
from backend.foundation.keys import ISSUER_KEY_ID, Keys
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.foundation.wrong_tries import WrongTries
from backend.residents.service import Residents
from shared.clock import Clock
from shared.ecode.algorithms import Algorithm, PublicKey
from shared.ecode.certificate import Certificate, issue_certificate, parse_certificate
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
    """Enrols phones and certifies them."""

    def __init__(
        self, residents: Residents, once: Once, keys: Keys, sealer: Sealer, clock: Clock
    ) -> None:
        self._residents = residents
        self._once = once
        self._issuer = keys.issuer
        self._sealer = sealer
        self._clock = clock
        self._tries = WrongTries(clock, limit=WRONG_TRIES, seconds=WRONG_TRIES_SECONDS)

    async def new_code(self, card_id: str) -> str:
        """Make an activation code for a card: ten digits, used once, valid for 15 minutes.

        Codes made before for the same card and not used stop working.
        """
        await EnrolmentCode.find({"card_id": card_id, "used_by": None}).delete()
        while True:
            code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
            expires_at = self._clock.now() + CODE_VALID
            document = EnrolmentCode(id=self._code_id(code), card_id=card_id, expires_at=expires_at)
            try:
                await document.insert()
            except DuplicateKeyError:
                continue  # another card's code of these days: draw again
            return code

    async def enrol(self, request: EnrolmentRequest, key: ProvenKey) -> Certificate | Refusal:
        """Bind the phone that holds `key` and return its first certificate, once per request."""
        asked = {"code": request.code, "name": request.device_name}

        async def act(session: Session) -> Answer | Refusal:
            return await self._bind(request, key, session)

        answer = await self._once.perform(
            caller=key.thumbprint,
            key=request.idempotency_key,
            request=asked,
            now=self._clock.now(),
            act=act,
        )
        if answer is CODE_WRONG:
            self._tries.record(request.address)
        return _certificate_of(answer)

    async def renew(self, idempotency_key: str, key: ProvenKey) -> Certificate | Refusal:
        """Return a new certificate for the phone that holds `key`, once per request."""

        async def act(session: Session) -> Answer | Refusal:
            return await self._certify_again(key, session)

        answer = await self._once.perform(
            caller=key.thumbprint,
            key=idempotency_key,
            request={"act": "renew"},
            now=self._clock.now(),
            act=act,
        )
        return _certificate_of(answer)

    async def _bind(
        self, request: EnrolmentRequest, key: ProvenKey, session: Session
    ) -> Answer | Refusal:
        if self._tries.too_many(request.address):
            return TOO_MANY_TRIES
        name, code = device_name_of(request.device_name), code_of(request.code)
        if isinstance(name, Refusal):
            return name
        card = await self._use_code(code, key, session)
        if isinstance(card, Refusal):
            return card
        person = await self._residents.person(card.resident_id, session)
        bound = sum(device.state is DeviceState.BOUND for device in card.devices)
        refused = may_enrol(Standing(card.state, person.present, bound_devices=bound))
        if refused is not None:
            return refused
        serial = len(card.devices) + 1
        phone = _phone(card, serial, key.public, person.birth)
        certificate = issue_certificate(claims_for(phone, self._clock.now()), self._issuer)
        device = Device(
            serial=serial,
            thumbprint=key.thumbprint,
            algorithm=key.public.algorithm,
            public_key=key.public.raw,
            name=name,
            state=DeviceState.BOUND,
            enrolled_at=self._clock.now(),
            certified_until=certificate.claims.not_after,
        )
        try:
            await Card.get_pymongo_collection().update_one(
                {"_id": card.id},
                {"$push": {"devices": device.model_dump(exclude_none=True)}},
                session=session,
            )
        except DuplicateKeyError:
            return KEY_IN_USE
        return _answer(certificate)

    async def _use_code(
        self, code: str | Refusal, key: ProvenKey, session: Session
    ) -> Card | Refusal:
        if isinstance(code, Refusal):
            return code
        used = await EnrolmentCode.get_pymongo_collection().find_one_and_update(
            {
                "_id": self._code_id(code),
                "used_by": None,
                "expires_at": {"$gt": self._clock.now()},
            },
            {"$set": {"used_by": key.thumbprint}},
            session=session,
        )
        card = await Card.get(used["card_id"], session=session) if used else None
        return CODE_WRONG if card is None else card

    async def _certify_again(self, key: ProvenKey, session: Session) -> Answer | Refusal:
        card = await Card.find_one({"devices.thumbprint": key.thumbprint}, session=session)
        if card is None:
            return DEVICE_UNKNOWN
        device = next(one for one in card.devices if one.thumbprint == key.thumbprint)
        person = await self._residents.person(card.resident_id, session)
        standing = Standing(card.state, person.present, device.state is DeviceState.BOUND)
        refused = may_be_certified(standing)
        if refused is not None:
            return refused
        public = PublicKey(Algorithm(device.algorithm), device.public_key)
        phone = _phone(card, device.serial, public, person.birth)
        certificate = issue_certificate(claims_for(phone, self._clock.now()), self._issuer)
        await Card.get_pymongo_collection().update_one(
            {"_id": card.id, "devices.serial": device.serial},
            {"$set": {"devices.$.certified_until": certificate.claims.not_after}},
            session=session,
        )
        return _answer(certificate)

    def _code_id(self, code: str) -> str:
        return self._sealer.blind_index(code, purpose=_CODE_PURPOSE).hex()


def _phone(card: Card, serial: int, key: PublicKey, birth: date) -> CertifiedPhone:
    return CertifiedPhone(
        region=card.region,
        issuer_key_id=ISSUER_KEY_ID,
        card_index=card.card_index,
        device_serial=serial,
        device_key=key,
        birth=birth,
    )


def _answer(certificate: Certificate) -> Answer:
    return {"certificate": base64.b64encode(certificate.raw).decode()}


def _certificate_of(answer: Answer | Refusal) -> Certificate | Refusal:
    if isinstance(answer, Refusal):
        return answer
    return parse_certificate(base64.b64decode(answer["certificate"]))
