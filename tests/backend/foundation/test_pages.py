import base64
import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.foundation.pages import InvalidCursor, Position, cut_page


@pytest.mark.parametrize("row_id", ["ab12", "exams.civil-1.7", f"safe.{'x' * 84}+00:00.0"])
def test_a_cursor_leads_back_to_its_place(row_id: str) -> None:
    place = Position(datetime(2026, 11, 22, 6, 30, 0, 123_000, tzinfo=UTC), row_id)

    assert Position.of_cursor(place.to_cursor()) == place


@pytest.mark.parametrize(
    "value",
    [
        {"$ne": None},
        [{"$gt": 0}, "a"],
        [0, {"$ne": "a"}],
        [0, "a", "b"],
        [True, "a"],
        [1.5, "a"],
        [10**30, "a"],
        [0, "$where"],
        [0, "a\u0000"],
        [],
        None,
        7,
    ],
)
def test_a_made_up_cursor_is_refused(value: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()

    with pytest.raises(InvalidCursor):
        Position.of_cursor(cursor)


@given(st.text(max_size=300))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    with contextlib.suppress(InvalidCursor):
        Position.of_cursor(text)


def test_a_page_knows_whether_more_follow() -> None:
    assert cut_page([1, 2, 3], 2).has_more
    assert list(cut_page([1, 2, 3], 2).rows) == [1, 2]
    assert not cut_page([1, 2], 2).has_more
