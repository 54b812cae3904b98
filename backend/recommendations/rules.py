"""Which venues are recommended, in which order, and why: pure, the same for the same history.

Personalised only for who switched it on (个人信息保护法第二十四条): a switch that is off, or a
history that says too little, gives the list that everybody gets.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.venues.rules import VenueKind
from shared.localized_text import LocalizedText

HISTORY = timedelta(days=90)
"""How far back visits count: what somebody liked longer ago says little, and is not read."""
LEAST_VISITS = 3
MOST_VISITS = 50
CANDIDATES = 60
MOST = 20
_TIRED = timedelta(days=14)


class Basis(StrEnum):
    """What a list rests on."""

    EVERYBODY = "EVERYBODY"  # the switch is off
    TOO_LITTLE = "TOO_LITTLE"  # it is on, and there are too few visits to tell anything
    OWN_VISITS = "OWN_VISITS"


@dataclass(frozen=True, slots=True)
class Visited:
    """One visit of the person's own."""

    venue: int
    kind: VenueKind | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A venue that may be recommended, in the order that everybody gets."""

    venue: int
    kind: VenueKind | None


@dataclass(frozen=True, slots=True)
class Recommended:
    """A venue and the words that say why it stands there."""

    venue: int
    why: LocalizedText


@dataclass(frozen=True, slots=True)
class RecommendedList:
    """What is recommended and what it rests on."""

    basis: Basis
    venues: tuple[Recommended, ...]


_FOR_ALL = LocalizedText("全市推荐", "Recommended to everybody")
KINDS: Mapping[VenueKind, LocalizedText] = {
    VenueKind.LIBRARY: LocalizedText("图书馆", "libraries"),
    VenueKind.MUSEUM: LocalizedText("博物馆和纪念馆", "museums"),
    VenueKind.SCENIC_AREA: LocalizedText("景区", "scenic areas"),
    VenueKind.SPORTS: LocalizedText("体育场馆", "sports venues"),
}
"""What is recommended and drawn on. Who went to a hospital is sensitive, and left out."""


def recommended(
    candidates: Sequence[Candidate],
    visits: Sequence[Visited],
    now: datetime,
    *,
    personalised: bool,
    first: int,
) -> RecommendedList:
    """Return up to `first` venues; `visits` are read only where `personalised`.

    Of the kinds that the person visits, the ones they visit most come first; venues of the last
    two weeks come after those they have not seen lately. What is equal keeps everybody's order.
    """
    lately = [one for one in visits if now - HISTORY <= one.at <= now]
    liked = Counter(one.kind for one in lately if one.kind in KINDS)
    if not personalised or liked.total() < LEAST_VISITS:
        basis = Basis.TOO_LITTLE if personalised else Basis.EVERYBODY
        plain = tuple(Recommended(one.venue, _FOR_ALL) for one in candidates[:first])
        return RecommendedList(basis, plain)
    seen = {one.venue for one in lately if now - one.at < _TIRED}

    def place(candidate: Candidate) -> tuple[bool, int]:
        count = 0 if candidate.kind is None else liked[candidate.kind]
        return candidate.venue in seen, -count

    ordered = sorted(candidates, key=place)  # stable: equal ones stay in everybody's order
    return RecommendedList(
        Basis.OWN_VISITS,
        tuple(Recommended(one.venue, _why(one.kind, liked)) for one in ordered[:first]),
    )


def _why(kind: VenueKind | None, liked: Mapping[VenueKind | None, int]) -> LocalizedText:
    count = liked.get(kind, 0)
    if kind is None or not count:
        return _FOR_ALL
    name = KINDS[kind]
    return LocalizedText(
        f"您近三个月去过{name.zh}{count}次", f"You visited {name.en} {count}× in three months"
    )
