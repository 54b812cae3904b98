"""One pass: what it is good for, and what can be done with it."""

from dataclasses import dataclass
from datetime import datetime

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.passes import Pass
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.passes import Passes
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.pass_lines import PassView, hand_on_question, pass_view, refund_question
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.question import Question
from mobile.viewmodels.served import ServedModel, said

_REFUND, _HAND_ON = "refund", "hand_on"
_QUESTIONS = {_REFUND: refund_question, _HAND_ON: hand_on_question}


@dataclass(frozen=True, slots=True)
class PassesState:
    """What is shown: a question, else a pass; `invitation` while it is to be seen."""

    view: PassView | None = None
    question: Question | None = None
    invitation: str = ""
    busy: bool = False
    seen: str = ""
    done: Notice | None = None
    problem: Notice | None = None


class PassesModel(ServedModel):
    """Follows the pass that was opened in the wallet."""

    state = ObjectProperty(PassesState(), rebind=True)

    def __init__(
        self, passes: Passes, account: Account, time: CityTime, preferences: PreferencesModel
    ) -> None:
        super().__init__(account, time, preferences)
        self._passes = passes
        self._opened = self._asking = self._invitation = ""
        self._done: tuple[str, Pass | None] | None = None
        passes.listen(self._show)

    def begin(self, identifier: str) -> None:
        """Show a pass."""
        if not self._busy:
            self._opened, self._invitation = identifier, ""
            self._ask("")

    def ask_refund(self) -> None:
        """Ask whether it is really to be given back."""
        self._ask(_REFUND)

    def ask_hand_on(self) -> None:
        """Ask whether it is really to be handed on."""
        self._ask(_HAND_ON)

    def yes(self) -> None:
        """Do what was asked."""
        self._act(self._refund if self._asking == _REFUND else self._hand_on)

    def no(self) -> None:
        """Do it not."""
        if not self._busy:
            self._ask("")

    def withdraw(self) -> None:
        """Hand it on no longer."""
        self._done = None
        self._act(self._withdraw)

    def copied(self) -> None:
        """Note that the invitation is in the phone's clipboard."""
        self._done = ("pass.copied", None)
        self._show()

    def step_back(self) -> bool:
        """Go back from the question; False at the pass."""
        if not self._asking:
            return False
        self.no()
        return True

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state: PassesState = self.state
        notice = state.problem or state.done
        words = state.view.reading(self._language) if state.view else ""
        if state.question:
            words = state.question.reading()
        return f"{said(notice)} {words}" if notice else words

    @override
    def _show(self) -> None:
        now, language, held = self._time.now(), self._language, self._held()
        ask = _QUESTIONS.get(self._asking)
        offered = held is not None and held.is_offered(now)
        self.state = PassesState(
            view=pass_view(held, now, language) if held else None,
            question=ask(held, language, busy=self._busy) if ask and held else None,
            invitation=self._invitation if offered else "",
            busy=self._busy,
            seen=self._seen(),
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _held(self) -> Pass | None:
        known = self._passes.known
        found = (one for one in known.passes if one.identifier == self._opened) if known else ()
        return next(iter(found), None)

    def _ask(self, what: str) -> None:
        self._asking, self._trouble, self._done = what, None, None
        self._show()

    @override
    def _seen_at(self) -> datetime | None:
        known = self._passes.known
        return None if known is None else known.seen_at

    def _done_notice(self) -> Notice | None:
        if self._done is None:
            return None
        key, held = self._done
        name = held.name.in_language(self._language) if held else ""
        body = say(self._language, f"{key}.next", name=name)
        return Notice("check", say(self._language, key), body, attention=False)

    async def _refund(self) -> Trouble | None:
        held = await self._passes.refund(self._opened)
        self._asking = ""
        if isinstance(held, Trouble):
            return held
        self._done = ("pass.refunded", held)
        return None

    async def _hand_on(self) -> Trouble | None:
        offered = await self._passes.offer(self._opened)
        self._asking = ""
        if isinstance(offered, Trouble):
            return offered
        self._invitation = offered.invitation
        return None

    async def _withdraw(self) -> Trouble | None:
        held = await self._passes.withdraw(self._opened)
        if isinstance(held, Trouble):
            return held
        self._invitation, self._done = "", ("pass.withdrawn", held)
        return None

    @override
    async def _read(self) -> Trouble | None:
        return await self._passes.read()

    @override
    def _may_read(self) -> bool:
        return self._passes.may_ask

    @override
    def _follow(self) -> None:
        """Keep what is shown through sign-ins: it is of the card on this phone."""
        self._show()
