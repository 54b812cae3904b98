"""The eye beside a masked name: open for half a minute at most, then masked again by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from mobile.core.card import Card
from mobile.core.texts import say
from mobile.core.trouble import Trouble
from mobile.services.background import Background
from mobile.services.card_faces import CardFaces
from mobile.services.city_time import CityTime
from shared.localized_text import Language

OPEN_SECONDS = 30.0
_MASKED_TAIL = "••••"


@dataclass(frozen=True, slots=True)
class Face:
    """Name and number tail as they may be seen now; `note` says until when, or what is missing."""

    name: str
    tail: str
    revealed: bool
    note: str


class Eye:
    """Counts by the clock that no hand moves, from the touch on: drawing anew prolongs nothing."""

    def __init__(self, faces: CardFaces, time: CityTime, told: Callable[[], None]) -> None:
        self._faces = faces
        self._time = time
        self._told = told
        self._work = Background()
        self._until: float | None = None
        self._name = ""
        self._failed = False

    def turn(self) -> None:
        """Open the eye, or close it."""
        if self._left() > 0:
            self.close()
        else:
            self._until = self._time.reading().steady + OPEN_SECONDS
            if not self._work.busy:
                self._work.start(self._ask)
        self._told()

    def close(self) -> None:
        """Mask again at once."""
        self._until, self._name, self._failed = None, "", False

    def face(self, card: Card, language: Language) -> Face:
        """Return what may be seen of `card` at this moment."""
        left = self._left()
        if left <= 0:
            self.close()
            return Face(
                card.masked_name,
                say(language, "card.tail", tail=_MASKED_TAIL),
                revealed=False,
                note="",
            )
        note = say(language, "code.eye.left", seconds=ceil(left))
        if self._failed:
            note = say(language, "code.eye.offline")
        return Face(
            self._name or card.masked_name,
            say(language, "card.tail", tail=card.number_tail),
            revealed=True,
            note=note,
        )

    async def stop(self) -> None:
        """Stop asking and wait for its end."""
        await self._work.close()

    def _left(self) -> float:
        return 0.0 if self._until is None else self._until - self._time.reading().steady

    async def _ask(self) -> None:
        name = await self._faces.name()
        if self._left() > 0:  # nobody may have waited for it
            self._failed = isinstance(name, Trouble)
            self._name = name if isinstance(name, str) else ""
        self._told()
