"""Sessions: one device's sign-in, its access tokens and its rotating refresh token.

No token is stored, and none is kept to be given out again: a refresh token is made from the one
before it and the request's idempotency key by a keyed hash, so the same request leads to the same
tokens, and the store holds only hashes. One write on one document decides each refresh; a crash
leaves either the old token or the new one in force, and the old one still fetches the new.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from backend.accounts.documents import DeviceSession, SessionEnd, SignInMethod
from backend.accounts.rules import REUSED, SUPERSEDED, RefreshState, judge_refresh
from backend.foundation import audit
from backend.foundation.access import SESSION_ENDED, TOKEN_EXPIRED, TOKEN_INVALID, Caller, Role
from backend.foundation.access_token import AccessRefused, AccessTokens
from backend.foundation.audit import Actor, ActorKind, Deed, Organisation, System
from backend.foundation.idempotency import KEY_FORM, is_key
from backend.foundation.mongo import DESCENDING, ReturnDocument, Session
from backend.foundation.one_trip import read_few
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer
from backend.residents.service import Residents
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.localized_text import LocalizedText
from shared.wire.request_proof import ProvenKey

STAFF_PREFIX = "stf_"
LISTED = 50
_REFRESH_TOKEN = re.compile(r"(ses_[a-z2-7]{26})\.([A-Za-z0-9_-]{43})")
_SESSION_ID = re.compile(r"ses_[a-z2-7]{26}")
_LIVING = {"ended_at": None}
_SHOWN = {"device_name": 1, "method": 1, "started_at": 1, "renewed_at": 1}
_BY_SMS = [SignInMethod.SMS_CODE, SignInMethod.FACE_AND_SMS_CODE]
_TOKENS = {"subject": 1, "thumbprint": 1, "roles": 1, "previous_hash": 1, "refresh_hash": 1}
_WORDS_OF_END = {
    SessionEnd.SIGNED_OUT: LocalizedText("退出登录", "Signed out"),
    SessionEnd.ENDED_BY_HOLDER: LocalizedText("结束了一台设备的登录", "Ended a device's sign-in"),
    SessionEnd.TOKEN_REUSED: LocalizedText(
        "登录凭证被重复使用，登录已自动结束", "A used token came again; the sign-in was ended"
    ),
}


@dataclass(frozen=True, slots=True)
class SignedInAs:
    """Whom a session is opened for."""

    subject: str
    organisation: Organisation
    method: SignInMethod
    lifetime: timedelta
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a device needs to speak for its holder."""

    session_id: str
    holder: str
    access: str = field(repr=False)
    access_expires_at: datetime
    refresh: str = field(repr=False)
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A session as its holder sees it in a list."""

    session_id: str
    device_name: str
    method: SignInMethod
    started_at: datetime
    renewed_at: datetime


MANDATES = "mandates"
"""The collection of what people may do for others; its area stands above and says what it means."""


class Sessions:
    """Opens, renews, reads and ends sessions."""

    def __init__(
        self, tokens: AccessTokens, sealer: Sealer, residents: Residents, clock: Clock
    ) -> None:
        self._tokens = tokens
        self._residents = residents
        self._sealer = sealer
        self._clock = clock

    async def open(
        self, holder: SignedInAs, key: ProvenKey, device_name: str, session: Session
    ) -> str:
        """Write a new session of the device that holds `key`, and return its id."""
        session_id, now = random_identifier("ses"), self._clock.now()
        opened = DeviceSession(
            id=session_id,
            subject=holder.subject,
            thumbprint=key.thumbprint,
            device_name=device_name,
            method=holder.method,
            roles=sorted(holder.roles),
            organisation=holder.organisation.code,
            organisation_zh=holder.organisation.name.zh,
            organisation_en=holder.organisation.name.en,
            refresh_hash=_hash(self._first_token(session_id)),
            started_at=now,
            renewed_at=now,
            expires_at=now + holder.lifetime,
        )
        await opened.insert(session=session)
        return session_id

    async def first_tokens(self, session_id: str) -> Tokens | Refusal:
        """Return the tokens of a session that was just opened, again where asked again."""
        first = self._first_token(session_id)
        found = await DeviceSession.get_pymongo_collection().find_one(
            {"_id": session_id, **_LIVING, "refresh_hash": _hash(first)}, _TOKENS
        )
        return SESSION_ENDED if found is None else self._issued(found, first)

    async def refresh(self, token: str, idempotency_key: str, key: ProvenKey) -> Tokens | Refusal:
        """Exchange a refresh token for new tokens; a used one ends the session."""
        if not is_key(idempotency_key):
            return KEY_FORM
        parsed = _REFRESH_TOKEN.fullmatch(token)
        if parsed is None:
            return SESSION_ENDED
        now, presented = self._clock.now(), _hash(token)
        renewal_key = _hash(idempotency_key)
        successor = self._token(parsed.group(1), f"{token}\0{idempotency_key}", "next")
        change = {
            "refresh_hash": _hash(successor),
            "previous_hash": presented,
            "renewal_key": renewal_key,
            "renewed_at": now,
        }
        own = {"_id": parsed.group(1), "thumbprint": key.thumbprint, **_LIVING}
        found = await DeviceSession.get_pymongo_collection().find_one_and_update(
            {**own, "refresh_hash": presented, "expires_at": {"$gt": now}},
            {"$set": change},
            _TOKENS,
            return_document=ReturnDocument.AFTER,
        )
        if found is not None:
            return await self._renewed(found, successor)
        return await self._stale(own, presented, renewal_key, successor)

    async def caller(
        self, token: str, key: ProvenKey, *, looks_first: bool = True
    ) -> Caller | Refusal:
        """Tell for whom the holder of `key` speaks with an access token, by a living session.

        Args:
            token: the access token.
            key: the key that signed the request, and the mandate it names.
            looks_first: whether that mandate is likely to be asked for, and read along.
        """
        now = self._clock.now()
        try:
            access = self._tokens.read(token, key.thumbprint, now)
        except AccessRefused as error:
            return TOKEN_EXPIRED if error.code == "expired" else TOKEN_INVALID
        found = await _read(access.session_id, key.acting_for if looks_first else "")
        if found is None or not _is_living(found, key.thumbprint, now):
            return SESSION_ENDED
        is_staff = access.subject.startswith(STAFF_PREFIX)
        return Caller(
            resident_id=None if is_staff else access.subject,
            staff_id=access.subject if is_staff else None,
            roles=frozenset(map(Role, access.roles)),
            session_id=access.session_id,
            thumbprint=key.thumbprint,
            organisation=_organisation(found),
            acting_for=key.acting_for,
            mandates_read=found.get("mandates", []),
        )

    async def of_caller(self, caller: Caller | None) -> Sequence[SessionFacts] | Refusal:
        """Return the caller's living sessions, the last used first."""
        subject = _subject(caller)
        if subject is None:
            return SIGN_IN_NEEDED
        living = {"subject": subject, **_LIVING, "expires_at": {"$gt": self._clock.now()}}
        rows = (
            DeviceSession.get_pymongo_collection()
            .find(living, _SHOWN)
            .sort("renewed_at", DESCENDING)
            .limit(LISTED)
        )
        return [
            SessionFacts(
                row["_id"],
                row["device_name"],
                SignInMethod(row["method"]),
                row["started_at"],
                row["renewed_at"],
            )
            async for row in rows
        ]

    async def end(self, caller: Caller | None, session_id: str | None = None) -> Refusal | None:
        """End the caller's own session, or another of theirs; ending an ended one is done too."""
        subject = _subject(caller)
        if caller is None or subject is None:
            return SIGN_IN_NEEDED
        if session_id is not None and not _SESSION_ID.fullmatch(session_id):
            return None  # nobody's: as with any other id that is not the caller's
        own = session_id is None or session_id == caller.session_id
        why = SessionEnd.SIGNED_OUT if own else SessionEnd.ENDED_BY_HOLDER
        chosen = {"_id": session_id or caller.session_id, "subject": subject}
        await audit.in_one_write(
            lambda session: self._end(chosen, why, caller.actor, caller.organisation, session)
        )
        return None

    async def end_all(
        self, subject: str, why: SessionEnd, session: Session, *, besides: str = ""
    ) -> None:
        """End the sessions of `subject` but one, in the transaction of what makes it needed."""
        await DeviceSession.get_pymongo_collection().update_many(
            {"subject": subject, **_LIVING, "_id": {"$ne": besides}},
            {"$set": {"ended_at": self._clock.now(), "end": why}},
            session=session,
        )

    async def departed(self, resident_ids: Sequence[str], session: Session) -> None:
        """End the sessions of who died, in the transaction that marks it."""
        await DeviceSession.get_pymongo_collection().update_many(
            {"subject": {"$in": list(resident_ids)}, **_LIVING},
            {"$set": {"ended_at": self._clock.now(), "end": SessionEnd.HOLDER_DECEASED}},
            session=session,
        )

    async def has_living(self, resident_id: str) -> bool:
        """Tell whether somebody is signed in anywhere: the app is then their own channel."""
        living = {"subject": resident_id, **_LIVING, "expires_at": {"$gt": self._clock.now()}}
        found = await DeviceSession.get_pymongo_collection().find_one(living, {"_id": 1})
        return found is not None

    async def with_living(self, resident_ids: Sequence[str]) -> frozenset[str]:
        """Return who of these people are signed in anywhere, in one read."""
        among = {"$in": sorted(set(resident_ids))}
        living = {"subject": among, **_LIVING, "expires_at": {"$gt": self._clock.now()}}
        found = DeviceSession.get_pymongo_collection().find(living, {"subject": 1})
        return frozenset([row["subject"] async for row in found])

    async def regrouped(self, resident_ids: Sequence[str], session: Session) -> None:
        """End the sessions of whose records were merged, or are two again, in that transaction."""
        await DeviceSession.get_pymongo_collection().update_many(
            {"subject": {"$in": list(resident_ids)}, **_LIVING},
            {"$set": {"ended_at": self._clock.now(), "end": SessionEnd.RECORDS_CHANGED}},
            session=session,
        )

    async def is_fresh_sms(self, session_id: str, within: timedelta) -> bool:
        """Tell whether a session was opened by an SMS code just now, alone or with the face."""
        since = self._clock.now() - within
        found = await DeviceSession.get_pymongo_collection().find_one(
            {"_id": session_id, "method": {"$in": _BY_SMS}, "started_at": {"$gt": since}},
            {"_id": 1},
        )
        return found is not None

    async def _renewed(self, found: Mapping[str, Any], refresh: str) -> Tokens | Refusal:
        """Return renewed tokens, unless the resident died: a sign-in may have overtaken that."""
        subject = found["subject"]
        if _kind(subject) is ActorKind.STAFF or await self._residents.may_sign_in(subject):
            return self._issued(found, refresh)
        await audit.in_one_write(lambda session: self.departed([subject], session))
        return SESSION_ENDED

    async def _stale(
        self, own: Mapping[str, Any], presented: bytes, renewal_key: bytes, successor: str
    ) -> Tokens | Refusal:
        """Answer a device whose token is not its session's present one."""
        now = self._clock.now()
        found = await DeviceSession.get_pymongo_collection().find_one(dict(own))
        if found is None or found["expires_at"] <= now:
            return SESSION_ENDED
        state = judge_refresh(
            is_previous=found.get("previous_hash") == presented,
            is_same_request=found.get("renewal_key") == renewal_key,
            renewed_at=found["renewed_at"],
            now=now,
        )
        if state is RefreshState.REPEATED:
            return await self._renewed(found, successor)
        if state is RefreshState.SUPERSEDED:
            return SUPERSEDED
        actor = Actor(_kind(found["subject"]), found["subject"])
        await audit.in_one_write(
            lambda session: self._end(
                dict(own), SessionEnd.TOKEN_REUSED, actor, _organisation(found), session
            )
        )
        return REUSED

    async def _end(
        self,
        chosen: Mapping[str, Any],
        why: SessionEnd,
        actor: Actor,
        organisation: Organisation,
        session: Session,
    ) -> None:
        now = self._clock.now()
        result = await DeviceSession.get_pymongo_collection().update_one(
            {**chosen, **_LIVING}, {"$set": {"ended_at": now, "end": why}}, session=session
        )
        if result.modified_count:
            deed = Deed(
                at=now,
                actor=actor,
                action=f"accounts.{why.value}",
                words=_WORDS_OF_END[why],
                system=_system(actor.id),
                subject=None if actor.kind is ActorKind.STAFF else actor.id,
                organisation=organisation,
                disclosed=False,
            )
            await audit.record(deed, session)

    def _issued(self, found: Mapping[str, Any], refresh: str) -> Tokens:
        now = self._clock.now()
        access = self._tokens.issue(
            found["subject"], found["_id"], found["roles"], found["thumbprint"], now
        )
        return Tokens(
            session_id=found["_id"],
            holder=found["subject"],
            access=access,
            access_expires_at=now + self._tokens.lifetime,
            refresh=refresh,
            roles=tuple(found["roles"]),
        )

    def _first_token(self, session_id: str) -> str:
        return self._token(session_id, session_id, "first")

    def _token(self, session_id: str, origin: str, kind: str) -> str:
        secret = self._sealer.blind_index(origin, purpose=f"accounts.refresh.{kind}")
        return f"{session_id}.{base64.urlsafe_b64encode(secret).rstrip(b'=').decode()}"


