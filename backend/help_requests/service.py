"""Asking for help, seeing who asks, answering, asking no longer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import PLATFORM, Deed, System
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DESCENDING, Session
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.help_requests import refusals as no
from backend.help_requests.documents import HelpRequest
from backend.help_requests.rules import (
    KEPT,
    TOPIC_WORDS,
    HelpTopic,
    refusal_to_ask,
    too_often,
)
from backend.mandates.documents import Mandate
from backend.mandates.notices import tell
from backend.mandates.rules import ShownState, shown_state
from backend.mandates.scopes import Relation
from backend.mandates.stored import Row, facts_in, read, touch
from backend.mandates.views import Side
from backend.residents.service import Residents
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.localized_text import LocalizedText

MOST_SHOWN = 20
Work = Callable[[Session, str], Awaitable[Answer | Refusal]]
_ASKED = LocalizedText("向家人求助", "Asked family for help")
_ANSWERED = LocalizedText("回应了家人的求助", "Answered a call for help")
_WITHDRAWN = LocalizedText("取消了求助", "Took a call for help back")


@dataclass(frozen=True, slots=True)
class HelpRequestView:
    """A request as one side sees it; `other_name` is the other's, masked."""

    request_id: str
    mandate_id: str
    side: Side
    other_name: str | None
    topic: HelpTopic
    asked_at: datetime
    until: datetime
    answered_at: datetime | None
    withdrawn_at: datetime | None


