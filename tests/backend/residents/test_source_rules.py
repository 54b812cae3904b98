"""Which source's word stands: pure (S115)."""

import random
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.residents.rules import PersonField, Source
from backend.residents.source_rules import (
    PRECEDENCE,
    Weighed,
    Word,
    in_conflict,
    rank_of,
    weighed,
)

T0 = datetime(2026, 7, 1, tzinfo=UTC)
FIELDS = st.sampled_from(sorted(PRECEDENCE))
WORDS = st.builds(
    Word,
    st.sampled_from(list(Source)),
    st.integers(0, 3).map(lambda days: T0 + timedelta(days)),
    st.sampled_from(["甲", "乙", "丙"]),
)


def _heard(one: PersonField, words: list[Word]) -> Weighed:
    """Take the words as they arrive: each meets what was kept of those before it."""

    def hear(kept: Weighed, word: Word) -> Weighed:
        return weighed(one, [kept.standing, *kept.others, word])

    return reduce(hear, words[1:], weighed(one, words[:1]))


@pytest.mark.feature("S115")
@given(FIELDS, st.lists(WORDS, min_size=1, max_size=8), st.randoms())
def test_the_order_of_arrival_changes_nothing(
    one: PersonField, words: list[Word], order: random.Random
) -> None:
    shuffled = list(words)
    order.shuffle(shuffled)

    assert _heard(one, shuffled) == _heard(one, words) == weighed(one, words)
    assert _heard(one, words + shuffled) == _heard(one, words)


@given(FIELDS, st.lists(WORDS, min_size=1, max_size=8))
def test_nobody_outranks_what_stands_and_each_source_keeps_its_last_word(
    one: PersonField, words: list[Word]
) -> None:
    outcome = weighed(one, words)

    kept = [outcome.standing, *outcome.others]
    assert all(rank_of(one, w.source) <= rank_of(one, outcome.standing.source) for w in words)
    assert {w.source for w in kept} == {w.source for w in words}
    assert len(kept) == len({w.source for w in words})
    assert all(w.at == max(o.at for o in words if o.source is w.source) for w in kept)


@pytest.mark.parametrize("one", sorted(PRECEDENCE))
def test_every_source_has_one_rank_for_every_field(one: PersonField) -> None:
    assert sorted(source for those in PRECEDENCE[one] for source in those) == sorted(Source)


def test_only_a_later_word_of_another_value_is_to_be_settled() -> None:
    standing = Word(Source.POPULATION_REGISTER, T0, "甲")
    before, after = T0 - timedelta(1), T0 + timedelta(1)

    def settle(at: datetime, value: str) -> bool:
        return in_conflict(standing, Word(Source.DOCUMENT, at, value))

    assert (settle(after, "乙"), settle(before, "乙"), settle(after, "甲")) == (True, False, False)
