"""Pilots 试点 (S60): a venue tries something, is measured, and what worked goes to others.

Promotion copies what the pilot was run with, as it then stood, and leaves the pilot's own row as
its history. One pilot runs at a venue at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.foundation import audit
from backend.foundation.access import Caller
from backend.foundation.audit import Deed, System, holds_personal_number
from backend.foundation.idempotency import Act as Doing
from backend.foundation.idempotency import Answer, Once
from backend.foundation.mongo import DuplicateKeyError, Session, UpdateOne
from backend.foundation.permissions import SIGN_IN_NEEDED, Act, may, may_at
from backend.foundation.refusals import Refusal, refusal
from backend.venues.documents import Pilot, Venue, Words
from backend.venues.rules import VENUE_UNKNOWN
from shared.clock import Clock
from shared.identifiers import is_identifier, random_identifier
from shared.localized_text import LocalizedText

RUNNING, CLOSED, PROMOTED = "RUNNING", "CLOSED", "PROMOTED"
COPIED = ("rules", "needs_booking")
MOST_SCOPE, MOST_TARGETS, MOST_AT_ONCE = 20, 5_000, 100_000
_LONGEST = 60
METRICS = frozenset({"visits", "bookings", "no_shows", "refusals", "complaints"})

PILOT_RUNS = refusal(
    "pilot_runs",
    ("该场馆已有进行中的试点。", "A pilot runs at this venue already."),
    ("请先结束或推广现有试点。", "Close or promote that one first."),
)
PILOT_OVER = refusal(
    "pilot_over",
    ("没有这个进行中的试点。", "No such pilot is running."),
    ("请核对试点编号。", "Check the pilot's id."),
)
PILOT_FORM = refusal(
    "pilot_form",
    ("试点名称、范围或指标不对。", "The pilot's title, scope or metric is not right."),
    ("请检查后再试。", "Check them and try again."),
)
BEGUN = LocalizedText("开始场馆试点", "Began a pilot at a venue")
ENDED = LocalizedText("结束场馆试点", "Closed a pilot at a venue")
SPREAD = LocalizedText("推广场馆试点", "Promoted a pilot to other venues")


@dataclass(frozen=True, slots=True)
class PilotFacts:
    """A pilot; `scope` are the scenes it is about, `metrics` counts by their name."""

    pilot_id: str
    venue: int
    title: LocalizedText
    scope: tuple[str, ...]
    state: str
    begun_at: datetime
    ended_at: datetime | None
    metrics: dict[str, int]
    promoted_to: tuple[int, ...]


class Pilots:
    """Begins, measures, ends and promotes pilots."""

    def __init__(self, once: Once, clock: Clock) -> None:
        self._once = once
        self._clock = clock

    async def begin(
        self,
        caller: Caller | None,
        key: str,
        venue: int,
        title: LocalizedText,
        scope: Sequence[str],
    ) -> str | Refusal:
        """Begin a pilot with what the venue is run with now; return its id."""
        refused = may_at(caller, Act.VENUE_MANAGE, (venue,))
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        by, now, texts = caller, self._clock.now(), (title.zh, title.en, *scope)

        async def act(session: Session) -> Answer | Refusal:
            if len(scope) > MOST_SCOPE or not all(map(_is_told, texts)):
                return PILOT_FORM
            config = await Venue.get_pymongo_collection().find_one(
                {"_id": venue}, dict.fromkeys(COPIED, 1), session=session
            )
            if config is None:
                return VENUE_UNKNOWN
            pilot = Pilot(
                id=random_identifier("plt"),
                venue=venue,
                title=Words(zh=title.zh, en=title.en),
                scope=list(scope),
                config={name: config[name] for name in COPIED if name in config},
                state=RUNNING,
                begun_at=now,
            )
            await pilot.insert(session=session)
            await audit.record(_deed(by, "venues.pilot_begun", BEGUN, now), session)
            return {"pilot": pilot.id}

        request = {"act": "begin pilot", "venue": str(venue), "told": "\0".join(texts)}
        try:
            done = await self._perform(by, key, request, act)
        except DuplicateKeyError:
            return PILOT_RUNS
        return done if isinstance(done, Refusal) else str(done["pilot"])

    async def note(
        self, caller: Caller | None, key: str, pilot_id: str, metric: str, more: int
    ) -> int | Refusal:
        """Count what staff saw of a running pilot, once per key; return the new count."""
        refused = may(caller, Act.VENUE_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        by = caller

        async def act(session: Session) -> Answer | Refusal:
            if metric not in METRICS or not 1 <= more <= MOST_AT_ONCE:
                return PILOT_FORM
            pilot = await _running(pilot_id, session)
            if pilot is None:
                return PILOT_OVER
            elsewhere = may_at(by, Act.VENUE_MANAGE, (pilot["venue"],))
            if elsewhere is not None:
                return elsewhere
            count = pilot["metrics"].get(metric, 0) + more
            await Pilot.get_pymongo_collection().update_one(
                {"_id": pilot_id}, {"$inc": {f"metrics.{metric}": more}}, session=session
            )
            return {"count": count}

        request = {"act": "note", "pilot": pilot_id, "metric": metric, "more": str(more)}
        done = await self._perform(by, key, request, act)
        return done if isinstance(done, Refusal) else int(done["count"])

    async def count(self, pilot_id: str, metric: str, more: int = 1) -> Refusal | None:
        """Count something for a running pilot."""
        if metric not in METRICS:
            return PILOT_FORM
        done = await Pilot.get_pymongo_collection().update_one(
            {"_id": pilot_id, "state": RUNNING}, {"$inc": {f"metrics.{metric}": more}}
        )
        return None if done.matched_count else PILOT_OVER

    async def close(self, caller: Caller | None, key: str, pilot_id: str) -> Refusal | None:
        """End a pilot without promoting it; the venue goes on as it is.

        Passes that were taken meanwhile are good for as long as they say.
        """
        return await self._end(caller, key, pilot_id, CLOSED, ())

    async def promote(
        self, caller: Caller | None, key: str, pilot_id: str, venues: Sequence[int]
    ) -> Refusal | None:
        """End a pilot and run other venues as it was run; its row stays as it was."""
        return await self._end(caller, key, pilot_id, PROMOTED, venues)

    async def seen_by(self, caller: Caller | None, venue: int) -> list[PilotFacts] | Refusal:
        """Return a venue's pilots to those who manage it."""
        refused = may_at(caller, Act.VENUE_MANAGE, (venue,))
        return await self.of_venue(venue) if refused is None else refused

    async def of_venue(self, venue: int) -> list[PilotFacts]:
        """Return the pilots of a venue, the first one first."""
        found = Pilot.get_pymongo_collection().find({"venue": venue}).sort("begun_at", 1)
        return [_facts(row) async for row in found]

    async def _end(
        self, caller: Caller | None, key: str, pilot_id: str, state: str, venues: Sequence[int]
    ) -> Refusal | None:
        refused = may(caller, Act.VENUE_MANAGE)
        if caller is None or refused is not None:
            return refused or SIGN_IN_NEEDED
        by, now = caller, self._clock.now()

        async def act(session: Session) -> Answer | Refusal:
            if (state == PROMOTED) != (1 <= len(venues) <= MOST_TARGETS):
                return PILOT_FORM
            pilot = await _running(pilot_id, session)
            if pilot is None:
                return PILOT_OVER
            for venue in (pilot["venue"], *venues):
                elsewhere = may_at(by, Act.VENUE_MANAGE, (venue,))
                if elsewhere is not None:
                    return elsewhere
            ended = {"state": state, "ended_at": now, "promoted_to": list(venues)}
            await Pilot.get_pymongo_collection().update_one(
                {"_id": pilot_id}, {"$set": ended}, session=session
            )
            words = SPREAD if venues else ENDED
            await audit.record(_deed(by, f"venues.pilot_{state.lower()}", words, now), session)
            return await _copy(pilot["config"], venues, session) or {}

        request = {"act": state, "pilot": pilot_id, "venues": str(list(venues))}
        done = await self._perform(by, key, request, act)
        return done if isinstance(done, Refusal) else None

    async def _perform(
        self, by: Caller, key: str, request: Mapping[str, str], act: Doing
    ) -> Answer | Refusal:
        whose, now = by.staff_id or "operator", self._clock.now()
        return await self._once.perform(caller=whose, key=key, request=request, now=now, act=act)


