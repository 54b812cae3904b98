"""Two records of one person become one, and two again, by two officers 双人复核 (S115).

Nothing is copied and nothing is rewritten: `merged_into` is set, or taken away. What must not be
true of two records at once (two cards that count, a closing under way) the areas above say.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import OK, Deed, System, reason_of, refused
from backend.foundation.households import of_same_household
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import ASCENDING, DuplicateKeyError, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal
from backend.residents.documents import RecordMerge, Resident, ResidentStatus
from backend.residents.facts import Judges
from backend.residents.merge_rules import (
    MERGE_RUNS,
    MERGE_UNKNOWN,
    OWN_HOUSEHOLD,
    WAITING,
    MergeEvent,
    MergeState,
    RecordFacts,
    decide,
    mergeable,
)
from backend.residents.rules import RESIDENT_UNKNOWN, is_resident_id
from backend.residents.same_person import same_person
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.localized_text import LocalizedText

_WORDS = {
    MergeState.PROPOSED: LocalizedText(
        "提出合并您的两条登记记录，等待复核", "Proposed to merge two records of yours"
    ),
    MergeState.DECLINED: LocalizedText(
        "未同意合并您的登记记录", "Declined to merge records of yours"
    ),
    MergeState.MERGED: LocalizedText("合并了您的两条登记记录", "Merged two records of yours"),
    MergeState.UNMERGE_PROPOSED: LocalizedText(
        "提出撤销您的登记记录合并，等待复核", "Proposed to undo the merge of your records"
    ),
    MergeState.UNMERGED: LocalizedText("撤销了您的登记记录合并", "Undid the merge of your records"),
}
_STAYS = LocalizedText("未同意撤销您的登记记录合并", "Declined to undo the merge of your records")
_READ = LocalizedText("查看了您的登记记录合并", "Looked at the merge of your records")
Row = dict[str, Any]


class MergeObstacle(Protocol):
    """An area above, which knows what must not be true of two records that become one."""

    async def against(self, kept: str, merged: str, session: Session) -> Refusal | None:
        """Return why two records may not be merged now."""
        ...


class SignedIn(Protocol):
    """Who keeps people signed in, and ends it where a record is another person's from now on."""

    async def regrouped(self, resident_ids: Sequence[str], session: Session) -> None:
        """Take note: every sign-in of the residents ends."""
        ...


@dataclass(frozen=True, slots=True)
class MergeFacts:
    """A merge as staff see it; `asked_at` and `reason` are of what was proposed last."""

    merge_id: str
    kept: str
    merged: str
    state: MergeState
    reason: str
    asked_at: datetime
    decided_at: datetime | None

    @property
    def position(self) -> Position:
        """Where it stands among those that wait, the oldest first."""
        return Position(self.asked_at, self.merge_id)


