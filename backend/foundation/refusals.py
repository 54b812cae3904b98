"""An expected "no", as a value: a name for programs, words and a next step for people."""

from dataclasses import dataclass

from shared.localized_text import LocalizedText


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something asked for is not done, and what to do now."""

    code: str
    text: LocalizedText
    next_step: LocalizedText


def refusal(code: str, text: tuple[str, str], next_step: tuple[str, str]) -> Refusal:
    """Return a refusal from (Chinese, English) pairs."""
    return Refusal(code, LocalizedText(*text), LocalizedText(*next_step))
