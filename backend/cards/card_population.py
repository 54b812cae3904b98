"""Loading the cards of a made-up population, in bulk, beside its people."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from backend.cards.lifecycle import PENDING, CardState
from backend.cards.made_up_cards import MadeUpCard, made_up_cards
from backend.cards.rules import DeviceState, expiry_of
from backend.figures import CardFigures
from backend.foundation.bulk import BulkLoader, bulk_loader
from backend.foundation.mongo import Store
from backend.foundation.person_keys import PersonSealer
from backend.residents.loading import BelongingsLoading, PeopleLoaded, Sealers
from backend.residents.population import Population
from shared.ecode.algorithms import Algorithm
from shared.identity.masking import card_tail

_COLLECTION = "cards"


class CardPopulation:
    """Gives made-up people their cards."""

    def __init__(self, store: Store, region: int, figures: CardFigures) -> None:
        self._store = store
        self._region = region
        self._figures = figures

    @asynccontextmanager
    async def loading(self) -> AsyncIterator[BelongingsLoading]:
        """Yield what loads the cards of a batch of people; again changes nothing."""
        async with bulk_loader(self._store.uri, self._store.database.name) as loader:
            yield _CardLoading(loader, self._region, self._figures)


class _CardLoading:
    """Makes and stores cards (see `BelongingsLoading`)."""

    def __init__(self, loader: BulkLoader, region: int, figures: CardFigures) -> None:
        self._loader = loader
        self._region = region
        self._figures = figures

    def made(
        self, population: Population, people: PeopleLoaded, own: Sealers, now: datetime
    ) -> list[dict[str, Any]]:
        """Return the cards of some people as they are stored."""
        return [
            self._document(card, own[resident_id], now)
            for resident_id, (index, person) in people.items()
            for card in made_up_cards(population, index, person)
        ]

    async def insert(self, documents: Sequence[dict[str, Any]]) -> None:
        """Store cards that are not there yet."""
        await self._loader.insert(_COLLECTION, documents)

    def _document(self, card: MadeUpCard, own: PersonSealer, now: datetime) -> dict[str, Any]:
        made = card.state is not CardState.IN_PRODUCTION
        document: dict[str, Any] = {
            "_id": card.card_id,
            "resident_id": own.resident_id,
            "region": self._region,
            "card_index": card.card_index,
            "generation": card.generation,
            "version": card.version,
            "state": card.state.value,
            "account_reference": card.account,
            "account_active": card.state not in PENDING,
            "number_tail": card_tail(card.number) if made else "",
            "number_kept": False,
            "pin": {"wrong": 0, "unlocks": 0},
            "devices": [_device(card, serial) for serial in range(1, len(card.phones) + 1)],
            "stopped_by_death": False,
            "issued_at": card.issued_at,
            "changed_at": now,
            "revision": 0,
        }
        if made:
            document["card_digest"] = card.digest
            document["number_sealed"] = own.seal(
                card.number, collection=_COLLECTION, field="number_sealed", document=card.card_id
            )
        if card.state not in PENDING:
            document["expires_at"] = expiry_of(card.issued_at, self._figures)
        return document


def _device(card: MadeUpCard, serial: int) -> dict[str, Any]:
    phone = card.phones[serial - 1]
    device: dict[str, Any] = {
        "serial": serial,
        "thumbprint": phone.thumbprint,
        "algorithm": Algorithm.ED25519.value,
        "public_key": phone.public_key,
        "name": "手机",
        "state": phone.state.value,
        "enrolled_at": phone.enrolled_at,
    }
    # Long ago: what it was certified for has ended, and no status list names it.
    unbound = phone.state is DeviceState.UNBOUND
    past = {"unbound_at": phone.enrolled_at, "certified_until": phone.enrolled_at}
    return {**device, **past} if unbound else device