class RecordMerging:
    """Merges records, and takes merges back."""

    def __init__(
        self,
        obstacles: Sequence[MergeObstacle],
        signed_in: SignedIn,
        judges: Sequence[Judges],
        once: Once,
        clock: Clock,
    ) -> None:
        self._obstacles = obstacles
        self._signed_in = signed_in
        self._judges = judges
        self._once = once
        self._clock = clock

    async def propose(
        self, caller: Caller | None, key: str, kept: str, merged: str, reason: str
    ) -> MergeFacts | Refusal:
        """Propose that the record `merged` becomes a part of `kept`."""

        async def act(who: Caller, why: str, session: Session) -> Row | Refusal:
            if not (is_resident_id(kept) and is_resident_id(merged)):
                return RESIDENT_UNKNOWN
            no = await self._against(who, kept, merged, session)
            if no is not None:
                return no
            now = self._clock.now()
            row: Row = {
                "_id": random_identifier("mrg"),
                "resident_ids": [kept, merged],
                "merged": merged,
                "state": MergeState.PROPOSED.value,
                "reason": why,
                "asked_by": who.actor.id,
                "asked_at": now,
            }
            try:
                await RecordMerge.get_pymongo_collection().insert_one(row, session=session)
            except DuplicateKeyError:
                return MERGE_RUNS
            return row

        request = {"act": "propose merge", "kept": kept, "merged": merged}
        return await self._done(caller, key, request, reason, act)

    async def propose_unmerge(
        self, caller: Caller | None, key: str, merge_id: str, reason: str
    ) -> MergeFacts | Refusal:
        """Propose that a merge be undone."""

        async def act(who: Caller, why: str, session: Session) -> Row | Refusal:
            row = await _merge(merge_id, session)
            if row is None:
                return MERGE_UNKNOWN
            asked: Row = {"asked_by": who.actor.id, "asked_at": self._clock.now(), "reason": why}
            return await self._move(who, row, MergeEvent.PROPOSE_UNMERGE, asked, session)

        request = {"act": "propose unmerge", "merge": merge_id}
        return await self._done(caller, key, request, reason, act)

    async def decide(
        self, caller: Caller | None, key: str, merge_id: str, reason: str, *, accept: bool
    ) -> MergeFacts | Refusal:
        """Decide what another officer proposed; acceptance takes effect in the same write."""
        event = MergeEvent.ACCEPT if accept else MergeEvent.DECLINE

        async def act(who: Caller, why: str, session: Session) -> Row | Refusal:
            row = await _merge(merge_id, session)
            if row is None:
                return MERGE_UNKNOWN
            decided: Row = {"decided_by": who.actor.id, "decided_at": self._clock.now()}
            moved = await self._move(who, row, event, {**decided, "reason": why}, session)
            if isinstance(moved, Refusal) or not accept:
                return moved
            return await self._carry_out(who, moved, session)

        request = {"act": "decide merge", "merge": merge_id, "accept": str(accept)}
        return await self._done(caller, key, request, reason, act)

    async def waiting(
        self, caller: Caller | None, first: int, after: Position | None
    ) -> Page[MergeFacts] | Refusal:
        """Return a page of what waits for a second officer; the people are told of the look."""
        denied = may(caller, Act.RESIDENT_MERGE)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        wanted: Row = {"state": {"$in": [one.value for one in WAITING]}}
        if after is not None:
            wanted["asked_at"] = {"$gte": after.at}
            wanted["$or"] = [{"asked_at": {"$gt": after.at}}, {"_id": {"$gt": after.row_id}}]
        order = [("asked_at", ASCENDING), ("_id", ASCENDING)]
        found = RecordMerge.get_pymongo_collection().find(wanted).sort(order).limit(first + 1)
        page = cut_page([_facts(row) async for row in found], first)
        now, action = self._clock.now(), "residents.merge_read"
        shown = sorted({one for row in page.rows for one in (row.kept, row.merged)})
        await audit.record_reads([_deed(caller, action, _READ, one, now) for one in shown])
        return page

    async def _done(
        self,
        caller: Caller | None,
        key: str,
        request: Mapping[str, str],
        reason: str,
        act: Callable[[Caller, str, Session], Awaitable[Row | Refusal]],
    ) -> MergeFacts | Refusal:
        """Do an act of an officer once, with an audit row for either record."""
        denied, why = may(caller, Act.RESIDENT_MERGE), reason_of(reason)
        if denied is not None or caller is None:
            return denied or SIGN_IN_NEEDED
        who, now = caller, self._clock.now()

        async def perform(session: Session) -> Answer | Refusal:
            if isinstance(why, Refusal):
                return why
            row = await act(who, why, session)
            if isinstance(row, Refusal):
                return row
            state = MergeState(row["state"])
            stays = state is MergeState.MERGED and request.get("accept") == "False"
            words, action = _STAYS if stays else _WORDS[state], f"residents.{state.lower()}"
            deeds = [_deed(who, action, words, one, now) for one in row["resident_ids"]]
            await audit.record_all([replace(deed, reason=why) for deed in deeds], session)
            return {"merge": row["_id"]}

        answer = await self._once.perform(
            caller=who.thumbprint or who.actor.id,
            key=key,
            request={**request, "reason": reason},
            now=now,
            act=perform,
        )
        if isinstance(answer, Refusal):
            if answer is OWN_HOUSEHOLD:
                await self._note_own_household(who, request)
            return answer
        row = await _merge(answer["merge"])
        return MERGE_UNKNOWN if row is None else _facts(row)

    async def _move(
        self, who: Caller, row: Row, event: MergeEvent, more: Row, session: Session
    ) -> Row | Refusal:
        if await of_same_household(who.actor.id, row["resident_ids"], session):
            return OWN_HOUSEHOLD
        outcome = decide(MergeState(row["state"]), event, row["asked_by"], who.actor.id)
        if isinstance(outcome, Refusal):
            return outcome
        change = {"state": outcome.value, **more}
        await RecordMerge.get_pymongo_collection().update_one(
            {"_id": row["_id"], "state": row["state"]}, {"$set": change}, session=session
        )
        return {**row, **change}

    async def _carry_out(self, who: Caller, row: Row, session: Session) -> Row | Refusal:
        """Set the pointer, or take it away, and end what it makes wrong.

        These are sign-ins, and what was judged of either record alone.
        """
        (kept, merged), residents = row["resident_ids"], Resident.get_pymongo_collection()
        for judge in self._judges:
            await judge.facts_changed([kept, merged], session)
        if row["state"] == MergeState.UNMERGED:
            await residents.update_one(
                {"_id": merged, "merged_into": kept},
                {"$unset": {"merged_into": ""}},
                session=session,
            )
            # Whoever signed in by the merged record's number speaks for the kept one until now.
            await self._signed_in.regrouped([kept, merged], session)
            return row
        no = await self._against(who, kept, merged, session)
        if no is not None:
            return no
        await hold(kept, row["_id"], session)
        await residents.update_one(
            {"_id": merged}, {"$set": {"merged_into": kept}}, session=session
        )
        await self._signed_in.regrouped([merged], session)
        return row

    async def _against(
        self, who: Caller, kept: str, merged: str, session: Session
    ) -> Refusal | None:
        facts = [await _record(one, session) for one in (kept, merged)]
        if facts[0] is None or facts[1] is None:
            return RESIDENT_UNKNOWN
        no = mergeable(facts[0], facts[1])
        if no is None and await of_same_household(who.actor.id, [kept, merged], session):
            no = OWN_HOUSEHOLD
        for obstacle in self._obstacles:
            no = no or await obstacle.against(kept, merged, session)
        return no

    async def _note_own_household(self, who: Caller, request: Mapping[str, str]) -> None:
        """Write the try down; the log raises the alert, as for a read."""
        row = await _merge(request.get("merge", ""))
        people = row["resident_ids"] if row else [request["kept"], request["merged"]]
        now, result = self._clock.now(), refused(OWN_HOUSEHOLD)
        words, action = _WORDS[MergeState.PROPOSED], "residents.proposed"
        deeds = [_deed(who, action, words, one, now) for one in people]
        await audit.record_reads([replace(deed, result=result) for deed in deeds])


