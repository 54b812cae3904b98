"""What cards say against two records becoming one: a person has one card that counts 一人一卡."""

from typing_extensions import override

from backend.cards.service import Cards
from backend.foundation.mongo import Session
from backend.foundation.refusals import Refusal, refusal
from backend.residents.merging import MergeObstacle

TWO_CARDS = refusal(
    "merge_two_cards",
    (
        "两条记录名下都有有效或在制的社保卡。",
        "Either record has a card that counts or is on its way.",
    ),
    ("请先注销其中一张。", "Cancel one of the cards first."),
)


class OneCard(MergeObstacle):
    """Lets no person have two."""

    def __init__(self, cards: Cards) -> None:
        self._cards = cards

    @override
    async def against(self, kept: str, merged: str, session: Session) -> Refusal | None:
        holders = await self._cards.holders_among([kept, merged], session)
        return TWO_CARDS if len(holders) > 1 else None
