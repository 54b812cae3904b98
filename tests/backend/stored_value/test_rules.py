"""Sums that agree whatever is done, and what comes back of a court's price; pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.bookings.rules import BookingState
from backend.foundation.refusals import Refusal
from backend.stored_value import refusals as no
from backend.stored_value.rules import (
    MOST_FEN,
    CancelTerm,
    CourtBooking,
    EntryKind,
    GroupState,
    Sums,
    after,
    given_back,
    group_fault,
    price_of,
)
from tests.backend.bookings.hall import VENUE
from tests.backend.stored_value.till import PLAN, group

START = datetime(2026, 6, 1, 10, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(st.sampled_from(EntryKind), st.integers(min_value=-5, max_value=MOST_FEN + 5)),
    max_size=30,
)


def booking(state: BookingState, hours_before: float = 48) -> CourtBooking:
    return CourtBooking(PLAN, VENUE, 2, state, START, START - timedelta(hours=hours_before))


@pytest.mark.feature("S59")
@given(STEPS)
def test_top_ups_are_spend_balance_and_refund_whatever_is_done(
    steps: list[tuple[EntryKind, int]],
) -> None:
    sums, given = Sums(), 0
    for kind, fen in steps:
        if kind is EntryKind.GIVE_BACK and fen > sums.spent:
            continue  # only what was paid comes back: `given_back`
        changed = after(sums, kind, fen)
        if isinstance(changed, Refusal):
            continue
        sums, given = changed, given + 1
        assert sums.agree
        assert sums.balance <= 2 * MOST_FEN


def test_sums_of_which_one_is_left_out_do_not_agree() -> None:
    """The control of the property: it can fail."""
    assert not Sums(topped_up=100, spent=40, balance=50).agree
    assert not Sums(topped_up=0, spent=10, balance=-10).agree


@pytest.mark.parametrize(
    ("state", "hours", "back"),
    [
        (BookingState.CANCELLED, 48, 8_000),
        (BookingState.CANCELLED, 24, 8_000),
        (BookingState.CANCELLED, 23.9, 4_000),
        (BookingState.CANCELLED, 2, 4_000),
        (BookingState.CANCELLED, 1.9, no.TOO_LATE),
        (BookingState.CLOSED, 0.1, 8_000),
        (BookingState.EXPIRED, 0.1, 8_000),
        (BookingState.ATTENDED, 48, no.USED),
        (BookingState.NO_SHOW, 48, no.USED),
        (BookingState.CONFIRMED, 48, no.STILL_BOOKED),
    ],
)
def test_what_comes_back_follows_the_cancellation_terms(
    state: BookingState, hours: float, back: object
) -> None:
    assert given_back(group(), booking(state, hours), 8_000) == back


def test_a_booking_costs_its_places_and_only_where_it_is_priced_and_open() -> None:
    now, confirmed = START - timedelta(hours=1), booking(BookingState.CONFIRMED)
    assert price_of(group(), confirmed, now) == 8_000
    assert price_of(group(prices={}), confirmed, now) == no.NOT_PRICED
    assert price_of(group(venues=frozenset({5})), confirmed, now) == no.NOT_PRICED
    assert price_of(group(state=GroupState.CLOSED), confirmed, now) == no.GROUP_CLOSED
    assert price_of(group(), booking(BookingState.HELD), now) == no.NOT_PAYABLE
    assert price_of(group(), confirmed, START) == no.NOT_PAYABLE


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "$where"},
        {"venues": frozenset()},
        {"prices": {PLAN: 0}},
        {"terms": (CancelTerm(60, 101),)},
        {"terms": (CancelTerm(60, 50), CancelTerm(60, 10))},
    ],
)
def test_a_group_is_described_as_a_whole(changed: dict[str, object]) -> None:
    assert group_fault(group()) is None
    assert group_fault(group(**changed)) == no.GROUP_FORM
