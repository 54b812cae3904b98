"""What is known of a visitor at the gate: no name, no number, only what the rule needs."""

from dataclasses import dataclass
from enum import StrEnum

from shared.ecode.certificate import AgeBand, CertificateClaims, ConcessionLevel
from shared.trust.function_list import FunctionStanding


class Medium(StrEnum):
    """How the visitor showed the card."""

    ECODE = "ecode"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a code or card proved.

    `authenticated` is false for a physical card whose data could be read but whose genuineness
    could not be proven (no PSAM); `age_band` is None where the medium does not say, `function`
    where the venue asks for no card function.
    """

    medium: Medium
    region: int
    authenticated: bool
    age_band: AgeBand | None = None
    concession: ConcessionLevel = ConcessionLevel.NONE
    represented: bool = False
    function: FunctionStanding | None = None

    @classmethod
    def of_certificate(
        cls, claims: CertificateClaims, function: FunctionStanding | None = None
    ) -> "Evidence":
        """Return the evidence of a verified code."""
        return cls(
            medium=Medium.ECODE,
            region=claims.region,
            authenticated=True,
            age_band=claims.age_band,
            concession=claims.concession,
            represented=claims.represented,
            function=function,
        )
