"""Registering by oneself 自助实名注册 (S1): a phone, a code sent to it, a document and a face.

Who registers a second time is signed in as the same resident, by the same answer: nothing tells a
stranger who is registered. Whoever passes has shown the living face of that person to the
authorities' check, so another phone than the one on the record is no hindrance; its holder is told.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from backend.accounts.device import Device, request_id
from backend.accounts.documents import SignInMethod
from backend.accounts.rules import device_name_of
from backend.accounts.sessions import Sessions, SignedInAs, Tokens
from backend.accounts.sms import SmsOutbox
from backend.accounts.sms_codes import CodePurpose, CodeUse, SmsCodes, SmsSent
from backend.accounts.tries import REGISTRATION, TryLimits
from backend.figures import AccountPolicy
from backend.foundation import audit
from backend.foundation.audit import PLATFORM, Actor, ActorKind, Deed, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.residents.registration import Applicant, Application, RealNameRegistration
from backend.residents.rules import (
    FACE_CONSENT_NEEDED,
    IDENTITY_NOT_CONFIRMED,
    PersonField,
    phone_of,
    picture_of,
)
from shared.clock import Clock
from shared.localized_text import LocalizedText

_SIGNED_IN = LocalizedText(
    "经本人同意核验人脸，实名注册后登录", "Signed in by registering; consented to the face check"
)
_OTHER_PHONE = (
    "【一卡通】有人用您的身份信息和人脸、以另一手机号码登录了您的账户。如非本人操作，"
    "请立即致电12333。Somebody signed in to your account with your ID, your face and another "
    "phone. If it was not you, call 12333 now."
)


@dataclass(frozen=True, slots=True)
class NewResident:
    """What a person gives who registers; `picture` is base64 of a picture taken now."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    phone: str = field(repr=False)
    code: str = field(repr=False)
    picture: str = field(repr=False)
    consents: bool
    """To the comparison of their face, asked for by itself (PIPL 29)."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A registration that may be looked at."""

    applicant: Applicant
    phone: str = field(repr=False)
    picture: bytes = field(repr=False)
    code: str = field(repr=False)
    device: Device
    device_name: str


class SelfRegistration:
    """Registers residents from their phones and signs them in."""

    def __init__(
        self,
        registration: RealNameRegistration,
        sessions: Sessions,
        codes: SmsCodes,
        outbox: SmsOutbox,
        limits: TryLimits,
        once: Once,
        policy: AccountPolicy,
        clock: Clock,
    ) -> None:
        self._registration = registration
        self._residents = registration.residents
        self._sessions = sessions
        self._codes = codes
        self._outbox = outbox
        self._limits = limits
        self._once = once
        self._policy = policy
        self._clock = clock

    async def send_code(self, phone: str, address: str) -> SmsSent | Refusal:
        """Send a code to a phone, whoever it belongs to."""
        return await self._codes.send_to_anybody(CodePurpose.REGISTRATION, phone, address)

    async def register(self, given: NewResident, device: Device) -> Tokens | Refusal:
        """Register a person and sign them in on the asking device."""
        content = (given.number, given.name, given.phone, device.name)
        request = {"act": "register", "asked": self._residents.fingerprint(*map(_plain, content))}
        caller, key = device.key.thumbprint, device.idempotency_key
        answer = await self._once.answered(caller=caller, key=key, request=request)
        if answer is None:
            asked = self._read(given, device)
            if isinstance(asked, Refusal):
                return asked
            confirmed = await self._confirmed(asked)
            if isinstance(confirmed, Refusal):
                return confirmed
            answer = await self._enter(asked, confirmed, request)
        if isinstance(answer, Refusal):
            return answer
        return await self._sessions.first_tokens(answer["session"])

    def _read(self, given: NewResident, device: Device) -> _Asked | Refusal:
        device_name, phone = device_name_of(device.name), phone_of(given.phone)
        if isinstance(device_name, Refusal):
            return device_name
        if isinstance(phone, Refusal):
            return phone
        applicant = self._registration.read(Application(given.number, given.name, phone))
        if isinstance(applicant, Refusal):
            return applicant
        if not given.consents:
            return FACE_CONSENT_NEEDED
        picture = picture_of(given.picture)
        if isinstance(picture, Refusal):
            return picture
        return _Asked(applicant, phone, picture, given.code, device, device_name)

    async def _confirmed(self, asked: _Asked) -> Applicant | Refusal:
        """Count the try, use the code up, and ask the outside world; the same for everybody."""
        device, number = asked.device, asked.applicant.identity.number.value
        refused = await self._limits.of_address(device.address)
        refused = refused or await self._limits.of_account(REGISTRATION, number)
        if refused is not None:
            return refused
        use = CodeUse(CodePurpose.REGISTRATION, asked.phone)
        wrong = await self._codes.use_once(use, asked.code, request_id(device))
        answer = wrong or await self._registration.confirm(asked.applicant, asked.picture)
        if isinstance(answer, Refusal):
            await audit.record_read(self._deed(None, audit.refused(answer)))
            return answer
        await self._limits.was_right(REGISTRATION, number, device.address)
        return answer

    async def _enter(
        self, asked: _Asked, confirmed: Applicant, request: dict[str, str]
    ) -> Answer | Refusal:
        device = asked.device
        lifetime = timedelta(days=self._policy.session_days)

        async def act(session: Session) -> Answer | Refusal:
            done = await self._registration.enter(confirmed, None, session)
            if not await self._residents.may_sign_in(done.resident_id, session):
                return IDENTITY_NOT_CONFIRMED
            method = SignInMethod.FACE_AND_SMS_CODE
            holder = SignedInAs(done.resident_id, PLATFORM, method, lifetime)
            opened = await self._sessions.open(holder, device.key, asked.device_name, session)
            await audit.record(self._deed(done.resident_id), session)
            return {"session": opened, "resident": done.resident_id}

        answer = await self._once.perform(
            caller=device.key.thumbprint,
            key=device.idempotency_key,
            request=request,
            now=self._clock.now(),
            act=act,
        )
        if not isinstance(answer, Refusal):
            await self._tell_holder(answer["resident"], asked.phone)
        return answer

    async def _tell_holder(self, resident_id: str, phone: str) -> None:
        found = await self._residents.stored(resident_id)
        known = self._residents.open(found, PersonField.PHONE) if found else None
        if known is not None and known != phone:
            self._outbox.post(known, _OTHER_PHONE)

    def _deed(self, resident_id: str | None, result: str = audit.OK) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=Actor(ActorKind.RESIDENT, resident_id or "unknown"),
            action="accounts.sign_in" if resident_id else "accounts.registration",
            words=_SIGNED_IN,
            system=System.APP,
            subject=resident_id,
            result=result,
            disclosed=False,
        )


def _plain(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
