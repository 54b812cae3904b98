"""Changing one's own second factor: another authenticator, and new recovery codes.

The session has shown both factors once; the password is asked for again, so that a computer left
alone gives nobody an authenticator of their own. The new one counts from the moment it has shown a
code, and until then the old one does.
"""

from collections.abc import Awaitable, Callable

from backend.accounts.documents import SessionEnd, Staff
from backend.accounts.passwords import Passwords
from backend.accounts.rules import NO_SETUP, PROOF_OF_SELF_NEEDED, SETUP_CODE_WRONG
from backend.accounts.second_factor import (
    matching_step,
    provisioning_uri,
    recovery_codes_of,
    secret_of,
)
from backend.accounts.sessions import Sessions
from backend.accounts.staff import COLLECTION, deed_on_staff, recovery_hash
from backend.accounts.tries import STAFF, TryLimits
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from shared.clock import Clock
from shared.localized_text import LocalizedText

_BEGUN = LocalizedText("开始更换本人的动态口令器", "Began to change the authenticator")
_CHANGED = LocalizedText("更换了本人的动态口令器", "Changed the authenticator")
_RENEWED = LocalizedText("更换了本人的恢复码", "Made new recovery codes")
_PENDING = "totp_next_sealed"


class OwnSecondFactor:
    """Changes the calling member of staff's second factor."""

    def __init__(
        self,
        sessions: Sessions,
        passwords: Passwords,
        limits: TryLimits,
        once: Once,
        sealer: Sealer,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._passwords = passwords
        self._limits = limits
        self._once = once
        self._sealer = sealer
        self._clock = clock

    async def begin(self, caller: Caller | None, key: str, password: str) -> str | Refusal:
        """Return what a new authenticator app reads; it counts once `confirm` saw its code."""

        async def act(who: Caller, staff: Staff, session: Session) -> None:
            sealed = self._seal(secret_of(self._seed(staff.id, key)), _PENDING, staff.id)
            await self._set(staff, {_PENDING: sealed}, session)
            await self._record(who, "totp_setup_begun", _BEGUN, session)

        staff = await self._proven(caller, password)
        if isinstance(staff, Refusal) or caller is None:
            return staff if isinstance(staff, Refusal) else SIGN_IN_NEEDED
        done = await self._once_only(caller, staff, key, "begin totp", act)
        if isinstance(done, Refusal):
            return done
        return provisioning_uri(secret_of(self._seed(staff.id, key)), staff.login)

    async def confirm(self, caller: Caller | None, key: str, code: str) -> Refusal | None:
        """Let the new authenticator count from now on; the other sessions end."""
        staff = await _own(caller)
        if staff is None or caller is None:
            return SIGN_IN_NEEDED

        async def act(who: Caller, staff: Staff, session: Session) -> Refusal | None:
            if staff.totp_next_sealed is None:
                return NO_SETUP
            secret = self._sealer.open(
                staff.totp_next_sealed, collection=COLLECTION, field=_PENDING, document=staff.id
            )
            step = matching_step(secret, code, self._clock.now())
            if step is None:
                return SETUP_CODE_WRONG
            sealed = self._seal(secret, "totp_sealed", staff.id)
            change = {"totp_sealed": sealed, "totp_step": step, _PENDING: None}
            await self._set(staff, change, session)
            ends = SessionEnd.SECOND_FACTOR_CHANGED
            await self._sessions.end_all(staff.id, ends, session, besides=who.session_id)
            await self._record(who, "totp_changed", _CHANGED, session)
            return None

        locked = await self._limits.of_account(STAFF, staff.login)
        if locked is not None:
            return locked
        done = await self._once_only(caller, staff, key, "confirm totp", act)
        if done is None:
            await self._limits.forget(STAFF, staff.login)
        return done

    async def renew_recovery_codes(
        self, caller: Caller | None, key: str, password: str
    ) -> tuple[str, ...] | Refusal:
        """Return new recovery codes in place of all that there were."""

        async def act(who: Caller, staff: Staff, session: Session) -> None:
            codes = recovery_codes_of(self._seed(staff.id, key))
            hashes = [recovery_hash(self._sealer, staff.id, code) for code in codes]
            await self._set(staff, {"recovery_hashes": hashes}, session)
            await self._record(who, "recovery_codes_renewed", _RENEWED, session)

        staff = await self._proven(caller, password)
        if isinstance(staff, Refusal) or caller is None:
            return staff if isinstance(staff, Refusal) else SIGN_IN_NEEDED
        done = await self._once_only(caller, staff, key, "renew recovery codes", act)
        return done or recovery_codes_of(self._seed(staff.id, key))

    async def _proven(self, caller: Caller | None, password: str) -> Staff | Refusal:
        """Return the caller's account where the password is theirs."""
        staff = await _own(caller)
        if staff is None:
            return SIGN_IN_NEEDED
        locked = await self._limits.of_account(STAFF, staff.login)
        if locked is not None:
            return locked
        same = await self._passwords.verify(staff.password_hash, password)
        if isinstance(same, Refusal) or not same:
            return same or PROOF_OF_SELF_NEEDED
        await self._limits.forget(STAFF, staff.login)
        return staff

    async def _once_only(
        self,
        caller: Caller,
        staff: Staff,
        key: str,
        name: str,
        write: Callable[[Caller, Staff, Session], Awaitable[Refusal | None]],
    ) -> Refusal | None:
        async def act(session: Session) -> Answer | Refusal:
            present = await Staff.get(staff.id, session=session)
            if present is None:
                return SIGN_IN_NEEDED
            return await write(caller, present, session) or {}

        answer = await self._once.perform(
            caller=caller.thumbprint or staff.id,
            key=key,
            request={"act": name, "staff": staff.id},
            now=self._clock.now(),
            act=act,
        )
        return answer if isinstance(answer, Refusal) else None

    async def _set(self, staff: Staff, change: dict[str, object], session: Session) -> None:
        written = {**change, "changed_at": self._clock.now()}
        await Staff.get_pymongo_collection().update_one(
            {"_id": staff.id}, {"$set": written}, session=session
        )

    async def _record(
        self, caller: Caller, action: str, words: LocalizedText, session: Session
    ) -> None:
        await audit.record(deed_on_staff(caller, action, words, self._clock.now()), session)

    def _seed(self, staff_id: str, key: str) -> bytes:
        """Return what a request's secrets are made from, the same each time it comes."""
        plain = key.encode("utf-8", "replace").decode()
        return self._sealer.blind_index(f"{staff_id}\0{plain}", purpose="accounts.staff.renewal")

    def _seal(self, value: str, name: str, staff_id: str) -> bytes:
        return self._sealer.seal(value, collection=COLLECTION, field=name, document=staff_id)


async def _own(caller: Caller | None) -> Staff | None:
    return await Staff.get(caller.staff_id) if caller and caller.staff_id else None
