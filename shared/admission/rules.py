"""A venue's rules at one scene, as data, and the one decision that applies them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shared.admission.answer import Answer, admit, look, refuse
from shared.admission.circumstances import Circumstances, HeldBooking, HeldPass
from shared.admission.composition import check_all, read_conditions
from shared.admission.condition import Case, Condition, Failure, Held, Remark
from shared.admission.evidence import Evidence
from shared.admission.holder_conditions import (
    FunctionEnabled,
    GenuineCard,
    InPerson,
    RegionAccepted,
    RepresentativeChecked,
    UnauthenticatedCard,
    read_function_code,
)
from shared.admission.opening import OpeningCalendar
from shared.admission.paper import DEFAULT_PAPER_ENTRIES, PaperShown, read_paper_entries
from shared.admission.prices import PriceList, Quote
from shared.admission.regions import RegionRules
from shared.admission.scene import Scene
from shared.admission.time_conditions import Open
from shared.admission.wire_form import (
    InvalidRules,
    member_of,
    read_flag,
    read_list,
    read_number,
    read_object,
    read_optional,
    read_text,
    read_version,
)
from shared.ecode.certificate import ConcessionLevel
from shared.ecode.layout import MAX_REGION
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from shared.money import format_yuan

VERSION = 2
_FIELDS = (
    "version",
    "scene",
    "regions",
    "representative_allowed",
    "unauthenticated_card",
    "required_function",
    "conditions",
    "region_rules",
    "prices",
    "entry_product",
)
_OPTIONAL = ("challenge", "ask_online", "paper_entries")


@dataclass(frozen=True, slots=True)
class AdmissionRules:
    """What a venue asks at one scene 场景: of everybody, and by its own conditions.

    `regions` are GB/T 2260 numbers whose cards are taken, None for all of China; a number ending
    in zeros stands for everything below it (360000 = Jiangxi 江西, 360700 = Ganzhou 赣州).
    `representative_allowed` says whether a code may be shown by a representative 代办.
    `required_function` is the code of the card function 卡功能 that a card must have loaded (S15).
    `conditions` must all hold. `entry_product` is what is paid at the gate by whoever enters
    neither on a booking nor on a pass; None where nothing is. With `challenge` a code must answer
    the digits 挑战码 that the lane shows: for venues that fear a relayed code. With `ask_online` a
    lane asks the backend before it admits 联网核验, as long as that answers soon enough: for what
    other gates admitted, and what was booked, this very minute. `paper_entries` is how often a day
    a card is admitted by a code on paper 纸质当日码 here, 0 where none is taken.

    Raises:
        InvalidRules: `entry_product` is not in `prices`.
    """

    scene: Scene = Scene.ANY
    regions: frozenset[int] | None = None
    representative_allowed: bool = False
    unauthenticated_card: UnauthenticatedCard = UnauthenticatedCard.REFUSE
    required_function: str | None = None
    conditions: tuple[Condition, ...] = ()
    region_rules: RegionRules = field(default_factory=RegionRules)
    prices: PriceList = field(default_factory=lambda: PriceList(()))
    entry_product: str | None = None
    challenge: bool = False
    ask_online: bool = False
    paper_entries: int = DEFAULT_PAPER_ENTRIES

    def __post_init__(self) -> None:
        sold = {product.code for product in self.prices.products}
        if self.entry_product is not None and self.entry_product not in sold:
            raise InvalidRules("entry_product has no price")

    def all_conditions(self) -> tuple[Condition, ...]:
        """Return the conditions, those that every venue has to name among them."""
        shown = RepresentativeChecked() if self.representative_allowed else InPerson()
        genuine = GenuineCard(self.unauthenticated_card)
        # A code on paper answers no challenge.
        paper = PaperShown(0 if self.challenge else self.paper_entries)
        asked: list[Condition] = [shown, genuine, paper]
        if self.regions is not None:
            asked.append(RegionAccepted(self.regions))
        if self.required_function is not None:
            asked.append(FunctionEnabled(self.required_function))
        return (*asked, *self.conditions)

    def opening(self) -> OpeningCalendar | None:
        """Return when the venue is open, None where its rules do not say."""
        hours = (one.calendar for one in self.conditions if isinstance(one, Open))
        return next(hours, None)

    def case(self, evidence: Evidence, around: Circumstances) -> Case:
        """Return what the conditions are asked about."""
        day = local_day(around.now)
        return Case(evidence, around, self.scene, self.region_rules, day)

    def to_wire(self) -> dict[str, Any]:
        """Return the rules as JSON values."""
        return {
            "version": VERSION,
            "scene": self.scene.to_wire(),
            "regions": None if self.regions is None else sorted(self.regions),
            "representative_allowed": self.representative_allowed,
            "unauthenticated_card": self.unauthenticated_card.value,
            "required_function": self.required_function,
            "conditions": [condition.to_wire() for condition in self.conditions],
            "region_rules": self.region_rules.to_wire(),
            "prices": self.prices.to_wire(),
            "entry_product": self.entry_product,
            # Said only where it is asked: readers of before refuse what they cannot check.
            **({"challenge": True} if self.challenge else {}),
            **({"ask_online": True} if self.ask_online else {}),
            **(
                {}
                if self.paper_entries == DEFAULT_PAPER_ENTRIES
                else {"paper_entries": self.paper_entries}
            ),
        }

    @classmethod
    def of_wire(cls, values: Mapping[str, Any]) -> "AdmissionRules":
        """Read rules as `to_wire` wrote them.

        Raises:
            InvalidRules: a part is missing, unknown or not understood; the message names it.
        """
        rules = read_object(values, "rules", _FIELDS, _OPTIONAL)
        read_version(rules, "rules", VERSION)
        regions = read_optional(
            rules["regions"],
            "regions",
            lambda found, of: read_list(
                found, of, lambda code, which: read_number(code, which, most=MAX_REGION)
            ),
        )
        return cls(
            scene=Scene.of_wire(rules["scene"]),
            regions=None if regions is None else frozenset(regions),
            representative_allowed=read_flag(
                rules["representative_allowed"], "representative_allowed"
            ),
            unauthenticated_card=member_of(UnauthenticatedCard)(
                rules["unauthenticated_card"], "unauthenticated_card"
            ),
            required_function=read_optional(
                rules["required_function"], "required_function", read_function_code
            ),
            conditions=read_conditions(rules["conditions"], "conditions"),
            region_rules=RegionRules.of_wire(rules["region_rules"]),
            prices=PriceList.of_wire(rules["prices"]),
            entry_product=read_optional(rules["entry_product"], "entry_product", read_text),
            challenge=read_flag(rules.get("challenge", False), "challenge"),
            ask_online=read_flag(rules.get("ask_online", False), "ask_online"),
            paper_entries=read_paper_entries(
                rules.get("paper_entries", DEFAULT_PAPER_ENTRIES), "paper_entries"
            ),
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and what it rests on.

    A refusal has its `failures`, the one that `answer` tells first; its condition is the rule that
    decided. An admission is for `admits` persons, to be counted on `bookings` and `passes`, with
    `quote`, the price for one of them, to be paid where neither carries it.
    """

    answer: Answer
    failures: tuple[Failure, ...] = ()
    admits: int = 0
    bookings: tuple[HeldBooking, ...] = ()
    passes: tuple[HeldPass, ...] = ()
    quote: Quote | None = None

    @property
    def decided_by(self) -> Condition | None:
        """The condition that refused, None for an admission."""
        return self.failures[0].condition if self.failures else None


