"""What of a stored set changed, found by fingerprints; when it is due; what an ETag says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.manifests.rules import (
    SetDates,
    base_of,
    changes,
    covered_until,
    fingerprint,
    is_due,
    next_epoch,
    tag_of,
)
from shared.wire.offline_set import RecordKey

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
_KEYS = st.integers(0, 6).map(lambda number: RecordKey(bytes([number]) * 16, bytes([number]) * 32))
_STATES = st.dictionaries(_KEYS, st.binary(min_size=1, max_size=2))


@given(st.lists(_STATES, min_size=1, max_size=8))
def test_changes_lead_from_what_is_stored_to_what_is_wanted(
    states: list[dict[RecordKey, bytes]],
) -> None:
    stored: dict[bytes, bytes | None] = {}
    held: dict[bytes, bytes] = {}
    for wanted in states:
        changed = changes(stored, wanted)
        for key, plain in changed.put.items():
            assert held.get(key.locator) != plain  # what did not change is not sent again
            stored[key.locator], held[key.locator] = fingerprint(key, plain), plain
        for locator in changed.removed:
            stored[locator] = None
            del held[locator]
        assert held == {key.locator: plain for key, plain in wanted.items()}


@pytest.mark.parametrize(
    ("took", "seconds", "due"),
    [(0.1, 14, False), (0.1, 15, True), (3.0, 59, False), (3.0, 60, True)],
)
def test_a_set_that_is_dear_to_make_rests_longer(took: float, seconds: int, due: bool) -> None:
    dates = SetDates(NOW, took)
    assert is_due(dates, NOW + timedelta(seconds=seconds)) is due
    assert is_due(None, NOW)


def test_an_epoch_grows_also_after_the_store_lost_some() -> None:
    first = next_epoch(None, NOW)
    assert next_epoch(first, NOW) == first + 1
    assert next_epoch(first + 9, NOW) == first + 10
    assert next_epoch(None, NOW + timedelta(minutes=1)) > first + 10


def test_days_are_the_venues_own() -> None:
    late = datetime(2026, 11, 22, 17, tzinfo=UTC)  # past midnight in Ganzhou
    assert covered_until(late, 1) == datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_a_base_is_known_by_its_series() -> None:
    salt = bytes(range(16))
    assert base_of([tag_of(salt, 7)], salt) == 7
    assert base_of(['"other"', " W/" + tag_of(salt, 7), tag_of(salt, 8)], salt) == 8
    assert base_of([tag_of(bytes(16), 7), "", "*", '"0001020304050607-"'], salt) == 0
