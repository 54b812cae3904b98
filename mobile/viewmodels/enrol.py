"""Typing the activation code."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty

from mobile.core import enrolment_code
from mobile.core.texts import say
from mobile.core.trouble import INTERCEPTED, UNREACHABLE, Trouble, of_act
from mobile.services.background import Background
from mobile.viewmodels.notices import Notice, notice_of
from mobile.viewmodels.preferences import PreferencesModel


@dataclass(frozen=True, slots=True)
class EnrolState:
    """What was typed, whether it is being sent, and what came of it."""

    digits: str = ""
    busy: bool = False
    problem: Notice | None = None
    missing: str = ""


class EnrolModel(EventDispatcher):
    """Collects digits; a failed attempt keeps them, so that nothing is typed twice."""

    state = ObjectProperty(EnrolState(), rebind=True)

    def __init__(
        self,
        submit: Callable[[str], Awaitable[Trouble | None]],
        preferences: PreferencesModel,
        passed: Callable[[], Awaitable[bool | Trouble]],
        trouble: Trouble | None = None,
    ) -> None:
        super().__init__()
        self._passed = passed
        self._submit = submit
        self._preferences = preferences
        self._trouble = trouble
        self._work = Background()
        preferences.bind(value=lambda *_: self._show(self.state.digits))
        self._show("")

    def type_digit(self, digit: str) -> None:
        """Add a digit."""
        self._edit(enrolment_code.digits_of(self.state.digits + digit))

    def delete(self) -> None:
        """Remove the last digit."""
        self._edit(self.state.digits[:-1])

    def clear(self) -> None:
        """Remove all digits."""
        self._edit("")

    def fill(self, text: str) -> None:
        """Take a whole code, as a link brings it."""
        self._edit(enrolment_code.digits_of(text))

    def key(self, name: str) -> None:
        """Take a key of a keyboard: a digit, `backspace` or `enter`."""
        if name == "backspace":
            self.delete()
        elif name == "enter":
            self.submit()
        else:
            self.type_digit(name)

    def submit(self, *, by_link: bool = False) -> None:
        """Send the code when it is complete, after the notice 告知书 was read.

        A clerk who gives a code hands the notice over. So a code that an outlet's link brought is
        sent at once, and a typed one as well where the notices cannot be had but the code can: the
        app reminds of them beside the code.
        """
        if self.state.busy or not enrolment_code.is_complete(self.state.digits):
            return
        self.state = replace(self.state, busy=True, problem=None)
        digits = self.state.digits
        self._work.start(lambda: self._send(digits, told=by_link))

    async def close(self) -> None:
        """Stop a running attempt and wait for its end."""
        await self._work.close()

    def reading(self) -> str:
        """Return the screen in words to be said."""
        problem = self.state.problem
        said = say(self._preferences.language, "enrol.reading")
        return f"{problem.title}。{problem.body}" if problem else said

    async def _send(self, digits: str, *, told: bool) -> None:
        try:
            passed = True if told else await self._passed()
            if passed is False:
                trouble = None
            elif isinstance(passed, Trouble) and passed in {UNREACHABLE, INTERCEPTED}:
                trouble = passed
            else:
                trouble = await self._submit(digits)
        finally:
            self.state = replace(self.state, busy=False)
        self._trouble = of_act(trouble) if trouble else None
        self._show(digits if passed is False or trouble is not None else "")

    def _edit(self, digits: str) -> None:
        if not self.state.busy:
            self._trouble = None
            self._show(digits)

    def _show(self, digits: str) -> None:
        language = self._preferences.language
        count = enrolment_code.LENGTH - len(digits)
        self.state = replace(
            self.state,
            digits=digits,
            problem=notice_of(self._trouble, language) if self._trouble else None,
            missing=say(language, "enrol.missing", count=count) if count else "",
        )
