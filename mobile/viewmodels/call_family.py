"""打给家人: an elder asks somebody of their family for help, or calls them; one decision a page."""

from collections.abc import Callable
from dataclasses import replace

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.help_request import TOPICS, HelpRequest
from mobile.core.mandate import Mandate
from mobile.core.moments import minute
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.ports.dialler import Dialler, NoDialler
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.contacts import Contacts
from mobile.services.family import Family
from mobile.services.help_requests import HelpRequests
from mobile.viewmodels.family_state import FamilyState, Way
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said

LEAST_DIGITS, MOST_DIGITS = 7, 12
"""Of a phone number, with or without its area code."""
PERSON, NEED, ASKED, NUMBER = "person", "need", "asked", "number"
_BEFORE = {NEED: PERSON, ASKED: PERSON, NUMBER: NEED}


class CallFamilyModel(ServedModel):
    """Leads from a person to what is needed; `invite` is where somebody without family goes."""

    state = ObjectProperty(FamilyState(), rebind=True)

    def __init__(
        self,
        help_requests: HelpRequests,
        family: Family,
        contacts: Contacts,
        dialler: Dialler,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        invite: Callable[[], None],
    ) -> None:
        super().__init__(account, time, preferences)
        self._help = help_requests
        self._family = family
        self._contacts = contacts
        self._dialler = dialler
        self._invite = invite
        self._page, self._mandate, self._typed = PERSON, "", ""
        self._request = ""
        self._shown_number = ""
        help_requests.listen(self._show)
        family.listen(self._show)
        self._show()

    @override
    def open(self) -> None:
        if not self._goes_on():
            self._page = PERSON
        self._shown_number = ""
        super().open()

    def do(self, act: str) -> None:
        """Do what a line or button stands for."""
        name, _, value = act.partition(":")
        self._trouble, self._shown_number = None, ""
        deeds: dict[str, Callable[[str], None]] = {
            "who": self._choose_who,
            "back": lambda request: self._act(lambda: self._withdraw(request)),
            "dial": lambda _: self._dial(),
            "number": lambda _: self._ask_number(),
            "send": lambda _: self.submit(),
            "invite": lambda _: self._invite(),
        }
        deeds[name](value)
        self._show()

    def choose(self, value: str) -> None:
        """Ask for help with what was chosen, at once."""
        self._act(lambda: self._ask(value))

    def type_digit(self, digit: str) -> None:
        """Add a digit."""
        self._edit((self._typed + digit)[:MOST_DIGITS])

    def delete(self) -> None:
        """Remove the last digit."""
        self._edit(self._typed[:-1])

    def clear(self) -> None:
        """Remove all digits."""
        self._edit("")

    def key(self, name: str) -> None:
        """Take a key of a keyboard while a number is typed."""
        if self._page != NUMBER:
            return
        if name == "backspace":
            self.delete()
        elif name == "enter":
            self.submit()
        elif name.isdigit():
            self.type_digit(name)

    def submit(self) -> None:
        """Keep the number that was typed, on this phone alone."""
        if len(self._typed) >= LEAST_DIGITS:
            self._contacts.keep(self._mandate, self._typed)
            self._page = NEED
            self._show()

    def step_back(self) -> bool:
        """Go back to what was asked before; False at the people."""
        if self._page == PERSON or (self._page != NUMBER and len(self._people()) == 1):
            return False
        self._page, self._trouble = _BEFORE[self._page], None
        self._show()
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state = self.state
        notices = [said(one) for one in state.notices]
        choices = [text for _, text in state.choices]
        ways = [one.text for one in (*state.ways, *state.acts)]
        return "。".join((state.title, state.lead, *notices, *state.facts, *choices, *ways))

    def _choose_who(self, mandate: str) -> None:
        self._page, self._mandate = NEED, mandate

    def _ask_number(self) -> None:
        self._page, self._typed = NUMBER, self._contacts.number(self._mandate)

    def _edit(self, digits: str) -> None:
        self._typed, self._trouble = digits, None
        self._show()

    def _dial(self) -> None:
        number = self._contacts.number(self._mandate)
        if not number:
            self._ask_number()
            return
        try:
            self._dialler.dial(number)
        except NoDialler:
            self._shown_number = number

    @override
    async def _read(self) -> Trouble | None:
        trouble = await self._family.read()
        return await self._help.read_asked() or trouble

    async def _ask(self, topic: str) -> Trouble | None:
        asked = await self._help.ask(self._mandate, topic)
        if isinstance(asked, Trouble):
            return asked
        self._page, self._request = ASKED, asked.identifier
        return None

    async def _withdraw(self, request: str) -> Trouble | None:
        withdrawn = await self._help.withdraw(request)
        if isinstance(withdrawn, Trouble):
            return withdrawn
        self._page = PERSON
        return None

    @override
    def _is_begun(self) -> bool:
        return self._page == NUMBER

    @override
    def _forget(self) -> None:
        super()._forget()
        self._page, self._mandate, self._typed = PERSON, "", ""

    def _people(self) -> list[Mandate]:
        """Return whom one can ask: those who may act now, doorstep agents not."""
        known, now = self._family.known, self._time.now()
        mandates = known.delegates if known else ()
        return [
            one for one in mandates if one.state_at(now) == "ACTIVE" and one.relation != "ASSISTED"
        ]

    @override
    def _show(self) -> None:
        people = self._people()
        if self._page == PERSON and len(people) == 1 and not self._standing():
            self._page, self._mandate = NEED, people[0].identifier
        if self._page != PERSON and self._who() is None:
            self._page = PERSON
        pages: dict[str, Callable[[], FamilyState]] = {
            PERSON: self._person_page,
            NEED: self._need_page,
            ASKED: self._asked_page,
            NUMBER: self._number_page,
        }
        page = pages[self._page]()
        only = len(people) == 1 and self._page != NUMBER
        problem = self._problem()
        self.state = replace(
            page,
            notices=(*page.notices, *((problem,) if problem else ())),
            busy=self._busy,
            stepped=self._page != PERSON and not only,
            loading=self._reading.going_on and self._family.known is None,
        )

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, f"call.{key}", **values)

    def _who(self) -> Mandate | None:
        return next((one for one in self._people() if one.identifier == self._mandate), None)

    def _name(self, mandate: Mandate) -> str:
        who = mandate.delegate_is.in_language(self._language)
        return self._say("person", name=mandate.other_name or "…", who=who)

    def _standing(self) -> list[HelpRequest]:
        now = self._time.now()
        return [one for one in self._help.asked if one.stands(now)]

    def _person_page(self) -> FamilyState:
        people, standing = self._people(), self._standing()
        ways = tuple(Way(f"who:{one.identifier}", self._name(one), "account") for one in people)
        nobody = not people and self._family.known is not None
        invite = (Way("invite", self._say("invite"), "account-plus", "primary"),) if nobody else ()
        return FamilyState(
            title=self._say("title"),
            lead=self._say("nobody" if nobody else "lead"),
            facts=tuple(map(self._asked_words, standing)),
            ways=ways,
            acts=(*invite, *(self._back(one) for one in standing if one.answered_at is None)),
        )

    def _back(self, request: HelpRequest) -> Way:
        words = request.words.in_language(self._language)
        return Way(f"back:{request.identifier}", self._say("back", words=words), "", "outlined")

    def _asked_words(self, request: HelpRequest) -> str:
        key = "asked.waits" if request.answered_at is None else "asked.answered"
        at = request.answered_at or request.asked_at
        words = request.words.in_language(self._language)
        return self._say(key, name=request.other_name, words=words, moment=minute(at))

    def _need_page(self) -> FamilyState:
        mandate, now = self._who(), self._time.now()
        if mandate is None:
            return FamilyState(title=self._say("title"))
        topics = [one for one, scope in TOPICS.items() if not scope or mandate.allows(scope, now)]
        return FamilyState(
            title=self._say("need", name=mandate.other_name or "…"),
            choices=tuple((one, self._say(f"topic.{one}")) for one in topics),
            notices=self._number_shown(),
            acts=self._phoning(),
        )

    def _phoning(self) -> tuple[Way, ...]:
        number = self._contacts.number(self._mandate)
        if not number:
            return (Way("number", self._say("number"), "call", "outlined"),)
        return (
            Way("dial", self._say("dial"), "call", "primary"),
            Way("number", self._say("number.change"), "pencil", "outlined"),
        )

    def _number_shown(self) -> tuple[Notice, ...]:
        if not self._shown_number:
            return ()
        words = self._say("no_telephone"), self._shown_number
        return (Notice("call", *words, attention=False),)

    def _asked_page(self) -> FamilyState:
        mandate = self._who()
        request = next((one for one in self._help.asked if one.identifier == self._request), None)
        if mandate is None or request is None:
            return FamilyState(title=self._say("title"))
        waits = request.answered_at is None and request.stands(self._time.now())
        dial = [one for one in self._phoning() if one.act == "dial"]
        return FamilyState(
            title=self._say("asked", name=mandate.other_name or "…"),
            lead=self._say("asked.lead"),
            notices=self._number_shown(),
            facts=(self._asked_words(request),),
            acts=(*dial, *((self._back(request),) if waits else ())),
        )

    def _number_page(self) -> FamilyState:
        ready = len(self._typed) >= LEAST_DIGITS
        send = Way("send", self._say("number.keep"), "", "primary")
        return FamilyState(
            title=self._say("number"),
            lead=self._say("number.lead"),
            typed=self._typed,
            acts=(send,) if ready else (),
        )
