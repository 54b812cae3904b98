"""亮证: who is told a name in full, and while what."""

import pytest

from backend.cards.devices import unbind
from backend.cards.lifecycle import CardEvent
from tests.backend.actors import City, Phone


async def _face(phone: Phone) -> dict[str, str]:
    face: dict[str, str] = (await phone.ask("CardFace"))["cardFace"]
    return face


@pytest.mark.feature("S23")
async def test_only_the_cards_own_phone_is_told_the_name(city: City) -> None:
    phone = await city.phone(await city.holder())
    home = (await phone.ask("Home"))["card"]
    face = await _face(phone)

    assert home["maskedName"] == "钟*明"
    assert face == {"__typename": "CardFace", "card": home["id"], "holderName": "钟小明"}
    assert (await _face(city.stranger()))["code"] == "device_unknown"


async def test_a_stopped_card_and_an_unbound_phone_tell_nothing(city: City) -> None:
    """Whoever has the phone then need not be who the card is of."""
    holder = await city.holder()
    phone = await city.phone(holder)
    await city.serve(holder, CardEvent.SUSPEND)
    assert (await _face(phone))["code"] == "card_suspended"

    await city.serve(holder, CardEvent.LIFT_SUSPENSION)
    assert (await _face(phone))["__typename"] == "CardFace"
    await unbind(holder.card_id, 1, city.clock.now())
    assert (await _face(phone))["code"] == "device_unbound"
