"""Staff accounts: adding, giving and taking roles, disabling; each act is checked here.

Rights are changed by one conditional write on one document, whose condition is the rule: of two
officers' posts given at once, one is refused.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.accounts.documents import SessionEnd, Staff, StaffState
from backend.accounts.passwords import Passwords
from backend.accounts.rules import (
    LOGIN_IN_USE,
    OFFICERS,
    OFFICERS_EXCLUDE,
    OWN_RIGHTS,
    STAFF_UNKNOWN,
    roles_conflict,
    staff_login_of,
)
from backend.accounts.second_factor import new_recovery_codes, new_secret, provisioning_uri
from backend.accounts.sessions import Sessions
from backend.foundation import audit
from backend.foundation.access import Caller, Role
from backend.foundation.audit import Deed, Organisation, System
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.permissions import NOT_PERMITTED, Act, may
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.residents.rules import Identity, identity_of
from shared.clock import Clock
from shared.identifiers import random_identifier
from shared.identity.age import local_day
from shared.localized_text import LocalizedText

COLLECTION = "staff"
_FIRST_PASSWORD_BYTES = 12
PERSON_PURPOSE = "accounts.staff.person"
_ADDED = LocalizedText("新建了工作账号", "Added a staff account")


@dataclass(frozen=True, slots=True)
class NewStaff:
    """Whom to make an account for; number and name as on the ID document."""

    login: str
    number: str = field(repr=False)
    name: str = field(repr=False)
    organisation: Organisation
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class FirstCredentials:
    """What the new member of staff gets, told once and stored nowhere."""

    staff_id: str
    password: str = field(repr=False)
    totp_uri: str = field(repr=False)
    recovery_codes: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Rights:
    """What a row of rights says."""

    roles: list[str]
    state: StaffState


@dataclass(frozen=True, slots=True)
class _Change:
    """One kind of change of rights; `condition` is asked of the row in the write itself."""

    act: Act
    action: str
    words: LocalizedText
    ends: SessionEnd
    apply: Callable[[_Rights], _Rights]
    condition: Mapping[str, Any] = field(default_factory=dict)


class StaffAccounts:
    """The register of staff."""

    def __init__(
        self, sessions: Sessions, passwords: Passwords, sealer: Sealer, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._passwords = passwords
        self._sealer = sealer
        self._clock = clock

    async def add(self, caller: Caller | None, new: NewStaff) -> FirstCredentials | Refusal:
        """Make an account; giving it roles is another act, of another officer."""
        forbidden = may(caller, Act.STAFF_ADD)
        if forbidden is None and new.roles:
            forbidden = may(caller, Act.STAFF_GRANT)
        if forbidden is not None or caller is None:
            return forbidden or NOT_PERMITTED
        now = self._clock.now()
        person = _person_of(new, now)
        if isinstance(person, Refusal):
            return person
        login, identity = person
        password, secret = secrets.token_urlsafe(_FIRST_PASSWORD_BYTES), new_secret()
        hashed = await self._passwords.hash(password)
        if isinstance(hashed, Refusal):
            return hashed
        staff_id, codes, roles = (
            random_identifier("stf"),
            new_recovery_codes(),
            sorted(role.value for role in new.roles),
        )
        staff = Staff(
            id=staff_id,
            login=login,
            person_index=self._sealer.blind_index(identity.number.value, purpose=PERSON_PURPOSE),
            name_sealed=self._seal(identity.name, "name_sealed", staff_id),
            organisation=new.organisation.code,
            organisation_zh=new.organisation.name.zh,
            organisation_en=new.organisation.name.en,
            roles=roles,
            state=StaffState.ACTIVE,
            rights_proof=rights_proof(self._sealer, staff_id, StaffState.ACTIVE, roles),
            password_hash=hashed,
            password_is_first=True,
            totp_sealed=self._seal(secret, "totp_sealed", staff_id),
            totp_step=0,
            recovery_hashes=[recovery_hash(self._sealer, staff_id, code) for code in codes],
            added_at=now,
            changed_at=now,
        )

        async def act(session: Session) -> None:
            await staff.insert(session=session)
            await self._record(caller, "staff_added", _ADDED, session)

        try:
            await audit.in_one_write(act)
        except DuplicateKeyError:
            return LOGIN_IN_USE
        return FirstCredentials(staff_id, password, provisioning_uri(secret, login), tuple(codes))

    async def grant(self, caller: Caller | None, login: str, role: Role) -> Refusal | None:
        """Give a role; an officer's post only to who holds no other one (L17)."""
        others = sorted(OFFICERS - {role}) if role in OFFICERS else []
        return await self._change(
            caller,
            login,
            _Change(
                act=Act.STAFF_GRANT,
                action="role_granted",
                words=LocalizedText("授予了岗位", "Gave a role"),
                ends=SessionEnd.ROLES_CHANGED,
                apply=lambda rights: _Rights(sorted({*rights.roles, role}), rights.state),
                condition={"roles": {"$nin": others}},
            ),
        )

    async def revoke(self, caller: Caller | None, login: str, role: Role) -> Refusal | None:
        """Take a role away."""
        return await self._change(
            caller,
            login,
            _Change(
                act=Act.STAFF_GRANT,
                action="role_revoked",
                words=LocalizedText("免去了岗位", "Took a role away"),
                ends=SessionEnd.ROLES_CHANGED,
                apply=lambda rights: _Rights(sorted({*rights.roles} - {role}), rights.state),
            ),
        )

    async def disable(self, caller: Caller | None, login: str) -> Refusal | None:
        """Let the person sign in no more; their sessions end at once and their posts are free."""
        return await self._change(
            caller,
            login,
            _Change(
                act=Act.STAFF_DISABLE,
                action="staff_disabled",
                words=LocalizedText("停用了工作账号", "Disabled a staff account"),
                ends=SessionEnd.ACCOUNT_DISABLED,
                apply=lambda _: _Rights([], StaffState.DISABLED),
            ),
        )

    async def _change(self, caller: Caller | None, login: str, change: _Change) -> Refusal | None:
        """Change one row of rights with its proof, its sessions and its audit row."""
        forbidden, name = may(caller, change.act), staff_login_of(login)
        if forbidden is not None or caller is None:
            return forbidden
        if isinstance(name, Refusal):
            return STAFF_UNKNOWN
        return await audit.in_one_write(lambda session: self._write(caller, name, change, session))

    async def _write(
        self, caller: Caller, login: str, change: _Change, session: Session
    ) -> Refusal | None:
        found = await Staff.find_one({"login": login}, session=session)
        if found is None:
            return STAFF_UNKNOWN
        if found.id == caller.staff_id:
            return OWN_RIGHTS
        before = _Rights(found.roles, found.state)
        after = change.apply(before)
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
        await self._record(caller, change.action, change.words, session)
        return None

    async def _record(
        self, caller: Caller, action: str, words: LocalizedText, session: Session
    ) -> None:
        deed = Deed(
            at=self._clock.now(),
            actor=caller.actor,
            action=f"accounts.{action}",
            words=words,
            system=System.COUNTER,
            organisation=caller.organisation,
        )
        await audit.record(deed, session)

    def _seal(self, value: str, name: str, staff_id: str) -> bytes:
        return self._sealer.seal(value, collection=COLLECTION, field=name, document=staff_id)


def _person_of(new: NewStaff, now: datetime) -> tuple[str, Identity] | Refusal:
    """Return login and person of a new account."""
    login = staff_login_of(new.login)
    identity = identity_of(new.number, new.name, local_day(now))
    if isinstance(login, Refusal):
        return login
    if isinstance(identity, Refusal):
        return identity
    return roles_conflict(new.roles) or (login, identity)


def rights_proof(sealer: Sealer, staff_id: str, state: str, roles: list[str]) -> bytes:
    """Return the keyed hash that vouches for a row of rights."""
    row = "\0".join((staff_id, state, *sorted(roles)))
    return sealer.blind_index(row, purpose="accounts.staff.rights")


def recovery_hash(sealer: Sealer, staff_id: str, code: str) -> bytes:
    """Return what a recovery code is stored as."""
    plain = code.encode("utf-8", "replace").decode()
    return sealer.blind_index(f"{staff_id}\0{plain}", purpose="accounts.staff.recovery")