def decide(evidence: Evidence, around: Circumstances, rules: AdmissionRules) -> Decision:
    """Decide about a visitor: admit, admit with a price, admit with a look, or refuse.

    The order of the conditions and of what the holder holds changes nothing.
    """
    case = rules.case(evidence, around)
    price = None
    if rules.entry_product is not None:
        price = rules.prices.quote(rules.entry_product, case)
        case = replace(case, priced=price.total_fen > 0)
    held, failures = check_all(rules.all_conditions(), case)
    if failures:
        told = failures[0]
        return Decision(refuse(told.reason, told.detail, around.now), failures)
    due = None if held.bookings or held.passes else price
    admits = around.party if held.admits is None else held.admits
    answer = _admission(held, admits, due, case)
    return Decision(answer, (), admits, held.bookings, held.passes, due)


def quote(product: str, evidence: Evidence, around: Circumstances, rules: AdmissionRules) -> Quote:
    """Return the best price of a product for a visitor by the rules' price list.

    Raises:
        KeyError: there is no such product.
    """
    return rules.prices.quote(product, rules.case(evidence, around))


def _admission(held: Held, admits: int, due: Quote | None, case: Case) -> Answer:
    """Return the answer to somebody who is let in, with what staff check first."""
    party = case.around.party
    remarks = held.remarks if admits == party else (_part_of_party(admits, party), *held.remarks)
    if remarks:
        checks = [remark.check for remark in remarks]
        check = LocalizedText(
            "；".join(part.zh for part in checks), "; ".join(part.en for part in checks)
        )
        return look(remarks[0].headline, check, remarks[0].reason)
    return admit(_terms(held, admits, due, case.evidence))


def _part_of_party(admits: int, party: int) -> Remark:
    return Remark(
        LocalizedText(f"请进 · {admits} 人", f"Come in · {admits} of {party}"),
        LocalizedText(f"只放行 {admits} 人，共 {party} 人", f"Let in {admits} of the {party} only"),
    )


def _terms(held: Held, admits: int, due: Quote | None, evidence: Evidence) -> LocalizedText | None:
    """Return on what terms somebody enters: a pass, a booking, a price or a concession."""
    if held.passes:
        return _PASS if held.passes[0].left is None else _uses_left(held, admits)
    if held.bookings:
        return _BOOKED
    if due is None:
        return _BY_LEVEL.get(evidence.concession)
    if due.total_fen == 0:
        return _FREE
    amount = format_yuan(due.total_fen)
    if due.reduced:
        return LocalizedText(f"优惠 {amount}", f"reduced {amount}")
    return LocalizedText(amount, amount)


def _uses_left(held: Held, admits: int) -> LocalizedText:
    """Return what a pass has left after the entries that are counted on it now."""
    left = (held.passes[0].left or 0) - admits
    return LocalizedText(f"通票余 {left} 次", f"pass, {left} left")


_FREE = LocalizedText("免费", "free")
_REDUCED = LocalizedText("优惠", "reduced")
_PASS = LocalizedText("通票", "pass")
_BOOKED = LocalizedText("已预约", "booked")
_BY_LEVEL = {ConcessionLevel.FREE: _FREE, ConcessionLevel.REDUCED: _REDUCED}
