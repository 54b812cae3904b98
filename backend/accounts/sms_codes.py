"""Codes by SMS: made, sent and used up."""

import asyncio
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from backend.accounts.documents import SmsCode
from backend.accounts.rules import (
    CODE_DIGITS,
    CODE_VALID,
    CODE_WRONG,
    PHONE_FORM,
    RESEND_AFTER,
    SMS_UNAVAILABLE,
    WHO_SIGNS_IN,
)
from backend.accounts.sms import SmsGateway
from backend.accounts.tries import TryLimits
from backend.foundation.mongo import ReturnDocument
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.residents.service import Residents
from backend.settings import AccountPolicy
from shared.clock import Clock
from shared.identity.phone import parse_phone


@dataclass(frozen=True, slots=True)
class SmsSent:
    """What everybody is told who asks for a code, sent or not."""

    valid_until: datetime
    resend_at: datetime


class SmsCodes:
    """Sends codes to registered phones, and knows them again."""

    def __init__(
        self,
        residents: Residents,
        limits: TryLimits,
        sealer: Sealer,
        gateway: SmsGateway | None,
        policy: AccountPolicy,
        clock: Clock,
    ) -> None:
        self._residents = residents
        self._limits = limits
        self._sealer = sealer
        self._gateway = gateway
        self._policy = policy
        self._clock = clock
        self._sending: set[asyncio.Task[None]] = set()

    async def send(self, phone: str, address: str) -> SmsSent | Refusal:
        """Send a code to a phone, if somebody is registered with it; the answer is the same."""
        if self._gateway is None:
            return SMS_UNAVAILABLE
        number = parse_phone(phone)
        if number is None:
            return PHONE_FORM
        locked = await self._limits.of_address(address)
        locked = locked or await self._limits.of_messages(number)
        if locked is not None:
            return locked
        holders, now = await self._residents.of_login(number), self._clock.now()
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        document = SmsCode(
            id=self._phone_id(number),
            resident_ids=holders,
            code_hash=self._code_hash(number, code),
            tries_left=self._policy.sms_code_tries,
            expires_at=now + CODE_VALID,
        )
        await document.save()
        if holders:
            self._send(self._gateway, number, code)
        return SmsSent(document.expires_at, now + RESEND_AFTER)

    async def use(self, number: str, code: str, who: str | None, request: bytes) -> str | Refusal:
        """Use the phone's code up and return whose it is; the same request may use it again.

        A family may share a phone: `who` is then the resident who says it is them.
        """
        codes = SmsCode.get_pymongo_collection()
        usable = {
            "_id": self._phone_id(number),
            "expires_at": {"$gt": self._clock.now()},
            "used_by": {"$in": [None, request]},
        }
        found = await codes.find_one_and_update(
            {**usable, "tries_left": {"$gt": 0}},
            {"$inc": {"tries_left": -1}},
            return_document=ReturnDocument.AFTER,
        )
        guess = self._code_hash(number, code[: CODE_DIGITS + 1])
        if found is None or not hmac.compare_digest(found["code_hash"], guess):
            return CODE_WRONG
        holders = found["resident_ids"]
        if who is None and len(holders) > 1:
            return WHO_SIGNS_IN
        holder = holders[0] if who is None and holders else who
        if holder not in holders:
            return CODE_WRONG
        used = await codes.update_one(
            {**usable, "code_hash": guess}, {"$set": {"used_by": request}}
        )
        return str(holder) if used.matched_count else CODE_WRONG

    def _send(self, gateway: SmsGateway, number: str, code: str) -> None:
        """Send beside the answer, which must not take longer for a phone that is known."""
        text = (
            f"【一卡通】验证码{code}，5分钟内有效。工作人员不会向您索要验证码。"
            f"Code {code}, valid for 5 minutes; never tell it to anybody."
        )
        task = asyncio.create_task(gateway.send(number, text))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def _phone_id(self, number: str) -> str:
        return self._sealer.blind_index(number, purpose="accounts.sms.phone").hex()

    def _code_hash(self, number: str, code: str) -> bytes:
        plain = code.encode("utf-8", "replace").decode()
        return self._sealer.blind_index(f"{number}\0{plain}", purpose="accounts.sms.code")
