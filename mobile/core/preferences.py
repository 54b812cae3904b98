"""How one person wants to read the app."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shared.localized_text import Language

TEXT_SCALES = (1.0, 1.2, 1.4, 2.0)
ELDER_SCALE = 1.4


@dataclass(frozen=True, slots=True)
class Preferences:
    """Kept on the phone; `elder` is 长辈版."""

    language: Language = "zh"
    elder: bool = False
    contrast: bool = False
    text_scale: float = 1.0

    @classmethod
    def of_wire(cls, stored: Mapping[str, Any]) -> "Preferences":
        """Return what was stored; whatever is missing or unknown takes its default."""
        scale = stored.get("text_scale")
        return cls(
            language="en" if stored.get("language") == "en" else "zh",
            elder=stored.get("elder") is True,
            contrast=stored.get("contrast") is True,
            text_scale=scale if scale in TEXT_SCALES else 1.0,
        )

    def to_wire(self) -> dict[str, Any]:
        """Return what to store."""
        return asdict(self)
