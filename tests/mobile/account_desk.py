"""The part of the card office that signs people in: codes, passwords, rotating tokens, phones.

Like the rest of the office it is written from the contract alone. Its attributes are what a test
may change; its tokens are plain random lines.
"""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.mobile.rights_desk import RightsDesk, Wire

PHONE = "13800138000"
PHONE_OF_ANOTHER = "13900139000"
NUMBER = "36070219900307451X"
PASSWORD = "晴天 likes 赣江"  # noqa: S105, made up
SMS_CODE = "246810"
ACCESS_LIFETIME = timedelta(minutes=10)


def refusal(code: str, zh: str, en: str, step_zh: str, step_en: str) -> Wire:
    """Return a refusal as the schema has it."""
    return {
        "__typename": "Refusal",
        "code": code,
        "text": {"zh": zh, "en": en},
        "nextStep": {"zh": step_zh, "en": step_en},
    }


CODE_WRONG = refusal(
    "sms_code_wrong", "验证码不对、已用过或已过期。", "Wrong code.", "请核对6位数字。", "Check it."
)
CREDENTIALS_WRONG = refusal(
    "credentials_wrong", "账号或密码不正确。", "Not right.", "请核对后再试。", "Try again."
)
LOCKED = refusal(
    "sign_in_locked",
    "输错次数过多，已暂时锁定。",
    "There were too many wrong tries.",
    "请在14:45后再试。",
    "Try again after 14:45.",
)
SESSION_ENDED = refusal(
    "session_ended", "登录已结束。", "This sign-in has ended.", "请重新登录。", "Sign in again."
)
TOKEN_EXPIRED = refusal("token_expired", "登录凭证已到期。", "Expired.", "会自动续期。", "Wait.")
REUSED = refusal("refresh_reused", "登录凭证被重复使用。", "Reused.", "请重新登录。", "Sign in.")

SHEET = b"%PDF-1.7 a sheet"
TABLET: Wire = {
    "serial": 2,
    "name": "旧手机",
    "state": "BOUND",
    "enrolledAt": "2026-09-01T02:00:00+00:00",
    "certifiedUntil": "2026-11-23T02:00:00+00:00",
    "unboundAt": None,
    "isThis": False,
}
THIS: Wire = {**TABLET, "serial": 1, "name": "Test phone", "isThis": True}


