import asyncio
import secrets

import pytest

from backend.app import House
from backend.cards.card_writes import PhysicalCard
from backend.cards.lifecycle import CardEvent
from backend.cards.service import Cards
from backend.foundation.refusals import Refusal
from shared.clock import ManualClock
from tests.backend.actors import DIGEST, City, Holder, id_number


async def test_a_resident_has_one_card_that_counts(
    city: City, house: House, clock: ManualClock
) -> None:
    resident_id = await city.resident()
    cards = house.services[Cards]

    issued = await asyncio.gather(
        *(
            cards.issue(resident_id, PhysicalCard(f"D1560000{n}", None, 3), clock.now())
            for n in range(6)
        )
    )

    refused = [answer.code for answer in issued if isinstance(answer, Refusal)]
    assert refused == ["card_exists"] * 5
    assert await house.store.database["cards"].count_documents({}) == 1


async def test_after_cancellation_a_new_card_can_be_issued(
    city: City, house: House, clock: ManualClock
) -> None:
    holder = await city.holder()
    cards = house.services[Cards]
    await city.served(holder, CardEvent.CANCEL)

    new = await cards.issue(holder.resident_id, PhysicalCard("D15600009", None, 3), clock.now())

    assert isinstance(new, str)
    assert await cards.live_card(holder.resident_id) == new
    refused = await city.serve(holder, CardEvent.LIFT_SUSPENSION)
    assert isinstance(refused, Refusal)
    assert refused.code == "card_cancelled"


async def test_a_physical_card_stands_on_one_record(
    city: City, house: House, clock: ManualClock
) -> None:
    await city.holder()
    other = await city.resident(id_number(sequence="777"))

    issued = await house.services[Cards].issue(
        other, PhysicalCard("D15600008", DIGEST, 3), clock.now()
    )

    assert isinstance(issued, Refusal)
    assert issued.code == "card_digest_in_use"


async def test_a_card_index_that_is_taken_is_drawn_again(
    city: City, house: House, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await city.card_index(await city.holder())
    draws = iter([first, first, 4_000_000_001])
    monkeypatch.setattr(secrets, "randbelow", lambda _: next(draws))
    other = await city.resident(id_number(sequence="777"))

    issued = await house.services[Cards].issue(
        other, PhysicalCard("D15600008", None, 3), clock.now()
    )

    assert isinstance(issued, str)
    assert await city.card_index(Holder(other, issued)) == 4_000_000_001


async def test_a_card_number_is_sealed(city: City, house: House) -> None:
    holder = await city.holder()

    card = await house.store.database["cards"].find_one({"_id": holder.card_id})

    assert card is not None
    assert b"D15600901" not in card["number_sealed"]
    assert "D15600901" not in str(card)
    assert card["number_tail"] == "0901"
