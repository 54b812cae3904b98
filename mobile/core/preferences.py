"""How one person wants to read the app."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from shared.localized_text import Language

TEXT_SCALES = (1.0, 1.2, 1.4, 2.0)
ELDER_SCALE = 1.4
Ground = Literal["phone", "light", "dark"]
GROUNDS: tuple[Ground, ...] = get_args(Ground)


@dataclass(frozen=True, slots=True)
class Preferences:
    """Kept on the phone; `elder` is 长辈版, the ground "phone" whatever the phone itself shows."""

    language: Language = "zh"
    elder: bool = False
    contrast: bool = False
    text_scale: float = 1.0
    ground: Ground = "phone"

    @classmethod
    def of_wire(cls, stored: Mapping[str, Any]) -> "Preferences":
        """Return what was stored; whatever is missing or unknown takes its default."""
        scale, ground = stored.get("text_scale"), stored.get("ground")
        return cls(
            language="en" if stored.get("language") == "en" else "zh",
            elder=stored.get("elder") is True,
            contrast=stored.get("contrast") is True,
            text_scale=scale if scale in TEXT_SCALES else 1.0,
            ground=ground if ground in GROUNDS else "phone",
        )

    def to_wire(self) -> dict[str, Any]:
        """Return what to store."""
        return asdict(self)
