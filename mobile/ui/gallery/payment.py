"""Paying a court: its price, the question, too little, the receipt, and what came back."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from mobile.core.booking import BookingsSeen
from mobile.core.court_payment import CourtPayment, CourtReceipt, PaymentsSeen
from mobile.core.pending import PendingAct
from mobile.core.trouble import UNREACHABLE, Trouble
from mobile.ui.gallery.booking_samples import CONFIRMED, OFFERED, SPORTS
from mobile.ui.gallery.samples import NOW
from mobile.ui.gallery.stage import Scene, Stage
from mobile.viewmodels.booking_lines import COURT
from shared.localized_text import LocalizedText

_COURT = replace(
    CONFIRMED, identifier="court", kind=COURT, venue=SPORTS, title=OFFERED.title, quantity=2
)
_TERMS = ((24 * 60, 100), (2 * 60, 50))
PRICED = CourtPayment("sports", SPORTS, _TERMS, 4_000, 2, 126_000, None, None, None, NOW)
_TOO_LITTLE = Trouble(
    "stored_value_too_little",
    LocalizedText("余额不足，现有¥30.00。", "The balance is too little: ¥30.00."),
    LocalizedText("请到柜台充值。", "Top up at the counter."),
)
SHORT = replace(PRICED, balance_fen=3_000, why_not=_TOO_LITTLE)
PAID = replace(
    PRICED,
    balance_fen=118_000,
    paid=CourtReceipt("sve_8Kd2mQx7", 8_000, 118_000, NOW - timedelta(hours=2)),
)
_RETURNED = replace(
    PAID,
    balance_fen=126_000,
    given_back=CourtReceipt("sve_Vb91LpZt", 8_000, 126_000, NOW - timedelta(minutes=4)),
)
_LOST = PendingAct(
    "PayBooking", {"group": "sports", "booking": "court"}, "key", NOW - timedelta(minutes=12)
)


def scenes(stage: Stage) -> Iterator[Scene]:
    """Yield them."""
    old = replace(PAID, seen_at=NOW - timedelta(days=2))
    yield "payment", _show(stage, PRICED)
    yield "payment-sure", _show(stage, PRICED, asking=True)
    yield "payment-short", _show(stage, SHORT)
    yield "payment-paid", _show(stage, PAID, done=True)
    yield "payment-returned", _show(stage, _RETURNED)
    yield "payment-offline", _show(stage, old, trouble=UNREACHABLE)
    yield "payment-unanswered", _show(stage, PRICED, lost=_LOST)


def _show(
    stage: Stage,
    payment: CourtPayment,
    *,
    asking: bool = False,
    done: bool = False,
    trouble: Trouble | None = None,
    lost: PendingAct | None = None,
) -> Callable[[], None]:
    def show() -> None:
        model = stage.models.payment
        stage.show(stage.wallet, "bookings")
        model._payments._own = PaymentsSeen({"court": payment})
        model._bookings._own = BookingsSeen((_COURT,), NOW)
        model._payments._pending._acts = (lost,) if lost else ()
        model.begin("court")
        stage.models.place.go("payment")
        model._asking, model._done, model._trouble = asking, done, trouble
        model.tick()

    return show
