"""Finding a service by a few letters or characters, though they be typed wrongly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from mobile.core.pinyin import alike, carelessly, syllables

EXACT, WITHIN, PINYIN, INITIALS, SOUNDS, MISTYPED = 100, 90, 80, 70, 60, 40
_LONGEST_QUERY = 40
_LEAST_LIKENESS = 0.78
_LEAST_TYPED = 3
"""Fewer characters than that are not taken for a slip of something else."""


@dataclass(frozen=True, slots=True)
class Named:
    """What can be found: `key` names it, `words` are what people call it, its title first."""

    key: str
    words: tuple[str, ...]


def find(query: str, among: Iterable[Named]) -> tuple[str, ...]:
    """Return the keys of what fits `query`, the best first, what fits alike in the given order.

    Hanzi are found by themselves, by how they sound and with one of them wrong; letters as part of
    an English word, as pinyin, as the initials of pinyin, and with a slip of the finger.
    """
    typed = "".join(query.casefold().split())[:_LONGEST_QUERY]
    if not typed:
        return ()
    scored = [(_best(typed, named.words), named.key) for named in among]
    ranked = sorted((one for one in scored if one[0]), key=lambda one: -one[0])
    # A slip is a guess: beside what was meant for certain it would only be in the way.
    certain = [one for one in ranked if one[0] > MISTYPED + 10]
    return tuple(key for _, key in certain or ranked)


def _best(typed: str, words: Sequence[str]) -> float:
    """Return how well the best of the words fits; other names of a thing count a little less."""
    fits = [_fit(typed, word.casefold()) for word in words]
    return max(fits[0], max(fits[1:], default=0) - 5)


def _fit(typed: str, word: str) -> float:
    closed = word.replace(" ", "")
    if typed == closed:
        return EXACT
    if typed in closed and (
        not typed.isascii() or len(typed) >= _LEAST_TYPED or _starts(typed, word)
    ):
        return WITHIN
    if word.isascii():
        return _slip(typed, word.split()) if typed.isascii() else 0
    return _fit_letters(typed, word) if typed.isascii() else _fit_hanzi(typed, word)


def _starts(typed: str, word: str) -> bool:
    return any(part.startswith(typed) for part in word.split())


def _fit_letters(typed: str, word: str) -> float:
    """Compare letters with the pinyin of hanzi, from any of them on."""
    starts = range(len(word))
    if any(_reads(typed, word[start:]) for start in starts):
        return PINYIN if len(typed) > 1 else INITIALS
    if len(typed) > 1 and any(_initials(typed, word[start:]) for start in starts):
        return INITIALS
    ends = [(start, end) for start in starts for end in range(start + 1, len(word) + 1)]
    spelled = [carelessly(_spelled(word[start:end])) for start, end in ends]
    return _slip(carelessly(typed), spelled)


def _reads(typed: str, word: str) -> bool:
    """Tell whether `typed` is how the beginning of `word` reads, its last syllable perhaps cut off.

    Syllables and bare initials may stand mixed: guas, gshi, gs.
    """
    if not typed:
        return True
    if not word:
        return False
    for syllable in syllables(word[0]):
        if syllable.startswith(typed):
            return True
        if typed.startswith(syllable) and _reads(typed[len(syllable) :], word[1:]):
            return True
    return False


def _initials(typed: str, word: str) -> bool:
    if len(typed) > len(word):
        return False
    pairs = zip(typed, word, strict=False)
    return all(any(one.startswith(sign) for one in syllables(hanzi)) for sign, hanzi in pairs)


def _spelled(word: str) -> str:
    return "".join(min(syllables(hanzi)) for hanzi in word)


def _slip(typed: str, meant: Iterable[str]) -> float:
    """Return how like `typed` is to the likest of what may be meant; 0 where it is not."""
    if len(typed) < _LEAST_TYPED + 1:
        return 0
    matcher = SequenceMatcher(b=typed, autojunk=False)
    likest = 0.0
    for one in meant:
        if abs(len(one) - len(typed)) > 2:
            continue
        matcher.set_seq1(one)
        if matcher.quick_ratio() > max(likest, _LEAST_LIKENESS):
            likest = max(likest, matcher.ratio())
    return MISTYPED + 10 * likest if likest >= _LEAST_LIKENESS else 0


def _fit_hanzi(typed: str, word: str) -> float:
    """Compare hanzi by sound, and let one of three or more be another."""
    windows = [word[start : start + len(typed)] for start in range(len(word) - len(typed) + 1)]
    for window in windows:
        if all(alike(one, other) for one, other in zip(typed, window, strict=True)):
            return SOUNDS if len(typed) > 1 else 0
    if len(typed) < _LEAST_TYPED:
        return 0
    same = [sum(map(str.__eq__, typed, window)) for window in windows]
    return MISTYPED if same and max(same) >= len(typed) - 1 else 0
