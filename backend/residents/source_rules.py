"""Which source's word stands, field by field, where sources say different things: pure (S115).

Each source has one word on a field, its latest. The one of the source that outranks the others
stands, of two of one rank the later; so what stands depends on what was said and when, never on
the order in which it arrived. A clerk's decision is a word too, of the highest rank.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from backend.foundation.refusals import refusal
from backend.residents.rules import PersonField, Source

_BY_AUTHORITY = (
    frozenset({Source.POPULATION_REGISTER, Source.CORRECTION}),
    frozenset({Source.DOCUMENT}),
    frozenset({Source.SOCIAL_SECURITY}),
    frozenset({Source.COUNTER}),
    frozenset({Source.RESIDENT}),
)
PRECEDENCE: Mapping[PersonField, tuple[frozenset[Source], ...]] = {
    PersonField.NAME: _BY_AUTHORITY,
    PersonField.BIRTH: _BY_AUTHORITY,
    # A phone signs in: whoever holds it has proven that, and no register knows better.
    PersonField.PHONE: (
        frozenset({Source.RESIDENT, Source.CORRECTION}),
        frozenset({Source.COUNTER}),
        frozenset({Source.DOCUMENT}),
        frozenset({Source.SOCIAL_SECURITY}),
        frozenset({Source.POPULATION_REGISTER}),
    ),
}
"""The sources, highest first; those of one set are of one rank.

The number has no line: it is what a record is found by, so another number is another record, and
two of one person are merged.
"""

CONFLICT_UNKNOWN = refusal(
    "source_conflict_unknown",
    ("没有这项待核定的不一致。", "There is no such conflict to settle."),
    ("请刷新列表。", "Load the list again."),
)
PHONE_BY_HOLDER = refusal(
    "source_conflict_phone",
    (
        "手机号码只能由本人验证后变更。",
        "A phone on the record is changed only by who proves to hold it.",
    ),
    (
        "请本人办理手机号码变更，或核定保留原号码。",
        "Have the person change their phone, or keep the one that stands.",
    ),
)


@dataclass(frozen=True, slots=True)
class Word:
    """What a source says of a field, and when it said so."""

    source: Source
    at: datetime
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The word that stands, and what the other sources said last, by their names."""

    standing: Word
    others: tuple[Word, ...] = ()


def rank_of(one: PersonField, source: Source) -> int:
    """Return the rank of a source for a field, 0 the lowest."""
    ranks = PRECEDENCE[one]
    return next(len(ranks) - 1 - place for place, those in enumerate(ranks) if source in those)


def weighed(one: PersonField, words: Iterable[Word]) -> Weighed:
    """Weigh at least one word on a field.

    Two words of one moment and one rank are told apart by their text, so that there is one outcome.
    """
    latest: dict[Source, Word] = {}
    for word in words:
        held = latest.get(word.source)
        if held is None or (held.at, held.value) < (word.at, word.value):
            latest[word.source] = word

    def weight(word: Word) -> tuple[int, datetime, str, str]:
        return rank_of(one, word.source), word.at, word.value, word.source.value

    standing = max(latest.values(), key=weight)
    others = sorted(set(latest) - {standing.source})
    return Weighed(standing, tuple(latest[source] for source in others))


def in_conflict(standing: Word, other: Word) -> bool:
    """Tell whether a word is one to settle: another value, said after the one that stands.

    What was said before is superseded: the higher source knew better, later.
    """
    return other.value != standing.value and other.at > standing.at
