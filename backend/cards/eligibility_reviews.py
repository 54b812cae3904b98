"""Reviews of people who lost their last ground for the card (S13): nobody's card ends by itself.

A sweep finds grounds that ended. Whoever has a card and no other ground gets a review, open until
a clerk decides it: keep the card, or end it by the card service 注销. Until then the card counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.cards import deeds
from backend.cards.card_service_frame import actor_of
from backend.cards.card_writes import SYSTEM, Happening, facts_of, write_events
from backend.cards.decisions import decide
from backend.cards.documents import Card, EligibilityReview, HolderCursor, ReviewState
from backend.cards.lifecycle import LIVE, PENDING, Asked, CardEvent, CardState
from backend.figures import CardFigures
from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow, reason_of, row_of
from backend.foundation.idempotency import Answer, Once
from backend.foundation.kept_running import rounds
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.pages import Page, Position, cut_page
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may
from backend.foundation.refusals import Refusal, refusal
from backend.residents.documents import ResidentEventKind
from backend.residents.eligibility import (
    end_first_grounds,
    holding,
    restore_first_grounds,
    take_ended,
)
from backend.residents.following import ResidentEvent, resident_events
from backend.residents.same_person import people_behind
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.localized_text import LocalizedText

BATCH = 500
DUE = timedelta(days=30)
"""Within which a review is to be decided; nothing happens to the card when it passes."""
LOOK_SECONDS = 60.0
_CURSOR = "eligibility"
_OPENED = LocalizedText(
    "持卡资格已到期，开始核查；核查期间社保卡照常使用",
    "Your grounds for the card ended; a review began, and the card goes on counting",
)
_KEPT = LocalizedText("资格核查结论：继续持卡", "The review of your grounds: you keep the card")
_ENDED = LocalizedText("资格核查结论：注销社保卡", "The review of your grounds: the card ends")

REVIEW_UNKNOWN = refusal(
    "review_unknown",
    ("没有这项资格核查。", "There is no such review."),
    ("请刷新列表。", "Load the list again."),
)
REVIEW_DECIDED = refusal(
    "review_decided",
    ("这项资格核查已有结论。", "This review was decided already."),
    ("不需要再办。", "Nothing more is needed."),
)


class Decision(StrEnum):
    """What a clerk decides."""

    KEEP = "keep"
    END = "end"


@dataclass(frozen=True, slots=True)
class Review:
    """A review as staff see it."""

    review_id: str
    resident_id: str
    state: ReviewState
    opened_at: datetime
    due_at: datetime


class EligibilityReviews:
    """Opens and decides reviews."""

    def __init__(self, once: Once, figures: CardFigures, clock: Clock) -> None:
        self._once = once
        self._figures = figures
        self._clock = clock

    async def follow(self) -> int:
        """Let moves away end, and returns restore, what the register vouched for; return how many.

        Each event is acted on once: the place in their list moves in the same transaction.
        """
        place = await HolderCursor.get(_CURSOR)
        after = (place.at, place.event_id) if place else None
        events = await resident_events(after, BATCH)
        if not events:
            return 0

        async def act(session: Session) -> int:
            moved = await HolderCursor.get_pymongo_collection().update_one(
                {"_id": _CURSOR, "event_id": place.event_id if place else None},
                {"$set": {"at": events[-1].at, "event_id": events[-1].event_id}},
                upsert=place is None,
                session=session,
            )
            if moved.matched_count == 0 and moved.upserted_id is None:
                return 0  # another server is ahead
            now, last = self._clock.now(), {one.resident_id: one for one in events}
            await end_first_grounds(_of(last, ResidentEventKind.MOVED_AWAY), now, session)
            await restore_first_grounds(_of(last, ResidentEventKind.RETURNED), now, session)
            return len(events)

        try:
            return await audit.in_one_write(act)
        except DuplicateKeyError:
            return 0  # another server took the first events at the same moment

    async def sweep(self) -> int:
        """Look at up to `BATCH` grounds that ended; return how many reviews began."""

        async def act(session: Session) -> tuple[int, int]:
            now = self._clock.now()
            concerned = await take_ended(now, BATCH, session)
            without = set(concerned) - await holding(concerned, now, session)
            opened = await self._open(sorted(without), session)
            return len(concerned), opened

        total = 0
        while True:
            looked, opened = await audit.in_one_write(act)
            total += opened
            if looked == 0:
                return total

    async def keep_swept(self) -> None:
        """Follow and sweep until cancelled; a failure is logged and tried again."""

        async def look() -> None:
            while await self.follow():
                pass
            await self.sweep()

        await rounds(look, LOOK_SECONDS)

    async def page(
        self, caller: Caller | None, first: int, after: Position | None
    ) -> Page[Review] | Refusal:
        """Return a page of open reviews, those due first first."""
        if no := may(caller, Act.ELIGIBILITY_DECIDE):
            return no
        wanted: dict[str, Any] = {"state": ReviewState.OPEN}
        if after is not None:
            wanted["due_at"] = {"$gte": after.at}
            wanted["$or"] = [{"due_at": {"$gt": after.at}}, {"_id": {"$gt": after.row_id}}]
        rows = (
            EligibilityReview.get_pymongo_collection()
            .find(wanted)
            .sort([("due_at", 1), ("_id", 1)])
            .limit(first + 1)
        )
        return cut_page([_review(row) async for row in rows], first)

    async def decide(
        self,
        caller: Caller | None,
        idempotency_key: str,
        review_id: str,
        decision: Decision,
        reason: str,
    ) -> Review | Refusal:
        """Decide an open review; ending it cancels the person's cards in the same write."""
        no, why = may(caller, Act.ELIGIBILITY_DECIDE), reason_of(reason)
        if caller is None or no is not None:
            return no or SIGN_IN_NEEDED
        if isinstance(why, Refusal):
            return why
        if not is_identifier(review_id):
            return REVIEW_UNKNOWN
        by = caller

        async def act(session: Session) -> Answer | Refusal:
            return await self._decide(by, review_id, decision, why, session)

        done = await self._once.perform(
            caller=caller.staff_id or caller.thumbprint or "operator",
            key=idempotency_key,
            request={"review": review_id, "decision": decision.value, "reason": why},
            now=self._clock.now(),
            act=act,
        )
        if isinstance(done, Refusal):
            return done
        row = await EligibilityReview.get_pymongo_collection().find_one({"_id": review_id})
        return REVIEW_UNKNOWN if row is None else _review(row)

    async def _open(self, residents: Sequence[str], session: Session) -> int:
        """Begin a review for each of these who has a card and none that is open."""
        if not residents:
            return 0
        people = await people_behind(residents, session)
        held = {card.resident_id for card in await _cards(people, session)}
        holders = {one for one in residents if not held.isdisjoint(people[one])}
        reviews = EligibilityReview.get_pymongo_collection()
        wanted = {"resident_id": {"$in": sorted(holders)}, "state": ReviewState.OPEN}
        known = {
            row["resident_id"]
            async for row in reviews.find(wanted, {"resident_id": 1}, session=session)
        }
        now = self._clock.now()
        fresh = [
            {
                "_id": random_identifier("rev"),
                "resident_id": resident_id,
                "state": ReviewState.OPEN.value,
                "opened_at": now,
                "due_at": now + DUE,
            }
            for resident_id in sorted(holders - known)
        ]
        if fresh:
            rows = [
                row_of(deeds.of_caller(SYSTEM, "cards.review_opened", _OPENED, resident_id, now))
                for resident_id in sorted(holders - known)
            ]
            await reviews.insert_many(fresh, session=session)
            await AuditRow.get_pymongo_collection().insert_many(rows, session=session)
        return len(fresh)

    async def _decide(
        self, by: Caller, review_id: str, decision: Decision, why: str, session: Session
    ) -> Answer | Refusal:
        now, keeps = self._clock.now(), decision is Decision.KEEP
        state = ReviewState.KEPT if keeps else ReviewState.ENDED
        reviews = EligibilityReview.get_pymongo_collection()
        found = await reviews.find_one_and_update(
            {"_id": review_id, "state": ReviewState.OPEN},
            {"$set": {"state": state.value, "decided_at": now, "decided_by": _name(by)}},
            session=session,
        )
        if found is None:
            known = await reviews.find_one({"_id": review_id}, {"_id": 1}, session=session)
            return REVIEW_UNKNOWN if known is None else REVIEW_DECIDED
        resident_id = found["resident_id"]
        if not keeps:
            no = await self._cancel(by, resident_id, session)
            if no is not None:
                return no
        words = _KEPT if keeps else _ENDED
        deed = deeds.of_caller(by, "cards.review_decided", words, resident_id, now)
        await audit.record(replace(deed, reason=why), session)
        return {"review": review_id}

    async def _cancel(self, by: Caller, resident_id: str, session: Session) -> Refusal | None:
        """注销 every card of a person that counts or is on its way, by the services' table."""
        actor = actor_of(by, resident_id)
        if isinstance(actor, Refusal):
            return actor
        now = self._clock.now()
        writes: list[tuple[Card, Happening, Mapping[str, Any]]] = []
        people = await people_behind([resident_id], session)
        for card in await _cards(people, session):
            outcome = decide(facts_of(card), Asked(CardEvent.CANCEL, actor), self._figures, now)
            if isinstance(outcome, Refusal):
                return outcome
            writes.append((card, Happening(CardEvent.CANCEL, CardState.CANCELLED, by, now), {}))
        await write_events(writes, session)
        for _, what, _ in writes:
            await audit.record(deeds.of_service(what, resident_id), session)
        return None


async def _cards(people: Mapping[str, Sequence[str]], session: Session) -> list[Card]:
    """Return the cards of people that count or are on their way, by all of their records."""
    records = sorted({one for family in people.values() for one in family})
    wanted = {"resident_id": {"$in": records}, "state": {"$in": [*PENDING, *LIVE]}}
    return await Card.find(wanted, session=session).to_list()


def _of(last: Mapping[str, ResidentEvent], kind: ResidentEventKind) -> list[str]:
    """Return whose last event is of a kind: who left and came back has returned."""
    return [resident_id for resident_id, one in last.items() if one.kind is kind]


def _review(row: Mapping[str, Any]) -> Review:
    state = ReviewState(row["state"])
    return Review(row["_id"], row["resident_id"], state, row["opened_at"], row["due_at"])


def _name(by: Caller) -> str:
    return by.staff_id or "operator"
