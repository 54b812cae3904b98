"""An act that is asked about before it is done."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Question:
    """What an act means, in `points`, and the words of yes and no; `grave` ones cannot be undone.

    `busy` while the yes is being done.
    """

    icon: str
    title: str
    points: tuple[str, ...]
    yes: str
    no: str
    grave: bool = False
    busy: bool = False

    def reading(self) -> str:
        """Return the question in words to be said."""
        return " ".join((f"{self.title}。", *self.points))
