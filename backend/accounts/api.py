"""How apps sign in and look after their sessions."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.accounts.device import Device
from backend.accounts.documents import SignInMethod
from backend.accounts.own_password import OwnPassword
from backend.accounts.sessions import SessionFacts, Sessions, Tokens
from backend.accounts.sign_in import SignIn
from backend.accounts.sms_codes import SmsCodes, SmsSent
from backend.accounts.staff_sign_in import StaffCredentials, StaffSignIn
from backend.foundation.access import NOT_PROVEN
from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.foundation.refusals import Refusal

OperationInfo = Info[OperationContext, None]

strawberry.enum(SignInMethod)


@strawberry.type(name="SessionTokens", description="What a signed-in device sends and renews.")
class SessionTokensAnswer:
    """Tokens bound to the calling device's key; `holder` is the same at each of one's sign-ins."""

    session_id: strawberry.ID
    holder: strawberry.ID
    access_token: str
    access_expires_at: datetime
    refresh_token: str
    roles: list[str]
    server_time: datetime


@strawberry.type(name="SmsCodeSent", description="A code is on its way if the phone is registered.")
class SmsCodeSent:
    """What everybody is told who asks for a code."""

    valid_until: datetime
    resend_at: datetime
    server_time: datetime


@strawberry.type(name="PasswordSet")
class PasswordSet:
    """The new password holds; the caller's other sessions have ended."""

    server_time: datetime


@strawberry.type(name="SessionEnded")
class SessionEnded:
    """The session has ended, now or before."""

    server_time: datetime


@strawberry.type(name="DeviceSession", description="One device's sign-in.")
class DeviceSessionAnswer:
    """A session of the caller; `current` is the one that asks."""

    id: strawberry.ID
    device_name: str
    method: SignInMethod
    started_at: datetime
    renewed_at: datetime
    current: bool


@strawberry.type(name="DeviceSessions")
class DeviceSessions:
    """The caller's living sessions, the last used first."""

    nodes: list[DeviceSessionAnswer]


@strawberry.input(name="SignInWithPasswordInput")
class SignInWithPasswordInput:
    """`login` is the citizen number or the phone."""

    idempotency_key: str
    login: str
    password: str
    device_name: str


@strawberry.input(name="RequestSmsCodeInput")
class RequestSmsCodeInput:
    """Where to send a code."""

    phone: str


@strawberry.input(name="SignInWithSmsInput")
class SignInWithSmsInput:
    """The code that was sent to the phone; `number` tells apart who share one."""

    idempotency_key: str
    phone: str
    code: str
    device_name: str
    number: str | None = None


@strawberry.input(name="SignInStaffInput")
class SignInStaffInput:
    """`code` is the authenticator's, or one of the recovery codes."""

    idempotency_key: str
    login: str
    password: str
    code: str
    device_name: str


@strawberry.input(name="SetPasswordInput")
class SetPasswordInput:
    """`current_password` may be empty right after signing in with a code by SMS."""

    current_password: str
    new_password: str


@strawberry.input(name="RefreshSessionInput")
class RefreshSessionInput:
    """Whoever lost the answer sends the same key and token again."""

    idempotency_key: str
    refresh_token: str


@strawberry.input(name="EndSessionInput")
class EndSessionInput:
    """Which of the caller's sessions to end."""

    session_id: strawberry.ID


SignInResult = Annotated[SessionTokensAnswer | RefusalAnswer, strawberry.union("SignInResult")]
RefreshSessionResult = Annotated[
    SessionTokensAnswer | RefusalAnswer, strawberry.union("RefreshSessionResult")
]
RequestSmsCodeResult = Annotated[
    SmsCodeSent | RefusalAnswer, strawberry.union("RequestSmsCodeResult")
]
SetPasswordResult = Annotated[PasswordSet | RefusalAnswer, strawberry.union("SetPasswordResult")]
EndSessionResult = Annotated[SessionEnded | RefusalAnswer, strawberry.union("EndSessionResult")]
SessionsResult = Annotated[DeviceSessions | RefusalAnswer, strawberry.union("SessionsResult")]


@strawberry.type
class AccountQueries:
    """Questions about the caller's account."""

    @strawberry.field
    async def sessions(self, info: OperationInfo) -> SessionsResult:
        """Answer with the caller's living sessions."""
        context = info.context
        found = await context.services[Sessions].of_caller(context.caller)
        if isinstance(found, Refusal):
            return RefusalAnswer.of(found)
        current = context.caller.session_id if context.caller else ""
        return DeviceSessions(nodes=[_session(facts, current) for facts in found])


