"""Which cards may be shown with something else than before: for sets that are kept up to date."""

from typing_extensions import override

from backend.cards.documents import Card
from backend.cards.paper_register import SHOWN_PAPERS
from backend.foundation.entitlements import ALL_OF_IT, Positions, Touched, TouchTeller
from backend.foundation.store_changes import StoreChanges, Watched
from backend.mandates.representing import SHOWN_CARDS
from backend.residents.same_person import MERGES, people_behind


class OpenerChanges(TouchTeller):
    """Tells whose cards, and which cards by what delegates' phones or papers show, were touched."""

    def __init__(self) -> None:
        self._cards = StoreChanges(Watched(Card.get_pymongo_collection, ("resident_id",)))
        self._shown = StoreChanges(SHOWN_CARDS)
        self._merges = StoreChanges(MERGES)
        self._papers = StoreChanges(SHOWN_PAPERS)

    @override
    async def positions(self) -> Positions:
        watched = (self._cards, self._shown, self._merges, self._papers)
        return tuple([await one.position() for one in watched])

    @override
    async def touched(self, venue: int, before: Positions, now: Positions) -> Touched:
        cards = self._cards.between(before[0], now[0])
        shown = self._shown.between(before[1], now[1])
        merges = self._merges.between(before[2], now[2])
        papers = self._papers.between(before[3], now[3])
        if cards is None or shown is None or merges is None or papers is None:
            return ALL_OF_IT
        # Whose record was whose before is not known any more; it is seldom that anybody's changes.
        if merges:
            return ALL_OF_IT
        residents = {row["resident_id"] for row in cards if "resident_id" in row}
        people = await people_behind(sorted(residents)) if residents else {}
        return Touched(
            residents=frozenset(one for family in people.values() for one in family),
            cards=frozenset(one["card_index"] for row in shown for one in row.get("codes", ()))
            | {row["card_index"] for row in papers if "card_index" in row},
        )
