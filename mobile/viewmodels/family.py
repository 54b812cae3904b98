"""亲情代办: who acts for whom, and for whom this phone acts now; one decision a page."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from kivy.properties import ObjectProperty, StringProperty
from typing_extensions import override

from mobile.core.mandate import (
    DELEGATE,
    SENSITIVE,
    Mandate,
    MandateActs,
    MoneyLimits,
    WardMandates,
)
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.card_scanning import CardScanning
from mobile.services.city_time import CityTime
from mobile.services.code_scanning import CodeScanning
from mobile.services.family import Family
from mobile.viewmodels import family_pages, family_steps
from mobile.viewmodels.family_giving import FamilyGiving
from mobile.viewmodels.family_pages import Words
from mobile.viewmodels.family_state import (
    ASK,
    BEFORE,
    CARD,
    CHOOSE,
    DID,
    GUARDED,
    LENGTH,
    LIMITS,
    LIST,
    ONE,
    PIN,
    RELATION,
    SHOWN,
    STEPS,
    TAKE,
    TOLD,
    TYPE,
    Course,
    FamilyState,
)
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import said

LOOK_AGAIN = timedelta(seconds=5)
"""How often one looks whether the other side, with whom one stands, has done their part."""


class FamilyModel(FamilyGiving):
    """Leads through the pages; `switched` is told for whom the phone acts now."""

    state = ObjectProperty(FamilyState(), rebind=True)
    band = StringProperty()
    """For whom this phone acts, in words; empty for its own holder."""

    def __init__(
        self,
        family: Family,
        scanning: CodeScanning,
        cards: CardScanning,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        switched: Callable[[bool], None],
    ) -> None:
        super().__init__(family, scanning, cards, account, time, preferences)
        self._switched = switched
        family.listen(self._follow_family)
        self._show()

    @override
    def open(self) -> None:
        if not self._goes_on():
            self._course.page = LIST
        self._done = None
        super().open()

    @override
    def tick(self) -> None:
        if self._may_read() and self._waits_for_the_other() and self._reading.is_past(LOOK_AGAIN):
            self._reading.start()
        super().tick()

    def switch(self, mandate: str = "") -> None:
        """Act for the principal of a mandate, or without one for oneself again."""
        self._family.switch(mandate)

    def do(self, act: str) -> None:
        """Do what a line or button stands for."""
        name, _, value = act.partition(":")
        self._trouble = self._done = None
        deeds: dict[str, Callable[[str], None]] = {
            "switch": self.switch,
            "open": self._open_one,
            "begin": self._course.begin,
            "go": self._go,
            "toggle": self._toggle,
            "sensitive": self._ask_next,
            "allow": self._answered,
            "more": lambda _: self._act(self._read_did),
            "did": self._open_did,
            "make": lambda _: self._act(self._make),
            "scan": lambda _: self._act(self._scan),
            "read_card": lambda _: self._act(self._read_card),
            "send_pin": lambda _: self.submit(),
            "send": lambda _: self.submit(),
            "confirm": lambda _: self._act(self._confirm),
            "stop": lambda scope: self._act(lambda: self._stop(scope)),
            "stop_one": self._stop_one,
            "guarded": self._open_guarded,
            "guarded_more": lambda _: self._act(self._read_guarded),
            "stop_guarded": lambda mandate: self._act(lambda: self._stop_guarded(mandate)),
            "dispute": lambda _: self._act(self._dispute),
        }
        deeds[name](value)
        self._show()

    def choose(self, value: str) -> None:
        """Choose one value of the page."""
        course = self._course
        if course.page == RELATION:
            course.relation, course.page = value, CHOOSE
        elif course.page == LENGTH:
            course.days = int(value)
        elif course.page == LIMITS:
            self._choose_limit(int(value))
        elif course.page == TOLD:
            daily = value == family_steps.DAILY
            self._act(lambda: self._tell_views(daily=daily))
        self._show()

    def step_back(self) -> bool:
        """Go back to what was asked before; False at the list."""
        if self._course.page == LIST:
            return False
        self._done = self._trouble = None
        course = self._course
        if course.page == LIMITS and course.limits:
            course.limits = course.limits[:-1]
        else:
            course.page, course.typed = BEFORE[course.page], ""
        if course.page == LIST:
            self.refresh()
        self._show()
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state = self.state
        notices = [said(one) for one in state.notices]
        ways = [one.text for one in (*state.urgent, *state.ways, *state.acts)]
        choices = [text for _, text in state.choices]
        digits = [" ".join(state.digits)] if state.digits else []
        cards = [one.said() for one in state.cards]
        news = [one.said() for one in state.news]
        seen = state.title, state.lead, *notices, *cards, *state.facts
        parts = *seen, *digits, *choices, *ways, *news
        return "。".join(parts)

    def _go(self, page: str) -> None:
        self._course.page, self._course.limits = page, ()

    def _stop_one(self, mandate: str) -> None:
        """Stop all of a mandate from the list, and come to it as it then stands."""
        self._open_one(mandate)
        self._act(lambda: self._stop(""))

    def _open_did(self, _: str) -> None:
        self._course.page, self._course.did = DID, None
        self._act(self._read_did)

    def _toggle(self, scope: str) -> None:
        self._course.scopes ^= {scope}

    def _ask_next(self, _: str) -> None:
        self._course.asked = [one for one in SENSITIVE if one not in self._course.scopes]
        self._course.page = ASK if self._course.asked else LENGTH

    def _answered(self, yes: str) -> None:
        scope = self._course.asked.pop(0)
        if yes:
            self._course.scopes.add(scope)
        self._course.page = ASK if self._course.asked else LENGTH

    @override
    async def _read(self) -> Trouble | None:
        trouble = await self._family.read()
        self._leave_shown()
        news = await self._family.news()
        if not isinstance(news, Trouble):
            self._course.news = news
        return trouble

    def _in_sight(self) -> Mandate | None:
        """Return the mandate that the page is about."""
        course, known = self._course, self._family.known
        shown = course.invitation.mandate.identifier if course.invitation else ""
        sought = {SHOWN: shown, ONE: course.mandate}.get(course.page, "")
        return known.mandate(sought) if known and sought else None

    def _waits_for_the_other(self) -> bool:
        """Tell whether the other side, who stands here, has to take or confirm what is shown."""
        mandate = self._in_sight()
        waits = {"OFFERED", "TAKEN"} if mandate and mandate.side == DELEGATE else {"OFFERED"}
        return mandate is not None and mandate.state_at(self._time.now()) in waits

    def _leave_shown(self) -> None:
        """Go on from an invitation that the other side took."""
        mandate = self._in_sight()
        if self._course.page == SHOWN and mandate and not self._waits_for_the_other():
            self._open_one(mandate.identifier)

    async def _confirm(self) -> Trouble | None:
        confirmed = await self._family.confirm(self._course.mandate)
        return self._settle(confirmed, "family.confirmed")

    async def _stop(self, scope: str) -> Trouble | None:
        stopped = await self._family.stop(self._course.mandate, scope)
        return self._settle(stopped, "family.stopped")

    async def _dispute(self) -> Trouble | None:
        disputed = await self._family.dispute(self._course.mandate)
        return disputed if isinstance(disputed, Trouble) else None

    def _choose_limit(self, fen: int) -> None:
        if self._busy:
            return
        self._course.limits = (*self._course.limits, fen)
        limits = self._course.chosen_limits()
        if limits is not None:
            self._act(lambda: self._limit(limits))

    async def _limit(self, limits: MoneyLimits) -> Trouble | None:
        self._course.limits = ()
        limited = await self._family.limit(self._course.mandate, limits)
        return self._settle(limited, "family.limited")

    async def _tell_views(self, *, daily: bool) -> Trouble | None:
        told = await self._family.tell_views(self._course.mandate, daily=daily)
        return self._settle(told, "family.limited")

    def _settle(self, changed: Mandate | Trouble, done: str) -> Trouble | None:
        """Come to the mandate as it stands now, and say what was done."""
        if isinstance(changed, Trouble):
            return changed
        self._course.page, self._done = ONE, (done, f"{done}.next")
        return None

    async def _read_did(self) -> Trouble | None:
        before = self._course.did
        page = await self._family.acts(self._course.mandate, before.after if before else None)
        if isinstance(page, Trouble):
            return page
        self._course.did = MandateActs((*(before.acts if before else ()), *page.acts), page.after)
        return None

    def _open_guarded(self, _: str) -> None:
        self._course.page, self._course.guarded = GUARDED, None
        self._act(self._read_guarded)

    async def _read_guarded(self) -> Trouble | None:
        before = self._course.guarded
        page = await self._family.ward(self._course.mandate, before.after if before else None)
        if isinstance(page, Trouble):
            return page
        known = before.mandates if before else ()
        self._course.guarded = WardMandates((*known, *page.mandates), page.after)
        return None

    async def _stop_guarded(self, mandate: str) -> Trouble | None:
        stopped = await self._family.stop_for_ward(mandate)
        known = self._course.guarded
        if isinstance(stopped, Trouble) or known is None:
            return stopped if isinstance(stopped, Trouble) else None
        after = (stopped if one.identifier == mandate else one for one in known.mandates)
        self._course.guarded = WardMandates(tuple(after), known.after)
        self._done = ("family.stopped", "family.stopped.next")
        return None

    def _follow_family(self) -> None:
        self._band()
        self._switched(bool(self._family.principal))
        self._show()

    @override
    def _is_begun(self) -> bool:
        return self._course.page in STEPS

    @override
    def _forget(self) -> None:
        super()._forget()
        self._course = Course()

    @override
    def _show(self) -> None:
        self._band()
        course, known = self._course, self._family.known
        words, elder = Words(self._language, self._time.now()), self._preferences.value.elder
        pages: dict[str, Callable[[], FamilyState]] = {
            LIST: lambda: family_pages.list_page(course, known, words, elder=elder),
            ONE: lambda: family_pages.one_page(course, known, words),
            DID: lambda: family_pages.did_page(course, words),
            GUARDED: lambda: family_pages.guarded_page(course, words),
            RELATION: lambda: family_steps.relation_page(course, words),
            CHOOSE: lambda: family_steps.choose_page(course, words),
            ASK: lambda: family_steps.ask_page(course, words),
            LENGTH: lambda: family_steps.length_page(course, words),
            SHOWN: lambda: family_steps.shown_page(course, words),
            TAKE: lambda: family_steps.take_page(words),
            CARD: lambda: family_steps.card_page(words),
            PIN: lambda: family_steps.pin_page(course, words),
            TYPE: lambda: family_steps.type_page(course, words),
            LIMITS: lambda: family_steps.limits_page(course, known, words),
            TOLD: lambda: family_steps.told_page(course, known, words),
        }
        self.state = replace(
            pages[course.page](),
            notices=self._notices(),
            busy=self._busy,
            stepped=course.page != LIST,
            loading=self._is_loading(),
        )

    def _band(self) -> None:
        principal = self._family.principal
        name = principal.name if principal else ""
        self.band = say(self._language, "acting.band", name=name) if principal else ""

    def _notices(self) -> tuple[Notice, ...]:
        problem = self._problem()
        done: tuple[Notice, ...] = ()
        if self._done is not None:
            title_key, body_key = self._done
            words = say(self._language, title_key), say(self._language, body_key)
            done = (Notice("check", *words, attention=False),)
        return (*done, *((problem,) if problem else ()))

    def _is_loading(self) -> bool:
        if self._course.page == DID:
            return self._course.did is None and self._busy
        if self._course.page == GUARDED:
            return self._course.guarded is None and self._busy
        return self._course.page == LIST and self._reading.going_on and self._family.known is None