class HelpRequests:
    """Serves both sides."""

    def __init__(self, residents: Residents, once: Once, clock: Clock) -> None:
        self._residents = residents
        self._once = once
        self._clock = clock

    async def ask(
        self, caller: Caller | None, key: str, mandate_id: str, topic: HelpTopic
    ) -> HelpRequestView | Refusal:
        """Ask a delegate for help; what is asked already and waits is not asked twice."""
        now = self._clock.now()

        async def work(session: Session, person: str) -> Answer | Refusal:
            # Whoever asks twice at once writes the same row, so the second counts the first.
            await touch([person], session)
            row = await read(mandate_id, session)
            refused = refusal_to_ask(
                None if row is None else facts_in(row),
                row is not None and row.get("principal") == person,
                None if row is None else Relation(row["relation"]),
                topic,
                now,
            )
            if row is None or refused is not None:
                return refused or no.HELPER_UNKNOWN
            before = await self._standing(Side.PRINCIPAL, person, now, session)
            same = next((one for one in before if _is_same(one, mandate_id, topic)), None)
            if same is not None:
                return {"request": same["_id"]}
            refused = too_often([one["asked_at"] for one in before], now)
            return refused or await self._asked(caller, row, topic, now, session)

        request = {"act": "ask for help", "mandate": mandate_id, "topic": topic.value}
        return await self._perform(caller, key, request, Side.PRINCIPAL, work)

    async def answer(
        self, caller: Caller | None, key: str, request_id: str
    ) -> HelpRequestView | Refusal:
        """Say, as the delegate, that one is at it; the principal is told."""
        now = self._clock.now()

        async def work(session: Session, person: str) -> Answer | Refusal:
            row = await self._changed(
                {"_id": request_id, "delegate": person}, "answered_at", now, session
            )
            if isinstance(row, Refusal):
                return row
            mandate = await read(row["mandate"], session)
            if mandate is None or shown_state(facts_in(mandate), now) is not ShownState.ACTIVE:
                return no.HELPER_NOT_LIVE
            topic = TOPIC_WORDS[HelpTopic(row["topic"])]
            words = LocalizedText(
                f"家人看到了您的求助：{topic.zh}", f"Family saw your call: {topic.en}"
            )
            await self._record(caller, "help.answered", _ANSWERED, row, now, session)
            notice = f"{row['_id']}.answered"
            told = [row["principal"]]
            await tell(notice, told, row["mandate"], "help.answered", words, now, session)
            return {"request": row["_id"]}

        request = {"act": "answer help request", "request": request_id}
        return await self._perform(caller, key, request, Side.DELEGATE, work)

    async def withdraw(
        self, caller: Caller | None, key: str, request_id: str
    ) -> HelpRequestView | Refusal:
        """Ask, as the principal, no longer."""
        now = self._clock.now()

        async def work(session: Session, person: str) -> Answer | Refusal:
            row = await self._changed(
                {"_id": request_id, "principal": person}, "withdrawn_at", now, session
            )
            if isinstance(row, Refusal):
                return row
            await self._record(caller, "help.withdrawn", _WITHDRAWN, row, now, session)
            return {"request": row["_id"]}

        request = {"act": "withdraw help request", "request": request_id}
        return await self._perform(caller, key, request, Side.PRINCIPAL, work)

    async def requests(
        self, caller: Caller | None, side: Side
    ) -> tuple[HelpRequestView, ...] | Refusal:
        """Return what stands on one side, the last asked first.

        A delegate sees what waits, under mandates in force; a principal also what was answered.
        """
        person = caller.resident_id if caller else None
        refused = may(caller, Act.MANDATE_MANAGE, person)
        if person is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        now = self._clock.now()
        rows = await self._standing(side, person, now, None)
        rows = [one for one in rows if one.get("withdrawn_at") is None]
        if side is Side.DELEGATE:
            rows = await _of_live_mandates(
                [one for one in rows if one.get("answered_at") is None], now
            )
        return await self._views(rows[:MOST_SHOWN], side)

    async def _asked(
        self, caller: Caller | None, mandate: Row, topic: HelpTopic, now: datetime, session: Session
    ) -> Answer:
        row = {
            "_id": random_identifier("hlp"),
            "mandate": mandate["_id"],
            "principal": mandate["principal"],
            "delegate": mandate["delegate"],
            "topic": topic.value,
            "asked_at": now,
            "until": now + KEPT,
        }
        await HelpRequest.get_pymongo_collection().insert_one(row, session=session)
        await self._record(caller, "help.asked", _ASKED, row, now, session)
        said = TOPIC_WORDS[topic]
        words = LocalizedText(f"家人向您求助：{said.zh}", f"Family asks for help: {said.en}")
        told = [mandate["delegate"]]
        await tell(row["_id"], told, mandate["_id"], "help.asked", words, now, session)
        return {"request": row["_id"]}

    async def _standing(
        self, side: Side, person: str, now: datetime, session: Session | None
    ) -> list[Row]:
        wanted = {side.value.lower(): person, "until": {"$gt": now}}
        found = HelpRequest.get_pymongo_collection().find(wanted, session=session)
        return [row async for row in found.sort("until", DESCENDING)]

    async def _changed(
        self, wanted: dict[str, Any], field: str, now: datetime, session: Session
    ) -> Row | Refusal:
        """Note when a request that waits was answered or withdrawn."""
        if not is_identifier(wanted["_id"]):
            return no.HELP_REQUEST_UNKNOWN
        waits = {"answered_at": None, "withdrawn_at": None, "until": {"$gt": now}}
        row: Row | None = await HelpRequest.get_pymongo_collection().find_one_and_update(
            {**wanted, **waits}, {"$set": {field: now}}, session=session
        )
        return no.HELP_REQUEST_UNKNOWN if row is None else row

    async def _record(
        self, caller: Caller | None, action: str, words: LocalizedText, row: Row, now: datetime,
        session: Session,
    ) -> None:  # fmt: skip
        if caller is None:
            return
        deed = Deed(
            at=now,
            actor=caller.actor,
            action=action,
            words=words,
            system=System.APP,
            subject=row["principal"],
            disclosed=caller.resident_id != row["principal"],
            mandate=row["mandate"],
            organisation=PLATFORM,
        )
        await audit.record(deed, session)

    async def _perform(
        self, caller: Caller | None, key: str, request: dict[str, str], side: Side, work: Work
    ) -> HelpRequestView | Refusal:
        person = caller.resident_id if caller else None
        refused = may(caller, Act.MANDATE_MANAGE, person)
        if caller is None or person is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        done = await self._once.perform(
            caller=caller.thumbprint,
            key=key,
            request={**request, "resident": person},
            now=self._clock.now(),
            act=lambda session: work(session, person),
        )
        if isinstance(done, Refusal):
            return done
        row = await HelpRequest.get_pymongo_collection().find_one({"_id": done["request"]})
        views = () if row is None else await self._views([row], side)
        return views[0] if views else no.HELP_REQUEST_UNKNOWN

    async def _views(self, rows: list[Row], side: Side) -> tuple[HelpRequestView, ...]:
        other = "delegate" if side is Side.PRINCIPAL else "principal"
        ids = sorted({row[other] for row in rows})
        known = await self._residents.persons(ids) if ids else {}
        return tuple(
            HelpRequestView(
                request_id=row["_id"],
                mandate_id=row["mandate"],
                side=side,
                other_name=known[row[other]].masked_name if row[other] in known else None,
                topic=HelpTopic(row["topic"]),
                asked_at=row["asked_at"],
                until=row["until"],
                answered_at=row.get("answered_at"),
                withdrawn_at=row.get("withdrawn_at"),
            )
            for row in rows
        )


async def _of_live_mandates(rows: list[Row], now: datetime) -> list[Row]:
    if not rows:
        return []
    ids = sorted({row["mandate"] for row in rows})
    found = Mandate.get_pymongo_collection().find({"_id": {"$in": ids}})
    live = {
        one["_id"] async for one in found if shown_state(facts_in(one), now) is ShownState.ACTIVE
    }
    return [row for row in rows if row["mandate"] in live]


def _is_same(row: Row, mandate_id: str, topic: HelpTopic) -> bool:
    """Tell whether a request waits that asks the same: pressing again asks nothing new."""
    waits = row.get("answered_at") is None and row.get("withdrawn_at") is None
    return waits and (row["mandate"], row["topic"]) == (mandate_id, topic)
