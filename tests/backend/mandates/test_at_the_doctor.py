"""S41: a delegate shows a parent's code at a medical point; both are logged, and rules decide."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from litestar import Litestar

from backend.app import House
from backend.demo_city import VENUES
from backend.foundation.audit import AuditRow
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.mandates.documents import MandateNotice
from backend.readers.documents import Scan
from backend.settings import Settings
from backend.venues.service import Venues
from shared.admission.answer import Verdict
from shared.admission.scene import Scene
from shared.ecode.reasons import Reason
from tests.backend.actors import City, Phone
from tests.backend.lane import VenueLane, venue_lane
from tests.backend.mandates.family import GRANDMOTHER, Family
from tests.backend.mandates.test_showing import Shower


@pytest.fixture
async def surgery(
    city: City,
    house: House,
    app: Litestar,
    settings: Settings,
    keys: Keys,
    mongod: RunningMongod,
    tmp_path: Path,
) -> AsyncIterator[VenueLane]:
    """Return the real reader of a hospital's registration desk."""
    await city.venue(1)
    await _asks(house, allowed=True)
    async with venue_lane(city, app, settings, keys, mongod.uri, tmp_path) as lane:
        yield lane


async def _asks(house: House, *, allowed: bool) -> None:
    rules = replace(
        VENUES[0].rules, scene=Scene.MEDICAL, conditions=(), representative_allowed=allowed
    )
    await house.services[Venues].put(replace(VENUES[0], rules=rules))


@pytest.mark.feature("S41", "D19", "D20")
async def test_a_delegates_showing_at_a_medical_point_is_logged_with_both_people(
    family: Family, city: City, house: House, surgery: VenueLane
) -> None:
    grandmother = await family.relative(GRANDMOTHER, card=True)
    daughter = await family.relative()
    shower = Shower(daughter, await family.mandate(grandmother, daughter))
    certificate = await shower.certified()
    phone: Phone = city.stranger()
    phone.key = daughter.phone.key
    city.clock.advance(30)
    await surgery.refresh()

    answer = surgery.show(phone, certificate).answer

    assert (answer.verdict, answer.headline.zh) == (Verdict.LOOK, "请进 · 代办出示（晚辈）")
    city.clock.advance(30)
    await surgery.refresh()
    [scan] = await Scan.find_all().to_list()
    people = (grandmother.resident_id, daughter.resident_id, shower.mandate)
    assert (scan.visitor, scan.shown_by, scan.mandate) == people
    [row] = await AuditRow.find(AuditRow.action == "mandates.shown").to_list()
    assert (row.subject, row.actor["id"], row.mandate) == people
    [told] = await MandateNotice.find({"code": "mandates.shown"}).to_list()
    assert told.person == grandmother.resident_id

    await _asks(house, allowed=False)
    city.clock.advance(60)
    await surgery.refresh()
    refused = surgery.show(phone, certificate).answer
    assert (refused.verdict, refused.reason) == (
        Verdict.REFUSE,
        Reason.REPRESENTATIVE_NOT_ALLOWED,
    )
