"""Conditions on who the holder is and how the card is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from shared.admission.condition import HELD, Case, Failure, Held, Leaf, Remark
from shared.admission.evidence import AgeRange
from shared.admission.regions import lies_in
from shared.admission.wire_form import InvalidRules, member_of, read_list, read_number, read_text
from shared.clock import LOCAL_ZONE
from shared.ecode.certificate import ConcessionLevel
from shared.ecode.layout import MAX_REGION
from shared.ecode.moment import moment_of
from shared.ecode.reasons import Reason
from shared.ecode.representation import REPRESENTATIVE_WORDS
from shared.localized_text import LocalizedText
from shared.trust.function_list import FUNCTION_CODE, FunctionStanding

_REPRESENTED = Remark(
    LocalizedText("请进 · 代办出示", "Come in · representative"),
    LocalizedText("由家人代为出示，请核对", "Shown by a representative; please check"),
)
_REPRESENTED_BY = {
    who: Remark(
        LocalizedText(f"请进 · 代办出示（{words.zh}）", f"Come in · shown by {words.en}"),
        LocalizedText(
            f"由{words.zh}代为出示，请核对", f"Shown for the holder by: {words.en}; please check"
        ),
    )
    for who, words in REPRESENTATIVE_WORDS.items()
}
_UNPROVEN = Remark(
    LocalizedText("请进 · 卡未认证", "Come in · card not authenticated"),
    LocalizedText("请核对卡面照片与本人", "Compare the photo on the card with the holder"),
    Reason.CARD_NOT_AUTHENTICATED,
)


class UnauthenticatedCard(StrEnum):
    """What a venue does with a physical card whose genuineness cannot be proven."""

    LOOK = "look"
    REFUSE = "refuse"


def local_midnight(day: date) -> datetime:
    """Return the instant at which a local day begins."""
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class GenuineCard(Leaf):
    """The card is proven genuine; where it cannot be, `unproven` says what happens."""

    kind: ClassVar[str] = "genuine_card"
    FORM: ClassVar = {"unproven": member_of(UnauthenticatedCard)}

    unproven: UnauthenticatedCard

    def check(self, case: Case) -> Held | Failure:
        """Let an unproven card be looked at, or refuse it."""
        if case.evidence.authenticated:
            return HELD
        if self.unproven is UnauthenticatedCard.LOOK:
            return Held((_UNPROVEN,))
        return Failure(self, Reason.CARD_NOT_AUTHENTICATED, {})


def read_function_code(value: Any, what: str) -> str:
    """Return the code of a card function.

    Raises:
        InvalidRules: it is of another form.
    """
    if not isinstance(value, str) or not FUNCTION_CODE.fullmatch(value):
        raise InvalidRules(f"{what} is not a function's code")
    return value


@dataclass(frozen=True, slots=True)
class FunctionEnabled(Leaf):
    """The card function 卡功能 that the venue asks for is loaded on the card and open (S15).

    It stands for `AdmissionRules.required_function` alone: a reader fetches the list of that one
    function, so no other can be asked for among the conditions.
    """

    kind: ClassVar[str] = "function"
    FORM: ClassVar = {"function": read_function_code}

    function: str

    def check(self, case: Case) -> Held | Failure:
        """Refuse a function that is closed, not loaded, or of which nothing is known."""
        if case.evidence.function is FunctionStanding.ENABLED:
            return HELD
        closed = case.evidence.function is FunctionStanding.CLOSED
        reason = Reason.FUNCTION_CLOSED if closed else Reason.FUNCTION_DISABLED
        return Failure(self, reason, {"function": self.function})


@dataclass(frozen=True, slots=True)
class InPerson(Leaf):
    """The holder shows the card in person: no representative 代办."""

    kind: ClassVar[str] = "in_person"

    def check(self, case: Case) -> Held | Failure:
        """Refuse a representative."""
        if case.evidence.represented:
            return Failure(self, Reason.REPRESENTATIVE_NOT_ALLOWED, {})
        return HELD


@dataclass(frozen=True, slots=True)
class RepresentativeChecked(Leaf):
    """A representative 代办 may show the card, and staff look at it."""

    kind: ClassVar[str] = "representative_checked"

    def check(self, case: Case) -> Held | Failure:
        """Let a representative be looked at."""
        if not case.evidence.represented:
            return HELD
        who = case.evidence.representative
        return Held((_REPRESENTED if who is None else _REPRESENTED_BY[who],))


@dataclass(frozen=True, slots=True)
class RegionAccepted(Leaf):
    """The card comes from one of these regions or from below one of them."""

    kind: ClassVar[str] = "region"
    FORM: ClassVar = {
        "regions": lambda values, what: frozenset(
            read_list(values, what, lambda code, of: read_number(code, of, most=MAX_REGION))
        )
    }

    regions: frozenset[int]

    def check(self, case: Case) -> Held | Failure:
        """Refuse a card from elsewhere."""
        region = case.evidence.region
        if lies_in(region, self.regions):
            return HELD
        return Failure(self, Reason.REGION_NOT_ACCEPTED, {"region": f"{region:06}"})


@dataclass(frozen=True, slots=True)
class TreatedAsLocal(Leaf):
    """The holder is local, or an agreement 同城待遇 or elder pass 敬老通 treats them so."""

    kind: ClassVar[str] = "local"

    def check(self, case: Case) -> Held | Failure:
        """Refuse whom no agreement in force treats as local."""
        standing = case.regions.standing(case.evidence, case.scene, case.day)
        if standing.local:
            return HELD
        region = {"region": f"{case.evidence.region:06}"}
        if standing.begins is not None:
            begins = local_midnight(standing.begins)
            detail = {**region, "when": moment_of(begins)}
            return Failure(self, Reason.NOT_LOCAL_YET, detail, begins)
        if standing.pending:
            return Failure(self, Reason.LOCAL_PENDING, region)
        if standing.ended is not None and standing.agreement is None:
            detail = {**region, "date": standing.ended.isoformat()}
            return Failure(self, Reason.NO_LONGER_LOCAL, detail)
        return Failure(self, Reason.NOT_LOCAL, region)


@dataclass(frozen=True, slots=True)
class AgeWithin(Leaf):
    """The holder's age is proven to lie in these completed years 周岁."""

    kind: ClassVar[str] = "age"
    FORM: ClassVar = {"ages": AgeRange.of_wire}

    ages: AgeRange

    def check(self, case: Case) -> Held | Failure:
        """Refuse what is outside, and what is not known well enough to be inside."""
        known = case.evidence.ages
        if known is not None and known.within(self.ages):
            return HELD
        if known is not None and known.all_below(self.ages):
            return Failure(self, Reason.AGE_TOO_YOUNG, {"least": self.ages.least})
        if known is not None and self.ages.all_below(known) and self.ages.most is not None:
            return Failure(self, Reason.AGE_TOO_OLD, {"most": self.ages.most})
        return Failure(self, Reason.AGE_UNPROVEN, {})


