"""How staff sign in: password and a second factor, from a device with a key of its own (L17)."""

import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from backend.accounts.device import Device, request_id
from backend.accounts.documents import SessionEnd, SignInMethod, Staff, StaffState
from backend.accounts.passwords import Passwords
from backend.accounts.rules import (
    PROOF_OF_SELF_NEEDED,
    STAFF_CREDENTIALS_WRONG,
    device_name_of,
    login_of,
    password_allowed,
    staff_login_of,
)
from backend.accounts.second_factor import matching_step, plain_recovery_code
from backend.accounts.sessions import Sessions, SignedInAs, Tokens
from backend.accounts.staff import COLLECTION, recovery_hash, rights_proof
from backend.accounts.tries import STAFF, TryLimits
from backend.figures import AccountPolicy
from backend.foundation import audit
from backend.foundation.access import Caller, Role
from backend.foundation.audit import PLATFORM, Actor, ActorKind, Deed, Organisation, System
from backend.foundation.idempotency import KEY_FORM, Answer, Once, is_key
from backend.foundation.logs import FIELDS
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from shared.clock import Clock
from shared.localized_text import LocalizedText

_SIGNED_IN = LocalizedText("工作人员登录", "Staff signed in")
_PASSWORD_SET = LocalizedText("工作人员修改了密码", "Staff set their password")
_log = logging.getLogger("yikatong.accounts")


@dataclass(frozen=True, slots=True)
class StaffCredentials:
    """What a member of staff types; `code` is the authenticator's, or a recovery code."""

    login: str
    password: str = field(repr=False)
    code: str = field(repr=False)


