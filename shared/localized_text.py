"""Words in the two languages of the product."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """One text, in plain Mandarin first and in English."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the text in one language."""
        return self.zh if language == "zh" else self.en
