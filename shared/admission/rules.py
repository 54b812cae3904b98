"""A venue's conditions, as data, and the rule that applies them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.admission.answer import Answer, admit, look, refuse
from shared.admission.evidence import Evidence
from shared.ecode.certificate import AgeBand, ConcessionLevel
from shared.ecode.reasons import Reason
from shared.localized_text import LocalizedText
from shared.trust.function_list import FUNCTION_CODE, FunctionStanding


class UnauthenticatedCard(StrEnum):
    """What a venue does with a physical card whose genuineness cannot be proven."""

    LOOK = "look"
    REFUSE = "refuse"


class InvalidRules(ValueError):
    """Rules as they came over the wire are not understood; the message names the field."""


@dataclass(frozen=True, slots=True)
class AdmissionRules:
    """The conditions of one venue.

    `regions` are GB/T 2260 numbers whose cards are taken, None for all of China; a number ending
    in zeros stands for everything below it (360000 = Jiangxi 江西, 360700 = Ganzhou 赣州).
    `free_age_bands` enter free, `representative_allowed` says whether a code may be shown by a
    representative 代办. `required_function` is the code of the card function 卡功能 that a
    card must have loaded (S15).
    """

    regions: frozenset[int] | None = None
    representative_allowed: bool = False
    unauthenticated_card: UnauthenticatedCard = UnauthenticatedCard.REFUSE
    free_age_bands: frozenset[AgeBand] = frozenset()
    required_function: str | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the rules as JSON values."""
        return {
            "regions": None if self.regions is None else sorted(self.regions),
            "representative_allowed": self.representative_allowed,
            "unauthenticated_card": self.unauthenticated_card.value,
            "free_age_bands": sorted(int(band) for band in self.free_age_bands),
            "required_function": self.required_function,
        }

    @classmethod
    def of_wire(cls, values: Mapping[str, Any]) -> "AdmissionRules":
        """Read rules as `to_wire` wrote them.

        Raises:
            InvalidRules: a field is missing or of the wrong kind.
        """
        try:
            regions = values["regions"]
            return cls(
                regions=None if regions is None else frozenset(int(region) for region in regions),
                representative_allowed=values["representative_allowed"] is True,
                unauthenticated_card=UnauthenticatedCard(values["unauthenticated_card"]),
                free_age_bands=frozenset(AgeBand(band) for band in values["free_age_bands"]),
                required_function=_function_code(values.get("required_function")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidRules("admission rules not understood") from error


def decide(evidence: Evidence, rules: AdmissionRules) -> Answer:
    """Apply `rules` to `evidence`."""
    if not _region_accepted(evidence.region, rules.regions):
        return refuse(Reason.REGION_NOT_ACCEPTED, {"region": f"{evidence.region:06}"})
    if evidence.represented and not rules.representative_allowed:
        return refuse(Reason.REPRESENTATIVE_NOT_ALLOWED)
    if rules.required_function is not None and evidence.function is not FunctionStanding.ENABLED:
        closed = evidence.function is FunctionStanding.CLOSED
        reason = Reason.FUNCTION_CLOSED if closed else Reason.FUNCTION_DISABLED
        return refuse(reason, {"function": rules.required_function})
    if not evidence.authenticated:
        return _unauthenticated(rules)
    if evidence.represented:
        return look(
            LocalizedText("请进 · 代办出示", "Come in · representative"),
            LocalizedText("由家人代为出示，请核对", "Shown by a representative; please check"),
        )
    if evidence.age_band in rules.free_age_bands or evidence.concession is ConcessionLevel.FREE:
        return admit("free")
    return admit("reduced" if evidence.concession is ConcessionLevel.REDUCED else "full")


def _unauthenticated(rules: AdmissionRules) -> Answer:
    if rules.unauthenticated_card is UnauthenticatedCard.REFUSE:
        return refuse(Reason.CARD_NOT_AUTHENTICATED)
    return look(
        LocalizedText("请进 · 卡未认证", "Come in · card not authenticated"),
        LocalizedText("请核对卡面照片与本人", "Compare the photo on the card with the holder"),
        Reason.CARD_NOT_AUTHENTICATED,
    )


def _region_accepted(region: int, accepted: frozenset[int] | None) -> bool:
    if accepted is None:
        return True
    return bool(accepted & {region, region // 100 * 100, region // 10_000 * 10_000})


def _function_code(value: Any) -> str | None:
    if value is not None and not FUNCTION_CODE.fullmatch(value):
        raise ValueError("not a function's code")
    return None if value is None else str(value)
