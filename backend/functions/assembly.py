"""The area's services, put together."""

from collections.abc import Mapping

from backend.cards.service import Cards
from backend.foundation.idempotency import Once
from backend.functions.legacy_cards import LegacyCards
from backend.functions.lists import FunctionLists
from backend.functions.registry import FunctionRegistry
from backend.functions.service import CardFunctions
from shared.clock import Clock


def function_services(
    cards: Cards, once: Once, clock: Clock, environ: Mapping[str, str]
) -> list[object]:
    """Return the services of card functions; `environ` is for the batch that builds lists."""
    registry = FunctionRegistry(once, clock)
    return [
        registry,
        CardFunctions(registry, cards, once, clock),
        FunctionLists(registry, cards, clock, environ),
        LegacyCards(registry, once, clock),
    ]
