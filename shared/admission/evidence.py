"""What is known of a visitor: no name, no number, only what the rule needs."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from shared.admission.wire_form import InvalidRules, read_number, read_object, read_optional
from shared.ecode.certificate import AgeBand, CertificateClaims, ConcessionLevel
from shared.ecode.representation import Representative, representative_of
from shared.trust.function_list import FunctionStanding


class Medium(StrEnum):
    """How the visitor showed the card."""

    ECODE = "ecode"
    PAPER = "paper"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class AgeRange:
    """Completed years 周岁 from `least` to `most`, both included; `most` None is without end.

    Raises:
        InvalidRules: it is empty or begins below 0.
    """

    least: int = 0
    most: int | None = None

    def __post_init__(self) -> None:
        if self.least < 0 or (self.most is not None and self.most < self.least):
            raise InvalidRules("ages are empty")

    @classmethod
    def of_band(cls, band: AgeBand) -> "AgeRange":
        """Return the ages that a certificate's band stands for."""
        return _BANDS[band]

    @classmethod
    def exactly(cls, age: int) -> "AgeRange":
        """Return one age, where the birth date is known."""
        return cls(age, age)

    def within(self, other: "AgeRange") -> bool:
        """Tell whether all these ages lie in `other`."""
        ends = other.most is None or (self.most is not None and self.most <= other.most)
        return other.least <= self.least and ends

    def all_below(self, other: "AgeRange") -> bool:
        """Tell whether all these ages lie below `other`."""
        return self.most is not None and self.most < other.least

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"least": self.least, "most": self.most}

    @classmethod
    def of_wire(cls, values: Any, what: str = "ages") -> "AgeRange":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidRules: a part is not understood.
        """
        ages = read_object(values, what, ("least", "most"))
        return cls(
            read_number(ages["least"], what, most=150),
            read_optional(ages["most"], what, lambda most, of: read_number(most, of, most=150)),
        )


_BANDS = {
    AgeBand.UNDER_6: AgeRange(0, 5),
    AgeBand.FROM_6_TO_17: AgeRange(6, 17),
    AgeBand.ADULT: AgeRange(18, 59),
    AgeBand.FROM_60: AgeRange(60, 64),
    AgeBand.FROM_65: AgeRange(65, 69),
    AgeBand.FROM_70: AgeRange(70),
}


@dataclass(frozen=True, slots=True)
class Category:
    """A category 人群类别 that an authority attests, to `last_day` where it ends."""

    code: str
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a code or card proved.

    `authenticated` is false for a physical card whose data could be read but whose genuineness
    could not be proven (no PSAM). `ages` is as much as is known of the age: a band from a code,
    one year where the birth date is known, None where nothing is. `categories` are known to the
    backend and the holder's phone alone; a code tells no more than the level that follows.
    `representative` says who shows it for the holder, where the code says so.
    `function` is how the card function 卡功能 that the venue asks for stands, None where it asks
    for none or nothing is known.
    """

    medium: Medium
    region: int
    authenticated: bool
    ages: AgeRange | None = None
    concession: ConcessionLevel = ConcessionLevel.NONE
    categories: tuple[Category, ...] = ()
    represented: bool = False
    representative: Representative | None = None
    function: FunctionStanding | None = None

    @classmethod
    def of_certificate(
        cls, claims: CertificateClaims, function: FunctionStanding | None = None
    ) -> "Evidence":
        """Return the evidence of a verified code."""
        return cls(
            medium=Medium.PAPER if claims.paper else Medium.ECODE,
            region=claims.region,
            authenticated=True,
            ages=AgeRange.of_band(claims.age_band),
            concession=claims.concession,
            represented=claims.represented,
            representative=representative_of(claims.device_serial),
            function=function,
        )
