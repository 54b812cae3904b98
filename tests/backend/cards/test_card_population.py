"""Cards of a made-up city: the same for a seed, in a city's states, and usable like any other."""

from collections import Counter
from typing import Any

from backend.app import House
from backend.cards.card_service_frame import CardChange
from backend.cards.lifecycle import LIVE, CardEvent, CardState
from backend.cards.made_up_cards import MadeUpCard, made_up_cards
from backend.cards.service import Cards
from backend.foundation.person_keys import sealer_of
from backend.foundation.sealing import Sealer
from backend.residents.loading import BATCH, PopulationLoading, Progress
from backend.residents.population import Population
from tests.backend.actors import City, Holder
from tests.backend.cards.gate import Gate

PEOPLE = 20_000
SEEDED = Population(7)


def _cards(population: Population, index: int) -> list[MadeUpCard]:
    return list(made_up_cards(population, index, population.person(index)))


def test_the_same_seed_has_the_same_cards_and_another_has_not() -> None:
    cards = [_cards(SEEDED, index) for index in range(300)]

    assert cards == [_cards(Population(7), index) for index in range(300)]
    assert cards != [_cards(Population(8), index) for index in range(300)]


def test_states_generations_and_phones_look_like_a_city() -> None:
    people = [_cards(SEEDED, index) for index in range(PEOPLE)]
    cards = [card for own in people for card in own]
    states = Counter(card.state for card in cards)
    live = [card for card in cards if card.state in LIVE]

    assert set(states) == set(CardState)
    assert 0.85 < states[CardState.ACTIVE] / PEOPLE < 0.93
    assert 0.02 < sum(not own for own in people) / PEOPLE < 0.06
    assert {card.generation for card in live} == {2, 3}
    assert 0.4 < sum(bool(card.phones) for card in live) / len(live) < 0.7
    assert {len(card.phones) for card in cards} == {0, 1, 2}
    assert not any(card.phones for card in cards if card.state not in LIVE)


def test_nobody_has_two_cards_that_count_or_another_ones_index() -> None:
    people = [_cards(SEEDED, index) for index in range(PEOPLE)]
    cards = [card for own in people for card in own]
    pending = {CardState.IN_PRODUCTION, CardState.AWAITING_COLLECTION}

    assert all(sum(card.state in LIVE for card in own) <= 1 for own in people)
    assert all(sum(card.state in pending for card in own) <= 1 for own in people)
    assert all([card.version for card in own] == list(range(1, len(own) + 1)) for own in people)
    for values in (
        [card.card_index for card in cards],
        [card.card_id for card in cards],
        [card.number for card in cards],
        [phone.thumbprint for card in cards for phone in card.phones],
    ):
        assert len(set(values)) == len(values)


async def _load(house: House, size: int) -> None:
    loading = house.services[PopulationLoading]
    begun = await loading.begin(size, 7)
    assert isinstance(begun, Progress)
    async for _ in loading.load(begun, 7):
        pass


async def _stored(house: House) -> list[dict[str, Any]]:
    return await house.store.database["cards"].find().sort("_id", 1).to_list()


async def test_loading_goes_on_where_it_was_cut_off(house: House) -> None:
    size = BATCH + 200
    await _load(house, size)
    before = await _stored(house)
    # Cut off between the cards and the mark: the last batch is begun again.
    await house.store.database["loaded_populations"].update_one({}, {"$set": {"loaded": 500}})
    lost = await house.store.database["cards"].delete_many({"resident_id": SEEDED.identifier(700)})

    await _load(house, size)

    assert lost.deleted_count == len(_cards(SEEDED, 700)) > 0
    assert [card["_id"] for card in await _stored(house)] == [card["_id"] for card in before]


async def test_what_was_loaded_can_be_served_listed_and_opened(
    city: City,
    house: House,
    gate: Gate,
) -> None:
    await _load(house, 300)
    index, card = next(
        (index, card)
        for index in range(300)
        for card in _cards(SEEDED, index)
        if card.state is CardState.ACTIVE and card.phones
    )
    resident_id = SEEDED.identifier(index)
    assert await house.services[Cards].live_card(resident_id) == card.card_id

    await gate.refresh()
    holder = Holder(resident_id, card.card_id)
    assert isinstance(await city.serve(holder, CardEvent.SUSPEND), CardChange)
    await city.served(holder, CardEvent.LIFT_SUSPENSION)
    assert (await (await city.phone(holder)).renew())["__typename"] == "RenewedCertificate"
    stored = await house.store.database["cards"].find_one({"_id": card.card_id})
    assert stored is not None
    assert stored["number_tail"] == card.number[-4:]
    assert card.number.encode() not in stored["number_sealed"]
    own = await sealer_of(house.services[Cards]._sealer, resident_id)
    assert isinstance(own, Sealer)
    assert card.number == own.open(
        stored["number_sealed"], collection="cards", field="number_sealed", document=card.card_id
    )
