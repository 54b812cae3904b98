"""One card at several scenes: the reader asks for its own scene, the code says nothing of any."""

from datetime import timedelta
from pathlib import Path

import pytest

from reader_service.snapshot import Kind
from shared.admission.answer import Answer, Verdict
from shared.admission.holder_conditions import UnauthenticatedCard
from shared.admission.rules import AdmissionRules
from shared.admission.time_conditions import EntriesToday, SinceLastEntry
from shared.ecode.certificate import AgeBand, ConcessionLevel
from shared.ecode.reasons import Reason
from shared.trust.trust_list import Untrusted
from tests.reader_service.city import City, Phone
from tests.reader_service.conftest import Venue, VenueMaker
from tests.reader_service.test_lane import CARD
from tests.vectors.admission import rule_sets


def _reader(make_venue: VenueMaker, folder: Path, rules: AdmissionRules) -> Venue:
    folder.mkdir()
    venue = make_venue(folder)
    venue.city.fill(venue.snapshot, rules)
    return venue


@pytest.mark.feature("S22")
def test_the_same_code_is_good_for_bus_and_library_and_refused_at_the_canteen(
    make_venue: VenueMaker, city: City, tmp_path: Path
) -> None:
    phone = city.phone(age_band=AgeBand.FROM_70, concession=ConcessionLevel.FREE)
    code = phone.code(city.now)

    answers = {
        scene: _reader(make_venue, tmp_path / scene, rule_sets()[scene]).lanes[1].present_code(code)
        for scene in ("bus", "library", "canteen")
    }

    assert answers["bus"].answer.headline.zh == "请进 · 免费"
    assert answers["library"].answer.verdict is Verdict.ADMIT
    assert answers["canteen"].answer.reason is Reason.CATEGORY_NOT_HELD
    assert answers["canteen"].answer.next_step is not None


def test_a_closed_venue_says_when_it_opens(
    make_venue: VenueMaker, city: City, tmp_path: Path
) -> None:
    """The reader decides by its own clock, with the calendar of its signed manifest."""
    rules = rule_sets()["museum of the province"]
    venue = _reader(make_venue, tmp_path / "museum", rules)
    phone = city.phone()
    venue.clock.advance(timedelta(hours=8).total_seconds())  # Sunday 20:00; Mondays it is closed

    answer = venue.lanes[1].present_code(phone.code(venue.clock.now())).answer

    assert answer.reason is Reason.NOT_OPEN
    assert answer.headline.zh == "未开放，11月24日 09:00 开门"
    assert venue.opened() == 0


def test_rules_of_a_kind_this_reader_does_not_know_replace_none(
    make_venue: VenueMaker, city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer backend's condition must not be passed over: the manifest is not taken."""
    venue = _reader(make_venue, tmp_path / "museum", rule_sets()["library"])
    newer = {**rule_sets()["library"].to_wire(), "conditions": [{"kind": "iris_scan"}]}
    monkeypatch.setattr(AdmissionRules, "to_wire", lambda _: newer)
    manifest = city.manifest(rule_sets()["library"], issued_at=city.now + timedelta(seconds=1))
    monkeypatch.undo()

    with pytest.raises(Untrusted, match="malformed"):
        venue.snapshot.offer(Kind.MANIFEST, manifest, '"m2"', venue.clock.now())

    assert venue.snapshot.lists.manifest is not None
    assert venue.snapshot.lists.manifest.rules == rule_sets()["library"]


def _enter(venue: Venue, phone: Phone) -> Answer:
    """Show the phone at lane 1 after what was there before has gone."""
    venue.clock.advance(60)
    return venue.lanes[1].present_code(phone.code(venue.clock.now())).answer


def test_entries_are_counted_across_lanes_and_a_restart_until_midnight(
    make_venue: VenueMaker, city: City, tmp_path: Path
) -> None:
    rules = AdmissionRules(conditions=(EntriesToday(2),))
    venue, phone = _reader(make_venue, tmp_path / "gym", rules), city.phone()
    other = city.phone()

    assert _enter(venue, phone).verdict is Verdict.ADMIT
    venue.clock.advance(60)
    second = venue.lanes[2].present_code(phone.code(venue.clock.now()))
    assert second.answer.verdict is Verdict.ADMIT
    assert _enter(venue, other).verdict is Verdict.ADMIT
    assert _enter(venue, phone).reason is Reason.ENTRIES_USED_UP

    restarted = make_venue(venue.folder, venue.clock)
    refused = _enter(restarted, phone)
    assert refused.reason is Reason.ENTRIES_USED_UP
    assert refused.headline.zh == "今天已入场 2 次，限 2 次"
    assert _enter(restarted, other).verdict is Verdict.ADMIT

    restarted.clock.advance(timedelta(hours=12).total_seconds())  # from noon past midnight
    assert _enter(restarted, phone).verdict is Verdict.ADMIT


def test_a_code_that_stays_in_view_is_one_entry_and_is_answered_as_before(
    make_venue: VenueMaker, city: City, tmp_path: Path
) -> None:
    venue = _reader(make_venue, tmp_path / "g", AdmissionRules(conditions=(EntriesToday(1),)))
    phone = city.phone()
    first = venue.lanes[1].present_code(phone.code(venue.clock.now()))

    for _ in range(8):
        venue.clock.advance(1)
        again = venue.lanes[1].present_code(phone.code(venue.clock.now()))
        assert again.again
        assert again.answer == first.answer

    assert venue.opened() == 1
    assert _enter(venue, phone).reason is Reason.ENTRIES_USED_UP


def test_a_time_lock_counts_from_the_last_entry_not_from_the_last_refusal(
    make_venue: VenueMaker, city: City, tmp_path: Path
) -> None:
    venue = _reader(make_venue, tmp_path / "g", AdmissionRules(conditions=(SinceLastEntry(10),)))
    phone = city.phone()
    assert _enter(venue, phone).verdict is Verdict.ADMIT

    told = [_enter(venue, phone).reason for _ in range(10)]

    assert told == [Reason.TOO_SOON] * 9 + [None]


def test_a_physical_card_is_counted_too(make_venue: VenueMaker, tmp_path: Path) -> None:
    rules = AdmissionRules(
        unauthenticated_card=UnauthenticatedCard.LOOK, conditions=(EntriesToday(1),)
    )
    venue = _reader(make_venue, tmp_path / "g", rules)

    answers = [venue.lanes[lane].present_card(CARD).answer for lane in (1, 2)]

    assert [answer.verdict for answer in answers] == [Verdict.LOOK, Verdict.REFUSE]
    assert answers[1].reason is Reason.ENTRIES_USED_UP
