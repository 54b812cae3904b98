"""Configuration codes 配置码: made by a venue's staff, logged, kept nowhere, ended by a word."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.app import House
from backend.foundation import access
from backend.foundation.access import Caller, Role
from backend.foundation.audit import AuditRow, Organisation
from backend.foundation.keys import LIST_KEY_ID, Keys
from backend.foundation.refusals import Refusal
from backend.readers.documents import Scan
from backend.readers.flow import Flow
from backend.readers.lane_codes import LaneCodes, MadeLaneCode, WantedLaneCode
from backend.readers.trust import own_trust_list
from backend.venues.service import Venues
from reader_service.lane.lane_codes import TURNED_BY, turning
from reader_service.trusted_lists import Lists
from shared.admission.answer import Verdict
from shared.localized_text import LocalizedText
from shared.trust.trust_list import read_trust_list
from shared.wire.manifest import read_manifest
from shared.wire.scans import Direction, ReceiptOutcome, ScanRecord
from tests.backend.accounts.actors import People
from tests.backend.actors import REGION, City, new_key
from tests.backend.readers.gates import Gates

PLACE = Organisation("venue-1", LocalizedText("公园", "Park"))
STAFF = Caller(
    staff_id="stf_gate", roles=frozenset({Role.VENUE_STAFF}), organisation=PLACE, thumbprint="k"
)
WANTED = WantedLaneCode(1, None, Direction.OUT, 12)


@pytest.fixture
def codes(house: House) -> LaneCodes:
    return house.services[LaneCodes]


async def _told(
    city: City, keys: Keys, digits: str, venue: int = 1, lane: int = 1
) -> tuple[Verdict, ScanRecord]:
    """Return what a lane that may turn tells now, by the manifest that the backend gives now."""
    now, root = city.clock.now(), keys.root.public
    trust = read_trust_list(own_trust_list(keys, REGION, now), root, now)
    venues = city.house.services[Venues]
    facts = await venues.facts(venue)
    assert facts is not None
    manifest = read_manifest(venues.manifest(facts, now), trust, REGION, LIST_KEY_ID, now)
    lists = Lists(trust=trust, manifest=manifest)
    answer, record = turning(digits, lists, lane, (Direction.IN, True), now)
    return answer.verdict, record


async def _made(codes: LaneCodes, key: str | None = None, **changed: Any) -> MadeLaneCode:
    made = await codes.make(STAFF, key or new_key(), replace(WANTED, **changed))
    assert isinstance(made, MadeLaneCode), made
    return made


async def test_staff_make_one_over_graphql_and_end_it_again(city: City, keys: Keys) -> None:
    guard = await People(city).staff("guard.an", Role.VENUE_STAFF, sequence="811", place=PLACE)
    await guard.sign_in()
    await city.venue(1)
    await city.venue(2)
    wish = {"venue": 1, "direction": "OUT", "hours": 2, "idempotencyKey": new_key()}

    made = await guard.device.do("MakeLaneCode", **wish)
    again = await guard.device.do("MakeLaneCode", **wish)

    assert again == made
    verdict, record = await _told(city, keys, made["digits"])
    assert (verdict, record.direction) == (Verdict.AGAIN, Direction.OUT)
    assert record.detail == {TURNED_BY: guard.staff_id}
    assert (await _told(city, keys, made["digits"], venue=2))[0] is Verdict.REFUSE
    other = await guard.device.do("MakeLaneCode", **{**wish, "venue": 2})
    assert other["code"] == "venue_of_others"

    ended = {"venue": 1, "reason": "被拍照外传", "idempotencyKey": new_key()}
    assert (await guard.device.do("RevokeLaneCodes", **ended))["venue"] == 1
    assert (await guard.device.do("RevokeLaneCodes", **ended))["venue"] == 1
    assert (await _told(city, keys, made["digits"]))[0] is Verdict.REFUSE
    wish["idempotencyKey"] = new_key()
    newer = await guard.device.do("MakeLaneCode", **wish)
    assert (await _told(city, keys, newer["digits"]))[0] is Verdict.AGAIN, "of the same second"
    rows = await AuditRow.find({"action": {"$regex": "^readers.lane_code"}}).sort("at").to_list()
    assert sorted(row.action for row in rows) == [
        "readers.lane_code_made",
        "readers.lane_code_made",
        "readers.lane_codes_revoked",
    ]
    assert {row.actor["id"] for row in rows} == {guard.staff_id}
    assert {row.origin for row in rows} == {"venue-1/any/out", "venue-1"}


async def test_it_ends_with_its_hours_and_holds_for_its_lane(
    city: City, codes: LaneCodes, keys: Keys
) -> None:
    await city.venue()
    made = await _made(codes, lane=1, hours=1)
    assert made.valid_until - city.clock.now() <= timedelta(hours=1)
    assert (await _told(city, keys, made.digits, lane=2))[0] is Verdict.REFUSE
    assert (await _told(city, keys, made.digits))[0] is Verdict.AGAIN
    city.clock.advance(3600)
    assert (await _told(city, keys, made.digits))[0] is Verdict.REFUSE


async def test_a_repeated_request_gets_its_code_also_when_they_were_revoked_since(
    city: City, codes: LaneCodes, keys: Keys
) -> None:
    await city.venue()
    key = new_key()
    made = await _made(codes, key)
    city.clock.advance(60)
    assert await codes.revoke(STAFF, new_key(), 1, "丢了") == 1
    assert await _made(codes, key) == made, "the old code, which no lane takes"
    assert (await _told(city, keys, made.digits))[0] is Verdict.REFUSE
    stored = await city.house.store.database["kept_answers"].find().to_list()
    assert made.digits not in str(stored), "who reads the store learns no code"


async def test_who_may_not_and_what_is_none(city: City, codes: LaneCodes) -> None:
    await city.venue(1)
    await city.venue(2)
    clerk = replace(STAFF, roles=frozenset({Role.OUTLET_CLERK}))
    wrong: list[tuple[Caller | None, dict[str, Any], str]] = [
        (None, {}, "sign_in_needed"),
        (clerk, {}, "not_permitted"),
        (STAFF, {"venue": 2}, "venue_of_others"),
        (access.OPERATOR, {"venue": 999}, "venue_unknown"),
        (STAFF, {"lane": 99}, "lane_code_form"),
        (STAFF, {"lane": 0}, "lane_code_form"),
        (STAFF, {"hours": 0}, "lane_code_form"),
        (STAFF, {"hours": 25}, "lane_code_form"),
    ]
    for caller, changed, code in wrong:
        done = await codes.make(caller, new_key(), replace(WANTED, **changed))
        assert isinstance(done, Refusal), changed
        assert done.code == code
    for caller, venue, reason, code in [
        (None, 1, "x", "sign_in_needed"),
        (clerk, 1, "x", "not_permitted"),
        (STAFF, 2, "x", "venue_of_others"),
        (STAFF, 1, " ", "audit_reason_form"),
        (access.OPERATOR, 999, "x", "venue_unknown"),
    ]:
        done_too = await codes.revoke(caller, new_key(), venue, reason)
        assert isinstance(done_too, Refusal)
        assert done_too.code == code
    assert await AuditRow.find({"action": {"$regex": "^readers.lane_code"}}).count() == 0
    unmade = await codes.make(access.OPERATOR, new_key(), WANTED)
    assert isinstance(unmade, MadeLaneCode), "the operator, at the command line"


async def test_a_turn_in_an_uploaded_journal_is_booked_and_is_nobodys_visit(
    gates: Gates, codes: LaneCodes, keys: Keys
) -> None:
    made = await _made(codes)
    _, record = await _told(gates.city, keys, made.digits)

    [receipt] = await gates.book(0, record.to_wire())

    assert receipt.outcome is ReceiptOutcome.RECORDED
    row = await Scan.get_pymongo_collection().find_one({"_id": record.scan_id})
    assert row is not None
    assert row["detail"] == {TURNED_BY: "stf_gate"}
    assert not row.get("flags")
    assert await gates.city.house.store.database["scan_conflicts"].count_documents({}) == 0
    seen = await gates.house.services[Flow].seen_by(STAFF, 1)
    assert not isinstance(seen, Refusal)
    assert not any(one.entered or one.left or one.refused for one in seen.lanes)
