"""A holder proves with card and PIN 社保卡密码 that they are there and mean it."""

from backend.cards import refusals as no
from backend.cards.card_writes import cards_of
from backend.cards.documents import Card
from backend.cards.lifecycle import CardState
from backend.figures import CardFigures
from backend.foundation.mongo import ReturnDocument
from backend.foundation.refusals import Refusal
from backend.foundation.sealing import Sealer


class HolderPin:
    """Looks at PINs; each look counts, and a right one clears the count."""

    def __init__(self, sealer: Sealer, figures: CardFigures) -> None:
        self._sealer = sealer
        self._figures = figures

    async def refusal(self, resident_id: str, pin: str) -> Refusal | None:
        """Return why card and PIN prove nothing, or None where they do."""
        known = await cards_of(resident_id)
        if not known:
            return no.NO_CARD
        if known[-1].state is not CardState.ACTIVE:
            return no.CARD_NOT_IN_USE
        return await self._refusal(known[-1], pin)

    async def holder_by(self, digest: bytes, pin: str) -> str | Refusal:
        """Return whose card was read, if it is in use and the PIN is its own.

        A card that nobody has is answered like a wrong PIN: this is no way to find cards out. That
        a card is stopped or lost is told to whoever knows its PIN alone.
        """
        card = await Card.find_one({"card_digest": digest})
        if card is None:
            return no.PIN_WRONG
        refused = await self._refusal(card, pin)
        if refused is None and card.state is not CardState.ACTIVE:
            return no.CARD_NOT_IN_USE
        return refused or card.resident_id

    async def _refusal(self, card: Card, pin: str) -> Refusal | None:
        if card.pin.check is None:
            return no.PIN_NOT_SET
        check = self._sealer.blind_index(pin, purpose=f"cards.pin.{card.id}")
        right = {"$eq": ["$pin.check", check]}
        counted = {"$cond": [right, 0, {"$add": ["$pin.wrong", 1]}]}
        found = await Card.get_pymongo_collection().find_one_and_update(
            {"_id": card.id, "pin.wrong": {"$lt": self._figures.pin_tries}},
            [{"$set": {"pin.wrong": counted}}],
            projection={"pin": 1},
            return_document=ReturnDocument.AFTER,
        )
        if found is None:
            return no.PIN_LOCKED
        return None if found["pin"]["check"] == check else no.PIN_WRONG
