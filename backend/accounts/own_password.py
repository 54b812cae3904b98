"""Setting one's own password."""

from backend.accounts.documents import Account, SessionEnd
from backend.accounts.passwords import Passwords
from backend.accounts.rules import (
    FRESH_SIGN_IN,
    PASSWORD_PERSONAL,
    PROOF_OF_SELF_NEEDED,
    login_of,
    password_allowed,
)
from backend.accounts.sessions import Sessions
from backend.accounts.tries import PASSWORD_CHANGE, TryLimits
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System
from backend.foundation.mongo import Session
from backend.foundation.permissions import Act, may
from backend.foundation.refusals import Refusal
from backend.residents.service import Residents
from shared.clock import Clock
from shared.localized_text import LocalizedText

_PASSWORD_SET = LocalizedText("设置了登录密码", "Set the password")


class OwnPassword:
    """Sets residents' passwords."""

    def __init__(
        self,
        residents: Residents,
        sessions: Sessions,
        passwords: Passwords,
        limits: TryLimits,
        clock: Clock,
    ) -> None:
        self._residents = residents
        self._sessions = sessions
        self._passwords = passwords
        self._limits = limits
        self._clock = clock

    async def set(self, caller: Caller | None, current: str, new: str) -> Refusal | None:
        """Set the caller's password and end their other sessions.

        It needs the present password, or a session opened by a code of the last minutes.
        """
        resident_id = caller.resident_id if caller else None
        forbidden = may(caller, Act.ACCOUNT_MANAGE, resident_id)
        if forbidden is not None or caller is None or resident_id is None:
            return forbidden
        refusal = await self._new_password_refused(resident_id, new)
        refusal = refusal or await self._proof_of_self_refused(caller, resident_id, current)
        if refusal is not None:
            return refusal
        hashed = await self._passwords.hash(new)
        if isinstance(hashed, Refusal):
            return hashed
        now = self._clock.now()

        async def act(session: Session) -> None:
            change = {"password_hash": hashed, "password_set_at": now}
            await Account.get_pymongo_collection().update_one(
                {"_id": resident_id}, {"$set": change}, upsert=True, session=session
            )
            await self._sessions.end_all(
                resident_id, SessionEnd.PASSWORD_CHANGED, session, besides=caller.session_id
            )
            await audit.record(self._deed(caller, resident_id), session)

        await audit.in_one_write(act)
        return None

    async def _new_password_refused(self, resident_id: str, new: str) -> Refusal | None:
        person = await self._residents.person(resident_id)
        refusal = password_allowed(new, birth=person.birth)
        if refusal is None and resident_id in await self._residents.of_login(login_of(new)):
            return PASSWORD_PERSONAL
        return refusal

    async def _proof_of_self_refused(
        self, caller: Caller, resident_id: str, current: str
    ) -> Refusal | None:
        if await self._sessions.is_fresh_sms(caller.session_id, FRESH_SIGN_IN):
            return None
        locked = await self._limits.of_account(PASSWORD_CHANGE, resident_id)
        if locked is not None:
            return locked
        account = await Account.get(resident_id)
        same = await self._passwords.verify(account.password_hash if account else None, current)
        if isinstance(same, Refusal):
            return same
        if not same:
            return PROOF_OF_SELF_NEEDED
        await self._limits.forget(PASSWORD_CHANGE, resident_id)
        return None

    def _deed(self, caller: Caller, resident_id: str) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action="accounts.password_set",
            words=_PASSWORD_SET,
            system=System.APP,
            subject=resident_id,
            disclosed=False,
        )
