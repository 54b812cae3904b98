"""The key that signs certificates is changed while readers are offline."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from backend.app import House, make_app
from backend.foundation.issuer_keys import IssuerKey, IssuerKeys
from backend.foundation.keys import Keys
from backend.settings import Settings
from backend.wiring import make_services
from shared.clock import ManualClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.certificate import issue_certificate
from tests.backend.actors import City
from tests.backend.cards.gate import Gate, certificate_in

HOUR = 3600
ANNOUNCED = timedelta(hours=24)


@pytest.fixture
def rotated(keys: Keys, clock: ManualClock) -> Keys:
    """The keys after a second was made that takes over in a day."""
    next_key = SoftwareKey.generate(Algorithm.ED25519)
    second = IssuerKey(2, next_key, clock.now() + ANNOUNCED)
    return replace(keys, issuers=IssuerKeys([*keys.issuers.keys, second], timedelta(hours=48)))


@pytest.fixture
async def restarted(
    settings: Settings, house: House, rotated: Keys, clock: ManualClock
) -> AsyncIterator[City]:
    """The same city, its server started again with both keys."""
    services = await make_services(settings, house.store, rotated, clock, {})
    app = make_app(settings, House(house.store, services), rotated, clock)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://city") as client:
        yield City(client, House(house.store, services), clock)


@pytest.mark.feature("S120")
async def test_old_and_new_codes_are_taken_in_the_overlap_and_old_ones_refused_after(
    city: City, restarted: City, gate: Gate, rotated: Keys, clock: ManualClock, tmp_path: Path
) -> None:
    holder = await city.holder()
    phone, second = await city.phone(holder), await city.phone(holder)
    folder = tmp_path / "unaware"
    folder.mkdir()
    unaware = replace(gate, folder=folder)
    await unaware.refresh()
    gate.keys = rotated
    await gate.refresh()  # and from here on the gate is offline
    clock.advance(23 * HOUR)
    phone.client = second.client = restarted.client

    by_old = certificate_in(await phone.renew())
    assert by_old.claims.issuer_key_id == 1, "announced, and not used yet"
    clock.advance(1 * HOUR)
    by_new = certificate_in(await second.renew())
    assert by_new.claims.issuer_key_id == 2
    assert gate.answer(phone, by_old) == "admit"
    assert gate.answer(second, by_new) == "admit"
    assert unaware.answer(second, by_new) == "issuer_unknown", "the control"

    clock.advance(46 * HOUR)
    assert gate.answer(phone, by_old) == "admit", "until its own end"
    clock.advance(2 * HOUR)
    claims = replace(by_old.claims, not_before=clock.now().replace(minute=0))
    forged = issue_certificate(claims, rotated.issuers.keys[0].key)
    assert gate.answer(phone, forged) == "issuer_key_not_valid", "who stole the old key is late"
    assert unaware.answer(phone, forged) == "admit", "the control: without the rotation"
    renewed = certificate_in(await phone.renew())
    assert gate.answer(phone, renewed) == "admit"
