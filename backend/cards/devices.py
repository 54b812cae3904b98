"""The phones of a card: seeing, adding, verifying and unbinding them (S19).

A face is sensitive: it is compared only with the holder's separate consent (L3), and whoever does
not want that goes to an outlet for an activation code (L28).
"""

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backend.cards import deeds
from backend.cards import refusals as no
from backend.cards.card_writes import cards_of
from backend.cards.certificates import Certificates, Issued
from backend.cards.documents import Card, Device
from backend.cards.enrolment import WRONG_TRIES, WRONG_TRIES_SECONDS, Enrolment, bind
from backend.cards.lifecycle import LIVE
from backend.cards.rules import DeviceState, device_name_of
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import KEY_FORM, KEY_REUSED, Answer, Once
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.permissions import Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.foundation.wrong_tries import WrongTries
from backend.residents.face_check import FaceCheck
from shared.clock import Clock
from shared.ecode.certificate import parse_certificate
from shared.localized_text import LocalizedText
from shared.wire.request_proof import ProvenKey

FACE_CHECK = "face_check"
"""The purpose that the holder's consent names."""


class SeparateConsents(Protocol):
    """Knows what people gave their separate consent 单独同意 to."""

    async def require(
        self, resident_id: str, purpose: str, session: Session | None = None
    ) -> Refusal | None:
        """Return why a person's data may not be used for a purpose now, or None."""
        ...


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """One phone as its owner sees it; `is_this` marks the one that asks."""

    serial: int
    name: str
    state: DeviceState
    enrolled_at: datetime
    certified_until: datetime | None
    unbound_at: datetime | None
    is_this: bool


class Devices:
    """Manages the phones of a resident's card."""

    def __init__(
        self,
        once: Once,
        enrolment: Enrolment,
        certificates: Certificates,
        faces: FaceCheck,
        consents: SeparateConsents,
        refused: RefusedActs,
        clock: Clock,
    ) -> None:
        self._once = once
        self._enrolment = enrolment
        self._certificates = certificates
        self._faces = faces
        self._consents = consents
        self._refused = refused
        self._clock = clock
        self._tries = WrongTries(clock, limit=WRONG_TRIES, seconds=WRONG_TRIES_SECONDS)

    async def of(self, caller: Caller, resident_id: str) -> list[DeviceFacts] | Refusal:
        """Return the phones of a resident's card, the latest first."""
        refused = may(caller, Act.ACCOUNT_MANAGE, resident_id)
        if refused is not None:
            return refused
        card = await _card(resident_id)
        if isinstance(card, Refusal):
            return card
        return [_facts(device, caller) for device in reversed(card.devices)]

    async def add(
        self, caller: Caller, key: ProvenKey, idempotency_key: str, name: str
    ) -> DeviceFacts | Refusal:
        """Make a signed-in phone known; it gets no certificate before its holder is verified."""
        plain = device_name_of(name)
        if isinstance(plain, Refusal):
            return plain

        async def act(card: Card, session: Session) -> Answer | Refusal:
            refused = await self._enrolment.refusal_of_another(card, session)
            if refused is not None:
                return refused
            device = card.new_device(key, plain, self._clock.now())
            try:
                await Card.get_pymongo_collection().update_one(
                    {"_id": card.id},
                    {"$push": {"devices": device.model_dump(exclude_none=True)}},
                    session=session,
                )
            except DuplicateKeyError:
                return no.KEY_IN_USE
            await self._record("cards.device_added", deeds.ADDED, card, session)
            return {"serial": device.serial}

        request = {"act": "add device", "name": plain, "key": key.thumbprint}
        return await self._changed(caller, idempotency_key, request, act)

    async def verify_by_face(
        self, caller: Caller, key: ProvenKey, idempotency_key: str, picture: bytes
    ) -> Issued | Refusal:
        """Bind a phone that waits, by a picture of its holder taken now; the picture is not kept.

        The other way is an activation code (`Enrolment.enrol`).
        """

        async def act(card: Card, session: Session) -> Answer | Refusal:
            device = _waiting(card, key)
            if isinstance(device, Refusal):
                return device
            issued = await bind(card, device, self._certificates, key, session)
            if isinstance(issued, Refusal):
                return issued
            await self._record("cards.device_verified", deeds.VERIFIED, card, session)
            return {"certificate": base64.b64encode(issued.certificate.raw).decode()}

        request = {"act": "verify device", "key": key.thumbprint}
        answer = await self._once.answered(
            caller=caller.thumbprint or caller.resident_id or "",
            key=idempotency_key,
            request=request,
        )
        if answer is None:
            refused = await self._compare(caller, key, picture)
            if refused is not None:
                await self._record_refusal(caller, request, refused)
                return refused
            answer = await self._once_on_card(caller, idempotency_key, request, act)
        if isinstance(answer, Refusal):
            return answer
        certificate = parse_certificate(base64.b64decode(answer["certificate"]))
        return self._certificates.issued(certificate)

    async def unbind(
        self, caller: Caller, idempotency_key: str, serial: int
    ) -> DeviceFacts | Refusal:
        """Take a phone's right to speak for the card; the next status list names it."""

        async def act(card: Card, session: Session) -> Answer | Refusal:
            if not any(device.serial == serial for device in card.devices):
                return no.DEVICE_UNKNOWN
            if await unbind(card.id, serial, self._clock.now(), session):
                await self._record("cards.device_unbound", deeds.UNBOUND, card, session)
            return {"serial": serial}

        request = {"act": "unbind device", "serial": str(serial)}
        return await self._changed(caller, idempotency_key, request, act)

    async def _compare(self, caller: Caller, key: ProvenKey, picture: bytes) -> Refusal | None:
        """Return why the phone may not be verified by `picture`, or None where its face matches.

        The picture leaves this house last, after everything else that could refuse it.
        """
        resident_id = caller.resident_id or ""
        card = may(caller, Act.ACCOUNT_MANAGE, resident_id) or await _card(resident_id)
        device = card if isinstance(card, Refusal) else _waiting(card, key)
        if isinstance(device, Refusal):
            return device
        if await self._consents.require(resident_id, FACE_CHECK) is not None:
            return no.FACE_CONSENT_NEEDED
        if not self._tries.take(resident_id):
            return no.TOO_MANY_TRIES
        matches = await self._faces.matches(resident_id, picture)
        if matches is False:
            return no.FACE_DIFFERENT
        self._tries.give_back(resident_id)
        return matches if isinstance(matches, Refusal) else None

    async def _record_refusal(
        self, caller: Caller, request: Mapping[str, str], why: Refusal
    ) -> None:
        resident_id = caller.resident_id
        if resident_id is None or why in (KEY_FORM, KEY_REUSED):
            return
        action, words = _ASKED[request["act"]]
        deed = deeds.of_phone(action, words, resident_id, self._clock.now(), why=why)
        await self._refused.record(deed)

    async def _record(
        self, action: str, words: LocalizedText, card: Card, session: Session
    ) -> None:
        deed = deeds.of_phone(action, words, card.resident_id, self._clock.now())
        await audit.record(deed, session)

    async def _changed(
        self,
        caller: Caller,
        idempotency_key: str,
        request: Mapping[str, str],
        act: Callable[[Card, Session], Awaitable[Answer | Refusal]],
    ) -> DeviceFacts | Refusal:
        answer = await self._once_on_card(caller, idempotency_key, request, act)
        if isinstance(answer, Refusal):
            return answer
        card = await _card(caller.resident_id or "")
        if isinstance(card, Refusal):
            return card
        device = next((one for one in card.devices if one.serial == answer["serial"]), None)
        return no.DEVICE_UNKNOWN if device is None else _facts(device, caller)

    async def _once_on_card(
        self,
        caller: Caller,
        idempotency_key: str,
        request: Mapping[str, str],
        act: Callable[[Card, Session], Awaitable[Answer | Refusal]],
    ) -> Answer | Refusal:
        """Do `act` once on the caller's own card, in one transaction."""
        resident_id = caller.resident_id or ""

        async def on_card(session: Session) -> Answer | Refusal:
            refused = may(caller, Act.ACCOUNT_MANAGE, resident_id)
            card = refused or await _card(resident_id, session)
            return card if isinstance(card, Refusal) else await act(card, session)

        answer = await self._once.perform(
            caller=caller.thumbprint or resident_id,
            key=idempotency_key,
            request=request,
            now=self._clock.now(),
            act=on_card,
        )
        if isinstance(answer, Refusal):
            await self._record_refusal(caller, request, answer)
        return answer


