"""One card at several scenes: the reader asks for its own scene, the code says nothing of any."""

from datetime import timedelta
from pathlib import Path

import pytest

from reader_service.snapshot import Kind
from shared.admission.answer import Verdict
from shared.admission.rules import AdmissionRules
from shared.ecode.certificate import AgeBand, ConcessionLevel
from shared.ecode.reasons import Reason
from shared.trust.trust_list import Untrusted
from tests.reader_service.city import City
from tests.reader_service.conftest import Venue, VenueMaker
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
