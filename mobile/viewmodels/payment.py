"""付场地费: what a court costs, paying it from stored value once, and its receipt."""

from dataclasses import dataclass
from datetime import datetime

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.booking import Booking
from mobile.core.court_payment import CourtPayment
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.bookings import Bookings
from mobile.services.city_time import CityTime
from mobile.services.court_payments import CourtPayments
from mobile.viewmodels.notices import Notice, unanswered
from mobile.viewmodels.payment_lines import PaymentView, pay_question, payment_view
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.question import Question
from mobile.viewmodels.served import ServedModel, said


@dataclass(frozen=True, slots=True)
class PaymentState:
    """What is shown: a question, else the price; `view` None before it was ever read."""

    view: PaymentView | None = None
    question: Question | None = None
    unanswered: Notice | None = None
    loading: bool = False
    busy: bool = False
    seen: str = ""
    done: Notice | None = None
    problem: Notice | None = None


class PaymentModel(ServedModel):
    """Follows the court that was opened from its ticket."""

    state = ObjectProperty(PaymentState(), rebind=True)

    def __init__(
        self,
        payments: CourtPayments,
        bookings: Bookings,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
    ) -> None:
        super().__init__(account, time, preferences)
        self._payments = payments
        self._bookings = bookings
        self._opened = ""
        self._asking = self._done = False
        payments.listen(self._show)

    def begin(self, booking: str) -> None:
        """Show what a booking costs."""
        if not self._busy:
            self._opened = booking
            self._reading.forget()
            self._ask(asking=False)

    def ask_pay(self) -> None:
        """Ask whether it is really to be paid."""
        self._ask(asking=True)

    def yes(self) -> None:
        """Pay."""
        payment = self._payment()
        if payment is not None:
            self._act(lambda: self._pay(payment.group, self._opened))

    def no(self) -> None:
        """Leave it unpaid."""
        if not self._busy:
            self._ask(asking=False)

    def send_again(self) -> None:
        """Ask again what became of a payment whose answer was lost."""
        lost = self._payments.unanswered(self._opened)
        if lost is not None:
            self._act(lambda: self._pay(lost.wish["group"], lost.wish["booking"]))

    def let_be(self) -> None:
        """Ask no more about it, and read what there is."""
        lost = self._payments.unanswered(self._opened)
        if lost is not None and not self._busy:
            self._payments.let_be(lost)
            self.refresh()

    def step_back(self) -> bool:
        """Go back from the question; False at the price."""
        if not self._asking:
            return False
        self.no()
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state, language = self.state, self._language
        notice = state.problem or state.done or state.unanswered
        if state.question:
            words = state.question.reading()
        else:
            words = state.view.reading(language) if state.view else say(language, "payment.none")
        return f"{said(notice)} {words}" if notice else words

    @override
    def _show(self) -> None:
        now, language, payment = self._time.now(), self._language, self._payment()
        asks = self._asking and payment is not None and payment.can_be_paid
        lost = None if asks else self._payments.unanswered(self._opened)
        self.state = PaymentState(
            view=payment_view(payment, self._booking(), now, language) if payment else None,
            question=pay_question(payment, language, busy=self._busy) if asks and payment else None,
            unanswered=unanswered(lost, now, language),
            loading=self._reading.going_on and payment is None,
            busy=self._busy,
            seen=self._seen(),
            done=self._done_notice() if self._done else None,
            problem=self._problem(),
        )

    def _payment(self) -> CourtPayment | None:
        known = self._payments.known
        return known.payments.get(self._opened) if known else None

    def _booking(self) -> Booking | None:
        known = self._bookings.known
        found = (one for one in known.bookings if one.identifier == self._opened) if known else ()
        return next(iter(found), None)

    def _ask(self, *, asking: bool) -> None:
        self._asking, self._done, self._trouble = asking, False, None
        self._show()

    @override
    def _seen_at(self) -> datetime | None:
        payment = self._payment()
        return None if payment is None else payment.seen_at

    def _done_notice(self) -> Notice:
        title, body = (say(self._language, f"payment.done{part}") for part in ("", ".next"))
        return Notice("check", title, body, attention=False)

    async def _pay(self, group: str, booking: str) -> Trouble | None:
        trouble = await self._payments.pay(group, booking)
        self._asking = False
        if trouble is not None:
            return trouble
        self._done = True
        await self._payments.read(booking)
        return None

    @override
    async def _read(self) -> Trouble | None:
        return await self._payments.read(self._opened)

    @override
    def _may_read(self) -> bool:
        return self._payments.may_ask and bool(self._opened)

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()