class TokenRefused(Exception):
    """A request whose access token does not hold."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(wire["code"])
        self.problem = {
            "code": wire["code"],
            "detail": wire["text"],
            "next_step": wire["nextStep"],
        }


@dataclass
class DeskSession:
    """One sign-in."""

    identifier: str
    thumbprint: str
    access: str
    access_ends: datetime
    refresh: str
    device_name: str
    holder: str = "res_1"
    previous: tuple[str, str] = ("", "")
    living: bool = True


@dataclass
class AccountDesk(RightsDesk):
    """Signs in, renews, ends sessions, lists phones."""

    refuse_sign_in: Wire | None = None
    messages: list[str] = field(default_factory=list)
    sessions: list[DeskSession] = field(default_factory=list)
    renewal_keys: list[str] = field(default_factory=list)
    sign_in_keys: list[str] = field(default_factory=list)
    unbinding_keys: list[str] = field(default_factory=list)
    devices: list[Wire] = field(default_factory=list)
    papers: list[Wire] = field(default_factory=list)
    paper_keys: list[str] = field(default_factory=list)
    uses: list[Wire] = field(default_factory=list)
    registered: list[Wire] = field(default_factory=list)

    def end_all(self) -> None:
        """End every session, as from another device."""
        for session in self.sessions:
            session.living = False

    def add_use(
        self, receiver: str, action: str = "查看姓名和卡状态", result: str = "DONE"
    ) -> None:
        """Book a use of the resident's data at this moment."""
        use = {
            "id": f"use_{len(self.uses)}",
            "logtime": self.clock.now().isoformat(),
            "action": {"zh": action, "en": f"{action} in English"},
            "receiverCode": "360702",
            "receiverName": {"zh": receiver, "en": f"{receiver} in English"},
            "receiverSystem": "counter",
            "result": result,
        }
        self.uses.insert(0, use)

    def session_of(self, authorization: str | None, thumbprint: str) -> DeskSession | None:
        """Return the session of a request, None where it brings no token.

        Raises:
            TokenRefused: the token does not hold.
        """
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(" ")
        assert scheme == "DPoP"
        for session in self.sessions:
            if session.access == token:
                assert session.thumbprint == thumbprint, "a token with another phone's key"
                if self.clock.now() >= session.access_ends:
                    raise TokenRefused(TOKEN_EXPIRED)
                if not session.living:
                    break
                return session
        raise TokenRefused(SESSION_ENDED)

    def resolvers(
        self, session: DeskSession | None, thumbprint: str
    ) -> dict[str, Callable[..., Any]]:
        """Return what answers the account's fields for one request."""
        return {
            "requestSmsCode": lambda _info, **given: self._send(given["input"]),
            "signInWithSms": lambda _info, **given: self._by_sms(given["input"], thumbprint),
            "signInWithPassword": lambda _info, **given: self._by_password(
                given["input"], thumbprint
            ),
            "refreshSession": lambda _info, **given: self._refresh(given["input"], thumbprint),
            "signOut": lambda _info: self._sign_out(session),
            "dataUse": lambda _info, **given: self._data_use(session, **given),
            "requestPhoneChange": lambda _info, **given: self._send(given["input"]),
            "changePhone": lambda _info, **given: self._change_phone(given["input"]),
            "requestRegistrationCode": lambda _info, **given: self._send(given["input"]),
            "register": lambda _info, **given: self._register(given["input"], thumbprint),
            **self.rights_resolvers(session),
            "devices": lambda _info: self._devices(session),
            "paperCodes": lambda _info: {
                "__typename": "PaperCodeList",
                "paperCodes": self.papers,
            },
            "makePaperCode": lambda _info, **given: self._print(given["input"]),
            "revokePaperCode": lambda _info, **given: self._revoke_paper(given["input"]),
            "unbindDevice": lambda _info, **given: self._unbind(session, given["input"]),
        }

    def _print(self, given: Wire) -> Wire:
        """Make a sheet once a key; one of the same day before it is void."""
        if given["idempotencyKey"] not in self.paper_keys:
            self.paper_keys.append(given["idempotencyKey"])
            for paper in self.papers:
                paper["live"] = paper["live"] and paper["day"] != given["day"]
            made = {
                "id": f"pap_{len(self.papers)}",
                "day": given["day"],
                "madeAt": self.clock.now().isoformat(),
                "madeBy": "HOLDER",
                "endsAt": self.clock.now().isoformat(),
                "live": True,
                "over": False,
            }
            self.papers.insert(0, made)
        pdf = base64.b64encode(SHEET).decode()
        return {"__typename": "PaperCodeMade", "paperCode": self.papers[0], "pdf": pdf}

    def _revoke_paper(self, given: Wire) -> Wire:
        [paper] = [one for one in self.papers if one["id"] == given["id"]]
        paper["live"] = False
        return {"__typename": "PaperCodeRevoked", "paperCode": paper}

    def _send(self, given: Wire) -> Wire:
        now = self.clock.now()
        self.messages.append(given["phone"])
        return {
            "__typename": "SmsCodeSent",
            "validUntil": (now + timedelta(minutes=5)).isoformat(),
            "resendAt": (now + timedelta(seconds=60)).isoformat(),
            "serverTime": now.isoformat(),
        }

    def _by_sms(self, given: Wire, thumbprint: str) -> Wire:
        right = given["phone"] in {PHONE, PHONE_OF_ANOTHER} and given["code"] == SMS_CODE
        return self._sign_in(given, thumbprint, None if right else CODE_WRONG)

    def _by_password(self, given: Wire, thumbprint: str) -> Wire:
        right = given["login"] == NUMBER and given["password"] == PASSWORD
        return self._sign_in(given, thumbprint, None if right else CREDENTIALS_WRONG)

    def _sign_in(self, given: Wire, thumbprint: str, why: Wire | None) -> Wire:
        self.sign_in_keys.append(given["idempotencyKey"])
        if self.refuse_sign_in or why:
            return self.refuse_sign_in or why or {}
        session = DeskSession(
            f"ses_{len(self.sessions)}",
            thumbprint,
            f"access-{secrets.token_urlsafe(24)}",
            self.clock.now() + ACCESS_LIFETIME,
            f"refresh-{secrets.token_urlsafe(24)}",
            given["deviceName"],
            "res_2" if given.get("phone") == PHONE_OF_ANOTHER else "res_1",
        )
        self.sessions.append(session)
        return self._tokens(session)

    def _refresh(self, given: Wire, thumbprint: str) -> Wire:
        presented, key = given["refreshToken"], given["idempotencyKey"]
        self.renewal_keys.append(key)
        for session in self.sessions:
            if not session.living or session.thumbprint != thumbprint:
                continue
            if presented == session.refresh:
                session.previous = (presented, key)
                session.refresh = f"refresh-{secrets.token_urlsafe(24)}"
                session.access = f"access-{secrets.token_urlsafe(24)}"
                session.access_ends = self.clock.now() + ACCESS_LIFETIME
                return self._tokens(session)
            if presented == session.previous[0]:
                if key == session.previous[1]:
                    return self._tokens(session)
                session.living = False
                return REUSED
        return SESSION_ENDED

    def _tokens(self, session: DeskSession) -> Wire:
        return {
            "__typename": "SessionTokens",
            "sessionId": session.identifier,
            "holder": session.holder,
            "accessToken": session.access,
            "accessExpiresAt": session.access_ends.isoformat(),
            "refreshToken": session.refresh,
            "roles": [],
            "serverTime": self.clock.now().isoformat(),
        }

    def _sign_out(self, session: DeskSession | None) -> Wire:
        assert session is not None
        session.living = False
        return {"__typename": "SessionEnded", "serverTime": self.clock.now().isoformat()}

    def _change_phone(self, given: Wire) -> Wire:
        if given["code"] != SMS_CODE:
            return CODE_WRONG
        now = self.clock.now().isoformat()
        masked = f"{given['phone'][:3]}****{given['phone'][-4:]}"
        return {"__typename": "PhoneChanged", "maskedPhone": masked, "serverTime": now}

    def _register(self, given: Wire, thumbprint: str) -> Wire:
        self.registered.append(given)
        right = given["smsCode"] == SMS_CODE
        return self._sign_in(given, thumbprint, None if right else CODE_WRONG)

    def _devices(self, session: DeskSession | None) -> Wire:
        assert session is not None
        return {"__typename": "DeviceList", "devices": self.devices}

    def _data_use(
        self, session: DeskSession | None, first: int, after: str | None = None, **_: object
    ) -> Wire:
        assert session is not None
        start = [use["id"] for use in self.uses].index(after) + 1 if after else 0
        nodes = self.uses[start : start + first]
        return {
            "nodes": nodes,
            "pageInfo": {
                "hasNextPage": start + first < len(self.uses),
                "endCursor": nodes[-1]["id"] if nodes else None,
            },
        }

    def _unbind(self, session: DeskSession | None, given: Wire) -> Wire:
        assert session is not None
        self.unbinding_keys.append(given["idempotencyKey"])
        for device in self.devices:
            if device["serial"] == given["serial"]:
                device["state"] = "UNBOUND"
                device["unboundAt"] = self.clock.now().isoformat()
                return {"__typename": "DeviceChanged", "device": device}
        return refusal("device_unknown", "没有这部手机。", "No such phone.", "请刷新。", "Refresh.")
