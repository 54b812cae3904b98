"""What staff may do: giving and taking roles, disabling, unlocking; each act is checked here.

Rights are changed by one conditional write on one document, whose condition is the rule: of two
officers' posts given at once, one is refused. Nobody acts on their own account.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.accounts.documents import SessionEnd, Staff, StaffState
from backend.accounts.rules import (
    OFFICERS,
    OFFICERS_EXCLUDE,
    OWN_RIGHTS,
    STAFF_DISABLED,
    STAFF_UNKNOWN,
    staff_login_of,
)
from backend.accounts.sessions import Sessions
from backend.accounts.staff import deed_on_staff, rights_proof
from backend.accounts.tries import STAFF, TryLimits
from backend.foundation import audit
from backend.foundation.access import Caller, Role
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from shared.clock import Clock
from shared.localized_text import LocalizedText

_UNLOCKED = LocalizedText("解除了工作账号的锁定", "Unlocked a staff account")


@dataclass(frozen=True, slots=True)
class _Rights:
    """What a row of rights says."""

    roles: list[str]
    state: StaffState


@dataclass(frozen=True, slots=True)
class _Change:
    """One kind of change of rights; `condition` is asked of the row in the write itself.

    `of_active`: only of an account that is not disabled.
    """

    act: Act
    action: str
    words: LocalizedText
    ends: SessionEnd
    apply: Callable[[_Rights], _Rights]
    condition: Mapping[str, Any] = field(default_factory=dict)
    of_active: bool = False


class StaffRights:
    """Changes what other members of staff may do."""

    def __init__(
        self, sessions: Sessions, limits: TryLimits, once: Once, sealer: Sealer, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._limits = limits
        self._once = once
        self._sealer = sealer
        self._clock = clock

    async def grant(
        self, caller: Caller | None, key: str, login: str, role: Role
    ) -> Refusal | None:
        """Give a role; an officer's post only to who holds no other one (L17)."""
        others = sorted(OFFICERS - {role}) if role in OFFICERS else []
        return await self._change(
            caller,
            key,
            login,
            _Change(
                act=Act.STAFF_GRANT,
                action="role_granted",
                words=LocalizedText("授予了岗位", "Gave a role"),
                ends=SessionEnd.ROLES_CHANGED,
                apply=lambda rights: _Rights(sorted({*rights.roles, role}), rights.state),
                condition={"roles": {"$nin": others}},
                of_active=True,
            ),
        )

    async def revoke(
        self, caller: Caller | None, key: str, login: str, role: Role
    ) -> Refusal | None:
        """Take a role away."""
        return await self._change(
            caller,
            key,
            login,
            _Change(
                act=Act.STAFF_GRANT,
                action="role_revoked",
                words=LocalizedText("免去了岗位", "Took a role away"),
                ends=SessionEnd.ROLES_CHANGED,
                apply=lambda rights: _Rights(sorted({*rights.roles} - {role}), rights.state),
            ),
        )

    async def disable(self, caller: Caller | None, key: str, login: str) -> Refusal | None:
        """Let the person sign in no more; their sessions end at once and their posts are free."""
        return await self._change(
            caller,
            key,
            login,
            _Change(
                act=Act.STAFF_DISABLE,
                action="staff_disabled",
                words=LocalizedText("停用了工作账号", "Disabled a staff account"),
                ends=SessionEnd.ACCOUNT_DISABLED,
                apply=lambda _: _Rights([], StaffState.DISABLED),
            ),
        )

    async def enable(self, caller: Caller | None, key: str, login: str) -> Refusal | None:
        """Let a disabled person sign in again, without any post."""
        return await self._change(
            caller,
            key,
            login,
            _Change(
                act=Act.STAFF_ADD,
                action="staff_enabled",
                words=LocalizedText("恢复了工作账号", "Enabled a staff account"),
                ends=SessionEnd.ROLES_CHANGED,
                apply=lambda rights: _Rights(rights.roles, StaffState.ACTIVE),
            ),
        )

    async def unlock(self, caller: Caller | None, key: str, login: str) -> Refusal | None:
        """Forget the wrong tries that locked an account; nobody unlocks their own."""

        async def forget(who: Caller, found: Staff, session: Session) -> Refusal | None:
            await self._limits.forget(STAFF, found.login, session)
            deed = deed_on_staff(who, "staff_unlocked", _UNLOCKED, self._clock.now())
            await audit.record(deed, session)
            return None

        return await self._once_on(caller, key, login, Act.STAFF_UNLOCK, "staff_unlocked", forget)

    async def _change(
        self, caller: Caller | None, key: str, login: str, change: _Change
    ) -> Refusal | None:
        """Change one row of rights with its proof, its sessions and its audit row."""

        async def write(who: Caller, found: Staff, session: Session) -> Refusal | None:
            return await self._write(who, found, change, session)

        return await self._once_on(caller, key, login, change.act, change.action, write)

    async def _once_on(
        self,
        caller: Caller | None,
        key: str,
        login: str,
        permitted: Act,
        action: str,
        write: Callable[[Caller, Staff, Session], Awaitable[Refusal | None]],
    ) -> Refusal | None:
        """Do an act on somebody else's account once."""
        forbidden, name = may(caller, permitted), staff_login_of(login)
        if forbidden is not None or caller is None:
            return forbidden
        if isinstance(name, Refusal):
            return STAFF_UNKNOWN

        async def act(session: Session) -> Answer | Refusal:
            found = await Staff.find_one({"login": name}, session=session)
            if found is None:
                return STAFF_UNKNOWN
            if found.id == caller.staff_id:
                return OWN_RIGHTS
            return await write(caller, found, session) or {}

        answer = await self._once.perform(
            caller=caller.thumbprint or caller.actor.id,
            key=key,
            request={"act": action, "login": name},
            now=self._clock.now(),
            act=act,
        )
        return answer if isinstance(answer, Refusal) else None

    async def _write(
        self, caller: Caller, found: Staff, change: _Change, session: Session
    ) -> Refusal | None:
        before = _Rights(found.roles, found.state)
        after = change.apply(before)
        if change.of_active and found.state is not StaffState.ACTIVE:
            return STAFF_DISABLED
        if after == before:
            return None
        written = {
            "roles": after.roles,
            "state": after.state,
            "rights_proof": rights_proof(self._sealer, found.id, after.state, after.roles),
            "changed_at": self._clock.now(),
        }
        result = await Staff.get_pymongo_collection().update_one(
            {"_id": found.id, **change.condition}, {"$set": written}, session=session
        )
        if not result.matched_count:
            return OFFICERS_EXCLUDE
        await self._sessions.end_all(found.id, change.ends, session)
        deed = deed_on_staff(caller, change.action, change.words, self._clock.now())
        await audit.record(deed, session)
        return None
