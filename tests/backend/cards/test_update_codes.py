"""The update code 更新码 from the backend to a gate that has no network."""

import random
from datetime import timedelta

import pytest

from backend.cards import update_codes
from backend.cards.devices import unbind
from backend.cards.lifecycle import CardEvent
from backend.cards.update_codes import COVERS, UpdateCode, update_code
from backend.foundation.keys import Keys
from backend.foundation.refusals import Refusal
from backend.readers.trust import own_trust_list
from shared.trust.list_update import TooMany, read_list_update
from shared.trust.trust_list import Untrusted, read_trust_list
from tests.backend.actors import REGION, City
from tests.backend.cards.gate import Gate, certificate_in


async def test_what_was_stopped_since_its_list_is_refused_by_a_gate_that_was_shown_the_code(
    city: City, gate: Gate, keys: Keys
) -> None:
    phone, other = city.stranger(), city.stranger()
    holder, untouched = await city.holder("901"), await city.holder("902", None)
    certificate = certificate_in(await phone.enrol(await city.code(holder)))
    kept = certificate_in(await other.enrol(await city.code(untouched)))
    await gate.refresh()
    assert gate.answer(phone, certificate) == "admit"

    city.clock.advance(60)
    await city.served(holder, CardEvent.SUSPEND)
    assert gate.answer(phone, certificate) == "admit", "the gate has no network"
    text = await update_code(REGION, keys, city.clock.now())
    assert isinstance(text, UpdateCode)
    gate.snapshot.offer_update(text.digits, city.clock.now())

    assert gate.answer(phone, certificate) == "card_suspended"
    assert gate.answer(other, kept) == "admit"
    # Lifted again: a newer code says nothing of the card, and the older one is refused.
    city.clock.advance(60)
    await city.served(holder, CardEvent.LIFT_SUSPENSION)
    newer = await update_code(REGION, keys, city.clock.now())
    assert isinstance(newer, UpdateCode)
    gate.snapshot.offer_update(newer.digits, city.clock.now())
    assert gate.answer(phone, certificate) == "admit"
    with pytest.raises(Untrusted, match="older"):
        gate.snapshot.offer_update(text.digits, city.clock.now())


async def test_what_was_stopped_long_ago_is_in_the_list_and_not_in_the_code(
    city: City, keys: Keys
) -> None:
    holder = await city.holder("901")
    await city.served(holder, CardEvent.SUSPEND)
    city.clock.advance((COVERS - timedelta(minutes=1)).total_seconds())
    within = await update_code(REGION, keys, city.clock.now())
    city.clock.advance(120)
    after = await update_code(REGION, keys, city.clock.now())

    assert isinstance(within, UpdateCode)
    assert isinstance(after, UpdateCode)
    assert len(within.digits) > len(after.digits)


async def test_too_many_are_said_to_be_and_none_is_left_out(
    city: City, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sequence in ("901", "902"):
        await city.served(await city.holder(sequence, None), CardEvent.SUSPEND)
    with monkeypatch.context() as less:
        less.setattr(update_codes, "_MOST_READ", 2)
        refused = await update_code(REGION, keys, city.clock.now())
    assert isinstance(refused, Refusal)
    assert refused.code == "update_too_large"

    def full(*_: object) -> str:
        raise TooMany

    monkeypatch.setattr(update_codes, "encode_list_update", full)
    refused = await update_code(REGION, keys, city.clock.now())
    assert isinstance(refused, Refusal)


async def test_an_unbound_phone_is_refused_by_a_gate_that_was_shown_the_code(
    city: City, gate: Gate, keys: Keys
) -> None:
    holder = await city.holder("901", None)
    lost, kept = await city.phone(holder), await city.phone(holder)
    lost_certificate, certificate = [certificate_in(await one.renew()) for one in (lost, kept)]
    await gate.refresh()
    assert gate.answer(lost, lost_certificate) == "admit"

    city.clock.advance(60)
    serial = lost_certificate.claims.device_serial
    assert await unbind(holder.card_id, serial, city.clock.now())
    made = await update_code(REGION, keys, city.clock.now())
    assert isinstance(made, UpdateCode)
    gate.snapshot.offer_update(made.digits, city.clock.now())

    assert made.left_out == 0
    assert gate.answer(lost, lost_certificate) == "device_unbound"
    assert gate.answer(kept, certificate) == "admit"


async def test_cards_come_first_and_phones_as_far_as_there_is_room(
    city: City, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    await city.served(await city.holder("901", None), CardEvent.SUSPEND)
    drawn = random.Random(3)  # noqa: S311 - a test's
    phones = [drawn.getrandbits(48) for _ in range(900)]

    async def stopped(*_: object) -> list[int]:
        return phones

    monkeypatch.setattr(update_codes, "_stopped_phones", stopped)
    made = await update_code(REGION, keys, city.clock.now())

    assert isinstance(made, UpdateCode)
    trust = read_trust_list(
        own_trust_list(keys, REGION, city.clock.now()), keys.root.public, city.clock.now()
    )
    shown = read_list_update(made.digits, trust, city.clock.now())
    assert len(shown.suspended) == 1
    assert set(shown.unbound) == set(phones[: len(phones) - made.left_out])
    assert 300 < made.left_out < 500, "the newest went in, the code is full"
