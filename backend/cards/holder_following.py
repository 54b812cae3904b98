"""Following the cards' holders: what the population register reports of them reaches their cards.

A death stops the card and its phones, a death withdrawn brings back what it stopped; phones prove
their holder anew. A new name changes nothing on the card and is told to the holder. Moves change
nothing here.

The place in the list of events moves in the transaction that acts on them: an event is acted on
once, however often a server dies between the two, and whichever server is first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from backend.cards import deeds
from backend.cards.card_writes import SYSTEM, Happening, facts_of, write_events
from backend.cards.decisions import decide
from backend.cards.documents import Card, HolderCursor
from backend.cards.lifecycle import LIVE, PENDING, Actor, Asked, CardEvent, CardState
from backend.cards.rules import DeviceState
from backend.figures import CardFigures
from backend.foundation.audit import AuditRow, Deed, in_one_write, row_of
from backend.foundation.kept_running import rounds
from backend.foundation.mongo import DuplicateKeyError, Session
from backend.foundation.refusals import Refusal
from backend.residents.documents import ResidentEventKind
from backend.residents.following import ResidentEvent, resident_events
from backend.residents.same_person import people_behind
from shared.clock import Clock

PAGE = 100
LOOK_SECONDS = 5.0
_CURSOR = "cards"
_SERVICES = {
    ResidentEventKind.DECEASED: CardEvent.HOLDER_DIED,
    ResidentEventKind.DEATH_WITHDRAWN: CardEvent.DEATH_WITHDRAWN,
}
_TOLD = {*_SERVICES, ResidentEventKind.RENAMED}
Place = tuple[datetime, str]


class HolderFollower:
    """Acts on the residents' events, for their cards."""

    def __init__(self, figures: CardFigures, clock: Clock) -> None:
        self._figures = figures
        self._clock = clock

    async def follow(self) -> int:
        """Act on the next events and return how many; none when all is done."""
        after = await _place()
        events = _one_each(await resident_events(after, PAGE))
        if not events:
            return 0

        async def act(session: Session) -> int:
            if not await _moved(after, events[-1], session):
                return 0  # another server is ahead
            await self._act(events, session)
            return len(events)

        try:
            return await in_one_write(act)
        except DuplicateKeyError:
            return 0  # another server took the first events at the same moment

    async def keep_following(self) -> None:
        """Follow for ever; a failure is logged and tried again."""
        await rounds(self.follow, LOOK_SECONDS, until_idle=True)

    async def _act(self, events: Sequence[ResidentEvent], session: Session) -> None:
        told_of = {one.resident_id: one.kind for one in events if one.kind in _TOLD}
        people = await people_behind(list(told_of), session)
        kinds = {record: kind for one, kind in told_of.items() for record in people[one]}
        found = Card.find(
            {"resident_id": {"$in": list(kinds)}, "state": {"$in": [*PENDING, *LIVE]}},
            session=session,
        )
        writes: list[tuple[Card, Happening, Mapping[str, Any]]] = []
        told: list[Deed] = []
        for card in await found.to_list():
            service, resident_id = _SERVICES.get(kinds[card.resident_id]), card.resident_id
            if service is not None:
                write = self._served(card, service)
                writes += [write] if write else []
                told += [deeds.of_service(write[1], resident_id)] if write else []
            elif card.state in LIVE:
                told.append(self._renamed(resident_id))
        await write_events(writes, session)
        if told:
            rows = [row_of(deed) for deed in told]
            await AuditRow.get_pymongo_collection().insert_many(rows, session=session)

    def _served(
        self, card: Card, event: CardEvent
    ) -> tuple[Card, Happening, Mapping[str, Any]] | None:
        now = self._clock.now()
        outcome = decide(facts_of(card), Asked(event, Actor.SYSTEM), self._figures, now)
        if isinstance(outcome, Refusal):
            return None
        what = Happening(event, outcome, SYSTEM, now)
        if event is CardEvent.DEATH_WITHDRAWN:
            return card, what, {"stopped_by_death": False}
        return card, what, {**_stopped_phones(card, now), **_mark(card, outcome)}

    def _renamed(self, resident_id: str) -> Deed:
        action, now = "cards.holder_renamed", self._clock.now()
        return deeds.of_caller(SYSTEM, action, deeds.RENAMED, resident_id, now)


def _stopped_phones(card: Card, now: datetime) -> dict[str, Any]:
    """Return the fields that unbind every phone, so that the next status list names them."""
    for one in card.devices:
        if one.state is not DeviceState.UNBOUND:
            one.state, one.unbound_at = DeviceState.UNBOUND, now
    devices = [one.model_dump(exclude_none=True) for one in card.devices]
    return {"devices": devices, "changed_at": now}


def _mark(card: Card, outcome: CardState) -> dict[str, Any]:
    return {"stopped_by_death": True} if outcome is not card.state else {}


async def _place() -> Place | None:
    found = await HolderCursor.get(_CURSOR)
    return None if found is None else (found.at, found.event_id)


async def _moved(after: Place | None, last: ResidentEvent, session: Session) -> bool:
    """Move the place behind the last event; false where it is elsewhere already."""
    done = await HolderCursor.get_pymongo_collection().update_one(
        {"_id": _CURSOR, "event_id": after[1] if after else None},
        {"$set": {"at": last.at, "event_id": last.event_id}},
        upsert=after is None,
        session=session,
    )
    return done.matched_count == 1 or done.upserted_id is not None


def _one_each(events: Sequence[ResidentEvent]) -> list[ResidentEvent]:
    """Return the first events up to a second one of the same person, which waits its turn."""
    seen: set[str] = set()
    taken: list[ResidentEvent] = []
    for one in events:
        if one.resident_id in seen:
            break
        seen.add(one.resident_id)
        taken.append(one)
    return taken
