"""A training voucher 职业培训券: where it stands, what to do next, and reserving a course."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kivy.properties import ObjectProperty, StringProperty
from typing_extensions import override

from mobile.core.pending import PendingAct
from mobile.core.texts import TEXTS, say
from mobile.core.trouble import Trouble
from mobile.core.venue import Venue, VenueWish
from mobile.core.vouchers import Course, Voucher
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.venues import Venues
from mobile.services.vouchers import Vouchers
from mobile.viewmodels.notices import Notice, unanswered
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.question import Question
from mobile.viewmodels.served import ServedModel, said
from mobile.viewmodels.voucher_lines import (
    VoucherView,
    course_type,
    release_question,
    reserve_question,
    voucher_view,
)
from shared.identity.age import local_day

_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")
_DAY = re.compile(r"(\d{4})\D?(\d{2})\D?(\d{2})", re.ASCII)


class Step(StrEnum):
    """What is asked; `VIEW` shows the voucher."""

    VIEW = "view"
    TYPE = "type"
    PROVIDER = "provider"
    NUMBER = "number"
    DAY = "day"
    SURE = "sure"
    RELEASE = "release"


_ASKED = (Step.VIEW, Step.TYPE, Step.PROVIDER, Step.NUMBER, Step.DAY, Step.SURE)


@dataclass(frozen=True, slots=True)
class VoucherPageState:
    """What is shown at `step`; `choices` are (value, words), None before they were looked for."""

    step: str = Step.VIEW
    view: VoucherView | None = None
    title: str = ""
    lead: str = ""
    choices: tuple[tuple[str, str], ...] | None = None
    typed: bool = False
    submit: str = ""
    question: Question | None = None
    unanswered: Notice | None = None
    busy: bool = False
    seen: str = ""
    done: Notice | None = None
    problem: Notice | None = None


class VoucherModel(ServedModel):
    """Follows the voucher that was opened in the wallet; one thing is asked after another."""

    state = ObjectProperty(VoucherPageState(), rebind=True)
    line = StringProperty()

    def __init__(
        self,
        vouchers: Vouchers,
        venues: Venues,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
    ) -> None:
        super().__init__(account, time, preferences)
        self._vouchers = vouchers
        self._venues = venues
        self._opened = self._type = self._number = ""
        self._step = Step.VIEW
        self._found: tuple[Venue, ...] | None = None
        self._provider: Venue | None = None
        self._starts_on: date | None = None
        self._done = ""
        vouchers.listen(self._show)

    def begin(self, identifier: str) -> None:
        """Show a voucher."""
        if not self._busy:
            self._opened = identifier
            self._go(Step.VIEW)

    def ask_course(self) -> None:
        """Begin to reserve a course."""
        self._found = self._provider = self._starts_on = None
        self._type = self._number = ""
        self._go(Step.TYPE)

    def choose(self, value: str) -> None:
        """Choose a type of course, or a provider."""
        if self._step is Step.TYPE:
            self._type = value
            self._go(Step.PROVIDER)
        else:
            found = [one for one in self._found or () if str(one.number) == value]
            if found:
                self._provider = found[0]
                self._go(Step.NUMBER)

    def submit(self) -> None:
        """Take what was typed."""
        words = self.line.strip()
        if self._step is Step.PROVIDER:
            self._act(lambda: self._find(words))
        elif self._step is Step.NUMBER:
            self._number = words
            self._take(_NUMBER.fullmatch(words) is not None, "number", Step.DAY)
        elif self._step is Step.DAY:
            self._starts_on = self._day(words)
            self._take(self._starts_on is not None, "day", Step.SURE)

    def ask_release(self) -> None:
        """Ask whether the reservation is really to be cancelled."""
        self._go(Step.RELEASE)

    def yes(self) -> None:
        """Do what was asked."""
        course = self._course()
        if self._step is Step.RELEASE:
            self._act(self._release)
        elif course is not None:
            self._act(lambda: self._reserve(course))

    def no(self) -> None:
        """Do it not."""
        if not self._busy:
            self._go(Step.VIEW)

    def send_again(self) -> None:
        """Ask again what became of a wish whose answer was lost."""
        act = self._vouchers.unanswered
        if act is not None:
            self._act(lambda: self._send_again(act))

    def let_be(self) -> None:
        """Ask no more about it, and read what there is."""
        act = self._vouchers.unanswered
        if act is not None and not self._busy:
            self._vouchers.let_be(act)
            self.refresh()

    def step_back(self) -> bool:
        """Go to what was asked before; False at the voucher."""
        if self._busy or self._step is Step.VIEW:
            return self._busy
        at_release = self._step is Step.RELEASE
        self._go(Step.VIEW if at_release else _ASKED[_ASKED.index(self._step) - 1])
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state: VoucherPageState = self.state
        notice = state.problem or state.done
        if state.question:
            words = state.question.reading()
        elif state.title:
            words = f"{state.title} {state.lead}"
        else:
            words = state.view.reading(self._language) if state.view else ""
        return f"{said(notice)} {words}" if notice else words

    @override
    def _show(self) -> None:
        now, language, voucher = self._time.now(), self._language, self._voucher()
        asked = self._step in {Step.TYPE, Step.PROVIDER, Step.NUMBER, Step.DAY}
        typed = asked and self._step is not Step.TYPE
        lead = f"voucher.step.{self._step}.lead"
        word = "find" if self._step is Step.PROVIDER else "next"
        lost = self._vouchers.unanswered if self._step is Step.VIEW else None
        self.state = VoucherPageState(
            step=self._step,
            view=voucher_view(voucher, now, language) if voucher else None,
            title=say(language, f"voucher.step.{self._step}") if asked else "",
            lead=say(language, lead) if asked and lead in TEXTS else "",
            choices=self._choices(voucher) if voucher else None,
            typed=typed,
            submit=say(language, "sign_in.busy" if self._busy else f"voucher.step.{word}")
            if typed
            else "",
            question=self._question(voucher) if voucher else None,
            unanswered=unanswered(lost, now, language),
            busy=self._busy,
            seen=self._seen(),
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _choices(self, voucher: Voucher) -> tuple[tuple[str, str], ...] | None:
        language = self._language
        if self._step is Step.TYPE:
            return tuple((code, course_type(code, language)) for code in voucher.course_types)
        if self._step is Step.PROVIDER and self._found is not None:
            return tuple((str(one.number), one.name.in_language(language)) for one in self._found)
        return None

    def _question(self, voucher: Voucher) -> Question | None:
        now, language, course = self._time.now(), self._language, self._course()
        if self._step is Step.RELEASE:
            return release_question(voucher, now, language, busy=self._busy)
        if self._step is not Step.SURE or course is None or self._provider is None:
            return None
        place = self._provider.name.in_language(language)
        return reserve_question(course, place, now, language, busy=self._busy)

    def _voucher(self) -> Voucher | None:
        known = self._vouchers.known
        found = (one for one in known.vouchers if one.identifier == self._opened) if known else ()
        return next(iter(found), None)

    def _course(self) -> Course | None:
        if self._provider is None or self._starts_on is None:
            return None
        return Course(self._type, self._number, self._provider.number, self._starts_on)

    def _day(self, words: str) -> date | None:
        """Return the day that was typed, None where a course cannot begin on it."""
        figures, voucher = _DAY.fullmatch(words), self._voucher()
        try:
            day = date(*map(int, figures.groups())) if figures else None
        except ValueError:
            return None
        good = day is not None and voucher is not None and voucher.days.covers(day)
        return day if good and day is not None and day >= local_day(self._time.now()) else None

    def _take(self, good: bool, what: str, following: Step) -> None:
        if good:
            self._go(following)
            return
        key = f"voucher.step.{what}.wrong"
        self._trouble = Trouble(f"voucher_{what}", TEXTS[key], TEXTS[f"{key}.next"])
        self._show()

    def _go(self, step: Step) -> None:
        self._step, self._trouble, self._done, self.line = step, None, "", ""
        self._show()

    @override
    def _seen_at(self) -> datetime | None:
        known = self._vouchers.known
        return None if known is None else known.seen_at

    def _done_notice(self) -> Notice | None:
        if not self._done:
            return None
        title, body = say(self._language, self._done), say(self._language, f"{self._done}.next")
        return Notice("check", title, body, attention=False)

    async def _find(self, words: str) -> Trouble | None:
        page = await self._venues.search(VenueWish(text=words), remember=False)
        if isinstance(page, Trouble):
            return page
        self._found = page.venues
        return None

    async def _reserve(self, course: Course) -> Trouble | None:
        return self._changed(await self._vouchers.reserve(self._opened, course), "voucher.reserved")

    async def _release(self) -> Trouble | None:
        return self._changed(await self._vouchers.release(self._opened), "voucher.released")

    async def _send_again(self, act: PendingAct) -> Trouble | None:
        return self._changed(await self._vouchers.send_again(act), "voucher.reserved")

    def _changed(self, voucher: Voucher | Trouble, done: str) -> Trouble | None:
        if isinstance(voucher, Trouble):
            return voucher
        self._go(Step.VIEW)
        self._done = done
        return None

    @override
    async def _read(self) -> Trouble | None:
        return await self._vouchers.read()

    @override
    def _may_read(self) -> bool:
        return self._vouchers.may_ask

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()
