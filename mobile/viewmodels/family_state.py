"""亲情代办 as its page shows it, and where in its pages somebody is."""

from dataclasses import dataclass, field

from mobile.core.mandate import (
    DEFAULT_SCOPES,
    LENGTHS,
    Invitation,
    MandateActs,
    MandateNews,
    MoneyLimits,
    WardMandates,
)
from mobile.viewmodels.fact_cards import FactCard
from mobile.viewmodels.notices import Notice

(
    LIST,
    ONE,
    DID,
    RELATION,
    CHOOSE,
    ASK,
    LENGTH,
    SHOWN,
    TAKE,
    LIMITS,
    TOLD,
    TYPE,
    GUARDED,
    CARD,
    PIN,
) = (
    *("list", "one", "did", "relation", "choose", "ask", "length", "shown", "take"),
    *("limits", "told", "type", "guarded", "card", "pin"),
)
BEFORE = {
    **dict.fromkeys((ONE, RELATION, SHOWN, TAKE), LIST),
    **dict.fromkeys((DID, LIMITS, TOLD, GUARDED), ONE),
    TYPE: TAKE,
    CHOOSE: RELATION,
    ASK: CHOOSE,
    LENGTH: CHOOSE,
    CARD: LENGTH,
    PIN: CARD,
}
"""Where back leads from each page."""
STEPS = frozenset({RELATION, CHOOSE, ASK, LENGTH, LIMITS, TAKE, TYPE})
"""Where something is chosen or typed on the way to an act; a PIN is typed anew."""


@dataclass(frozen=True, slots=True)
class Way:
    """Something that can be touched; `kind` as of a button, empty for a line that leads on."""

    act: str
    text: str
    icon: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class FamilyState:
    """One page: words, lines that lead on, what can be chosen, typed or done.

    `urgent` stands above all else: nobody looks for what stops. `digits` are shown large for the
    other side to enter, `code` is a QR code for its camera; `typed` is None where nothing is typed.
    `news` stand last.
    """

    title: str = ""
    lead: str = ""
    notices: tuple[Notice, ...] = ()
    urgent: tuple[Way, ...] = ()
    cards: tuple[FactCard, ...] = ()
    facts: tuple[str, ...] = ()
    ways: tuple[Way, ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    digits: str = ""
    code: str = ""
    typed: str | None = None
    acts: tuple[Way, ...] = ()
    news: tuple[FactCard, ...] = ()
    busy: bool = False
    stepped: bool = False
    loading: bool = False


@dataclass(slots=True)
class Course:
    """Where somebody is, and what they chose on the way there.

    `limits` are the amounts chosen so far, in fen: an act's, a day's, a month's.
    """

    page: str = LIST
    mandate: str = ""
    side: str = ""
    relation: str = ""
    scopes: set[str] = field(default_factory=lambda: set(DEFAULT_SCOPES))
    asked: list[str] = field(default_factory=list)
    days: int = LENGTHS[1]
    typed: str = field(default="", repr=False)
    card: str = field(default="", repr=False)
    limits: tuple[int, ...] = ()
    invitation: Invitation | None = None
    did: MandateActs | None = None
    guarded: WardMandates | None = None
    news: tuple[MandateNews, ...] = ()

    def begin(self, side: str) -> None:
        """Begin an invitation as the principal or as the delegate."""
        self.page, self.side, self.relation = RELATION, side, ""
        self.scopes, self.days = set(DEFAULT_SCOPES), LENGTHS[1]

    def chosen_limits(self) -> MoneyLimits | None:
        """Return the limits once all three are chosen; nothing an act is nothing at all."""
        if self.limits[:1] == (0,):
            return MoneyLimits()
        return MoneyLimits(*self.limits) if len(self.limits) == len(LIMIT_STEPS) else None


LIMIT_STEPS = ("act", "day", "month")
