"""Who is asking: the key that signed the request (DPoP, RFC 9449), and whose session it speaks for.

A key says nothing about a person by itself; the areas know which phone or terminal holds it. An
access token, bound to that key, says for whom the caller signed in.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Protocol

from litestar import Request

from backend.foundation import audit
from backend.foundation.audit import PLATFORM, Actor, ActorKind, Organisation
from backend.foundation.problems import Problem
from backend.foundation.refusals import Refusal, refusal
from shared.clock import Clock
from shared.wire.request_proof import HEADER, ProvenKey, RequestRefused, read_request

AUTHORIZATION = "Authorization"
_SCHEME = "DPoP "

NOT_PROVEN = refusal(
    "proof_missing",
    ("请求没有设备签名。", "The request is not signed by a device."),
    ("请更新应用后再试。", "Update the app and try again."),
)
TOKEN_INVALID = refusal(
    "token_invalid",
    ("登录凭证无效。", "The sign-in is not valid."),
    ("请重新登录。", "Sign in again."),
)
TOKEN_EXPIRED = refusal(
    "token_expired",
    ("登录凭证已到期。", "The access token has ended."),
    ("应用会自动续期；多次出现请重新登录。", "The app renews it; if it stays, sign in again."),
)
SESSION_ENDED = refusal(
    "session_ended",
    ("登录已结束。", "This sign-in has ended."),
    ("请重新登录。", "Sign in again."),
)
_CLOCK_OFF = refusal(
    "clock_off",
    ("设备时钟不准。", "The device's clock is off."),
    ("请打开自动设置时间后再试。", "Turn on automatic time and try again."),
)
NOT_DELEGABLE = refusal(
    "not_delegable",
    ("此事项不能代办。", "Nobody can do this for another person."),
    ("请切换回本人办理，或由本人办理。", "Switch back to yourself, or they do it themselves."),
)
"""What is not declared as something a mandate may allow 代办 is refused to everybody who acts."""
_NOT_VALID = refusal(
    "proof_invalid",
    ("请求的设备签名无效。", "The request's device signature is not valid."),
    ("请重新发送；多次出现请重新激活。", "Send it again; if it stays, activate the device again."),
)


class Role(StrEnum):
    """The posts of staff; the last three are the officers 三员, which exclude one another (L17)."""

    OUTLET_CLERK = "outlet_clerk"  # 网点柜员
    VENUE_STAFF = "venue_staff"  # 场馆工作人员
    DEPARTMENT_OFFICER = "department_officer"  # 部门经办人员
    SYSTEM_ADMINISTRATOR = "system_administrator"  # 系统管理员
    SECURITY_OFFICER = "security_officer"  # 安全管理员
    AUDITOR = "auditor"  # 审计员


@dataclass(frozen=True, slots=True)
class Caller:
    """For whom a request speaks: a resident or a member of staff, by a living session.

    With neither id it is the operator at the server's own command line. `organisation` is the
    staff's; `thumbprint` names the key the session is bound to. `acting_for` is the mandate under
    which they act for another person; what they may do for themselves they may then not do.
    `mandates_read` is that mandate as it was read with the session, for the first who asks to take.
    """

    resident_id: str | None = None
    staff_id: str | None = None
    roles: frozenset[Role] = frozenset()
    session_id: str = ""
    thumbprint: str = ""
    organisation: Organisation = PLATFORM
    acting_for: str = ""
    mandates_read: list[Mapping[str, Any]] = field(default_factory=list, compare=False, repr=False)

    @property
    def actor(self) -> Actor:
        """Who this is in the audit log."""
        if self.staff_id is not None:
            return Actor(ActorKind.STAFF, self.staff_id)
        if self.resident_id is not None:
            return Actor(ActorKind.RESIDENT, self.resident_id)
        return audit.OPERATOR


OPERATOR = Caller(roles=frozenset({Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_OFFICER}))
"""Whoever may run commands on the server; makes the first staff, who make the others."""

Identify = Callable[[str, ProvenKey], Awaitable[Caller | Refusal]]
"""Tells from an access token and the request's key who asks."""


class IdentifyFor(Protocol):
    """Tells it, and reads along the mandate of a request that `looks_first` at it."""

    async def __call__(
        self, token: str, key: ProvenKey, /, *, looks_first: bool
    ) -> Caller | Refusal:
        """Tell who asks."""
        ...


async def proven_key(request: Request[Any, Any, Any], clock: Clock) -> ProvenKey | None:
    """Return the key that signed `request`, or None where no proof came with it.

    Raises:
        Problem: 401 where a proof came and does not hold; `clock_off` says by how many seconds.
    """
    proof = request.headers.get(HEADER)
    if proof is None:
        return None
    body = await request.body()
    try:
        return read_request(proof, request.method, request.url.path, body, clock.now())
    except RequestRefused as error:
        if error.code == _CLOCK_OFF.code:
            ahead = {"seconds_ahead": error.seconds}
            raise Problem(HTTPStatus.UNAUTHORIZED, _CLOCK_OFF, ahead) from None
        raise Problem(HTTPStatus.UNAUTHORIZED, _NOT_VALID, {"cause": error.code}) from None


async def required_key(request: Request[Any, Any, Any], clock: Clock) -> ProvenKey:
    """Return the key that signed `request`, which nobody makes for another person.

    Raises:
        Problem: 401, also where no proof came; 403 where it was made under a mandate.
    """
    key = await proven_key(request, clock)
    if key is None:
        raise Problem(HTTPStatus.UNAUTHORIZED, NOT_PROVEN)
    if key.acting_for:
        raise Problem(HTTPStatus.FORBIDDEN, NOT_DELEGABLE)
    return key


async def known_caller(
    request: Request[Any, Any, Any], key: ProvenKey | None, identify: Identify
) -> Caller | None:
    """Return for whom `request` speaks, or None where it carries no access token.

    Raises:
        Problem: 401 where a token came and does not hold, or came without the key it is bound to.
    """
    header = request.headers.get(AUTHORIZATION)
    if header is None:
        return None
    if key is None:
        raise Problem(HTTPStatus.UNAUTHORIZED, NOT_PROVEN)
    if not header.startswith(_SCHEME):
        raise Problem(HTTPStatus.UNAUTHORIZED, TOKEN_INVALID)
    caller = await identify(header.removeprefix(_SCHEME), key)
    if isinstance(caller, Refusal):
        raise Problem(HTTPStatus.UNAUTHORIZED, caller)
    return caller
