"""Stored value of a group of venues: its balance and movements, and taking it out."""

from dataclasses import dataclass
from datetime import datetime

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.pending import PendingAct
from mobile.core.stored_value import StoredAccount
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.bookings import Bookings
from mobile.services.city_time import CityTime
from mobile.services.stored_value import StoredValues
from mobile.viewmodels.notices import Notice, unanswered
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.question import Question
from mobile.viewmodels.served import ServedModel, said
from mobile.viewmodels.stored_value_lines import (
    MovementLine,
    StoredView,
    movement_line,
    refund_question,
    stored_view,
)


@dataclass(frozen=True, slots=True)
class StoredValueState:
    """What is shown: a question, else the account; `movements` None before they were read."""

    view: StoredView | None = None
    movements: tuple[MovementLine, ...] | None = None
    question: Question | None = None
    unanswered: Notice | None = None
    busy: bool = False
    seen: str = ""
    done: Notice | None = None
    problem: Notice | None = None


class StoredValueModel(ServedModel):
    """Follows the account that was opened in the wallet."""

    state = ObjectProperty(StoredValueState(), rebind=True)

    def __init__(
        self,
        stored: StoredValues,
        bookings: Bookings,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
    ) -> None:
        super().__init__(account, time, preferences)
        self._stored = stored
        self._bookings = bookings
        self._opened = ""
        self._asking = self._done = False
        stored.listen(self._show)

    def begin(self, group: str) -> None:
        """Show what is stored with a group."""
        if not self._busy:
            self._opened = group
            self._ask(asking=False)

    def ask_refund(self) -> None:
        """Ask whether the balance is really to be taken out."""
        self._ask(asking=True)

    def yes(self) -> None:
        """Take it out."""
        self._act(self._refund)

    def no(self) -> None:
        """Keep it."""
        if not self._busy:
            self._ask(asking=False)

    def send_again(self) -> None:
        """Ask again what became of a refund whose answer was lost."""
        lost = self._stored.unanswered
        if lost is not None:
            self._act(lambda: self._send_again(lost))

    def let_be(self) -> None:
        """Ask no more about it, and read what there is."""
        lost = self._stored.unanswered
        if lost is not None and not self._busy:
            self._stored.let_be(lost)
            self.refresh()

    def step_back(self) -> bool:
        """Go back from the question; False at the account."""
        if not self._asking:
            return False
        self.no()
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state, language = self.state, self._language
        notice = state.problem or state.done
        if state.question:
            words = state.question.reading()
        else:
            words = state.view.reading(language) if state.view else say(language, "stored.none")
        return f"{said(notice)} {words}" if notice else words

    @override
    def _show(self) -> None:
        now, language, known = self._time.now(), self._language, self._stored.known
        account = known.account(self._opened) if known else None
        rows = known.movements.get(self._opened) if known else None
        asks = self._asking and account is not None and account.balance_fen > 0
        lost = None if asks else self._stored.unanswered
        self.state = StoredValueState(
            view=stored_view(account, language) if account else None,
            movements=None
            if rows is None
            else tuple(movement_line(one, self._booked, now, language) for one in rows),
            question=refund_question(account, language, busy=self._busy)
            if asks and account
            else None,
            unanswered=unanswered(lost, now, language),
            busy=self._busy,
            seen=self._seen(),
            done=self._done_notice() if self._done else None,
            problem=self._problem(),
        )

    def _booked(self, identifier: str) -> str:
        known = self._bookings.known
        found = (one for one in known.bookings if one.identifier == identifier) if known else ()
        return next((one.title.in_language(self._language) for one in found), "")

    def _ask(self, *, asking: bool) -> None:
        self._asking, self._done, self._trouble = asking, False, None
        self._show()

    @override
    def _seen_at(self) -> datetime | None:
        known = self._stored.known
        return None if known is None else known.seen_at

    def _done_notice(self) -> Notice:
        title, body = say(self._language, "stored.refunded"), "stored.refunded.next"
        return Notice("check", title, say(self._language, body), attention=False)

    async def _refund(self) -> Trouble | None:
        return await self._refunded(await self._stored.refund(self._opened))

    async def _send_again(self, lost: PendingAct) -> Trouble | None:
        return await self._refunded(await self._stored.send_again(lost))

    async def _refunded(self, account: StoredAccount | Trouble) -> Trouble | None:
        self._asking = False
        if isinstance(account, Trouble):
            return account
        self._done = True
        await self._stored.read_movements(account.group)
        return None

    @override
    async def _read(self) -> Trouble | None:
        group = self._opened
        return await self._stored.read() or await self._stored.read_movements(group)

    @override
    def _may_read(self) -> bool:
        return self._stored.own_in_front and bool(self._opened)

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()
