"""亲情代办: who acts for whom, and for whom this phone acts now; one decision a page."""

from collections.abc import Callable
from dataclasses import dataclass

from kivy.properties import ObjectProperty, StringProperty
from typing_extensions import override

from mobile.core.account import grouped
from mobile.core.mandate import (
    DEFAULT_SCOPES,
    DELEGATE,
    INVITATION_DIGITS,
    LENGTHS,
    PRINCIPAL,
    RELATIONS,
    SCOPES,
    SENSITIVE,
    Invitation,
    Mandate,
    MandateActs,
    MandateNews,
)
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.family import Family
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.served import ServedModel, said

LIST, ONE, DID, RELATION, CHOOSE, ASK, LENGTH, SHOWN, TAKE = (
    *("list", "one", "did", "relation", "choose"),
    *("ask", "length", "shown", "take"),
)
_BEFORE = {
    **dict.fromkeys((ONE, RELATION, SHOWN, TAKE), LIST),
    DID: ONE,
    CHOOSE: RELATION,
    ASK: CHOOSE,
    LENGTH: CHOOSE,
}


@dataclass(frozen=True, slots=True)
class Way:
    """Something that can be touched; `kind` as of a button, empty for a line that leads on."""

    act: str
    text: str
    icon: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class FamilyState:
    """One page: words, lines that lead on, what can be chosen, typed or done.

    `digits` are shown large for the other side to enter; `typed` is None where nothing is typed.
    """

    title: str = ""
    lead: str = ""
    notices: tuple[Notice, ...] = ()
    facts: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    digits: str = ""
    typed: str | None = None
    acts: tuple[Way, ...] = ()
    busy: bool = False
    stepped: bool = False
    loading: bool = False


