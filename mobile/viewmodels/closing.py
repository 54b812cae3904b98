"""注销账户: what is erased and what the law keeps, asked twice, taken back by one touch."""

from dataclasses import dataclass, replace
from enum import StrEnum

from kivy.properties import ObjectProperty
from typing_extensions import override

from mobile.core import moments
from mobile.core.closing import ClosingTerms, KeptRecord
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.account import Account
from mobile.services.city_time import CityTime
from mobile.services.closings import Closings
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel
from mobile.viewmodels.question import Question
from mobile.viewmodels.served import ServedModel, said


class Step(StrEnum):
    """What is shown; the request is asked about twice."""

    TERMS = "terms"
    ASK = "ask"
    SURE = "sure"


_BEFORE = {Step.ASK: Step.TERMS, Step.SURE: Step.ASK}


@dataclass(frozen=True, slots=True)
class ClosingState:
    """What is shown: a question, else the terms; `runs` names a closing under way."""

    loading: bool = False
    erased: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    cooling_off: str = ""
    runs: Notice | None = None
    may_request: bool = False
    busy: bool = False
    question: Question | None = None
    done: Notice | None = None
    problem: Notice | None = None


class ClosingModel(ServedModel):
    """Asks twice before a closing; taking it back takes one touch."""

    state = ObjectProperty(ClosingState(), rebind=True)

    def __init__(
        self, closings: Closings, account: Account, time: CityTime, preferences: PreferencesModel
    ) -> None:
        super().__init__(account, time, preferences)
        self._closings = closings
        self._known: ClosingTerms | None = None
        self._step = Step.TERMS
        self._withdrawn = False

    @override
    def open(self) -> None:
        self._step, self._withdrawn = Step.TERMS, False
        super().open()

    def ask(self) -> None:
        """Ask whether the account is really to be closed."""
        self._go(Step.ASK)

    def yes(self) -> None:
        """Go on: to the last question, then to the request itself."""
        if self._step is Step.SURE:
            self._act(self._request)
        else:
            self._go(Step.SURE)

    def no(self) -> None:
        """Keep the account."""
        if not self._busy:
            self._go(Step.TERMS)

    def step_back(self) -> bool:
        """Go to what was shown before; False at the terms."""
        if self._busy or self._step not in _BEFORE:
            return False
        self._go(_BEFORE[self._step])
        return True

    def withdraw(self) -> None:
        """Take the request back."""
        self._act(self._withdraw)

    def reading(self) -> str:
        """Return the screen in words to be said."""
        state: ClosingState = self.state
        notice = state.problem or state.done or state.runs
        if notice:
            return said(notice)
        if state.question:
            return state.question.reading()
        return say(
            self._language,
            "closing.reading",
            erased="；".join(state.erased),
            kept="；".join(what for what, _ in state.kept),
        )

    @override
    def _show(self) -> None:
        known, language = self._known, self._language
        self.state = ClosingState(
            loading=self._reading.going_on and known is None,
            erased=tuple(text.in_language(language) for text in known.erased) if known else (),
            kept=tuple(map(self._kept, known.kept)) if known else (),
            cooling_off=say(language, "closing.cooling", days=known.cooling_off_days)
            if known
            else "",
            runs=self._runs(),
            may_request=known is not None and known.request is None,
            busy=self._busy,
            question=self._question(),
            done=self._done_notice(),
            problem=self._problem(),
        )

    def _kept(self, record: KeptRecord) -> tuple[str, str]:
        language = self._language
        why = f"{record.legal_basis.in_language(language)}\n{record.until.in_language(language)}"
        return record.what.in_language(language), why

    def _runs(self) -> Notice | None:
        request = self._known.request if self._known else None
        if request is None:
            return None
        day = moments.date(request.effective_at, self._language)
        title = say(self._language, "closing.runs", day=day)
        return Notice("clock-alert", title, say(self._language, "closing.runs.next"))

    def _question(self) -> Question | None:
        if self._step is Step.TERMS or self._known is None:
            return None
        key, language = f"closing.{self._step}", self._language
        points = say(language, f"{key}.points", days=self._known.cooling_off_days)
        return Question(
            icon="account-remove",
            title=say(language, f"{key}.title"),
            points=tuple(points.split("\n")),
            yes=say(language, "sign_in.busy" if self._busy else f"{key}.yes"),
            no=say(language, "closing.no"),
            grave=self._step is Step.SURE,
            busy=self._busy,
        )

    def _done_notice(self) -> Notice | None:
        if not self._withdrawn:
            return None
        title, body = (say(self._language, f"closing.withdrawn{end}") for end in ("", ".next"))
        return Notice("check", title, body, attention=False)

    def _go(self, step: Step) -> None:
        self._step, self._trouble, self._withdrawn = step, None, False
        self._show()

    async def _request(self) -> Trouble | None:
        request = await self._closings.request()
        if isinstance(request, Trouble):
            return request
        if self._known is not None:
            self._known = replace(self._known, request=request)
        self._step = Step.TERMS
        return None

    async def _withdraw(self) -> Trouble | None:
        trouble = await self._closings.withdraw()
        if trouble is None and self._known is not None:
            self._known, self._withdrawn = replace(self._known, request=None), True
        return trouble

    @override
    async def _read(self) -> Trouble | None:
        terms = await self._closings.terms()
        if isinstance(terms, Trouble):
            return terms
        if not self._busy:
            self._known = terms
        return None

    @override
    def _forget(self) -> None:
        super()._forget()
        self._known, self._step = None, Step.TERMS
