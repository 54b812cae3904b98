"""How residents register themselves, and change their phone number."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.accounts.api import (
    OperationInfo,
    RequestSmsCodeResult,
    SignInResult,
    device_of,
    sent_answer,
    tokens_answer,
)
from backend.accounts.phone_change import PhoneChange
from backend.accounts.registration import NewResident, SelfRegistration
from backend.foundation.access import NOT_PROVEN
from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal


@strawberry.type(name="PhoneChanged")
class PhoneChanged:
    """The new phone is on the record, now or before."""

    masked_phone: str
    server_time: datetime


@strawberry.input(name="RequestRegistrationCodeInput")
class RequestRegistrationCodeInput:
    """Where to send a code."""

    phone: str


@strawberry.input(name="RegisterInput")
class RegisterInput:
    """As on the document; `picture` is base64 of a picture taken now, compared and not kept.

    `faceConsent`: the person consents to that comparison, asked for by itself.
    """

    idempotency_key: str
    number: str
    name: str
    phone: str
    sms_code: str
    picture: str
    device_name: str
    face_consent: bool = False


@strawberry.input(name="RequestPhoneChangeInput")
class RequestPhoneChangeInput:
    """The new phone."""

    phone: str


@strawberry.input(name="ChangePhoneInput")
class ChangePhoneInput:
    """The new phone, and the code that was sent to it."""

    idempotency_key: str
    phone: str
    code: str


ChangePhoneResult = Annotated[PhoneChanged | RefusalAnswer, strawberry.union("ChangePhoneResult")]


@strawberry.type
class RegistrationMutations:
    """Registering by oneself."""

    @strawberry.mutation
    async def request_registration_code(
        self,
        info: OperationInfo,
        input: RequestRegistrationCodeInput,  # noqa: A002 - GraphQL's usual name
    ) -> RequestSmsCodeResult:
        """Send a code to the phone of somebody who wants to register."""
        context = info.context
        if context.key is None:
            return RefusalAnswer.of(NOT_PROVEN)
        service = context.services[SelfRegistration]
        return sent_answer(info, await service.send_code(input.phone, context.address))

    @strawberry.mutation
    async def register(
        self,
        info: OperationInfo,
        input: RegisterInput,  # noqa: A002 - see above
    ) -> SignInResult:
        """Register a person by document, phone and face, and sign them in."""
        device = device_of(info.context, input.idempotency_key, input.device_name)
        if isinstance(device, Refusal):
            return RefusalAnswer.of(device)
        given = NewResident(
            number=input.number,
            name=input.name,
            phone=input.phone,
            code=input.sms_code,
            picture=input.picture,
            consents=input.face_consent,
        )
        return tokens_answer(
            info, await info.context.services[SelfRegistration].register(given, device)
        )

    @strawberry.mutation
    async def request_phone_change(
        self,
        info: OperationInfo,
        input: RequestPhoneChangeInput,  # noqa: A002 - see above
    ) -> RequestSmsCodeResult:
        """Send a code to the phone that the caller wants on their record."""
        context = info.context
        service = context.services[PhoneChange]
        sent = await service.send_code(context.caller, input.phone, context.address)
        return sent_answer(info, sent)

    @strawberry.mutation
    async def change_phone(
        self,
        info: OperationInfo,
        input: ChangePhoneInput,  # noqa: A002 - see above
    ) -> ChangePhoneResult:
        """Put a new phone on the caller's record."""
        context = info.context
        device = device_of(context, input.idempotency_key, "")
        if isinstance(device, Refusal):
            return RefusalAnswer.of(device)
        service = context.services[PhoneChange]
        changed = await service.change(context.caller, input.phone, input.code, device)
        now = context.clock.now()
        return answer_of(changed, lambda masked: PhoneChanged(masked_phone=masked, server_time=now))
