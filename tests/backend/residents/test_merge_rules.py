"""When records may be merged, and by whom: pure."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.residents import merge_rules as rules
from backend.residents.merge_rules import (
    TABLE,
    MergeEvent,
    MergeState,
    RecordFacts,
    decide,
    mergeable,
)


@pytest.mark.parametrize(
    ("kept", "merged", "why"),
    [
        (RecordFacts("a"), RecordFacts("b"), None),
        (RecordFacts("a", has_merged=True), RecordFacts("b"), None),
        (RecordFacts("a", died=True), RecordFacts("b", died=True), None),
        (RecordFacts("a"), RecordFacts("a"), rules.SAME_RECORD),
        (RecordFacts("a", closed=True), RecordFacts("b"), rules.RECORD_CLOSED),
        (RecordFacts("a"), RecordFacts("b", closed=True), rules.RECORD_CLOSED),
        (RecordFacts("a", merged=True), RecordFacts("b"), rules.ALREADY_MERGED),
        (RecordFacts("a"), RecordFacts("b", merged=True), rules.ALREADY_MERGED),
        (RecordFacts("a"), RecordFacts("b", has_merged=True), rules.ALREADY_MERGED),
        (RecordFacts("a", died=True), RecordFacts("b"), rules.STATUS_DIFFERS),
    ],
)
def test_what_is_merged(kept: RecordFacts, merged: RecordFacts, why: object) -> None:
    assert mergeable(kept, merged) == why


def test_every_event_in_every_state_has_an_outcome() -> None:
    for event, state in product(MergeEvent, MergeState):
        assert event in TABLE
        assert state in TABLE[event]


@given(st.lists(st.tuples(st.sampled_from(MergeEvent), st.sampled_from("abc")), max_size=12))
def test_nobody_ever_merges_or_unmerges_alone(steps: list[tuple[MergeEvent, str]]) -> None:
    state, asked_by = MergeState.PROPOSED, "a"
    for event, by in steps:
        outcome = decide(state, event, asked_by, by)
        if not isinstance(outcome, MergeState):
            continue
        if {state, outcome} & {MergeState.MERGED, MergeState.UNMERGED} and (
            event is not MergeEvent.PROPOSE_UNMERGE
        ):
            assert by != asked_by
        if event is MergeEvent.PROPOSE_UNMERGE:
            asked_by = by
        state = outcome