@strawberry.type
class AccountMutations:
    """Signing in and out."""

    @strawberry.mutation
    async def sign_in_with_password(
        self,
        info: OperationInfo,
        input: SignInWithPasswordInput,  # noqa: A002 - GraphQL's usual name
    ) -> SignInResult:
        """Sign a resident in by citizen number or phone and password."""
        device = device_of(info.context, input.idempotency_key, input.device_name)
        if isinstance(device, Refusal):
            return RefusalAnswer.of(device)
        service = info.context.services[SignIn]
        return tokens_answer(info, await service.with_password(input.login, input.password, device))

    @strawberry.mutation
    async def request_sms_code(
        self,
        info: OperationInfo,
        input: RequestSmsCodeInput,  # noqa: A002 - see above
    ) -> RequestSmsCodeResult:
        """Send a code to a registered phone."""
        context = info.context
        if context.key is None:
            return RefusalAnswer.of(NOT_PROVEN)
        return sent_answer(
            info, await context.services[SmsCodes].send(input.phone, context.address)
        )

    @strawberry.mutation
    async def sign_in_with_sms(
        self,
        info: OperationInfo,
        input: SignInWithSmsInput,  # noqa: A002 - see above
    ) -> SignInResult:
        """Sign a resident in by the code sent to their phone."""
        device = device_of(info.context, input.idempotency_key, input.device_name)
        if isinstance(device, Refusal):
            return RefusalAnswer.of(device)
        service = info.context.services[SignIn]
        answer = await service.with_code(input.phone, input.code, input.number, device)
        return tokens_answer(info, answer)

    @strawberry.mutation
    async def sign_in_staff(
        self,
        info: OperationInfo,
        input: SignInStaffInput,  # noqa: A002 - see above
    ) -> SignInResult:
        """Sign staff in by password and second factor."""
        device = device_of(info.context, input.idempotency_key, input.device_name)
        if isinstance(device, Refusal):
            return RefusalAnswer.of(device)
        given = StaffCredentials(input.login, input.password, input.code)
        return tokens_answer(info, await info.context.services[StaffSignIn].sign_in(given, device))

    @strawberry.mutation
    async def set_password(
        self,
        info: OperationInfo,
        input: SetPasswordInput,  # noqa: A002 - see above
    ) -> SetPasswordResult:
        """Set the caller's own password."""
        context = info.context
        caller, services = context.caller, context.services
        is_staff = caller is not None and caller.staff_id is not None
        service = services[StaffSignIn].set_password if is_staff else services[OwnPassword].set
        refused = await service(caller, input.current_password, input.new_password)
        if refused is not None:
            return RefusalAnswer.of(refused)
        return PasswordSet(server_time=_now(info))

    @strawberry.mutation
    async def refresh_session(
        self,
        info: OperationInfo,
        input: RefreshSessionInput,  # noqa: A002 - see above
    ) -> RefreshSessionResult:
        """Exchange the refresh token for new tokens."""
        context = info.context
        if context.key is None:
            return RefusalAnswer.of(NOT_PROVEN)
        renewed = await context.services[Sessions].refresh(
            input.refresh_token, input.idempotency_key, context.key
        )
        return tokens_answer(info, renewed)

    @strawberry.mutation
    async def sign_out(self, info: OperationInfo) -> EndSessionResult:
        """End the calling session."""
        return await _end(info, None)

    @strawberry.mutation
    async def end_session(
        self,
        info: OperationInfo,
        input: EndSessionInput,  # noqa: A002 - see above
    ) -> EndSessionResult:
        """End one of the caller's sessions, such as a lost phone's."""
        return await _end(info, str(input.session_id))


async def _end(info: OperationInfo, session_id: str | None) -> SessionEnded | RefusalAnswer:
    context = info.context
    refused = await context.services[Sessions].end(context.caller, session_id)
    return SessionEnded(server_time=_now(info)) if refused is None else RefusalAnswer.of(refused)


def sent_answer(info: OperationInfo, sent: SmsSent | Refusal) -> SmsCodeSent | RefusalAnswer:
    """Return what everybody is told who asks for a code."""
    return answer_of(
        sent,
        lambda sent: SmsCodeSent(
            valid_until=sent.valid_until, resend_at=sent.resend_at, server_time=_now(info)
        ),
    )


def device_of(context: OperationContext, key: str, name: str) -> Device | Refusal:
    """Return the asking device, which proves its key."""
    if context.key is None:
        return NOT_PROVEN
    return Device(context.key, name, key, context.address)


def tokens_answer(
    info: OperationInfo, tokens: Tokens | Refusal
) -> SessionTokensAnswer | RefusalAnswer:
    """Return a new or renewed session's tokens."""
    if isinstance(tokens, Refusal):
        return RefusalAnswer.of(tokens)
    return SessionTokensAnswer(
        session_id=strawberry.ID(tokens.session_id),
        holder=strawberry.ID(tokens.holder),
        access_token=tokens.access,
        access_expires_at=tokens.access_expires_at,
        refresh_token=tokens.refresh,
        roles=list(tokens.roles),
        server_time=_now(info),
    )


def _session(facts: SessionFacts, current: str) -> DeviceSessionAnswer:
    return DeviceSessionAnswer(
        id=strawberry.ID(facts.session_id),
        device_name=facts.device_name,
        method=facts.method,
        started_at=facts.started_at,
        renewed_at=facts.renewed_at,
        current=facts.session_id == current,
    )


def _now(info: OperationInfo) -> datetime:
    return info.context.clock.now()
