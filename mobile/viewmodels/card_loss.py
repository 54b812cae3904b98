"""卡丢了怎么办: the card's state, and stopping it for a while or for good."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core.card import CardState
from mobile.core.texts import say
from mobile.core.trouble import ACT_INTERCEPTED, ACT_SERVER_DOWN, ACT_UNREACHABLE, Trouble
from mobile.services.account import Account
from mobile.services.card_loss import NEEDS_SIGN_IN, CardLoss, LossAct, LossStanding
from mobile.services.city_time import CityTime
from mobile.services.session import Session
from mobile.viewmodels.lines import state_icon
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.question import Question
from mobile.viewmodels.served import ServedModel, said


class Step(StrEnum):
    """What is asked; the final report is asked about twice."""

    CHOOSE = "choose"
    SUSPEND = "suspend"
    LIFT = "lift"
    REPORT = "report"
    REPORT_SURE = "report_sure"


_ACTS = {
    Step.SUSPEND: LossAct.SUSPEND,
    Step.LIFT: LossAct.LIFT,
    Step.REPORT_SURE: LossAct.REPORT,
}
_NOT_SENT = {ACT_UNREACHABLE, ACT_SERVER_DOWN, ACT_INTERCEPTED}
_BEFORE = {Step.REPORT_SURE: Step.REPORT}
_SIGNED_IN_STEPS = frozenset({Step.LIFT, Step.REPORT, Step.REPORT_SURE})
_ICONS = {Step.LIFT: "lock-open"}


@dataclass(frozen=True, slots=True)
class CardLossState:
    """What is shown: the question where an act was chosen, else the state and the acts.

    `card_state` is empty where nothing is known yet; `after` says what follows from the state.
    """

    card_state: str = ""
    card_active: bool = True
    card_icon: str = ""
    after: str = ""
    seen: str = ""
    may_suspend: bool = False
    may_lift: bool = False
    may_report: bool = False
    question: Question | None = None
    done: Notice | None = None
    problem: Notice | None = None


class CardLossModel(ServedModel):
    """Shows the card's state and does one act, after it was asked about."""

    state = ObjectProperty(CardLossState(), rebind=True)

    def __init__(
        self,
        loss: CardLoss,
        session: Session,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        sign_in: Callable[[], None],
    ) -> None:
        super().__init__(account, time, preferences)
        self._loss = loss
        self._session = session
        self._sign_in = sign_in
        self._step = Step.CHOOSE
        self._done: LossAct | None = None
        self._known: LossStanding | None = None
        self._signing_in = False
        session.listen(self._show)

    @override
    def open(self) -> None:
        if not self._signing_in:
            self._step, self._done = Step.CHOOSE, None
        self._signing_in = False
        super().open()

    def choose(self, step: str) -> None:
        """Ask about an act; with a sign-in first, where it needs one."""
        self._go(Step(step))
        if self._step in _SIGNED_IN_STEPS and not self._account.signed_in:
            self._signing_in = True
            self._sign_in()

    def step_back(self) -> bool:
        """Leave the question; False where none is asked."""
        if self._step is Step.CHOOSE or self._busy:
            return False
        self._go(_BEFORE.get(self._step, Step.CHOOSE))
        return True

    def yes(self) -> None:
        """Go on: to the last question, or to the act itself."""
        act = _ACTS.get(self._step)
        if act is None:
            self.choose(Step.REPORT_SURE)
        elif act in NEEDS_SIGN_IN and not self._account.signed_in:
            self.choose(self._step)
        else:
            self._act(lambda: self._perform(act))

    def no(self) -> None:
        """Leave the card as it is."""
        if not self._busy:
            self._go(Step.CHOOSE)

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state: CardLossState = self.state
        notice = state.problem or state.done
        if notice:
            return said(notice)
        if state.question:
            return state.question.reading()
        return say(self._language, "loss.reading", state=state.card_state, after=state.after)

    @override
    def _show(self) -> None:
        language, standing = self._language, self._standing()
        state = standing.state if standing else None
        acts = standing.acts if standing else frozenset()
        self.state = CardLossState(
            card_state=say(language, f"card.{state.lower()}") if state else "",
            card_active=state is CardState.ACTIVE,
            card_icon=state_icon(state),
            after=say(language, f"loss.after.{_after(state)}") if state else "",
            seen=self._seen(),
            may_suspend=LossAct.SUSPEND in acts,
            may_lift=LossAct.LIFT in acts,
            may_report=LossAct.REPORT in acts,
            question=self._question(),
            done=self._done_notice(),
            problem=self._problem(),
        )

    @override
    def _problem(self) -> Notice | None:
        """Return why; where an act did not reach the server, that it waits for nobody."""
        notice = super()._problem()
        if notice is None or self._trouble not in _NOT_SENT:
            return notice
        return replace(notice, body=say(self._language, "loss.not_sent"))

    def _standing(self) -> LossStanding | None:
        """Return what was read, or what follows from the card on this phone."""
        wallet = self._session.wallet
        if wallet is None:
            return self._known
        if self._known is not None and self._known.state is wallet.card.state:
            return self._known
        return LossStanding.expected(wallet.card.state)

    def _question(self) -> Question | None:
        if self._step is Step.CHOOSE:
            return None
        key, language = f"loss.{self._step}", self._language
        return Question(
            icon=_ICONS.get(self._step, "lock"),
            title=say(language, f"{key}.title"),
            points=(*self._whose_card(), *say(language, f"{key}.points").split("\n")),
            yes=say(language, "sign_in.busy" if self._busy else f"{key}.yes"),
            no=say(language, f"{key}.no"),
            grave=self._step is Step.REPORT_SURE,
            busy=self._busy,
        )

    def _whose_card(self) -> tuple[str, ...]:
        """Return which card ends, before the last word on it; as far as this phone knows it."""
        wallet = self._session.wallet
        if self._step is not Step.REPORT_SURE or wallet is None:
            return ()
        name, tail = wallet.card.masked_name, wallet.card.number_tail
        return (say(self._language, "loss.report_sure.card", name=name, tail=tail),)

    def _done_notice(self) -> Notice | None:
        if self._done is None:
            return None
        key, icon = f"loss.done.{self._done.lower()}", "check"
        title, body = say(self._language, key), say(self._language, f"{key}.next")
        return Notice(icon, title, body, attention=False)

    def _go(self, step: Step) -> None:
        self._step, self._trouble, self._done = step, None, None
        self._show()

    async def _perform(self, act: LossAct) -> Trouble | None:
        standing = await self._loss.perform(act)
        if isinstance(standing, Trouble):
            return standing
        self._known, self._step, self._done = standing, Step.CHOOSE, act
        return None

    @override
    async def _read(self) -> Trouble | None:
        standing = await self._loss.read()
        if isinstance(standing, Trouble):
            return standing
        self._known = standing
        return None

    @override
    def _may_read(self) -> bool:
        return self._session.wallet is not None or self._account.signed_in

    @override
    def _forget(self) -> None:
        if self._session.wallet is None:
            self._known = None
            super()._forget()


def _after(state: CardState) -> str:
    known = {CardState.ACTIVE, CardState.SUSPENDED, CardState.LOST}
    return state.lower() if state in known else "over"