async def _read(session_id: str, mandate: str) -> Mapping[str, Any] | None:
    """Read a session, and in the same read the mandate that a request names.

    By the id alone, which needs no plan: whether it lives is told from what was read.
    """
    own: list[Mapping[str, Any]] = [{"$match": {"_id": session_id}}]
    if is_identifier(mandate):
        named = [{"$match": {"_id": mandate}}, {"$limit": 1}]
        own.append({"$lookup": {"from": MANDATES, "pipeline": named, "as": "mandates"}})
    found = await read_few(DeviceSession.get_pymongo_collection(), own)
    return found[0] if found else None


def _is_living(found: Mapping[str, Any], thumbprint: str, now: datetime) -> bool:
    is_over = found.get("ended_at") is not None or found["expires_at"] <= now
    return found["thumbprint"] == thumbprint and not is_over


def _subject(caller: Caller | None) -> str | None:
    return None if caller is None else caller.resident_id or caller.staff_id


def _kind(subject: str) -> ActorKind:
    return ActorKind.STAFF if subject.startswith(STAFF_PREFIX) else ActorKind.RESIDENT


def _system(subject: str) -> System:
    return System.COUNTER if subject.startswith(STAFF_PREFIX) else System.APP


def _organisation(found: Mapping[str, Any]) -> Organisation:
    name = LocalizedText(found["organisation_zh"], found["organisation_en"])
    return Organisation(found["organisation"], name)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
