"""What happened to a person's cards, for the person: newest first, a page at a time."""

from dataclasses import dataclass
from datetime import datetime

from backend.cards.card_writes import cards_of
from backend.cards.documents import CardEventRow
from backend.cards.lifecycle import SERVICES, STATE_WORDS, CardEvent, CardState
from backend.foundation.pages import Page, Position, cut_page
from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class CardHappening:
    """One event of a card, and how the card stood after it."""

    event_id: str
    at: datetime
    name: LocalizedText
    state: LocalizedText


class CardHistory:
    """Reads the events of all cards that a person ever had: some dozens in a life."""

    async def page(self, resident_id: str, first: int, after: Position) -> Page[CardHappening]:
        """Return up to `first` events that follow `after`."""
        cards = [card.id for card in await cards_of(resident_id)]
        if not cards:
            return Page((), has_more=False)
        found = (
            CardEventRow.get_pymongo_collection()
            .find(
                {
                    "card_id": {"$in": cards},
                    "at": {"$lte": after.at},
                    "$or": [{"at": {"$lt": after.at}}, {"_id": {"$lt": after.row_id}}],
                },
                {"at": 1, "event": 1, "after": 1},
            )
            .sort([("at", -1), ("_id", -1)])
            .limit(first + 1)
        )
        return cut_page(
            [
                CardHappening(
                    event_id=row["_id"],
                    at=row["at"],
                    name=SERVICES[CardEvent(row["event"])].name,
                    state=STATE_WORDS[CardState(row["after"])],
                )
                async for row in found
            ],
            first,
        )
