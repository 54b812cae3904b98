"""我的借阅: what is out, waited for and owed; one book with what can be done."""

from dataclasses import dataclass
from datetime import datetime

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.library import Hold, Loan, ShelfSeen
from mobile.core.pending import PendingAct
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.library import Library
from mobile.viewmodels.library_lines import (
    FINES,
    HOLDS,
    LOANS,
    BookView,
    Section,
    cancel_question,
    due_day,
    hold_view,
    loan_view,
    reader_line,
    sections,
)
from mobile.viewmodels.notices import Notice, notice_of, unanswered
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.question import Question
from mobile.viewmodels.served import ServedModel, said


@dataclass(frozen=True, slots=True)
class LibraryState:
    """What is shown: a question, else a book, else `sections`, else in 长辈版 the `menu` of them.

    `is_empty` None before anything was read.
    """

    menu: tuple[Section, ...] = ()
    sections: tuple[Section, ...] = ()
    book: BookView | None = None
    question: Question | None = None
    is_empty: bool | None = None
    stepped: bool = False
    reader: str = ""
    busy: bool = False
    seen: str = ""
    blocked: Notice | None = None
    unanswered: Notice | None = None
    done: Notice | None = None
    problem: Notice | None = None


class LibraryModel(ServedModel):
    """Follows the reader's account; in 长辈版 one section is chosen first."""

    state = ObjectProperty(LibraryState(), rebind=True)

    def __init__(
        self, library: Library, account: Account, time: CityTime, preferences: PreferencesModel
    ) -> None:
        super().__init__(account, time, preferences)
        self._library = library
        self._section = self._opened = ""
        self._asking = False
        self._done: tuple[str, Loan | None] | None = None
        library.listen(self._show)

    @override
    def open(self) -> None:
        if not self._busy:
            self._go("", "")
        super().open()

    def choose(self, kind: str) -> None:
        """Show one section alone."""
        self._go(kind, "")

    def open_book(self, kind: str, identifier: str) -> None:
        """Show one book; a fee has nothing more to show."""
        if kind != FINES and not self._busy:
            self._go(kind, identifier)

    def act(self) -> None:
        """Renew the opened book, or ask whether it is really to be waited for no longer."""
        if self._section == LOANS:
            self._done = None
            self._act(self._renew)
        else:
            self._asking, self._done, self._trouble = True, None, None
            self._show()

    def yes(self) -> None:
        """Wait no longer."""
        self._act(self._cancel)

    def no(self) -> None:
        """Keep waiting."""
        if not self._busy:
            self._asking = False
            self._show()

    def send_again(self) -> None:
        """Ask again what became of an act whose answer was lost."""
        lost = self._library.unanswered
        if lost is not None:
            self._act(lambda: self._send_again(lost))

    def let_be(self) -> None:
        """Ask no more about it, and read what there is."""
        lost = self._library.unanswered
        if lost is not None and not self._busy:
            self._library.let_be(lost)
            self.refresh()

    def step_back(self) -> bool:
        """Go back from the question, the book, the section; False at all there is."""
        if self._busy:
            return True
        elder = self._preferences.value.elder
        if self._asking:
            self.no()
        elif self._opened:
            self._go(self._section if elder else "", "")
        elif self._section and elder:
            self._go("", "")
        else:
            return False
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state, language = self.state, self._language
        notice = state.problem or state.done or state.blocked
        if state.question:
            words = state.question.reading()
        elif state.book:
            words = state.book.reading()
        elif state.menu:
            words = "，".join(f"{one.title} {one.figure}" for one in state.menu)
        elif state.sections:
            words = " ".join(one.reading(language) for one in state.sections)
        else:
            key = "library.unread" if state.is_empty is None else "library.none"
            words = say(language, key)
        return f"{said(notice)} {words}" if notice else words

    @override
    def _show(self) -> None:
        now, language, shelf = self._time.now(), self._language, self._library.known
        opened = self._opened_book(shelf)
        lost = None if self._opened else self._library.unanswered
        all_of_it = sections(shelf, now, language) if shelf else ()
        chosen = tuple(one for one in all_of_it if one.kind == self._section)
        elder = self._preferences.value.elder
        menu = all_of_it if elder and not chosen and len(all_of_it) > 1 else ()
        blocked = shelf.blocked if shelf else None
        self.state = LibraryState(
            menu=menu if not self._opened else (),
            sections=() if self._opened or menu else (chosen if elder else ()) or all_of_it,
            book=self._view(opened, shelf) if shelf else None,
            question=cancel_question(opened, language, busy=self._busy)
            if self._asking and isinstance(opened, Hold)
            else None,
            is_empty=not all_of_it if shelf else None,
            stepped=bool(self._opened or (elder and chosen)),
            reader=reader_line(shelf, language) if shelf and not self._opened else "",
            busy=self._busy,
            seen=self._seen(),
            blocked=notice_of(blocked, language) if blocked and not self._opened else None,
            unanswered=unanswered(lost, now, language),
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _opened_book(self, shelf: ShelfSeen | None) -> Loan | Hold | None:
        if shelf is None:
            return None
        among = shelf.loans if self._section == LOANS else shelf.holds
        return next((one for one in among if one.identifier == self._opened), None)

    def _view(self, opened: Loan | Hold | None, shelf: ShelfSeen) -> BookView | None:
        now, language = self._time.now(), self._language
        if isinstance(opened, Loan):
            return loan_view(opened, shelf, now, language)
        return hold_view(opened, shelf, now, language) if opened else None

    def _go(self, section: str, opened: str) -> None:
        self._section, self._opened, self._asking = section, opened, False
        self._trouble = self._done = None
        self._show()

    @override
    def _seen_at(self) -> datetime | None:
        known = self._library.known
        return None if known is None else known.seen_at

    def _done_notice(self) -> Notice | None:
        if self._done is None:
            return None
        key, loan = self._done
        day = due_day(loan, self._time.now(), self._language) if loan else ""
        body = say(self._language, f"{key}.next", day=day)
        return Notice("check", say(self._language, key), body, attention=False)

    async def _renew(self) -> Trouble | None:
        return self._changed(await self._library.renew(self._opened))

    async def _cancel(self) -> Trouble | None:
        ended = await self._library.cancel(self._opened)
        self._asking = False
        return self._changed(ended)

    async def _send_again(self, lost: PendingAct) -> Trouble | None:
        return self._changed(await self._library.send_again(lost))

    def _changed(self, changed: Loan | Hold | Trouble) -> Trouble | None:
        if isinstance(changed, Trouble):
            return changed
        if isinstance(changed, Loan):
            self._done = ("library.renewed", changed)
        else:
            self._go(HOLDS, "")
            self._done = ("library.cancelled", None)
        return None

    @override
    async def _read(self) -> Trouble | None:
        return await self._library.read()

    @override
    def _may_read(self) -> bool:
        return self._library.own_in_front

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()
