"""Codes by SMS: made, sent and used up."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from backend.accounts.documents import SmsCode
from backend.accounts.rules import (
    CODE_DIGITS,
    CODE_VALID,
    CODE_WRONG,
    RESEND_AFTER,
    SMS_UNAVAILABLE,
    WHO_SIGNS_IN,
)
from backend.accounts.sms import SmsOutbox
from backend.accounts.tries import TryLimits
from backend.figures import AccountPolicy
from backend.foundation.mongo import ReturnDocument, Session
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.residents.rules import phone_of
from backend.residents.service import Residents
from shared.clock import Clock


class CodePurpose(StrEnum):
    """What a code is good for; one for one purpose is wrong for every other."""

    SIGN_IN = "phone"  # a value of stored ids
    REGISTRATION = "registration"
    PHONE_CHANGE = "phone_change"


_WORDS = {
    CodePurpose.SIGN_IN: ("登录", "to sign in"),
    CodePurpose.REGISTRATION: ("实名注册", "to register"),
    CodePurpose.PHONE_CHANGE: ("更换手机号码", "to change the phone number"),
}


@dataclass(frozen=True, slots=True)
class CodeUse:
    """For what a code is: a purpose, a phone, and for whom alone, where it is for one alone."""

    purpose: CodePurpose
    phone: str = field(repr=False)
    asker: str = ""


@dataclass(frozen=True, slots=True)
class SmsSent:
    """What everybody is told who asks for a code, sent or not."""

    valid_until: datetime
    resend_at: datetime


class SmsCodes:
    """Sends codes to phones, and knows them again."""

    def __init__(
        self,
        residents: Residents,
        limits: TryLimits,
        sealer: Sealer,
        outbox: SmsOutbox,
        policy: AccountPolicy,
        clock: Clock,
    ) -> None:
        self._residents = residents
        self._limits = limits
        self._sealer = sealer
        self._outbox = outbox
        self._policy = policy
        self._clock = clock

    async def send(self, phone: str, address: str) -> SmsSent | Refusal:
        """Send a code to sign in, if somebody is registered with it; the answer is the same."""
        number = await self._allowed(phone, address)
        if isinstance(number, Refusal):
            return number
        holders = await self._residents.of_login(number)
        use = CodeUse(CodePurpose.SIGN_IN, number)
        return await self._sent(use, holders, really=bool(holders))

    async def send_to_anybody(
        self, purpose: CodePurpose, phone: str, address: str, asker: str = ""
    ) -> SmsSent | Refusal:
        """Send a code to a phone, registered or not, to see whether the asker holds it."""
        number = await self._allowed(phone, address)
        if isinstance(number, Refusal):
            return number
        return await self._sent(CodeUse(purpose, number, asker), [], really=True)

    async def use(self, number: str, code: str, who: str | None, request: bytes) -> str | Refusal:
        """Use a sign-in's code up and return whose it is; the same request may use it again.

        A family may share a phone: `who` is then the resident who says it is them.
        """
        usable = self._usable(CodeUse(CodePurpose.SIGN_IN, number), request)
        found = await self._right(usable, code)
        if found is None:
            return CODE_WRONG
        holders = found["resident_ids"]
        if who is None and len(holders) > 1:
            return WHO_SIGNS_IN
        holder = holders[0] if who is None and holders else who
        if holder not in holders:
            return CODE_WRONG
        return str(holder) if await self._used_up(usable, found, request) else CODE_WRONG

    async def use_once(self, use: CodeUse, code: str, request: bytes) -> Refusal | None:
        """Use another code up; the same request may use it again."""
        usable = self._usable(use, request)
        found = await self._right(usable, code)
        if found is None or not await self._used_up(usable, found, request):
            return CODE_WRONG
        return None

    async def withdraw(self, phone: str, resident_id: str, session: Session) -> None:
        """Let no code that is on its way to a phone sign a resident in any more."""
        await SmsCode.get_pymongo_collection().update_one(
            {"_id": self._code_id(CodeUse(CodePurpose.SIGN_IN, phone))},
            {"$pull": {"resident_ids": resident_id}},
            session=session,
        )

    async def _allowed(self, phone: str, address: str) -> str | Refusal:
        """Count a message and return the number it may go to."""
        if not self._outbox.connected:
            return SMS_UNAVAILABLE
        number = phone_of(phone)
        if isinstance(number, Refusal):
            return number
        locked = await self._limits.of_address(address)
        return locked or await self._limits.of_messages(number) or number

    async def _sent(self, use: CodeUse, holders: list[str], *, really: bool) -> SmsSent:
        now, code_id = self._clock.now(), self._code_id(use)
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        document = SmsCode(
            id=code_id,
            resident_ids=holders,
            code_hash=self._code_hash(code_id, code),
            tries_left=self._policy.sms_code_tries,
            expires_at=now + CODE_VALID,
        )
        await document.save()
        if really:
            zh, en = _WORDS[use.purpose]
            self._outbox.post(
                use.phone,
                f"【一卡通】验证码{code}，用于{zh}，5分钟内有效。工作人员不会向您索要验证码。"
                f"Code {code} {en}, valid for 5 minutes; never tell it to anybody.",
            )
        return SmsSent(document.expires_at, now + RESEND_AFTER)

    def _usable(self, use: CodeUse, request: bytes) -> dict[str, Any]:
        return {
            "_id": self._code_id(use),
            "expires_at": {"$gt": self._clock.now()},
            "used_by": {"$in": [None, request]},
        }

    async def _right(self, usable: Mapping[str, Any], code: str) -> dict[str, Any] | None:
        """Count a try and return the stored code, if it is this one."""
        found: dict[str, Any] | None = await SmsCode.get_pymongo_collection().find_one_and_update(
            {**usable, "tries_left": {"$gt": 0}},
            {"$inc": {"tries_left": -1}},
            return_document=ReturnDocument.AFTER,
        )
        guess = self._code_hash(usable["_id"], code[: CODE_DIGITS + 1])
        right = found is not None and hmac.compare_digest(found["code_hash"], guess)
        return found if right else None

    async def _used_up(
        self, usable: Mapping[str, Any], found: Mapping[str, Any], request: bytes
    ) -> bool:
        used = await SmsCode.get_pymongo_collection().update_one(
            {**usable, "code_hash": found["code_hash"]}, {"$set": {"used_by": request}}
        )
        return bool(used.matched_count)

    def _code_id(self, use: CodeUse) -> str:
        value = f"{use.phone}\0{use.asker}" if use.asker else use.phone
        return self._sealer.blind_index(value, purpose=f"accounts.sms.{use.purpose}").hex()

    def _code_hash(self, code_id: str, code: str) -> bytes:
        plain = code.encode("utf-8", "replace").decode()
        return self._sealer.blind_index(f"{code_id}\0{plain}", purpose="accounts.sms.code")
