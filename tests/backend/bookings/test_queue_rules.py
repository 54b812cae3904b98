"""Who has which place in a department's queue, by rule alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.bookings import queue_refusals as no
from backend.bookings.queue_rules import (
    QueueState,
    VisitFacts,
    is_late,
    order_of,
    refusal_of_desk,
    refusal_to_check_in,
    takes_a_number,
    was_there,
)
from backend.bookings.rules import BookingState, SlotKind

NINE = datetime(2026, 11, 23, 1, tzinfo=UTC)
HALF = timedelta(minutes=30)
HOUR = timedelta(hours=1)
VISIT = VisitFacts(SlotKind.APPOINTMENT, BookingState.CONFIRMED, NINE, NINE + HALF, None)


def _code(visit: VisitFacts, now: datetime) -> str:
    refused = refusal_to_check_in(visit, HOUR, now)
    return refused.code if refused else ""


def test_checking_in_opens_an_hour_before_and_ends_with_the_day() -> None:
    assert _code(VISIT, NINE - HOUR - timedelta(seconds=1)) == "visit_too_early"
    assert _code(VISIT, NINE - HOUR) == ""
    assert _code(VISIT, datetime(2026, 11, 23, 15, 59, tzinfo=UTC)) == ""  # 23:59 in the city
    assert _code(VISIT, datetime(2026, 11, 23, 16, 0, tzinfo=UTC)) == no.VISIT_OVER.code


def test_only_a_confirmed_appointment_that_is_not_over_has_a_queue() -> None:
    assert _code(replace(VISIT, kind=SlotKind.VISIT), NINE) == no.NO_QUEUE.code
    for state in (BookingState.HELD, BookingState.OFFERED, BookingState.WAITING):
        assert _code(replace(VISIT, state=state), NINE) == no.NOT_CONFIRMED.code
    for state in (BookingState.CANCELLED, BookingState.CLOSED, BookingState.EXPIRED):
        assert _code(replace(VISIT, state=state), NINE) == no.VISIT_OVER.code
    assert _code(replace(VISIT, queue=QueueState.SEEN), NINE) == no.VISIT_OVER.code
    # Whoever comes when the slot is over comes all the same.
    assert _code(replace(VISIT, state=BookingState.NO_SHOW), NINE + HOUR) == ""


def test_an_entry_gives_a_number_on_the_day_itself_and_once() -> None:
    assert takes_a_number(VISIT, NINE)
    assert not takes_a_number(VISIT, NINE + timedelta(days=1))
    assert not takes_a_number(replace(VISIT, kind=SlotKind.COURT), NINE)
    assert not takes_a_number(replace(VISIT, state=BookingState.CANCELLED), NINE)
    for had, takes in (
        (QueueState.WAITING, False),
        (QueueState.CALLED, False),
        (QueueState.SEEN, False),
        (QueueState.MISSED, True),
        (QueueState.LEFT, True),
    ):
        assert takes_a_number(replace(VISIT, queue=had), NINE) is takes


def test_who_came_late_stands_behind_every_slot_that_has_begun_and_before_later_ones() -> None:
    late_at = NINE + HOUR + timedelta(minutes=5)  # 10:05, for the slot of 9:00
    late = order_of(VISIT, late_at, 1)
    ten = replace(VISIT, starts_at=NINE + HOUR, ends_at=NINE + HOUR + HALF)
    half_past = replace(ten, starts_at=ten.ends_at, ends_at=ten.ends_at + HALF)

    assert is_late(VISIT, late_at)
    assert not is_late(VISIT, VISIT.ends_at - timedelta(seconds=1))
    assert order_of(ten, NINE, 2) < late < order_of(half_past, NINE, 3)
    # A missed call is the same: they stand where they come back, not where they stood.
    missed = replace(VISIT, queue=QueueState.MISSED)
    assert order_of(missed, NINE + timedelta(minutes=10), 1) > order_of(VISIT, NINE, 9)


@given(
    st.lists(
        st.tuples(st.integers(0, 8), st.integers(-60, 300)), min_size=2, max_size=12, unique=True
    )
)
def test_in_time_the_earlier_slot_is_called_first_however_early_others_come(
    drawn: list[tuple[int, int]],
) -> None:
    places = []
    for number, (slot, minute) in enumerate(drawn, 1):
        starts_at = NINE + slot * HALF
        visit = replace(VISIT, starts_at=starts_at, ends_at=starts_at + HALF)
        at = NINE + timedelta(minutes=minute)
        places.append((order_of(visit, at, number), starts_at, at, is_late(visit, at)))
    ordered = sorted(places)

    assert len({order for order, *_ in places}) == len(places)
    in_time = [starts_at for _, starts_at, _, late in ordered if not late]
    assert in_time == sorted(in_time)
    turns = [at if late else starts_at for _, starts_at, at, late in ordered]
    assert turns == sorted(turns)


def test_a_booking_was_used_by_whoever_came_in_or_answered_their_call() -> None:
    assert was_there(1, None)
    assert was_there(1, QueueState.MISSED)
    assert not was_there(0, None)
    for state in QueueState:
        there = state not in {QueueState.MISSED, QueueState.LEFT}
        assert was_there(0, state) is there


def test_a_room_has_a_short_name() -> None:
    assert refusal_of_desk("3诊室") is None
    for wrong in ("", " 3", "一二三四五六七八九十一二三", "3\n诊室"):
        assert refusal_of_desk(wrong) is no.DESK_FORM