@dataclass(frozen=True, slots=True)
class CategoryHeld(Leaf):
    """The holder is attested one of these categories 人群类别 on this day."""

    kind: ClassVar[str] = "category"
    FORM: ClassVar = {
        "categories": lambda values, what: frozenset(read_list(values, what, read_text))
    }

    categories: frozenset[str]

    def check(self, case: Case) -> Held | Failure:
        """Refuse whom no category in force covers."""
        held = [found for found in case.evidence.categories if found.code in self.categories]
        if any(found.last_day is None or case.day <= found.last_day for found in held):
            return HELD
        ended = [found.last_day for found in held if found.last_day is not None]
        if ended:
            return Failure(self, Reason.CATEGORY_EXPIRED, {"date": max(ended).isoformat()})
        return Failure(self, Reason.CATEGORY_NOT_HELD, {})


_LEVELS: Mapping[str, ConcessionLevel] = {
    "reduced": ConcessionLevel.REDUCED,
    "free": ConcessionLevel.FREE,
}


def _read_level(value: Any, what: str) -> ConcessionLevel:
    if not isinstance(value, str) or value not in _LEVELS:
        raise InvalidRules(f"{what} is not a concession level")
    return _LEVELS[value]


@dataclass(frozen=True, slots=True)
class ConcessionHeld(Leaf):
    """The certificate grants this level of concession or a higher one."""

    kind: ClassVar[str] = "concession"
    FORM: ClassVar = {"level": _read_level}

    level: ConcessionLevel

    def check(self, case: Case) -> Held | Failure:
        """Refuse a lower level."""
        if case.evidence.concession >= self.level:
            return HELD
        return Failure(self, Reason.CONCESSION_NOT_HELD, {})


def next_midnight(day: date) -> datetime:
    """Return the instant at which the day after begins."""
    return local_midnight(day + timedelta(days=1))
