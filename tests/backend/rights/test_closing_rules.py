"""The states of a closing, of a correction, and what people are told; on values."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.foundation.refusals import Refusal
from backend.rights import closing_rules, correction_rules
from backend.rights.closing_rules import (
    UNDER_WAY,
    ClosingEvent,
    ClosingFacts,
    ClosingState,
    due_event,
    effective_at,
    erased,
    kept,
)
from backend.rights.correction_rules import (
    CorrectableField,
    CorrectionEvent,
    CorrectionState,
    Wanted,
    wanted_of,
)
from tests.backend.actors import id_number

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TODAY = date(2026, 5, 1)


def test_every_event_has_an_outcome_in_every_state() -> None:
    for event in ClosingEvent:
        assert closing_rules.TABLE[event].keys() == {None, *ClosingState}
    for correction in CorrectionEvent:
        assert correction_rules.TABLE[correction].keys() == {None, *CorrectionState}


def test_what_is_over_stays_over() -> None:
    """Nothing leads out of ERASED, and a settled case is never decided again."""
    for event in ClosingEvent:
        assert isinstance(closing_rules.decide(ClosingState.ERASED, event), Refusal)
    settled = set(CorrectionState) - {CorrectionState.SUBMITTED}
    for state in settled:
        for correction in set(CorrectionEvent) - {CorrectionEvent.SUBMIT}:
            assert isinstance(correction_rules.decide(state, correction), Refusal)


facts = st.builds(
    ClosingFacts,
    st.sampled_from(ClosingState),
    st.integers(-40, 40).map(lambda days: NOW + timedelta(days=days)),
    st.booleans(),
    st.booleans(),
)


@given(facts)
def test_the_sweep_does_what_the_table_allows_and_never_early(found: ClosingFacts) -> None:
    event = due_event(found, NOW)
    if event is None:
        return
    outcome = closing_rules.decide(found.state, event)
    assert isinstance(outcome, ClosingState)
    assert found.state in UNDER_WAY
    if found.state is ClosingState.REQUESTED:
        assert found.effective_at <= NOW
    if outcome is ClosingState.ERASED:
        assert not found.card_counts


@given(st.booleans(), st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=12))
def test_a_closing_nobody_withdraws_ends_erased_once_no_card_counts(
    counts: bool, days: list[tuple[int, bool]]
) -> None:
    """Whatever the order of days and of a card's end: the sweep comes to ERASED, and only so."""
    state, at, now = ClosingState.REQUESTED, effective_at(NOW, 15), NOW
    for days_later, ends in [*days, (16, True), (1, True)]:
        now += timedelta(days=days_later)
        counts = counts and not ends
        account_open = state is ClosingState.REQUESTED
        event = due_event(ClosingFacts(state, at, counts, account_open), now)
        if event is not None:
            outcome = closing_rules.decide(state, event)
            assert isinstance(outcome, ClosingState)
            assert outcome is not ClosingState.ERASED or not counts
            state = outcome
        assert (state is ClosingState.REQUESTED) == (now < at)
    assert state is ClosingState.ERASED


def test_whoever_registered_again_is_not_erased() -> None:
    reopened = ClosingFacts(ClosingState.ACCOUNT_CLOSED, NOW, card_counts=False, account_open=True)
    assert due_event(reopened, NOW) is ClosingEvent.REOPEN


def test_what_is_kept_is_named_with_its_law_and_its_end() -> None:
    with_card, without = kept(card_counts=True), kept(card_counts=False)
    assert len(with_card) == len(without) + 2, "the record, and what libraries lent"
    for one in with_card:
        for text in (one.what, one.legal_basis, one.until):
            assert text.zh
            assert text.en
    record = "姓名、曾用名、证件号码、出生日期"
    assert any(record in text.zh for text in erased(card_counts=False))
    assert not any(record in text.zh for text in erased(card_counts=True))
    assert record in with_card[0].what.zh


@pytest.mark.parametrize(
    ("which", "typed", "read"),
    [
        (CorrectableField.NAME, " 买买提•艾力 ", "买买提·艾力"),
        (CorrectableField.BIRTH, "2001-02-03", "2001-02-03"),
        (CorrectableField.NUMBER, id_number().lower(), id_number()),
    ],
)
def test_a_right_value_is_read_in_its_one_writing(
    which: CorrectableField, typed: str, read: str
) -> None:
    assert wanted_of(which, typed, "户口本\n第三页", TODAY, 50) == Wanted(
        which, read, "户口本\n第三页"
    )


@pytest.mark.parametrize(
    ("which", "typed", "explanation", "code"),
    [
        (CorrectableField.NAME, "钟1", "x", "name_form"),
        (CorrectableField.NAME, "", "x", "name_form"),
        (CorrectableField.BIRTH, "2001-02-30", "x", "birth_form"),
        (CorrectableField.BIRTH, "20010203", "x", "birth_form"),
        (CorrectableField.BIRTH, "2026-05-02", "x", "birth_form"),
        (CorrectableField.BIRTH, "1879-12-31", "x", "birth_form"),
        (CorrectableField.NUMBER, id_number()[:-1] + "?", "x", "id_number_character"),
        (CorrectableField.NAME, "钟明", " ", "explanation_form"),
        (CorrectableField.NAME, "钟明", "\n\n", "explanation_form"),
        (CorrectableField.NAME, "钟明", "a\0b", "explanation_form"),
        (CorrectableField.NAME, "钟明", "长" * 501, "explanation_form"),
    ],
)
def test_what_is_not_one_is_refused_by_name(
    which: CorrectableField, typed: str, explanation: str, code: str
) -> None:
    refused = wanted_of(which, typed, explanation, TODAY, 50)
    assert isinstance(refused, Refusal)
    assert refused.code == code
