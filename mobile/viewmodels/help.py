"""Questions and answers, and what this app is."""

from dataclasses import dataclass

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty

from mobile import VERSION
from mobile.core.texts import say
from mobile.ports.dialler import Dialler, NoDialler
from mobile.viewmodels.notices import Notice
from mobile.viewmodels.preferences import PreferencesModel

HOTLINE = "12333"
"""The labour and social security hotline 人社服务热线, the same all over the country."""
_QUESTIONS = ("scan", "offline", "lost", "card", "face", "sealed", "several", "code", "about")


@dataclass(frozen=True, slots=True)
class Answer:
    """A plain question and its short answer."""

    question: str
    answer: str


class HelpModel(EventDispatcher):
    """Follows the language; `notices` say what a touch on the hotline came to."""

    answers = ObjectProperty(())
    notices = ObjectProperty(())

    def __init__(self, preferences: PreferencesModel, dialler: Dialler) -> None:
        super().__init__()
        self._preferences = preferences
        self._dialler = dialler
        self._undialled = False
        preferences.bind(value=lambda *_: self._show())
        self._show()

    def open(self) -> None:
        """Come to the page anew."""
        self._undialled = False
        self._show()

    def call(self) -> None:
        """Put the hotline's number before the user, or show it where nothing makes calls."""
        try:
            self._dialler.dial(HOTLINE)
        except NoDialler:
            self._undialled = True
        self._show()

    def reading(self) -> str:
        """Return the way to a person, then the questions with their answers."""
        call = say(self._preferences.language, "help.call")
        answers = " ".join(f"{answer.question} {answer.answer}" for answer in self.answers)
        return f"{call}。{answers}"

    def _show(self) -> None:
        language = self._preferences.language
        by_hand = (
            Notice("call", say(language, "help.by_hand"), say(language, "help.by_hand.next")),
        )
        self.notices = by_hand if self._undialled else ()
        self.answers = tuple(
            Answer(
                say(language, f"help.{name}"),
                say(language, f"help.{name}.lead", version=VERSION),
            )
            for name in _QUESTIONS
        )
