"""Questions and answers, and what this app is."""

from dataclasses import dataclass

from kivy.event import EventDispatcher
from kivy.properties import ObjectProperty

from mobile import VERSION
from mobile.core.texts import say
from mobile.viewmodels.preferences import PreferencesModel

_QUESTIONS = ("scan", "offline", "lost", "card", "face", "sealed", "several", "code", "about")


@dataclass(frozen=True, slots=True)
class Answer:
    """A plain question and its short answer."""

    question: str
    answer: str


class HelpModel(EventDispatcher):
    """Follows the language."""

    answers = ObjectProperty(())

    def __init__(self, preferences: PreferencesModel) -> None:
        super().__init__()
        self._preferences = preferences
        preferences.bind(value=lambda *_: self._show())
        self._show()

    def reading(self) -> str:
        """Return the questions with their answers."""
        return " ".join(f"{answer.question} {answer.answer}" for answer in self.answers)

    def _show(self) -> None:
        language = self._preferences.language
        self.answers = tuple(
            Answer(
                say(language, f"help.{name}"),
                say(language, f"help.{name}.lead", version=VERSION),
            )
            for name in _QUESTIONS
        )
