"""Function lists: what they name, when they are due, that one is stored only when it is new."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from backend.cards.commands import COUNTER
from backend.cards.lifecycle import CardEvent
from backend.foundation.access import OPERATOR
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.foundation.operations import Services
from backend.functions import lists as lists_module
from backend.functions.lists import VALID, FunctionLists, Place
from backend.functions.registry import FunctionRegistry
from backend.functions.rules import CardFunction, FunctionStatus
from backend.functions.service import CardFunctions, OwnFunction
from backend.readers.trust import own_trust_list
from backend.settings import Settings
from shared.clock import ManualClock
from shared.trust.function_list import FunctionGrant, FunctionList, decode_function_list
from shared.trust.status_list import card_number_of
from shared.trust.trust_list import read_trust_list
from tests.backend.actors import DIGEST, REGION, City, Holder, new_key


class Builder:
    """Runs the batch program's work and reads what it made as a reader would."""

    def __init__(
        self, services: Services, place: Place, keys: Keys, clock: ManualClock, city: City
    ) -> None:
        self.lists, self._functions = services[FunctionLists], services[CardFunctions]
        self._place, self._keys, self._clock, self._city = place, keys, clock, city

    async def build(self) -> int:
        return await self.lists.build(self._place, self._keys)

    async def newest(self, code: str = "transit") -> FunctionList:
        content = await self.lists.newest(code)
        assert content is not None
        now = self._clock.now()
        trust = read_trust_list(
            own_trust_list(self._keys, REGION, now), self._keys.root.public, now
        )
        return decode_function_list(content, trust, now)

    async def choose(self, holder: Holder, code: str = "transit", *, enabled: bool = True) -> None:
        choose = self._functions.enable if enabled else self._functions.disable
        done = await choose(COUNTER, new_key(), holder.resident_id, code)
        assert isinstance(done, OwnFunction), done


@pytest.fixture
def builder(
    services: Services,
    mongod: RunningMongod,
    settings: Settings,
    keys: Keys,
    clock: ManualClock,
    city: City,
) -> Builder:
    return Builder(services, Place(mongod.uri, settings.database, REGION), keys, clock, city)


@pytest.mark.usefixtures("open_transit")
async def test_a_list_names_the_cards_that_have_it(builder: Builder, city: City) -> None:
    one, other = await city.holder("801"), await city.holder("802", digest=None)
    never = await city.holder("803", digest=None)
    for holder in (one, other):
        await builder.choose(holder)

    assert await builder.build() == 1
    made = await builder.newest()

    assert list(made.cards) == sorted([await city.card_index(one), await city.card_index(other)])
    assert await city.card_index(never) not in made.cards
    assert list(made.physical_cards) == [card_number_of(DIGEST)]
    assert (made.grant, made.open, made.region) == (FunctionGrant.ON_REQUEST, True, REGION)


async def test_where_everybody_has_it_it_names_who_switched_it_off(
    builder: Builder, services: Services, city: City, transit: CardFunction
) -> None:
    by_default = replace(transit, grant=FunctionGrant.BY_DEFAULT)
    await services[FunctionRegistry].put(OPERATOR, new_key(), by_default)
    off, on_again = await city.holder("801"), await city.holder("802", digest=None)
    await builder.choose(off, enabled=False)
    await builder.choose(on_again, enabled=False)
    await builder.choose(on_again)

    await builder.build()

    assert list((await builder.newest()).cards) == [await city.card_index(off)]


@pytest.mark.usefixtures("open_transit")
async def test_a_card_that_no_longer_counts_leaves_the_list(builder: Builder, city: City) -> None:
    holder = await city.holder()
    await builder.choose(holder)
    await builder.build()
    await city.served(holder, CardEvent.CANCEL)

    assert await builder.build() == 1
    assert list((await builder.newest()).cards) == []


async def test_more_choices_than_one_read_takes_are_all_there(
    builder: Builder, city: City, open_transit: CardFunction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists_module, "BATCH", 2)
    holders = [await city.holder(f"81{n}", digest=None) for n in range(5)]
    for holder in holders:
        await builder.choose(holder, open_transit.code)

    await builder.build()

    assert len((await builder.newest()).cards) == 5


async def test_a_list_is_stored_only_when_it_says_something_new_or_grows_old(
    builder: Builder, services: Services, city: City, open_transit: CardFunction, clock: ManualClock
) -> None:
    assert (await builder.build(), await builder.build()) == (1, 0)
    first = await builder.newest()
    clock.advance(60)
    await builder.choose(await city.holder())
    assert await builder.build() == 1
    assert (await builder.newest()).epoch == first.epoch + 1
    clock.advance(60)
    closed = replace(open_transit, status=FunctionStatus.CLOSED)
    await services[FunctionRegistry].put(OPERATOR, new_key(), closed)
    assert await builder.build() == 1
    assert (await builder.newest()).open is False
    clock.advance((VALID / 2).total_seconds())
    assert await builder.build() == 1
    assert (await builder.newest()).valid_until - clock.now() > VALID - timedelta(seconds=1)


async def test_a_list_is_due_when_a_choice_a_function_or_a_card_changed(
    builder: Builder, services: Services, city: City, transit: CardFunction, clock: ManualClock
) -> None:
    lists, registry = builder.lists, services[FunctionRegistry]
    holder = await city.holder()
    clock.advance(60)
    assert not await lists.is_due()  # there is no function
    await registry.put(OPERATOR, new_key(), transit)
    assert await lists.is_due()

    async def settled() -> None:
        clock.advance(60)
        await builder.build()
        assert not await lists.is_due()
        clock.advance(60)

    await settled()
    await builder.choose(holder)
    assert await lists.is_due()
    await settled()
    await registry.put(OPERATOR, new_key(), replace(transit, until=clock.now()))
    assert await lists.is_due()
    await settled()
    await city.served(holder, CardEvent.SUSPEND)
    assert await lists.is_due()
    await settled()
    clock.advance((VALID / 2).total_seconds())
    assert await lists.is_due()


@pytest.mark.usefixtures("open_transit")
async def test_two_batches_at_once_leave_one_list(builder: Builder, city: City) -> None:
    await builder.choose(await city.holder())

    await asyncio.gather(*(builder.build() for _ in range(4)))

    assert len((await builder.newest()).cards) == 1
