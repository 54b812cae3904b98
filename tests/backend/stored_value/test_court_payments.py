"""What a court costs, what was paid for it, and why it cannot be paid: as the app shows it."""

from backend.bookings.service import BookingView
from backend.foundation.refusals import Refusal
from backend.stored_value.court_payments import CourtPayment, CourtPayments
from backend.stored_value.court_returns import CourtReturns
from backend.stored_value.refusals import ACCOUNT_UNKNOWN, NOT_PRICED
from tests.backend.bookings.hall import plan
from tests.backend.stored_value.test_court_returns import flood
from tests.backend.stored_value.till import COURT, Till


async def payment(till: Till, booked: BookingView, who: str = "a") -> CourtPayment | Refusal:
    return await till.house.services[CourtPayments].of_booking(f"res_{who}", booked.booking_id)


async def test_a_price_is_told_line_by_line_then_the_receipt_then_what_came_back(
    till: Till,
) -> None:
    slots = await till.hall.open(COURT)
    await till.open()
    booked = await till.hall.booked("a", slots[2], 2)

    before = await payment(till, booked)
    assert isinstance(before, CourtPayment)
    assert (before.place_fen, before.quantity, before.balance_fen) == (4_000, 2, 0)
    assert before.why_not == ACCOUNT_UNKNOWN
    await till.top_up("a", 7_000)
    short = await payment(till, booked)
    assert isinstance(short, CourtPayment)
    assert short.why_not is not None
    assert short.why_not.code == "stored_value_too_little"
    await till.top_up("a", 3_000)
    payable = await payment(till, booked)
    assert isinstance(payable, CourtPayment)
    assert payable.why_not is None

    await till.pay("a", booked.booking_id)
    await till.open(prices={f"{booked.plan}": 9_000})
    paid = await payment(till, booked)
    assert isinstance(paid, CourtPayment)
    assert paid.paid is not None
    assert (paid.place_fen, paid.paid.fen, paid.paid.after_fen) == (4_000, 8_000, 2_000)
    assert paid.why_not is None
    assert paid.given_back is None

    await flood(till, booked)
    await till.house.services[CourtReturns].sweep()
    returned = await payment(till, booked)
    assert isinstance(returned, CourtPayment)
    assert returned.given_back is not None
    assert (returned.given_back.fen, returned.balance_fen) == (8_000, 10_000)


async def test_what_is_free_has_no_price_and_nobody_asks_about_another_s(till: Till) -> None:
    slots = await till.hall.open(plan(code="free"))
    await till.open()
    free = await till.hall.booked("a", slots[2])

    assert await payment(till, free) == NOT_PRICED
    other = await payment(till, free, "b")
    assert isinstance(other, Refusal)
    assert other != NOT_PRICED