async def _running(pilot_id: str, session: Session) -> Mapping[str, Any] | None:
    if not is_identifier(pilot_id):
        return None
    wanted = {"_id": pilot_id, "state": RUNNING}
    return await Pilot.get_pymongo_collection().find_one(wanted, session=session)


def _is_told(text: str) -> bool:
    """Tell whether a text can be shown to people; nobody's number stands in it."""
    return 1 <= len(text) <= _LONGEST and text.isprintable() and not holds_personal_number(text)


async def _copy(
    config: Mapping[str, Any], venues: Sequence[int], session: Session
) -> Refusal | None:
    if not venues:
        return None
    done = await Venue.get_pymongo_collection().bulk_write(
        [UpdateOne({"_id": number}, {"$set": config}) for number in set(venues)], session=session
    )
    return None if done.matched_count == len(set(venues)) else VENUE_UNKNOWN


def _deed(caller: Caller, action: str, words: LocalizedText, now: datetime) -> Deed:
    return Deed(
        at=now,
        actor=caller.actor,
        action=action,
        words=words,
        system=System.COUNTER if caller.staff_id else System.BATCH,
        organisation=caller.organisation,
    )


def _facts(row: dict[str, Any]) -> PilotFacts:
    return PilotFacts(
        pilot_id=row["_id"],
        venue=row["venue"],
        title=LocalizedText(**row["title"]),
        scope=tuple(row["scope"]),
        state=row["state"],
        begun_at=row["begun_at"],
        ended_at=row.get("ended_at"),
        metrics=dict(row["metrics"]),
        promoted_to=tuple(row["promoted_to"]),
    )
