"""每日报平安: one large button a day, and the family that is told where it was not touched."""

from collections.abc import Callable
from dataclasses import replace

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.mandate import Mandate
from mobile.core.safe_check import CONTACT_SCOPE, HOURS, MOST_CONTACTS, SafeCheck
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.family import Family
from mobile.services.safe_checks import SafeChecks
from mobile.viewmodels.fact_cards import Fact, FactCard
from mobile.viewmodels.family_state import FamilyState, Way
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said

DAY, HOUR, WHOM = "day", "hour", "whom"


class SafeCheckModel(ServedModel):
    """Leads from an hour to the family to tell; then one touch a day."""

    state = ObjectProperty(FamilyState(), rebind=True)

    def __init__(
        self,
        checks: SafeChecks,
        family: Family,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        invite: Callable[[], None],
    ) -> None:
        super().__init__(account, time, preferences)
        self._checks = checks
        self._family = family
        self._invite = invite
        self._page, self._minute, self._done = DAY, 0, ""
        self._chosen: tuple[str, ...] = ()
        self._subject = checks.subject
        family.listen(self._follow_front)
        self._show()

    @override
    def open(self) -> None:
        self._page, self._done = DAY, ""
        super().open()

    def do(self, act: str) -> None:
        """Do what a line or button stands for."""
        name, _, value = act.partition(":")
        self._trouble, self._done = None, ""
        deeds: dict[str, Callable[[], None]] = {
            "well": lambda: self._act(self._well),
            "set": self._begin,
            "whom": lambda: self._toggle(value),
            "keep": lambda: self._act(self._keep),
            "stop": lambda: self._act(self._checks.stop),
            "invite": self._invite,
        }
        deeds[name]()
        self._show()

    def choose(self, value: str) -> None:
        """Take an hour, and ask whom to tell."""
        self._minute, self._page = int(value) * 60, WHOM
        self._show()

    def step_back(self) -> bool:
        """Go back to what was asked before; False at the day's page."""
        if self._page == DAY:
            return False
        self._page = HOUR if self._page == WHOM else DAY
        self._show()
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state = self.state
        notices = [said(one) for one in state.notices]
        choices = [text for _, text in state.choices]
        ways = [one.text for one in (*state.urgent, *state.ways, *state.acts)]
        cards = [one.said() for one in state.cards]
        parts = state.title, state.lead, *notices, *cards, *choices, *ways
        return "。".join(filter(None, parts))

    def _begin(self) -> None:
        known, listed = self._checks.known, {one.identifier for one in self._people()}
        before = tuple(one.mandate for one in known.contacts) if known else ()
        self._chosen = tuple(one for one in before if one in listed)
        self._page = HOUR

    def _toggle(self, mandate: str) -> None:
        if mandate in self._chosen:
            self._chosen = tuple(one for one in self._chosen if one != mandate)
        elif len(self._chosen) < MOST_CONTACTS:
            self._chosen = (*self._chosen, mandate)

    async def _well(self) -> Trouble | None:
        trouble = await self._checks.say_well()
        self._done = "" if trouble else "well"
        return trouble

    async def _keep(self) -> Trouble | None:
        trouble = await self._checks.set(self._minute, self._chosen)
        if trouble is None:
            self._page, self._done = DAY, "kept"
        return trouble

    @override
    async def _read(self) -> Trouble | None:
        trouble = await self._checks.read()
        if self._account.signed_in and not self._subject:
            await self._family.read()
        return trouble

    @override
    def _may_read(self) -> bool:
        return self._checks.may_ask

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()

    def _people(self) -> list[Mandate]:
        """Return whom one can choose: those who may act now and get copies of notices."""
        known, now = self._family.known, self._time.now()
        return [one for one in (known.delegates if known else ()) if one.allows(CONTACT_SCOPE, now)]

    @override
    def _show(self) -> None:
        pages: dict[str, Callable[[], FamilyState]] = {
            DAY: self._day_page,
            HOUR: self._hour_page,
            WHOM: self._whom_page,
        }
        problem, page = self._problem(), pages[self._page]()
        self.state = replace(
            page,
            title=self._say("of.title" if self._subject else "title"),
            notices=(*page.notices, *self._done_notice(), *((problem,) if problem else ())),
            busy=self._busy,
            stepped=self._page != DAY,
            loading=self._reading.going_on and not self._checks.was_read,
        )

    def _follow_front(self) -> None:
        """Begin anew where another comes to the front."""
        if self._subject != self._checks.subject:
            self._subject = self._checks.subject
            self._page, self._done = DAY, ""
            self._reading.forget()
        self._show()

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, f"safe.{key}", **values)

    def _done_notice(self) -> tuple[Notice, ...]:
        if not self._done:
            return ()
        title, body = self._say(f"done.{self._done}"), self._say(f"done.{self._done}.next")
        return (Notice("check", title, body, attention=False),)

    def _day_page(self) -> FamilyState:
        known = self._checks.known
        if self._subject:
            return self._watched_page(known)
        if known is None:
            begin = Way("set", self._say("begin"), "check", "primary")
            return FamilyState(lead=self._say("lead"), acts=(begin,))
        return FamilyState(
            notices=self._missed(known),
            urgent=(Way("well", self._say("well"), "face-happy", "primary"),),
            cards=(self._standing(known),),
            acts=(
                Way("set", self._say("change"), "pencil", "outlined"),
                Way("stop", self._say("stop"), "", "outlined"),
            ),
        )

    def _watched_page(self, known: SafeCheck | None) -> FamilyState:
        """Return what a delegate sees: the last word, and whether it is missing now."""
        if known is None:
            return FamilyState(lead=self._say("of.off") if self._checks.was_read else "")
        seen_at = self._reading.seen_at
        past_due = seen_at is not None and seen_at >= known.due_at  # what is older may be outdated
        missed = known.missed_at is not None or past_due
        said_at = known.checked_at
        last = self._say("of.never") if said_at is None else self._moment(said_at)
        told = self._say("of.missed" if missed else "of.well")
        following = self._say("of.missed.next" if missed else "of.well.next")
        return FamilyState(
            notices=(Notice("alert" if missed else "check", told, following, attention=missed),),
            lead=self._seen(),
            cards=(
                FactCard(
                    (
                        Fact("face-happy", self._say("last"), last),
                        Fact("clock", self._say("of.hour"), self._say("by", hour=known.hour)),
                    )
                ),
            ),
        )

    def _is_missed(self, known: SafeCheck) -> bool:
        return known.missed_at is not None or self._time.now() >= known.due_at

    def _missed(self, known: SafeCheck) -> tuple[Notice, ...]:
        if not self._is_missed(known):
            return ()
        title, following = self._say("missed"), self._say("missed.next")
        return (Notice("alert", title, following, attention=True),)

    def _standing(self, known: SafeCheck) -> FactCard:
        facts = list[Fact]()
        if known.checked_at is not None:
            last = self._moment(known.checked_at)
            facts.append(Fact("face-happy", self._say("last"), last))
        if self._is_missed(known):
            hour = self._say("by", hour=known.hour)
            facts.append(Fact("clock", self._say("hour"), hour))
        else:
            day = moments.coming_day(known.due_at, self._time.now(), self._language)
            following = self._say("next.day", day=day, hour=known.hour)
            facts.append(Fact("clock", self._say("next"), following))
        deaf = any(not one.heard for one in known.contacts)
        facts.append(Fact("people", self._say("contacts"), self._contacts(known)))
        return FactCard(
            tuple(facts),
            state=self._say("deaf") if deaf else "",
            icon="alert" if deaf else "",
            attention=deaf,
        )

    def _contacts(self, known: SafeCheck) -> str:
        names = ((one.name or "…", one.heard) for one in known.contacts)
        return "\n".join(
            name if heard else self._say("contact.deaf", name=name) for name, heard in names
        )

    def _hour_page(self) -> FamilyState:
        chosen = str(self._minute // 60) if self._minute else ""
        choices = tuple((str(one), self._say("by", hour=f"{one}:00")) for one in HOURS)
        return FamilyState(lead=self._say("hour.lead"), choices=choices, chosen=chosen)

    def _whom_page(self) -> FamilyState:
        people = self._people()
        if not people:
            way = Way("invite", self._say("invite"), "account-plus", "primary")
            return FamilyState(lead=self._say("nobody"), acts=(way,))
        ways = tuple(
            Way(
                f"whom:{one.identifier}",
                self._say(
                    "whom.chosen" if one.identifier in self._chosen else "whom.not",
                    name=one.other_name or "…",
                ),
                "check" if one.identifier in self._chosen else "account",
            )
            for one in people
        )
        keep = Way("keep", self._say("keep"), "check", "primary")
        return FamilyState(
            lead=self._say("whom.lead"), ways=ways, acts=(keep,) if self._chosen else ()
        )