class FamilyModel(ServedModel):
    """Leads through the pages; `switched` is told for whom the phone acts now."""

    state = ObjectProperty(FamilyState(), rebind=True)
    band = StringProperty()
    """For whom this phone acts, in words; empty for its own holder."""

    def __init__(
        self,
        family: Family,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        switched: Callable[[bool], None],
    ) -> None:
        super().__init__(account, time, preferences)
        self._family = family
        self._switched = switched
        self._page, self._mandate = LIST, ""
        self._side = self._relation = ""
        self._scopes: set[str] = set(DEFAULT_SCOPES)
        self._asked: list[str] = []
        self._days, self._typed = LENGTHS[1], ""
        self._invitation: Invitation | None = None
        self._did: MandateActs | None = None
        self._news: tuple[MandateNews, ...] = ()
        self._done: tuple[str, str] | None = None
        family.listen(self._follow_family)
        self._show()

    @override
    def open(self) -> None:
        self._page, self._done = LIST, None
        super().open()

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
            "begin": self._begin,
            "go": self._go,
            "toggle": self._toggle,
            "sensitive": self._ask_next,
            "allow": self._answered,
            "more": lambda _: self._act(self._read_did),
            "did": self._open_did,
            "make": lambda _: self._act(self._make),
            "send": lambda _: self.submit(),
            "confirm": lambda _: self._act(self._confirm),
            "stop": lambda scope: self._act(lambda: self._stop(scope)),
            "dispute": lambda _: self._act(self._dispute),
        }
        deeds[name](value)
        self._show()

    def choose(self, value: str) -> None:
        """Choose one value of the page."""
        if self._page == RELATION:
            self._relation = value
            self._page = CHOOSE
        elif self._page == LENGTH:
            self._days = int(value)
        self._show()

    def type_digit(self, digit: str) -> None:
        """Add a digit."""
        self._edit((self._typed + digit)[:INVITATION_DIGITS])

    def delete(self) -> None:
        """Remove the last digit."""
        self._edit(self._typed[:-1])

    def clear(self) -> None:
        """Remove all digits."""
        self._edit("")

    def key(self, name: str) -> None:
        """Take a key of a keyboard while digits are typed."""
        if self._page != TAKE:
            return
        if name == "backspace":
            self.delete()
        elif name == "enter":
            self.submit()
        elif name.isdigit():
            self.type_digit(name)

    def submit(self) -> None:
        """Take the invitation that was typed."""
        if len(self._typed) == INVITATION_DIGITS:
            self._act(self._take)

    def step_back(self) -> bool:
        """Go back to what was asked before; False at the list."""
        if self._page == LIST:
            return False
        self._page, self._done, self._trouble = _BEFORE[self._page], None, None
        self._show()
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state = self.state
        notices = [said(one) for one in state.notices]
        ways = [one.text for one in (*state.ways, *state.acts)]
        digits = [" ".join(state.digits)] if state.digits else []
        return "。".join((state.title, state.lead, *notices, *state.facts, *digits, *ways))

    def _go(self, page: str) -> None:
        self._page = page

    def _open_one(self, mandate: str) -> None:
        self._page, self._mandate, self._did = ONE, mandate, None

    def _open_did(self, _: str) -> None:
        self._page, self._did = DID, None
        self._act(self._read_did)

    def _begin(self, side: str) -> None:
        self._page, self._side, self._relation = RELATION, side, ""
        self._scopes, self._days = set(DEFAULT_SCOPES), LENGTHS[1]

    def _toggle(self, scope: str) -> None:
        self._scopes ^= {scope}

    def _ask_next(self, _: str) -> None:
        self._asked = [one for one in SENSITIVE if one not in self._scopes]
        self._page = ASK if self._asked else LENGTH

    def _answered(self, yes: str) -> None:
        scope = self._asked.pop(0)
        if yes:
            self._scopes.add(scope)
        self._page = ASK if self._asked else LENGTH

    def _edit(self, digits: str) -> None:
        if not self._busy:
            self._typed, self._trouble = digits, None
            self._show()

    @override
    async def _read(self) -> Trouble | None:
        trouble = await self._family.read()
        news = await self._family.news()
        if not isinstance(news, Trouble):
            self._news = news
        return trouble

    async def _make(self) -> Trouble | None:
        scopes = tuple(one for one in SCOPES if one in self._scopes)
        made = await self._family.invite(self._side, self._relation, scopes, self._days)
        if isinstance(made, Trouble):
            return made
        self._invitation, self._page = made, SHOWN
        return None

    async def _take(self) -> Trouble | None:
        taken = await self._family.take(self._typed)
        if isinstance(taken, Trouble):
            return taken
        self._typed, self._done = "", ("family.taken", "family.taken.next")
        self._open_one(taken.identifier)
        return None

    async def _confirm(self) -> Trouble | None:
        confirmed = await self._family.confirm(self._mandate)
        if isinstance(confirmed, Trouble):
            return confirmed
        self._done = ("family.confirmed", "family.confirmed.next")
        return None

    async def _stop(self, scope: str) -> Trouble | None:
        stopped = await self._family.stop(self._mandate, scope)
        if isinstance(stopped, Trouble):
            return stopped
        self._done = ("family.stopped", "family.stopped.next")
        return None

    async def _dispute(self) -> Trouble | None:
        disputed = await self._family.dispute(self._mandate)
        return disputed if isinstance(disputed, Trouble) else None

    async def _read_did(self) -> Trouble | None:
        before = self._did
        page = await self._family.acts(self._mandate, before.after if before else None)
        if isinstance(page, Trouble):
            return page
        self._did = MandateActs((*(before.acts if before else ()), *page.acts), page.after)
        return None

    def _follow_family(self) -> None:
        principal = self._family.principal
        name = principal.name if principal else ""
        self.band = say(self._language, "acting.band", name=name) if principal else ""
        self._switched(bool(principal))
        self._show()

    @override
    def _forget(self) -> None:
        super()._forget()
        self._news, self._page, self._typed, self._invitation = (), LIST, "", None

    @override
    def _show(self) -> None:
        principal = self._family.principal
        if principal:
            self.band = say(self._language, "acting.band", name=principal.name)
        pages: dict[str, Callable[[], FamilyState]] = {
            LIST: self._list,
            ONE: self._one,
            DID: self._did_page,
            RELATION: self._relation_page,
            CHOOSE: self._choose_page,
            ASK: self._ask_page,
            LENGTH: self._length_page,
            SHOWN: self._shown_page,
            TAKE: self._take_page,
        }
        self.state = pages[self._page]()

    def _state(self, title: str, lead: str = "", **parts: object) -> FamilyState:
        problem = self._problem()
        done: tuple[Notice, ...] = ()
        if self._done is not None:
            title_key, body_key = self._done
            words = say(self._language, title_key), say(self._language, body_key)
            done = (Notice("check", *words, attention=False),)
        return FamilyState(
            title=title,
            lead=lead,
            notices=(*done, *((problem,) if problem else ())),
            busy=self._busy,
            stepped=self._page != LIST,
            **parts,  # type: ignore[arg-type]
        )

    def _say(self, key: str, **values: object) -> str:
        return say(self._language, f"family.{key}", **values)

    def _scope(self, code: str) -> str:
        return say(self._language, f"scope.{code}")

    def _list(self) -> FamilyState:
        known, now, language = self._family.known, self._time.now(), self._language
        ways, rest = [], []
        for one in known.principals if known else ():
            mandate, text = one.mandate, self._say("for", name=one.name or "…")
            state = mandate.state_at(now)
            if state == "ACTIVE":
                ways.append(Way(f"switch:{mandate.identifier}", text, "account"))
            words = self._say("line.state", text=text, state=self._say(f"state.{state}"))
            rest.append(Way(f"open:{mandate.identifier}", words, "document"))
        for mandate in known.delegates if known else ():
            who = mandate.delegate_is.in_language(language)
            state = mandate.state_at(now)
            text = self._say("by", name=mandate.other_name or "…", who=who)
            words = self._say("line.state", text=text, state=self._say(f"state.{state}"))
            rest.append(Way(f"open:{mandate.identifier}", words, "people"))
        news = (
            self._say("news", moment=self._moment(one.at), words=one.words.in_language(language))
            for one in self._news
        )
        nobody = () if ways or rest or known is None else (self._say("nobody"),)
        return self._state(
            self._say("title"),
            self._say("lead"),
            ways=(*ways, *rest),
            facts=(*nobody, *news, self._say("outlet")),
            acts=(
                Way(f"begin:{PRINCIPAL}", self._say("invite"), "account-plus", "outlined"),
                Way(f"begin:{DELEGATE}", self._say("offer"), "people", "outlined"),
                Way(f"go:{TAKE}", self._say("take"), "phone-key", "outlined"),
            ),
            loading=self._reading.going_on and known is None,
        )

    def _one(self) -> FamilyState:
        known, now = self._family.known, self._time.now()
        mandate = known.mandate(self._mandate) if known else None
        if mandate is None:
            return self._state(self._say("title"))
        state = mandate.state_at(now)
        live = [one.code for one in mandate.scopes if one.is_live(now)]
        facts = [self._say(f"state.{state}"), self._ends(mandate)]
        facts += [self._say("can", scope=self._scope(code)) for code in live]
        if mandate.uses:
            facts.append(self._say("uses", count=mandate.uses))
        name = mandate.other_name or "…"
        own = mandate.side == PRINCIPAL
        title = name if not own else self._say("by", name=name, who=self._who(mandate))
        lead = self._say("confirm.lead") if own and state == "TAKEN" else ""
        return self._state(
            title,
            lead,
            facts=tuple(facts),
            ways=() if state == "OFFERED" else (Way("did", self._say("did"), "history"),),
            acts=self._acts_of(mandate, state, live if own and len(live) > 1 else []),
        )

    def _who(self, mandate: Mandate) -> str:
        return mandate.delegate_is.in_language(self._language)

    def _acts_of(self, mandate: Mandate, state: str, scopes: list[str]) -> tuple[Way, ...]:
        if state == "ENDED":
            return ()
        own, acts = mandate.side == PRINCIPAL, list[Way]()
        if own and state == "TAKEN":
            acts.append(Way("confirm", self._say("confirm"), "check", "primary"))
        if not own and state == "ACTIVE":
            text = self._say("switch", name=mandate.other_name)
            acts.append(Way(f"switch:{mandate.identifier}", text, "account", "primary"))
        running = state not in {"OFFERED", "TAKEN"}
        stop = self._say("stop" if running else "withdraw")
        acts.append(Way("stop:", stop, "account-remove", "attention" if running else "outlined"))
        if running:
            acts += [
                Way(
                    f"stop:{code}", self._say("stop_scope", scope=self._scope(code)), "", "outlined"
                )
                for code in scopes
            ]
        if own and state == "ACTIVE":
            acts.append(Way("dispute", self._say("dispute"), "alert", "outlined"))
        return tuple(acts)

    def _ends(self, mandate: Mandate) -> str:
        if mandate.ends_at is not None:
            return self._say("until", moment=self._moment(mandate.ends_at))
        return self._say("days", days=mandate.days) if mandate.days else self._say("no_end")

    def _did_page(self) -> FamilyState:
        did, lines = self._did, []
        for one in did.acts if did else ():
            key = "did.delegate" if one.by_delegate else "did.own"
            words = one.words.in_language(self._language)
            line = self._say(key, moment=self._moment(one.at), words=words)
            lines.append(line if one.done else self._say("did.refused", line=line))
        if did is not None and not lines:
            lines.append(self._say("did.none"))
        more = Way("more", self._say("did.more"), "history", "outlined")
        return self._state(
            self._say("did"),
            facts=tuple(lines),
            acts=(more,) if did and did.after else (),
            loading=did is None and self._busy,
        )

    def _relation_page(self) -> FamilyState:
        choices = tuple((one, self._say(f"relation.{self._side}.{one}")) for one in RELATIONS)
        return self._state(self._say("relation"), choices=choices, chosen=self._relation)

    def _choose_page(self) -> FamilyState:
        plain = [one for one in SCOPES if one not in SENSITIVE]
        chosen = [one for one in SCOPES if one in self._scopes]
        ways = []
        for one in plain:
            key, icon = ("take_away", "minus") if one in self._scopes else ("add", "plus")
            ways.append(Way(f"toggle:{one}", self._say(key, scope=self._scope(one)), icon))
        return self._state(
            self._say("scopes"),
            self._say("scopes.lead"),
            facts=tuple(self._say("can", scope=self._scope(one)) for one in chosen),
            ways=tuple(ways),
            acts=(
                *((Way(f"go:{LENGTH}", self._say("next"), "", "primary"),) if chosen else ()),
                Way("sensitive", self._say("sensitive"), "lock", "outlined"),
            ),
        )

    def _ask_page(self) -> FamilyState:
        return self._state(
            self._say("sensitive.ask", scope=self._scope(self._asked[0])),
            self._say("sensitive.lead"),
            acts=(
                Way("allow:", self._say("no"), "", "primary"),
                Way("allow:yes", self._say("yes"), "", "outlined"),
            ),
        )

    def _length_page(self) -> FamilyState:
        return self._state(
            self._say("length"),
            choices=tuple((str(one), self._say(f"length.{one}")) for one in LENGTHS),
            chosen=str(self._days),
            acts=(Way("make", self._say("make"), "", "primary"),),
        )

    def _shown_page(self) -> FamilyState:
        digits = self._invitation.digits if self._invitation else ""
        return self._state(
            self._say("shown"), self._say("shown.lead"), digits=grouped(digits, 4, 4, 4)
        )

    def _take_page(self) -> FamilyState:
        ready = len(self._typed) == INVITATION_DIGITS
        send = Way("send", self._say("next"), "", "primary")
        return self._state(
            self._say("take"),
            self._say("take.lead"),
            typed=grouped(self._typed, 4, 4, 4),
            acts=(send,) if ready else (),
        )
