"""挑战码: six digits off a venue's screen, which the next codes then answer."""

from collections.abc import Callable
from dataclasses import dataclass

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty

from mobile.core.texts import say
from mobile.viewmodels.preferences import PreferencesModel
from shared.ecode.challenge import DIGITS


@dataclass(frozen=True, slots=True)
class ChallengeState:
    """What was typed; `submit` says how much is missing, or what the button does."""

    digits: str = ""
    submit: str = ""
    ready: bool = False


class ChallengeModel(EventDispatcher):
    """Collects the digits; every visit to its page begins anew."""

    state = ObjectProperty(ChallengeState(), rebind=True)

    def __init__(self, preferences: PreferencesModel, answer: Callable[[str], None]) -> None:
        super().__init__()
        self._preferences = preferences
        self._answer = answer
        preferences.bind(value=lambda *_: self._show(self.state.digits))
        self._show("")

    def open(self) -> None:
        """Begin anew: a challenge is good once."""
        self._show("")

    def type_digit(self, digit: str) -> None:
        """Add a digit."""
        if digit.isascii() and digit.isdigit():
            self._show((self.state.digits + digit)[:DIGITS])

    def delete(self) -> None:
        """Remove the last digit."""
        self._show(self.state.digits[:-1])

    def clear(self) -> None:
        """Remove all digits."""
        self._show("")

    def key(self, name: str) -> None:
        """Take a key of a keyboard: a digit, `backspace` or `enter`."""
        if name == "enter":
            self.submit()
        elif name == "backspace":
            self.delete()
        else:
            self.type_digit(name)

    def submit(self) -> None:
        """Go on to the code that answers, when all digits are there."""
        if self.state.ready:
            self._answer(self.state.digits)

    def reading(self) -> str:
        """Return the screen in words to be said."""
        return say(self._preferences.language, "challenge.reading")

    def _show(self, digits: str) -> None:
        language, missing = self._preferences.language, DIGITS - len(digits)
        word = say(language, "enrol.missing", count=missing)
        submit = word if missing else say(language, "challenge.submit")
        self.state = ChallengeState(digits, submit, not missing)
