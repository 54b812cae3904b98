import asyncio
from datetime import timedelta

import pytest

from backend.app import House
from backend.cards.devices import unbind
from backend.cards.lifecycle import CardEvent
from backend.cards.status_list import StatusLists, build_status_list
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.readers.trust import own_trust_list
from backend.settings import Settings
from shared.clock import ManualClock
from shared.trust.status_list import StatusList, card_number_of, decode_status_list, device_number
from shared.trust.trust_list import read_trust_list
from tests.backend.actors import DIGEST, REGION, City


class Builder:
    """Runs the batch program's work and reads what it made as a reader would."""

    def __init__(
        self,
        mongod: RunningMongod,
        settings: Settings,
        house: House,
        keys: Keys,
        clock: ManualClock,
    ) -> None:
        self._uri, self._database = mongod.uri, settings.database
        self._keys, self._clock, self._lists = keys, clock, house.services[StatusLists]

    async def build(self) -> StatusList:
        await build_status_list(self._uri, self._database, REGION, self._keys, self._clock)
        return await self.newest()

    async def newest(self) -> StatusList:
        content = await self._lists.newest()
        assert content is not None
        now = self._clock.now()
        text = own_trust_list(self._keys, REGION, now)
        return decode_status_list(content, read_trust_list(text, self._keys.root.public, now), now)


@pytest.fixture
def builder(
    mongod: RunningMongod, settings: Settings, house: House, keys: Keys, clock: ManualClock
) -> Builder:
    return Builder(mongod, settings, house, keys, clock)


async def test_a_list_names_what_no_longer_counts(
    city: City, clock: ManualClock, builder: Builder
) -> None:
    revoked, suspended = await city.holder("801"), await city.holder("802", digest=None)
    lost, fine = await city.holder("803", digest=None), await city.holder("804", digest=None)
    await city.phone(lost)
    await city.phone(fine)
    await city.served(revoked, CardEvent.CANCEL)
    await city.served(suspended, CardEvent.SUSPEND)
    await unbind(lost.card_id, 1, clock.now())

    sections = (await builder.build()).sections

    assert list(sections.revoked) == [await city.card_index(revoked)]
    assert list(sections.suspended) == [await city.card_index(suspended)]
    assert list(sections.unbound_devices) == [device_number(await city.card_index(lost), 1)]
    assert list(sections.revoked_cards) == [card_number_of(DIGEST)]
    assert list(sections.suspended_cards) == []


async def test_a_lifted_suspension_leaves_the_list(city: City, builder: Builder) -> None:
    holder = await city.holder()
    await city.served(holder, CardEvent.SUSPEND)
    assert len((await builder.build()).sections.suspended) == 1
    await city.served(holder, CardEvent.LIFT_SUSPENSION)

    assert len((await builder.build()).sections.suspended) == 0


async def test_an_unbound_phone_stays_listed_only_while_its_certificate_could_be_shown(
    city: City, clock: ManualClock, builder: Builder
) -> None:
    holder = await city.holder()
    await city.phone(holder)
    await unbind(holder.card_id, 1, clock.now())
    clock.advance(47 * 3600)
    assert len((await builder.build()).sections.unbound_devices) == 1
    clock.advance(2 * 3600)

    assert len((await builder.build()).sections.unbound_devices) == 0


async def test_epochs_grow_also_when_two_runs_meet(city: City, builder: Builder) -> None:
    await city.holder()

    await asyncio.gather(*(builder.build() for _ in range(4)))

    assert (await builder.newest()).epoch == 4


async def test_a_list_is_due_when_there_is_none_a_card_changed_or_half_its_time_is_over(
    city: City, house: House, clock: ManualClock, builder: Builder
) -> None:
    lists = house.services[StatusLists]
    holder = await city.holder()
    assert await lists.is_due()

    clock.advance(60)
    await builder.build()
    assert not await lists.is_due()

    clock.advance(60)
    await city.served(holder, CardEvent.SUSPEND)
    assert await lists.is_due()

    clock.advance(60)
    await builder.build()
    assert not await lists.is_due()

    clock.advance(timedelta(hours=37).total_seconds())
    assert await lists.is_due()
