"""People without a phone: the physical card alone opens every scene that a code opens."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from secrets import token_bytes

import pytest

from reader_service.card_authentication import CardProof
from reader_service.lane.staff_acts import ActDone
from reader_service.offline_holdings import OfferedSet
from reader_service.snapshot import Kind
from shared.admission.circumstances import DayRange, HeldBooking, HeldPass
from shared.admission.rules import AdmissionRules
from shared.admission.scene import Scene
from shared.ecode.reasons import Reason
from shared.identity.age import local_day
from shared.trust.status_list import card_digest
from shared.wire.manifest import asks_for_holdings
from shared.wire.offline_set import (
    Holdings,
    OfflineSet,
    card_secret,
    encode_offline_set,
    record_content,
    record_key,
    seal_record,
)
from shared.wire.scans import Override, OverrideReason
from tests.reader_service.city import LIST_KEY_ID, OPEN_RULES, REGION, VENUE
from tests.reader_service.conftest import Venue, VenueMaker
from tests.reader_service.test_lane import CARD
from tests.vectors.admission import rule_sets

PROVEN = replace(CARD, proof=CardProof.CHALLENGE)
SALT, CARD_KEY = bytes(range(16)), token_bytes(16)
BY_CARD: Mapping[Scene, str] = {
    Scene.ANY: "open to all",
    Scene.MUSEUM: "museum",
    Scene.LIBRARY: "library",
    Scene.LENDING: "lending",
    Scene.SIGHT: "sights by pass",
    Scene.SPORTS: "gym",
    Scene.TRANSIT: "bus",
    Scene.MEDICAL: "delta medical",
    Scene.EDUCATION: "metro education",
    Scene.EXAM: "exam",
}
BY_STAFF = {Scene.DINING: "canteen"}
"""What the card's files do not hold, staff see on paper: no category is written on the chip."""


def _rules(scene: Scene) -> AdmissionRules:
    if scene is Scene.TRAINING:
        return replace(OPEN_RULES, scene=scene)
    rules = rule_sets()[{**BY_CARD, **BY_STAFF}[scene]]
    assert rules.scene is scene
    return rules


def _holdings(venue: Venue) -> Holdings:
    """Return a booking and a pass that somebody made for the holder at a counter."""
    now, today = venue.clock.now(), local_day(venue.clock.now())
    end = now + timedelta(hours=2)
    booking = HeldBooking("bok_counter", VENUE, now - timedelta(minutes=1), end, area="room-3")
    bought = HeldPass("pas_counter", "three-times", DayRange(today, None), uses=3)
    return Holdings((booking,), (bought,))


def _reader(make_venue: VenueMaker, folder: Path, rules: AdmissionRules) -> Venue:
    venue = make_venue(folder)
    city, now = venue.city, venue.clock.now()
    city.fill(venue.snapshot, rules)
    if asks_for_holdings(rules):
        manifest = city.manifest(rules, offline_set=True)
        venue.snapshot.offer(Kind.MANIFEST, manifest, None, now)
        digest = card_digest(PROVEN.identification_code.raw)
        key = record_key(SALT, VENUE, card_secret(digest, CARD_KEY))
        records = {key.locator: seal_record(key, record_content(_holdings(venue)))}
        made = OfflineSet(REGION, VENUE, SALT, 1, 0, now, now + timedelta(days=2), records)
        body = encode_offline_set(made, city.list_key, LIST_KEY_ID)
        venue.snapshot.offer_holdings(OfferedSet(body, '"1"', CARD_KEY, now, now))
    return venue


@pytest.mark.feature("S139")
@pytest.mark.parametrize("scene", Scene, ids=lambda scene: scene.name.lower())
def test_each_scene_has_a_way_for_the_physical_card(
    make_venue: VenueMaker, tmp_path: Path, scene: Scene
) -> None:
    venue = _reader(make_venue, tmp_path, _rules(scene))
    lane = venue.lanes[1]

    shown = lane.present_card(PROVEN)

    if scene in BY_STAFF:
        assert shown.answer.reason is Reason.CATEGORY_NOT_HELD
        assert shown.answer.next_step is not None
        assert "出示证件" in shown.answer.next_step.zh
        by_hand = Override(OverrideReason.IDENTITY_CHECKED, "u01", "u02")
        done = lane.let_by_hand("1" * 32, by_hand, refused=shown.answer_id)
        assert isinstance(done, ActDone)
    else:
        assert shown.answer.verdict.opens, shown.answer
    assert venue.opened() == 1
    entry = venue.journal.unsent(10)[-1]
    assert entry.persons == 1
    held = ("bok_counter", "pas_counter")
    assert bool(set(entry.counted_on) & set(held)) == asks_for_holdings(_rules(scene))


def test_a_worn_chip_is_let_in_by_two_of_the_staff_and_no_pin_is_asked(venue: Venue) -> None:
    by_hand = Override(OverrideReason.CARD_WORN, "u01", "u02")

    done = venue.lanes[1].let_by_hand("1" * 32, by_hand)

    assert isinstance(done, ActDone)
    assert venue.opened() == 1
    assert venue.journal.unsent(1)[0].override == by_hand
