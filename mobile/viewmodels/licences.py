"""电子证照: what desks ask to see, one decision a page, and one's own by a touch."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.licence import ASKED, GRANTED, VALID, Licence, LicenceRequest, OwnLicences
from mobile.core.texts import say
from mobile.core.trouble import Trouble, of_act
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.licences import Licences
from mobile.viewmodels.fact_cards import Fact, FactCard
from mobile.viewmodels.family_state import FamilyState, Way
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said

LIST, ONE, OWN = "list", "one", "own"
LOOK_AGAIN = timedelta(seconds=10)
"""While its page is in front: whoever opens it stands at a desk and waits for its request."""


class LicencesModel(ServedModel):
    """Holds what the registry told while its page is in front, and no longer."""

    state = ObjectProperty(FamilyState(), rebind=True)

    def __init__(
        self,
        licences: Licences,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
    ) -> None:
        super().__init__(account, time, preferences)
        self._licences = licences
        self._page, self._chosen = LIST, ""
        self._own: OwnLicences | None = None
        self._show()

    @override
    def open(self) -> None:
        """Begin with the requests: what was shown before is shown to nobody who comes later."""
        self._go(LIST)
        super().open()

    @override
    def tick(self) -> None:
        """Look for a desk's request now and then; one's own are not looked up again by itself."""
        if self._page == OWN:
            self._show()
            return
        seen = self._reading.seen_at
        if seen is not None and self._time.now() - seen >= LOOK_AGAIN:
            self.refresh()
        else:
            super().tick()

    def do(self, act: str) -> None:
        """Do what a line or button stands for."""
        name, _, value = act.partition(":")
        deeds: dict[str, Callable[[], None]] = {
            "request": lambda: self._go(ONE, value),
            "agree": lambda: self._act(lambda: self._decide(agree=True)),
            "refuse": lambda: self._act(lambda: self._decide(agree=False)),
            "withdraw": lambda: self._act(lambda: self._licences.withdraw(self._chosen)),
            "own": self._look_up,
        }
        deeds[name]()

    def step_back(self) -> bool:
        """Go back to the requests; False there."""
        if self._page == LIST:
            return False
        self._go(LIST)
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state = self.state
        ways = [one.text for one in (*state.urgent, *state.ways, *state.acts)]
        notices = [said(one) for one in state.notices]
        cards = [one.said() for one in state.cards]
        return "。".join(filter(None, (state.title, state.lead, *notices, *cards, *ways)))

    def _go(self, page: str, chosen: str = "") -> None:
        self._page, self._chosen, self._own, self._trouble = page, chosen, _none(), None
        self._show()

    def _look_up(self) -> None:
        self._go(OWN)
        self.refresh()

    async def _decide(self, *, agree: bool) -> Trouble | None:
        return await self._licences.decide(self._chosen, agree=agree)

    @override
    async def _read(self) -> Trouble | None:
        if self._page != OWN:
            return await self._licences.read()
        found = await self._licences.look_up()
        if isinstance(found, Trouble):
            return of_act(found)  # nothing looks again by itself
        if self._page == OWN:  # else they went back meanwhile
            self._own = found
        return None

    @override
    def _forget(self) -> None:
        super()._forget()
        self._page, self._chosen, self._own = LIST, "", _none()

    @override
    def _show(self) -> None:
        pages: dict[str, Callable[[], FamilyState]] = {
            LIST: self._list_page,
            ONE: self._one_page,
            OWN: self._own_page,
        }
        problem = self._problem()
        missing = self._own is None if self._page == OWN else not self._licences.was_read
        self.state = replace(
            pages[self._page](),
            notices=(problem,) if problem else (),
            busy=self._busy,
            stepped=self._page != LIST,
            loading=missing and self._reading.going_on,
        )

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, f"licences.{key}", **values)

    def _list_page(self) -> FamilyState:
        now, requests = self._time.now(), self._licences.requests
        waiting = [one for one in requests if one.standing(now) == ASKED]
        others = [one for one in requests if one.standing(now) != ASKED]
        none = self._licences.was_read and not waiting
        return FamilyState(
            title=self._say("title"),
            lead=self._say("none" if none else "lead"),
            urgent=tuple(
                Way(f"request:{one.identifier}", self._asks(one), "consent", "primary")
                for one in waiting
            ),
            ways=tuple(
                Way(f"request:{one.identifier}", self._line(one), "document") for one in others
            ),
            acts=(Way("own", self._say("own"), "eye", "outlined"),),
        )

    def _asks(self, request: LicenceRequest) -> str:
        return self._say("asks", desk=request.desk.in_language(self._language))

    def _line(self, request: LicenceRequest) -> str:
        return self._say(
            "line",
            desk=request.desk.in_language(self._language),
            state=self._say(f"state.{request.standing(self._time.now())}"),
            moment=self._moment(request.asked_at),
        )

    def _one_page(self) -> FamilyState:
        requests = self._licences.requests
        request = next((one for one in requests if one.identifier == self._chosen), None)
        if request is None:
            return FamilyState(title=self._say("one.over"), lead=self._say("none"))
        standing = request.standing(self._time.now())
        asked = standing == ASKED
        return FamilyState(
            title=self._say("one.title" if asked else "one.over"),
            lead=self._say("one.lead") if asked else "",
            cards=(self._card(request, standing),),
            acts=self._ways_on(standing),
        )

    def _card(self, request: LicenceRequest, standing: str) -> FactCard:
        language = self._language
        named = "\n".join(one.in_language(language) for one in request.licences)
        facts = [
            Fact("account", self._say("one.who"), request.desk.in_language(language)),
            Fact("information", self._say("one.why"), request.purpose),
            Fact("document", self._say("one.what"), named),
        ]
        if standing in {ASKED, GRANTED}:
            heading = self._say(f"one.until.{standing}")
            facts.append(Fact("hourglass", heading, self._moment(request.until)))
        if standing == ASKED:
            return FactCard(tuple(facts))
        state = self._say(f"state.{standing}")
        granted = standing == GRANTED
        return FactCard(
            tuple(facts), state=state, icon="check" if granted else "history", plain=not granted
        )

    def _ways_on(self, standing: str) -> tuple[Way, ...]:
        if standing == ASKED:
            return (
                Way("agree", self._say("agree"), "check", "primary"),
                Way("refuse", self._say("refuse"), "", "outlined"),
            )
        take_back = Way("withdraw", self._say("withdraw"), "", "outlined")
        return (take_back,) if standing == GRANTED else ()

    def _own_page(self) -> FamilyState:
        own = self._own
        if own is None:
            failed = self._reading.trouble is not None and not self._reading.going_on
            again = Way("own", self._say("own.again"), "eye", "primary")
            return FamilyState(title=self._say("own.title"), acts=(again,) if failed else ())
        moment = self._moment(own.asked_at)
        lead = self._say("own.lead", moment=moment) if own.licences else self._say("own.none")
        cards = tuple(map(self._licence, own.licences))
        return FamilyState(title=self._say("own.title"), lead=lead, cards=cards)

    def _licence(self, licence: Licence) -> FactCard:
        language, until = self._language, licence.valid_until
        since = moments.date(moments.noon(licence.valid_from), language)
        time = self._say("time.no_end", since=since)
        if until is not None:
            end = moments.date(moments.noon(until), language)
            time = self._say("time", since=since, until=end)
        valid = licence.status == VALID
        return FactCard(
            (
                Fact("account", self._say("issuer"), licence.issuer.in_language(language)),
                Fact("calendar", self._say("valid"), time),
            ),
            title=licence.name.in_language(language),
            state=self._say(f"status.{licence.status}"),
            icon="check" if valid else "information",
            plain=not valid,
        )


def _none() -> OwnLicences | None:
    return None
