"""How a resident signs in: with a password, or with a code sent to their phone.

Nothing here tells a stranger whether somebody has an account: known and unknown names cost the same
work, count the same tries and get the same words.
"""

from dataclasses import dataclass
from datetime import timedelta

from backend.accounts.device import Device, request_id
from backend.accounts.documents import Account, SignInMethod
from backend.accounts.passwords import Passwords
from backend.accounts.rules import (
    CODE_WRONG,
    CREDENTIALS_WRONG,
    WHO_SIGNS_IN,
    device_name_of,
    login_of,
)
from backend.accounts.sessions import Sessions, SignedInAs, Tokens
from backend.accounts.sms_codes import SmsCodes
from backend.accounts.tries import PASSWORD, TryLimits
from backend.figures import AccountPolicy
from backend.foundation import audit
from backend.foundation.audit import PLATFORM, Actor, ActorKind, Deed, System
from backend.foundation.idempotency import KEY_FORM, Answer, Once, is_key
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal
from backend.residents.rules import phone_of
from backend.residents.same_person import surviving
from backend.residents.service import Residents
from shared.clock import Clock
from shared.localized_text import LocalizedText

_SIGNED_IN = LocalizedText("登录", "Signed in")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A try that may be looked at."""

    device: Device
    device_name: str


class SignIn:
    """Signs residents in."""

    def __init__(
        self,
        residents: Residents,
        sessions: Sessions,
        once: Once,
        passwords: Passwords,
        limits: TryLimits,
        codes: SmsCodes,
        policy: AccountPolicy,
        clock: Clock,
    ) -> None:
        self._residents = residents
        self._sessions = sessions
        self._once = once
        self._passwords = passwords
        self._limits = limits
        self._codes = codes
        self._policy = policy
        self._clock = clock

    async def with_password(self, login: str, password: str, device: Device) -> Tokens | Refusal:
        """Sign in by citizen number or phone and the password."""
        name = login_of(login)
        asked = await self._asked(device, name)
        if isinstance(asked, Refusal):
            return asked
        # A phone that several share names none of them.
        holders = await self._residents.of_login(name)
        resident_id = holders[0] if len(holders) == 1 else None
        account = await Account.get(resident_id or "")
        stored = account.password_hash if account else None
        same = await self._passwords.verify(stored, password)
        if isinstance(same, Refusal):
            return same
        if not same or account is None:
            return await self._wrong(CREDENTIALS_WRONG, resident_id)
        await self._limits.was_right(PASSWORD, name, device.address)
        if self._passwords.is_outdated(account.password_hash):
            await self._hash_anew(account, password)
        return await self._open(account.id, SignInMethod.PASSWORD, asked, CREDENTIALS_WRONG)

    async def with_code(
        self, phone: str, code: str, number: str | None, device: Device
    ) -> Tokens | Refusal:
        """Sign in by a phone and the code sent to it; `number` tells apart who share a phone."""
        plain = phone_of(phone)
        if isinstance(plain, Refusal):
            return plain
        asked = await self._asked(device, None)
        if isinstance(asked, Refusal):
            return asked
        who = None if number is None else await self._residents.of_login(login_of(number))
        named = None if who is None else "".join(who[:1])
        resident_id = await self._codes.use(plain, code, named, request_id(device))
        if resident_id is WHO_SIGNS_IN:
            return WHO_SIGNS_IN
        if isinstance(resident_id, Refusal):
            return await self._wrong(resident_id, None)
        await self._limits.give_back(device.address)
        return await self._open(resident_id, SignInMethod.SMS_CODE, asked, CODE_WRONG)

    async def _asked(self, device: Device, name: str | None) -> _Asked | Refusal:
        """Count a try and return it, or why it is not looked at."""
        if not is_key(device.idempotency_key):
            return KEY_FORM
        device_name = device_name_of(device.name)
        if isinstance(device_name, Refusal):
            return device_name
        locked = await self._limits.of_address(device.address)
        if locked is None and name is not None:
            locked = await self._limits.of_account(PASSWORD, name)
        return locked or _Asked(device, device_name)

    async def _wrong(self, why: Refusal, resident_id: str | None) -> Refusal:
        deed = self._deed("sign_in", _SIGNED_IN, resident_id, audit.refused(why))
        await audit.record_read(deed)
        return why

    async def _open(
        self, resident_id: str, method: SignInMethod, asked: _Asked, otherwise: Refusal
    ) -> Tokens | Refusal:
        """Open a session, or return `otherwise` for who died since they were looked up."""
        device = asked.device
        lifetime = timedelta(days=self._policy.session_days)

        async def act(session: Session) -> Answer | Refusal:
            # By the number of a merged record, the person comes to the one that is kept.
            kept = await surviving(resident_id, session)
            if not await self._residents.may_sign_in(kept, session):
                return otherwise
            holder = SignedInAs(kept, PLATFORM, method, lifetime)
            opened = await self._sessions.open(holder, device.key, asked.device_name, session)
            await audit.record(self._deed("sign_in", _SIGNED_IN, kept), session)
            return {"session": opened}

        answer = await self._once.perform(
            caller=device.key.thumbprint,
            key=device.idempotency_key,
            request={"act": "sign_in", "resident": resident_id, "method": method.value},
            now=self._clock.now(),
            act=act,
        )
        if isinstance(answer, Refusal):
            return answer
        return await self._sessions.first_tokens(answer["session"])

    async def _hash_anew(self, account: Account, password: str) -> None:
        """Keep up with the parameters of today; another change of the password wins."""
        hashed = await self._passwords.hash(password)
        if isinstance(hashed, str):
            await Account.get_pymongo_collection().update_one(
                {"_id": account.id, "password_hash": account.password_hash},
                {"$set": {"password_hash": hashed}},
            )

    def _deed(
        self, action: str, words: LocalizedText, resident_id: str | None, result: str = audit.OK
    ) -> Deed:
        actor = Actor(ActorKind.RESIDENT, resident_id or "unknown")
        return Deed(
            at=self._clock.now(),
            actor=actor,
            action=f"accounts.{action}",
            words=words,
            system=System.APP,
            subject=resident_id,
            result=result,
            disclosed=False,
        )