async def unbind(card_id: str, serial: int, now: datetime, session: Session | None = None) -> bool:
    """Unbind a phone; tell whether it was known and not unbound before."""
    held = {"$elemMatch": {"serial": serial, "state": {"$ne": DeviceState.UNBOUND}}}
    change = {
        "devices.$.state": DeviceState.UNBOUND,
        "devices.$.unbound_at": now,
        "changed_at": now,
    }
    result = await Card.get_pymongo_collection().update_one(
        {"_id": card_id, "devices": held}, {"$set": change}, session=session
    )
    return result.modified_count == 1


async def _card(resident_id: str, session: Session | None = None) -> Card | Refusal:
    known = await cards_of(resident_id, session)
    return known[-1] if known and known[-1].state in LIVE else no.NO_CARD


def _waiting(card: Card, key: ProvenKey) -> Device | Refusal:
    """Return the phone of that key where it waits to be verified."""
    known = any(one.thumbprint == key.thumbprint for one in card.devices)
    absent = no.DEVICE_VERIFIED if known else no.DEVICE_UNKNOWN
    return card.waiting_device(key.thumbprint) or absent


_ASKED = {
    "add device": ("cards.device_added", deeds.ADDED),
    "verify device": ("cards.device_verified", deeds.VERIFYING),
    "unbind device": ("cards.device_unbound", deeds.UNBOUND),
}
"""What a refused request would have been recorded as."""


def _facts(device: Device, caller: Caller) -> DeviceFacts:
    return DeviceFacts(
        serial=device.serial,
        name=device.name,
        state=device.state,
        enrolled_at=device.enrolled_at,
        certified_until=device.certified_until,
        unbound_at=device.unbound_at,
        is_this=device.thumbprint == caller.thumbprint,
    )
