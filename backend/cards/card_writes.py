"""Writing a card's events: the one place where the state of a card changes.

Each write is conditional on the revision that was judged and leaves a row in `card_events`, in the
transaction of its caller. Two writers of one card conflict, and the store has one of them judge
again.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from backend.cards.documents import Card, CardEventRow
from backend.cards.judgements import CHANGED
from backend.cards.lifecycle import ENDED, LIVE, PENDING, CardEvent, CardFacts, CardState
from backend.foundation.access import Caller
from backend.foundation.mongo import Session, UpdateOne
from backend.residents.documents import ResidentStatus
from backend.residents.same_person import same_person
from backend.residents.standing import status_beside, status_in
from shared.identifiers import random_identifier

SYSTEM = Caller(session_id="system")
"""The house itself: production, expiry, the register of deaths."""
MAX_CARD_INDEX = 2**32


@dataclass(frozen=True, slots=True)
class PhysicalCard:
    """A physical card: its printed number, digest of its 识别码 and generation (1 to 3)."""

    number: str = field(repr=False)
    digest: bytes | None
    generation: int


@dataclass(frozen=True, slots=True)
class Happening:
    """An event that was decided: what, by whom, when, and the state it leads to."""

    event: CardEvent
    to: CardState
    by: Caller
    at: datetime


def facts_of(card: Card, holder: ResidentStatus | None = None) -> CardFacts:
    """Return what of a card decides, with what is known of its holder."""
    return CardFacts(
        state=card.state,
        generation=card.generation,
        expires_at=card.expires_at,
        pin_set=card.pin.check is not None,
        wrong_pins=card.pin.wrong,
        pin_unlocks=card.pin.unlocks,
        holder_died=holder is ResidentStatus.DECEASED,
        stopped_by_death=card.stopped_by_death,
    )


async def card_to_judge(
    card_id: str, session: Session | None = None
) -> tuple[Card, CardFacts] | None:
    """Return a card with what decides, its holder's standing included, in one round trip."""
    found = await Card.get_pymongo_collection().aggregate(
        [{"$match": {"_id": card_id}}, status_beside("resident_id")], session=session
    )
    rows = await found.to_list(1)
    if not rows:
        return None
    card = Card.model_validate(rows[0])
    return card, facts_of(card, status_in(rows[0]))


async def write_event(
    card: Card, what: Happening, more: Mapping[str, Any], session: Session
) -> None:
    """Write one event of a card, with `more` fields of it.

    Raises:
        DuplicateKeyError: another record has the physical card, the phone or the holder's place.
    """
    done = await Card.get_pymongo_collection().update_one(
        {"_id": card.id, "revision": card.revision}, _change(card, what, more), session=session
    )
    if done.matched_count != 1:
        raise RuntimeError("a card changed inside the transaction that judged it")
    row = _row(card.id, card.revision + 1, card.state, what)
    await CardEventRow.get_pymongo_collection().insert_one(row, session=session)


async def write_events(
    events: Sequence[tuple[Card, Happening, Mapping[str, Any]]], session: Session
) -> None:
    """Write one event each of several cards, with more fields of them, as `write_event` does."""
    if not events:
        return
    updates = [
        UpdateOne({"_id": card.id, "revision": card.revision}, _change(card, what, more))
        for card, what, more in events
    ]
    done = await Card.get_pymongo_collection().bulk_write(updates, session=session)
    if done.matched_count != len(events):
        raise RuntimeError("a card changed inside the transaction that judged it")
    rows = [_row(card.id, card.revision + 1, card.state, what) for card, what, _ in events]
    await CardEventRow.get_pymongo_collection().insert_many(rows, session=session)


async def make_card(card: Card, what: Happening, session: Session) -> None:
    """Store a new card with its first event.

    Raises:
        DuplicateKeyError: the holder has a card on its way, or one that counts.
    """
    collection = Card.get_pymongo_collection()
    # Card indexes are drawn, never reused: one in four billion meets another.
    while await collection.find_one({"card_index": card.card_index}, {"_id": 1}, session=session):
        card.card_index = secrets.randbelow(MAX_CARD_INDEX)
    await card.insert(session=session)
    row = _row(card.id, card.revision, None, what)
    await CardEventRow.get_pymongo_collection().insert_one(row, session=session)


async def cards_of(resident_id: str, session: Session | None = None) -> list[Card]:
    """Return a person's cards, of merged records too, the one that speaks for them last.

    A live card comes before one on its way, and that before the latest that ended.
    """
    people = await same_person(resident_id, session)
    found = await Card.find(_of(people), session=session).to_list()
    return sorted(found, key=lambda card: (_weight(card.state), card.version))


async def superseded_by(card: Card, session: Session) -> list[Card]:
    """Return the earlier cards of the holder that end when `card` is enabled."""
    states = [*LIVE, CardState.LOST, CardState.EXPIRED]
    people = await same_person(card.resident_id, session)
    earlier = {**_of(people), "version": {"$lt": card.version}}
    return await Card.find({**earlier, "state": {"$in": states}}, session=session).to_list()


async def on_the_way_beside(card: Card, session: Session) -> list[Card]:
    """Return the holder's other card that is being made or waits."""
    people = await same_person(card.resident_id, session)
    others = {**_of(people), "_id": {"$ne": card.id}}
    return await Card.find({**others, "state": {"$in": list(PENDING)}}, session=session).to_list()


def _of(people: Sequence[str]) -> dict[str, Any]:
    """Return what finds the cards of one person's records."""
    return {"resident_id": people[0] if len(people) == 1 else {"$in": list(people)}}


def _weight(state: CardState) -> int:
    return 0 if state in ENDED else 1 + (state in LIVE)


def _change(card: Card, what: Happening, more: Mapping[str, Any]) -> dict[str, Any]:
    moved = {} if what.to is card.state else {"state": what.to, "changed_at": what.at}
    fields = {**more, **moved}
    counted = {"revision": 1, **CHANGED["$inc"]}
    return {**CHANGED, "$inc": counted} | ({"$set": fields} if fields else {})


def _row(card_id: str, revision: int, before: CardState | None, what: Happening) -> dict[str, Any]:
    by = what.by
    row = {
        "_id": random_identifier("evt"),
        "card_id": card_id,
        "revision": revision,
        "at": what.at,
        "event": what.event,
        "after": what.to,
        "actor_id": by.staff_id or by.resident_id or by.session_id,
    }
    if before is not None:
        row["before"] = before
    return row
