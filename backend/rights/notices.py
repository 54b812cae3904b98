"""Notices 告知书: which ones a person has still to be shown, and that they were."""

from collections.abc import Sequence

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.rights import deeds
from backend.rights.documents import NoticeReceipt
from backend.rights.rules import NOTICE_OUTDATED, NOTICE_UNKNOWN, Notice, pending_notices
from backend.rights.texts import RightsTexts
from shared.clock import Clock
from shared.identifiers import random_identifier

_SHOWN = {"notice": 1, "version": 1}


class Notices:
    """Shows notices at first use and keeps who acknowledged which version (L5)."""

    def __init__(self, texts: RightsTexts, once: Once, clock: Clock) -> None:
        self._texts = texts
        self._once = once
        self._clock = clock

    def present(self) -> Sequence[Notice]:
        """Return every notice in its present version: they are for everybody to read."""
        return list(self._texts.notices.values())

    async def pending(self, caller: Caller | None) -> Sequence[Notice] | Refusal:
        """Return the notices whose present version the caller has not acknowledged."""
        resident_id = caller.resident_id if caller else None
        refused = may(caller, Act.RIGHTS_EXERCISE, resident_id)
        if refused is not None:
            return refused
        known = list(self._texts.notices)
        found = NoticeReceipt.get_pymongo_collection().find(
            {"resident_id": resident_id, "notice": {"$in": known}}, _SHOWN
        )
        acknowledged = {(row["notice"], row["version"]) async for row in found}
        return pending_notices(self._texts.notices.values(), acknowledged)

    async def acknowledge(
        self, caller: Caller | None, idempotency_key: str, code: str, version: int
    ) -> Notice | Refusal:
        """Keep that the caller was shown a notice's present version; a second time is done too."""
        resident_id = caller.resident_id if caller else None
        refused = may(caller, Act.RIGHTS_EXERCISE, resident_id)
        if refused is not None or caller is None or resident_id is None:
            return refused or SIGN_IN_NEEDED
        notice = self._texts.notices.get(code)
        if notice is None:
            return NOTICE_UNKNOWN

        async def act(session: Session) -> Answer | Refusal:
            if version != notice.version:
                return NOTICE_OUTDATED
            if await self._keep(resident_id, notice, session):
                deed = deeds.of_caller(
                    caller,
                    "rights.notice_acknowledged",
                    deeds.ACKNOWLEDGED,
                    resident_id,
                    self._clock.now(),
                )
                await audit.record(deed, session)
            return {"notice": code}

        answer = await self._once.perform(
            caller=caller.thumbprint or resident_id,
            key=idempotency_key,
            request={
                "act": "acknowledge notice",
                "resident": resident_id,
                "notice": code,
                "version": str(version),
            },
            now=self._clock.now(),
            act=act,
        )
        return answer if isinstance(answer, Refusal) else notice

    async def _keep(self, resident_id: str, notice: Notice, session: Session) -> bool:
        """Write a receipt unless there is one; tell whether it is new."""
        receipt = {
            "_id": random_identifier("ntc"),
            "digest": notice.digest,
            "acknowledged_at": self._clock.now(),
        }
        done = await NoticeReceipt.get_pymongo_collection().update_one(
            {"resident_id": resident_id, "notice": notice.code, "version": notice.version},
            {"$setOnInsert": receipt},
            upsert=True,
            session=session,
        )
        return done.upserted_id is not None
