"""What the city asks of the system of a region that issued a card; it stands outside this house."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from typing_extensions import override

from backend.cards.lifecycle import CardEvent, ReplacementReason
from shared.localized_text import LocalizedText


class RegionDown(Exception):
    """The other region's system does not answer."""


class Said(StrEnum):
    """What the region that issued the card says of a case."""

    ACCEPTED = "accepted"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CaseRequest:
    """One case as it goes to the issuing region; number and name are kept out of `repr`.

    `case_id` is the idempotency key: however often a case is sent, it is one case.
    """

    case_id: str
    origin_region: int
    handling_region: int
    handling_outlet: str
    item: CardEvent
    reason: ReplacementReason | None
    card_in_hand: bool
    opened_at: datetime
    number: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RegionAnswer:
    """What a region says of a case; `code` and `text` say why it refused."""

    case_id: str
    said: Said
    code: str | None = None
    text: LocalizedText | None = None


class IssuingRegion(Protocol):
    """The systems of the other regions, each asked about its own cards."""

    async def submit(self, request: CaseRequest) -> RegionAnswer:
        """Hand a case over, or ask again how it stands.

        Raises:
            RegionDown: the region does not answer; whether it did anything is not known.
        """
        ...


class NoIssuingRegion(IssuingRegion):
    """Stands where a city has connected none: nobody answers."""

    @override
    async def submit(self, request: CaseRequest) -> RegionAnswer:
        raise RegionDown
