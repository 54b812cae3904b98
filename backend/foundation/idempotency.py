"""Exactly once: a repeated request gets the first one's answer and changes nothing more.

The key is taken in the same transaction as the act, before any rule is asked, so no crash and no
race leaves one without the other.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from beanie import Document
from pymongo import IndexModel
from pymongo.errors import DuplicateKeyError

from backend.foundation.mongo import Session, Store
from backend.foundation.refusals import Refusal, refusal

KEPT = timedelta(days=7)
MIN_KEY, MAX_KEY = 8, 64
Answer = dict[str, Any]
Act = Callable[[Session], Awaitable[Answer | Refusal]]

KEY_FORM = refusal(
    "idempotency_key_form",
    ("请求编号格式不对。", "The idempotency key has a wrong form."),
    ("请更新应用后再试。", "Update the app and try again."),
)
KEY_REUSED = refusal(
    "idempotency_key_reused",
    ("同一请求编号用于了不同的内容。", "The idempotency key was used for another request."),
    ("请重新提交。", "Submit again."),
)


def is_key(text: str) -> bool:
    """Tell whether a text has an idempotency key's form."""
    return MIN_KEY <= len(text) <= MAX_KEY and text.isascii() and text.isprintable()


class KeptAnswer(Document):
    """The answer to one request of one caller, kept for `KEPT`."""

    id: str  # type: ignore[assignment]  # a text of our own, not an ObjectId
    request_hash: bytes
    answer: Answer
    answered_at: datetime

    class Settings:
        """Where it is stored."""

        name = "kept_answers"
        indexes: ClassVar = [
            IndexModel("answered_at", expireAfterSeconds=int(KEPT.total_seconds()))
        ]


class _Refused(Exception):
    """Carries a refusal out of the transaction, which it undoes."""

    def __init__(self, value: Refusal) -> None:
        super().__init__(value.code)
        self.value = value


class Once:
    """Guards the acts of callers by their keys."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def perform(
        self,
        *,
        caller: str,
        key: str,
        request: Mapping[str, str],
        now: datetime,
        act: Act,
        likely: Answer | None = None,
    ) -> Answer | Refusal:
        """Do `act` once per (`caller`, `key`) and return its answer, now or from the first time.

        Args:
            caller: who asks, by the thumbprint of their key.
            key: the client's idempotency key.
            request: what is asked; the same key with other content is refused.
            now: the present instant.
            act: does the work within the session's transaction; a refusal undoes it and is not
                kept, so a later try can succeed.
            likely: what `act` most probably answers; where it does, one write keeps key and answer.
        """
        if not is_key(key):
            return KEY_FORM
        try:
            # Most requests are new: whether one is, the key's own index tells in the write.
            kept_id = _kept_id(caller, key)
            return await self._first_time(kept_id, _hash(request), now, act, likely or {})
        except DuplicateKeyError:
            kept = await self.answered(caller=caller, key=key, request=request)
            if kept is None:
                raise  # something else in `act` had to be unique
            return kept
        except _Refused as refused:
            return refused.value

    async def answered(
        self, *, caller: str, key: str, request: Mapping[str, str]
    ) -> Answer | Refusal | None:
        """Return what a repeated request gets, or None where it is to be done.

        For acts that ask the world outside before their write; `perform` still decides.
        """
        if not is_key(key):
            return KEY_FORM
        wanted = {"_id": _kept_id(caller, key)}
        kept = await KeptAnswer.get_pymongo_collection().find_one(wanted)
        if kept is None:
            return None
        answer: Answer = kept["answer"]
        return answer if kept["request_hash"] == _hash(request) else KEY_REUSED

    async def _first_time(
        self, kept_id: str, request_hash: bytes, now: datetime, act: Act, likely: Answer
    ) -> Answer:
        kept = KeptAnswer.get_pymongo_collection()
        taken = {"request_hash": request_hash, "answer": likely, "answered_at": now}

        async def transact(session: Session) -> Answer:
            await kept.insert_one({"_id": kept_id, **taken}, session=session)
            answer = await act(session)
            if isinstance(answer, Refusal):
                raise _Refused(answer)
            if answer != likely:
                done = {"$set": {"answer": answer}}
                await kept.update_one({"_id": kept_id}, done, session=session)
            return answer

        async with self._store.client.start_session() as session:
            return await session.with_transaction(transact)


def _kept_id(caller: str, key: str) -> str:
    return hashlib.sha256(f"{caller}\0{key}".encode()).hexdigest()


def _hash(request: Mapping[str, str]) -> bytes:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).digest()