class StaffSignIn:
    """Signs staff in, and sets their passwords."""

    def __init__(
        self,
        sessions: Sessions,
        once: Once,
        passwords: Passwords,
        limits: TryLimits,
        sealer: Sealer,
        policy: AccountPolicy,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._once = once
        self._passwords = passwords
        self._limits = limits
        self._sealer = sealer
        self._policy = policy
        self._clock = clock

    async def sign_in(self, given: StaffCredentials, device: Device) -> Tokens | Refusal:
        """Sign in with both factors; which one was wrong is not told.

        Until the first password is changed the session has no roles.
        """
        device_name = device_name_of(device.name)
        if not is_key(device.idempotency_key):
            return KEY_FORM
        if isinstance(device_name, Refusal):
            return device_name
        login = login_of(given.login).lower()
        known_form = staff_login_of(login)
        locked = await self._limits.of_address(device.address)
        locked = locked or await self._limits.of_account(STAFF, login)
        if locked is not None:
            return locked
        # What no login looks like is looked up too, as a name that nobody has.
        staff = await Staff.find_one({"login": known_form if known_form == login else ""})
        same = await self._passwords.verify(staff.password_hash if staff else None, given.password)
        if isinstance(same, Refusal):
            return same
        method = await self._second_factor(staff, given.code, device) if staff and same else None
        if staff is None or method is None or not self._is_in_force(staff):
            await audit.record_read(
                self._deed("staff_sign_in", _SIGNED_IN, staff, STAFF_CREDENTIALS_WRONG)
            )
            return STAFF_CREDENTIALS_WRONG
        await self._limits.was_right(STAFF, login, device.address)
        return await self._open(staff, method, device, device_name)

    async def set_password(self, caller: Caller | None, current: str, new: str) -> Refusal | None:
        """Set the caller's own password and end all their sessions but this one."""
        staff = await Staff.get(caller.staff_id) if caller and caller.staff_id else None
        if staff is None or caller is None:
            return SIGN_IN_NEEDED
        refusal = password_allowed(new, login=staff.login)
        refusal = refusal or await self._limits.of_account(STAFF, staff.login)
        if refusal is not None:
            return refusal
        same = await self._passwords.verify(staff.password_hash, current)
        if isinstance(same, Refusal) or not same:
            return same or PROOF_OF_SELF_NEEDED
        await self._limits.forget(STAFF, staff.login)
        hashed = await self._passwords.hash(new)
        if isinstance(hashed, Refusal):
            return hashed

        async def act(session: Session) -> None:
            change = {"password_hash": hashed, "password_is_first": False}
            await Staff.get_pymongo_collection().update_one(
                {"_id": staff.id}, {"$set": change}, session=session
            )
            # The first password's session has no roles: it ends too.
            besides = "" if staff.password_is_first else caller.session_id
            await self._sessions.end_all(
                staff.id, SessionEnd.PASSWORD_CHANGED, session, besides=besides
            )
            await audit.record(self._deed("staff_password_set", _PASSWORD_SET, staff), session)

        await audit.in_one_write(act)
        return None

    async def _second_factor(self, staff: Staff, code: str, device: Device) -> SignInMethod | None:
        """Use a code up; each counts once, also when it comes twice at the same moment."""
        secret = self._sealer.open(
            staff.totp_sealed, collection=COLLECTION, field="totp_sealed", document=staff.id
        )
        rows = Staff.get_pymongo_collection()
        step = matching_step(secret, code, self._clock.now())
        if step is not None:
            request = request_id(device)
            unused: list[dict[str, Any]] = [
                {"totp_step": {"$lt": step}},
                # The same request again: its answer was lost.
                {"totp_step": step, "totp_request": request},
            ]
            used = await rows.update_one(
                {"_id": staff.id, "$or": unused},
                {"$set": {"totp_step": step, "totp_request": request}},
            )
            return SignInMethod.PASSWORD_AND_TOTP if used.matched_count else None
        hashed = recovery_hash(self._sealer, staff.id, plain_recovery_code(code))
        used = await rows.update_one(
            {"_id": staff.id, "recovery_hashes": hashed}, {"$pull": {"recovery_hashes": hashed}}
        )
        return SignInMethod.PASSWORD_AND_RECOVERY_CODE if used.modified_count else None

    def _is_in_force(self, staff: Staff) -> bool:
        """Tell whether the person may sign in, by a row of rights that nobody altered."""
        if staff.rights_proof != rights_proof(self._sealer, staff.id, staff.state, staff.roles):
            _log.error("staff rights altered", extra={FIELDS: {"staff": staff.id}})
            return False
        return staff.state is StaffState.ACTIVE

    async def _open(
        self, staff: Staff, method: SignInMethod, device: Device, device_name: str
    ) -> Tokens | Refusal:
        holder = SignedInAs(
            staff.id,
            _organisation(staff),
            method,
            timedelta(hours=self._policy.staff_session_hours),
            frozenset() if staff.password_is_first else frozenset(map(Role, staff.roles)),
        )

        async def act(session: Session) -> Answer:
            opened = await self._sessions.open(holder, device.key, device_name, session)
            await audit.record(self._deed("staff_sign_in", _SIGNED_IN, staff), session)
            return {"session": opened}

        answer = await self._once.perform(
            caller=device.key.thumbprint,
            key=device.idempotency_key,
            request={"act": "staff_sign_in", "staff": staff.id},
            now=self._clock.now(),
            act=act,
        )
        if isinstance(answer, Refusal):
            return answer
        return await self._sessions.first_tokens(answer["session"])

    def _deed(
        self, action: str, words: LocalizedText, staff: Staff | None, why: Refusal | None = None
    ) -> Deed:
        return Deed(
            at=self._clock.now(),
            actor=Actor(ActorKind.STAFF, staff.id if staff else "unknown"),
            action=f"accounts.{action}",
            words=words,
            system=System.COUNTER,
            organisation=_organisation(staff) if staff else PLATFORM,
            result=audit.refused(why) if why else audit.OK,
        )


def _organisation(staff: Staff) -> Organisation:
    name = LocalizedText(staff.organisation_zh, staff.organisation_en)
    return Organisation(staff.organisation, name)
