"""Signing in: by a code sent to the phone, or by citizen number and password."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty, StringProperty

from mobile.core import moments
from mobile.core.account import SentCode, masked_phone
from mobile.core.texts import say
from mobile.core.trouble import Trouble, of_act
from mobile.core.typed import CITIZEN_NUMBER, PHONE, SMS_CODE
from mobile.services.account import Account, Way
from mobile.services.background import Background
from mobile.services.city_time import CityTime
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.preferences import PreferencesModel
from shared.clock import LOCAL_ZONE


class Step(StrEnum):
    """What is asked for."""

    PHONE = "phone"
    CODE = "code"
    NUMBER = "number"
    PASSWORD = "password"  # noqa: S105, the name of a step


_FIELDS = {Step.PHONE: PHONE, Step.CODE: SMS_CODE, Step.NUMBER: CITIZEN_NUMBER}
_BEFORE = {Step.CODE: Step.PHONE, Step.PASSWORD: Step.NUMBER}


@dataclass(frozen=True, slots=True)
class SignInState:
    """What is shown; `typed` is in groups, `wait` says when the next code may be asked for."""

    step: Step = Step.PHONE
    typed: str = field(default="", repr=False)
    title: str = ""
    lead: str = ""
    submit: str = ""
    ready: bool = False
    busy: bool = False
    resend: str = ""
    can_resend: bool = False
    ended: Notice | None = None
    problem: Notice | None = None


class SignInModel(EventDispatcher):
    """Collects what is typed, each step's for itself; nothing is lost to a failed attempt."""

    state = ObjectProperty(SignInState(), rebind=True)
    password = StringProperty()

    def __init__(
        self,
        account: Account,
        time: CityTime,
        preferences: PreferencesModel,
        passed: Callable[[], Awaitable[bool | Trouble]],
    ) -> None:
        super().__init__()
        self._passed = passed
        self._account = account
        self._time = time
        self._preferences = preferences
        self._step = Step.PHONE
        self._typed = dict.fromkeys(_FIELDS, "")
        self._sent: SentCode | None = None
        self._problem: Callable[[], Notice] | None = None
        self._busy = False
        self._work = Background()
        account.listen(self.tick)
        preferences.bind(value=lambda *_: self.tick())
        self.bind(password=lambda *_: self._edited())
        self.tick()

    def type_digit(self, digit: str) -> None:
        """Add a digit, or the X that a citizen number may end with."""
        if not self._busy and self._step in _FIELDS:
            field = _FIELDS[self._step]
            self._typed[self._step] = field.added(self._typed[self._step], digit)
            self._edited()

    def delete(self) -> None:
        """Remove the last digit."""
        if not self._busy and self._step in _FIELDS:
            self._typed[self._step] = self._typed[self._step][:-1]
            self._edited()

    def clear(self) -> None:
        """Remove all digits of this step."""
        if not self._busy and self._step in _FIELDS:
            self._typed[self._step] = ""
            self._edited()

    def key(self, name: str) -> None:
        """Take a key of a keyboard: a digit, X, `backspace` or `enter`."""
        if name == "enter":
            self.submit()
        elif name == "backspace":
            self.delete()
        else:
            self.type_digit(name)

    def choose_other_way(self) -> None:
        """Change between code by SMS and password."""
        by_sms = self._step in {Step.PHONE, Step.CODE}
        self._go(Step.NUMBER if by_sms else (Step.CODE if self._sent else Step.PHONE))

    def step_back(self) -> bool:
        """Go back to the number this step follows from; False where there is none."""
        if self._step not in _BEFORE:
            return False
        self._go(_BEFORE[self._step])
        return True

    def submit(self) -> None:
        """Do what this step is for, when all of it is typed."""
        if self._busy or not self._is_complete():
            return
        if self._step is Step.NUMBER:
            self._check_number()
        elif self._step is Step.PHONE:
            self._start(self._send_code)
        elif self._step is Step.CODE:
            credentials = {"phone": self._typed[Step.PHONE], "code": self._typed[Step.CODE]}
            self._start(lambda: self._sign_in(Way.SMS, credentials))
        else:
            credentials = {"login": self._typed[Step.NUMBER], "password": self.password}
            self._start(lambda: self._sign_in(Way.PASSWORD, credentials))

    def resend(self) -> None:
        """Ask for another code, once that is allowed."""
        if self.state.can_resend and not self._busy:
            self._start(self._send_code)

    async def close(self) -> None:
        """Stop a running attempt and wait for its end."""
        await self._work.close()

    def reading(self) -> str:
        """Return the screen in words to be said; never what was typed."""
        problem = self.state.problem or self.state.ended
        said = f"{self.state.title}。{self.state.lead}"
        return f"{problem.title}。{problem.body}" if problem else said

    def tick(self) -> None:
        """Bring the state up to this moment."""
        language, ended = self._preferences.language, self._account.ended
        typed, field = self._typed.get(self._step, ""), _FIELDS.get(self._step)
        left = field.missing(typed) if field else 0
        submit = say(language, f"sign_in.{self._step}.submit")
        if left > 0:
            submit = say(language, "enrol.missing", count=left)
        resend, can_resend = self._resend()
        self.state = SignInState(
            step=self._step,
            typed=field.shown(typed) if field else "",
            title=say(language, f"sign_in.{self._step}"),
            lead=self._lead(),
            submit=say(language, "sign_in.busy") if self._busy else submit,
            ready=self._is_complete() and not self._busy,
            busy=self._busy,
            resend=resend,
            can_resend=can_resend,
            ended=replace(notice_of(ended, language, "lock"), attention=False) if ended else None,
            problem=self._problem() if self._problem else None,
        )

    def _lead(self) -> str:
        language = self._preferences.language
        if self._step is not Step.CODE or self._sent is None:
            return say(language, f"sign_in.{self._step}.lead")
        phone = masked_phone(self._typed[Step.PHONE])
        until = moments.minute(self._sent.valid_until)
        return say(language, "sign_in.code.lead", phone=phone, until=until)

    def _resend(self) -> tuple[str, bool]:
        language = self._preferences.language
        if self._step is not Step.CODE or self._sent is None:
            return "", False
        left = self._sent.resend_at - self._time.now()
        seconds = int(left.total_seconds()) + 1
        if left.total_seconds() <= 0:
            return say(language, "sign_in.resend"), True
        if self._preferences.value.elder:  # no figures that run: nobody is to feel hurried
            return say(language, "sign_in.resend.later"), False
        return say(language, "sign_in.resend.wait", seconds=seconds), False

    def _is_complete(self) -> bool:
        if self._step in _FIELDS:
            return not _FIELDS[self._step].missing(self._typed[self._step])
        return bool(self.password)

    def _check_number(self) -> None:
        """Tell a mistyped citizen number before the password is asked for."""
        from shared.identity.id_number import (  # noqa: PLC0415, reads a table of regions
            InvalidIdNumber,
            parse_id_number,
        )

        found = parse_id_number(
            self._typed[Step.NUMBER], self._time.now().astimezone(LOCAL_ZONE).date()
        )
        if not isinstance(found, InvalidIdNumber):
            self._go(Step.PASSWORD)
            return
        text = found.text
        self._problem = lambda: Notice(
            "alert",
            say(self._preferences.language, "sign_in.number_wrong"),
            text.in_language(self._preferences.language),
        )
        self.tick()

    async def _send_code(self) -> None:
        sent = await self._account.request_code(self._typed[Step.PHONE])
        if isinstance(sent, Trouble):
            self._fail(sent)
            return
        self._sent, self._step = sent, Step.CODE
        self._typed[Step.CODE] = ""

    async def _sign_in(self, way: Way, credentials: dict[str, str]) -> None:
        trouble = await self._account.sign_in(way, credentials)
        if trouble is not None:
            self._fail(trouble)
            return
        self._forget()

    def _forget(self) -> None:
        """Keep nothing of what was typed but for the time it was needed."""
        self._typed = dict.fromkeys(_FIELDS, "")
        self._step, self._sent, self.password = Step.PHONE, None, ""

    def _fail(self, trouble: Trouble) -> None:
        self._problem = lambda: notice_of(of_act(trouble), self._preferences.language)

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        self._busy, self._problem = True, None
        self.tick()

        async def run() -> None:
            try:
                passed = await self._passed()  # the notice 告知书 comes before the first request
                if isinstance(passed, Trouble):
                    self._fail(passed)
                elif passed:
                    await work()
            finally:
                self._busy = False
                self.tick()

        self._work.start(run)

    def _go(self, step: Step) -> None:
        if not self._busy:
            self._step, self._problem = step, None
            self.tick()

    def _edited(self) -> None:
        if self._step is Step.PHONE:
            self._sent = None
        self._problem = None
        self.tick()
