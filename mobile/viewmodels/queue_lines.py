"""A place in today's queue, in words."""

from dataclasses import dataclass
from datetime import datetime

from mobile.core import moments
from mobile.core.texts import say
from mobile.core.visit_queue import QueuePlace, QueueState
from shared.localized_text import Language


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue number ready to be drawn; `attention`: its holder has to do something now."""

    number: str
    words: str
    seen: str
    attention: bool

    def reading(self, language: Language) -> str:
        """Return it in words to be said."""
        return say(language, "queue.reading", number=self.number, words=self.words)


def queue_line(place: QueuePlace, now: datetime, language: Language) -> QueueLine | None:
    """Return a place in words, None for one that its holder gave up."""
    words = _words(place, language)
    if not words:
        return None
    seen = place.seen_at
    told = say(language, "card.seen", age=moments.age(seen, now, language)) if seen else ""
    return QueueLine(
        number=str(place.number),
        words=words,
        seen=told,
        attention=place.state in {QueueState.CALLED, QueueState.MISSED},
    )


def _words(place: QueuePlace, language: Language) -> str:
    match place.state:
        case QueueState.CALLED:
            return say(language, "queue.called", desk=place.desk)
        case QueueState.MISSED:
            return say(language, "queue.missed")
        case QueueState.SEEN:
            return say(language, "queue.seen")
        case QueueState.WAITING:
            key = "queue.ahead" if place.ahead else "queue.next"
            words = say(language, key, count=place.ahead or 0)
            return f"{words}\n{say(language, 'queue.late')}" if place.late else words
        case _:
            return ""
