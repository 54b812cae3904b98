"""What a court costs, what was paid for it, and why it cannot be paid: as the app shows it."""

import pytest

from backend.bookings.service import BookingView
from backend.cards.lifecycle import CardState
from backend.cards.policies import EcardPolicies
from backend.cards.policy import DEFAULT, EcardAction
from backend.cards.refusals import NO_CARD
from backend.foundation.access import OPERATOR
from backend.foundation.refusals import Refusal
from backend.stored_value.court_payments import CourtPayment, CourtPayments
from backend.stored_value.court_returns import CourtReturns
from backend.stored_value.refusals import ACCOUNT_UNKNOWN, NOT_PRICED
from tests.backend.actors import new_key
from tests.backend.bookings.hall import person, plan
from tests.backend.stored_value.test_court_returns import flood
from tests.backend.stored_value.till import COURT, GROUP, Till


async def payment(
    till: Till, booked: BookingView, who: str = "a", card: CardState | None = CardState.ACTIVE
) -> CourtPayment | Refusal:
    asking = person(who, card)
    return await till.house.services[CourtPayments].of_booking(asking, booked.booking_id)


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


@pytest.mark.parametrize(
    ("card", "code"),
    [(CardState.SUSPENDED, "card_suspended"), (None, NO_CARD.code), (CardState.ACTIVE, "")],
)
async def test_whether_it_can_be_paid_follows_from_the_state_of_the_card(
    till: Till, card: CardState | None, code: str
) -> None:
    """S21: what is told is what paying then says, and what was paid is told in every state."""
    slots = await till.hall.open(COURT)
    await till.open()
    await till.top_up("a", 20_000)
    booked = await till.hall.booked("a", slots[2], 2)

    told = await payment(till, booked, card=card)
    asking = person("a", card)
    done = await till.value.pay(asking, new_key(), GROUP, booked.booking_id)

    assert isinstance(told, CourtPayment)
    assert (told.why_not.code if told.why_not else "") == code
    assert (done.code if isinstance(done, Refusal) else "") == code
    await till.pay("a", booked.booking_id)
    paid = await payment(till, booked, card=card)
    assert isinstance(paid, CourtPayment)
    assert (paid.why_not, paid.paid is not None) == (None, True)


async def test_a_city_may_let_a_suspended_card_pay(till: Till) -> None:
    slots = await till.hall.open(COURT)
    await till.open()
    await till.top_up("a", 20_000)
    booked = await till.hall.booked("a", slots[2], 2)
    table = DEFAULT.to_table()
    table[CardState.SUSPENDED.value] = [EcardAction.BOOK.value]
    policies = till.house.services[EcardPolicies]
    assert not isinstance(await policies.change(OPERATOR, new_key(), table), Refusal)

    told = await payment(till, booked, card=CardState.SUSPENDED)

    assert isinstance(told, CourtPayment)
    assert told.why_not is None


async def test_what_is_free_has_no_price_and_nobody_asks_about_another_s(till: Till) -> None:
    slots = await till.hall.open(plan(code="free"))
    await till.open()
    free = await till.hall.booked("a", slots[2])

    assert await payment(till, free) == NOT_PRICED
    other = await payment(till, free, "b")
    assert isinstance(other, Refusal)
    assert other != NOT_PRICED
