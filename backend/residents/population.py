"""A made-up population, the same for the same seed: for tests, demonstrations and measurements.

Person `i` depends on the seed and on `i` alone, so a smaller population is the beginning of a
larger one. Nobody is hit: numbers have the division 369998, which does not exist, and phones begin
with 154, a range that no mobile operator is known to use. China reserves none for fiction, so a
real gateway must refuse 154 all the same.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate

from backend.residents.population_tables import (
    AGE_SHARES,
    DISTRICTS,
    GIVEN_BY_DECADE,
    MINORITY_FIRST,
    MINORITY_LAST,
    RARE_CHARACTERS,
    SURNAME_SHARES,
)
from shared.identity.id_number import check_character
from shared.identity.person_name import DOT

DIVISION = "369998"
PHONE_PREFIX = "154"
LARGEST = 10_000_000
AS_OF = date(2026, 1, 1)
"""The day on which the ages hold; fixed, so that a seed means the same people next year."""

_PLACES = 2**24  # more than LARGEST; a day holds fewer than the 1,000 that sequences can number
_STRIDE = 10_368_889  # odd and about the golden section of _PLACES: any beginning is spread evenly
_YEARS = 5


@dataclass(frozen=True, slots=True)
class MadeUpPerson:
    """Somebody who does not exist; `generation` is their card's."""

    number: str = field(repr=False)
    name: str = field(repr=False)
    phone: str | None = field(repr=False)
    birth: date
    region: int
    generation: int
    card_number: str


class Population:
    """The people of one seed."""

    def __init__(self, seed: int) -> None:
        self._key = hashlib.sha256(f"population\0{seed}".encode()).digest()
        self.start = int.from_bytes(self._key[:4], "big")

    def person(self, index: int) -> MadeUpPerson:
        """Return person `index`, from 0 to `LARGEST` - 1."""
        if not 0 <= index < LARGEST:
            raise ValueError(f"a population has at most {LARGEST} people")
        draw = Draw(hashlib.blake2b(index.to_bytes(4, "big"), key=self._key).digest())
        birth, sequence = _birth((index * _STRIDE + self.start) % _PLACES)
        digits = f"{DIVISION}{birth:%Y%m%d}{sequence:03d}"
        male = sequence % 2 == 1
        age = AS_OF.year - birth.year
        # Children and some of the old have no phone of their own.
        called = draw.below(100) < (98 if 12 <= age < 75 else 0 if age < 12 else 60)
        return MadeUpPerson(
            number=digits + check_character(digits),
            name=_name(draw, birth.year, male=male),
            phone=f"{PHONE_PREFIX}{index:08d}" if called else None,
            birth=birth,
            region=_pick(DISTRICTS, _DISTRICT_SUMS, draw),
            # 三代卡 since 2018, in natural replacement: the young have it, of the others most.
            generation=3 if age < 12 or draw.below(100) < 62 else 2,
            card_number=f"D{index:08d}",
        )

    def identifier(self, index: int) -> str:
        """Return person `index`'s id, the same at each loading."""
        digest = hashlib.blake2b(b"id" + index.to_bytes(4, "big"), key=self._key, digest_size=16)
        return f"res_{digest.hexdigest()}"

    def drawn(self, about: str, place: int) -> bytes:
        """Return 64 bytes that follow from the seed, for what other areas make up of a place."""
        return hashlib.blake2b(f"{about}\0{place}".encode(), key=self._key).digest()

    def draw(self, about: str, place: int) -> "Draw":
        """Return numbers out of `drawn`."""
        return Draw(self.drawn(about, place))


class Draw:
    """Numbers out of one hash, used up from its end."""

    def __init__(self, digest: bytes) -> None:
        self._left = int.from_bytes(digest, "big")

    def below(self, limit: int) -> int:
        """Return a number from 0 to `limit` - 1, another at each call."""
        self._left, drawn = divmod(self._left, limit)
        return drawn


def _sums(table: Sequence[tuple[object, int]]) -> list[int]:
    return list(accumulate(share for _, share in table))


def _pick(table: Sequence[tuple[int, int]], sums: list[int], draw: Draw) -> int:
    return table[bisect_right(sums, draw.below(sums[-1]))][0]


_AGE_SUMS, _DISTRICT_SUMS, _SURNAME_SUMS = map(_sums, (AGE_SHARES, DISTRICTS, SURNAME_SHARES))


def _birth(place: int) -> tuple[date, int]:
    """Return a birth date and the place among those born on that day, each pair once."""
    total = _AGE_SUMS[-1]
    band = bisect_right(_AGE_SUMS, place * total // _PLACES)
    first_age, share = AGE_SHARES[band]
    youngest = date(AS_OF.year - first_age, AS_OF.month, AS_OF.day) - timedelta(1)
    days = (youngest - date(youngest.year - _YEARS, 12, 31)).days
    low = -(-(_AGE_SUMS[band] - share) * _PLACES // total)
    high = -(-_AGE_SUMS[band] * _PLACES // total)
    day = (place - low) * days // (high - low)
    first_of_day = low - (-day * (high - low) // days)
    return youngest - timedelta(day), place - first_of_day


def _name(draw: Draw, year: int, *, male: bool) -> str:
    kind = draw.below(1000)
    if kind < 4:
        first, last = draw.below(len(MINORITY_FIRST)), draw.below(len(MINORITY_LAST))
        return MINORITY_FIRST[first] + DOT + MINORITY_LAST[last]
    surname = SURNAME_SHARES[bisect_right(_SURNAME_SUMS, draw.below(_SURNAME_SUMS[-1]))][0]
    sons, daughters = [row[1:] for row in GIVEN_BY_DECADE if row[0] <= year][-1]
    signs = sons if male else daughters
    given = signs[draw.below(len(signs))]
    if kind < 10:
        return surname + given + RARE_CHARACTERS[draw.below(len(RARE_CHARACTERS))]
    return surname + given + (signs[draw.below(len(signs))] if draw.below(100) < 82 else "")
