"""Changing one's phone number 更换手机号码: the new phone answers, the old one is told."""

from backend.accounts.device import Device, request_id
from backend.accounts.sms import SmsOutbox
from backend.accounts.sms_codes import CodePurpose, CodeUse, SmsCodes, SmsSent
from backend.accounts.tries import PHONE_CHANGE, TryLimits
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.residents.rules import phone_of
from backend.residents.service import Residents
from shared.clock import Clock
from shared.identity.masking import mask_phone
from shared.localized_text import LocalizedText

_CHANGED = LocalizedText("更换了手机号码", "Changed the phone number")
_NOTICE = (
    "【一卡通】您的账户已改用另一手机号码，本号码不再用于登录。如非本人操作，请立即致电12333。"
    "Your account now has another phone number. If it was not you, call 12333 now."
)


class PhoneChange:
    """Changes the phone on a signed-in resident's record."""

    def __init__(
        self,
        residents: Residents,
        codes: SmsCodes,
        outbox: SmsOutbox,
        limits: TryLimits,
        once: Once,
        clock: Clock,
    ) -> None:
        self._residents = residents
        self._codes = codes
        self._outbox = outbox
        self._limits = limits
        self._once = once
        self._clock = clock

    async def send_code(self, caller: Caller | None, phone: str, address: str) -> SmsSent | Refusal:
        """Send a code to the new phone; only this resident can use it."""
        resident_id = caller.resident_id if caller else None
        refused = may(caller, Act.ACCOUNT_MANAGE, resident_id)
        if refused is not None or resident_id is None:
            return refused or SIGN_IN_NEEDED
        locked = await self._limits.of_account(PHONE_CHANGE, resident_id)
        if locked is not None:
            return locked
        return await self._codes.send_to_anybody(
            CodePurpose.PHONE_CHANGE, phone, address, resident_id
        )

    async def change(
        self, caller: Caller | None, phone: str, code: str, device: Device
    ) -> str | Refusal:
        """Put the new phone on the caller's record and return it masked; the old one is told."""
        resident_id = caller.resident_id if caller else None
        refused = may(caller, Act.ACCOUNT_MANAGE, resident_id)
        if refused is not None or caller is None or resident_id is None:
            return refused or SIGN_IN_NEEDED
        number = phone_of(phone)
        if isinstance(number, Refusal):
            return number
        fingerprint = self._residents.fingerprint(resident_id, number)
        who, key = device.key.thumbprint, device.idempotency_key
        request = {"act": "change phone", "asked": fingerprint}
        answer = await self._once.answered(caller=who, key=key, request=request)
        if answer is None:
            use = CodeUse(CodePurpose.PHONE_CHANGE, number, resident_id)
            answer = await self._codes.use_once(use, code, request_id(device))
        if answer is None:
            before: list[str | None] = []

            async def act(session: Session) -> Answer:
                before[:] = [await self._change(caller, resident_id, number, session)]
                return {}

            answer = await self._once.perform(
                caller=who, key=key, request=request, now=self._clock.now(), act=act
            )
            await self._limits.forget(PHONE_CHANGE, resident_id)
            for old in before:
                if old is not None and old != number:
                    self._outbox.post(old, _NOTICE)
        return answer if isinstance(answer, Refusal) else mask_phone(number)

    async def _change(
        self, caller: Caller, resident_id: str, number: str, session: Session
    ) -> str | None:
        now = self._clock.now()
        old = await self._residents.change_phone(resident_id, number, now, session)
        if old is not None and old != number:
            await self._codes.withdraw(old, resident_id, session)
        deed = Deed(
            at=now,
            actor=caller.actor,
            action="accounts.phone_changed",
            words=_CHANGED,
            system=System.APP,
            subject=resident_id,
            disclosed=False,
        )
        await audit.record(deed, session)
        return old
