"""What an outlet may open, and what each answer does: pure."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.cards.lifecycle import SERVICES, Actor, CardEvent, ReplacementReason
from backend.cross_region import rules
from backend.cross_region.rules import (
    ITEMS,
    LONGEST_WAIT,
    TABLE,
    CaseEvent,
    CaseState,
    Membership,
    Opening,
    Repeat,
    decide,
    opening,
    shown_text,
    wait_after,
)
from shared.localized_text import LocalizedText

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
SHANGHAI, GANZHOU, ZHANGGONG = 310000, 360700, 360702
MEMBER = Membership(ITEMS)


def test_what_an_outlet_does_travels_but_for_pins() -> None:
    at_outlets = {one for one, service in SERVICES.items() if Actor.OUTLET_CLERK in service.by}

    assert at_outlets - ITEMS == {CardEvent.CHANGE_PIN, CardEvent.RESET_PIN}
    assert at_outlets > ITEMS


@pytest.mark.parametrize(
    ("asked", "member", "outlet", "why"),
    [
        (Opening(SHANGHAI, CardEvent.SUSPEND), MEMBER, ITEMS, None),
        (Opening(SHANGHAI, CardEvent.EXPIRE), MEMBER, ITEMS, rules.ITEM_NOT_SHARED),
        (Opening(SHANGHAI, CardEvent.RESET_PIN), MEMBER, ITEMS, rules.ITEM_NOT_SHARED),
        (Opening(GANZHOU, CardEvent.SUSPEND), MEMBER, ITEMS, rules.OWN_REGION),
        (Opening(ZHANGGONG, CardEvent.SUSPEND), MEMBER, ITEMS, rules.OWN_REGION),
        (Opening(SHANGHAI, CardEvent.SUSPEND), None, ITEMS, rules.REGION_NOT_ALLIED),
        (Opening(SHANGHAI, CardEvent.REPLACE), MEMBER, ITEMS, rules.REASON_MISSING),
        (
            Opening(SHANGHAI, CardEvent.REPLACE, ReplacementReason.LOST),
            *(MEMBER, ITEMS, None),
        ),
        (Opening(SHANGHAI, CardEvent.SUSPEND), MEMBER, frozenset(), rules.OUTLET_NOT_QUALIFIED),
        (
            Opening(SHANGHAI, CardEvent.SUSPEND),
            *(MEMBER, frozenset({CardEvent.CANCEL}), rules.OUTLET_NOT_QUALIFIED),
        ),
        (
            Opening(SHANGHAI, CardEvent.SUSPEND),
            *(Membership(frozenset({CardEvent.CANCEL})), ITEMS, rules.ITEM_NOT_SHARED),
        ),
        (
            Opening(SHANGHAI, CardEvent.SUSPEND),
            *(Membership(ITEMS, NOW), ITEMS, rules.REGION_NOT_ALLIED),
        ),
        (
            Opening(SHANGHAI, CardEvent.SUSPEND),
            *(Membership(ITEMS, NOW + timedelta(seconds=1)), ITEMS, None),
        ),
    ],
)
def test_what_is_opened(
    asked: Opening, member: Membership | None, outlet: frozenset[CardEvent], why: object
) -> None:
    assert opening(asked, GANZHOU, member, outlet, NOW) == why


def test_every_event_in_every_state_has_an_outcome() -> None:
    for event, state in product(CaseEvent, CaseState):
        assert isinstance(TABLE[event][state], CaseState | Repeat)


@given(st.lists(st.sampled_from(CaseEvent), max_size=12))
def test_whatever_comes_in_whatever_order_a_case_is_done_at_most_once(
    events: list[CaseEvent],
) -> None:
    state, done = CaseState.WAITING, 0
    settled: CaseState | None = None
    for event in events:
        outcome = decide(state, event)
        if isinstance(outcome, CaseState):
            assert settled in (None, outcome)  # what was done or refused stays so
            state, done = outcome, done + (outcome is CaseState.DONE)
        if state in (CaseState.DONE, CaseState.REFUSED):
            settled = state
    assert done == (state is CaseState.DONE)


def test_waiting_doubles_up_to_an_hour() -> None:
    waits = [wait_after(tries) for tries in range(1, 200)]

    assert waits[:4] == [timedelta(seconds=one) for one in (30, 60, 120, 240)]
    assert waits == sorted(waits)
    assert set(waits[7:]) == {LONGEST_WAIT}


@pytest.mark.parametrize(
    ("zh", "en", "shown"),
    [
        ("该卡已注销。", "Cancelled.", True),
        ("", "Cancelled.", False),
        ("证件11010519491231002X不符", "No", False),
        ("电话13800138000", "No", False),
        ("一\n二", "No", False),
        ("长" * 201, "No", False),
    ],
)
def test_words_of_others_are_shown_only_where_they_fit(zh: str, en: str, shown: bool) -> None:
    assert (shown_text(LocalizedText(zh, en)) is not None) == shown