async def hold(kept: str, merge_id: str, session: Session) -> None:
    """Let whatever merges the kept record elsewhere at this moment conflict with this write.

    It is written and taken back in one transaction, so that the record stays as it was.
    """
    residents = Resident.get_pymongo_collection()
    for change in ({"$set": {"merged_into": merge_id}}, {"$unset": {"merged_into": ""}}):
        await residents.update_one({"_id": kept}, change, session=session)


async def _record(resident_id: str, session: Session) -> RecordFacts | None:
    found = await Resident.get_pymongo_collection().find_one(
        {"_id": resident_id}, {"status": 1, "closed_at": 1, "merged_into": 1}, session=session
    )
    if found is None:
        return None
    return RecordFacts(
        resident_id,
        closed=found["status"] == ResidentStatus.CLOSED or found.get("closed_at") is not None,
        died=found["status"] == ResidentStatus.DECEASED,
        merged="merged_into" in found,
        has_merged=len(await same_person(resident_id, session)) > 1,
    )


async def _merge(merge_id: str, session: Session | None = None) -> Row | None:
    if not is_identifier(merge_id):
        return None
    merges = RecordMerge.get_pymongo_collection()
    return await merges.find_one({"_id": merge_id}, session=session)


def _facts(row: Row) -> MergeFacts:
    kept, merged = row["resident_ids"]
    return MergeFacts(
        row["_id"],
        kept,
        merged,
        MergeState(row["state"]),
        row["reason"],
        row["asked_at"],
        row.get("decided_at"),
    )


def _deed(
    by: Caller, action: str, words: LocalizedText, subject: str, at: datetime, result: str = OK
) -> Deed:
    return Deed(
        at=at,
        actor=by.actor,
        action=action,
        words=words,
        system=System.COUNTER,
        subject=subject,
        organisation=by.organisation,
        result=result,
    )
