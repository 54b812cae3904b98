"""What clerks do for close relatives of the deceased."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.rights.correction_rules import CorrectableField
from backend.rights.relative_rules import Claim, CloseRelative, KinshipPaper
from backend.rights.relatives import RelativesRights

OperationInfo = Info[OperationContext, None]

strawberry.enum(CloseRelative, name="CloseRelative")
strawberry.enum(KinshipPaper, name="KinshipPaper")


@strawberry.type(name="RelativeCopy", description="All data of a deceased person, for a relative.")
class RelativeCopy:
    """The copy as JSON text, to be printed or handed over at the counter."""

    copy: str
    made_at: datetime


@strawberry.type(name="RelativeCorrection")
class RelativeCorrection:
    """A case that another clerk decides."""

    id: strawberry.ID
    submitted_at: datetime


@strawberry.type(name="RelativeClosing")
class RelativeClosing:
    """When the record is erased, or its account closed while a card counts."""

    effective_at: datetime


@strawberry.input(name="RelativeClaimInput")
class RelativeClaimInput:
    """Whose data, who asks, and what the clerk saw."""

    idempotency_key: str
    number: str
    relative_number: str
    relative: CloseRelative
    paper: KinshipPaper
    nothing_arranged: bool
    interest: str


@strawberry.input(name="RelativeCorrectionInput")
class RelativeCorrectionInput:
    """A field's right value; a birth date is written 2001-02-03."""

    field: CorrectableField
    value: str


RelativeCopyResult = Annotated[RelativeCopy | RefusalAnswer, strawberry.union("RelativeCopyResult")]
RelativeCorrectionResult = Annotated[
    RelativeCorrection | RefusalAnswer, strawberry.union("RelativeCorrectionResult")
]
RelativeClosingResult = Annotated[
    RelativeClosing | RefusalAnswer, strawberry.union("RelativeClosingResult")
]


@strawberry.type
class RelativeMutations:
    """Acts at a counter on data of the deceased."""

    @strawberry.mutation
    async def copy_for_relative(
        self, info: OperationInfo, claim: RelativeClaimInput
    ) -> RelativeCopyResult:
        """Hand a close relative the copy of a deceased person's data."""
        done = await info.context.services[RelativesRights].copy(
            info.context.caller, claim.idempotency_key, _claim(claim)
        )
        return answer_of(
            done, lambda one: RelativeCopy(copy=one.to_json().decode(), made_at=one.made_at)
        )

    @strawberry.mutation
    async def correct_for_relative(
        self, info: OperationInfo, claim: RelativeClaimInput, correction: RelativeCorrectionInput
    ) -> RelativeCorrectionResult:
        """Ask for a field of a deceased person's record to be corrected."""
        done = await info.context.services[RelativesRights].correct(
            info.context.caller,
            claim.idempotency_key,
            _claim(claim),
            correction.field,
            correction.value,
        )
        return answer_of(
            done,
            lambda one: RelativeCorrection(
                id=strawberry.ID(one.case_id), submitted_at=one.submitted_at
            ),
        )

    @strawberry.mutation
    async def close_for_relative(
        self, info: OperationInfo, claim: RelativeClaimInput
    ) -> RelativeClosingResult:
        """Ask for a deceased person's record to be erased after the cooling-off time."""
        done = await info.context.services[RelativesRights].close(
            info.context.caller, claim.idempotency_key, _claim(claim)
        )
        return answer_of(done, lambda at: RelativeClosing(effective_at=at))


def _claim(asked: RelativeClaimInput) -> Claim:
    return Claim(
        number=asked.number,
        relative_number=asked.relative_number,
        relative=asked.relative,
        paper=asked.paper,
        nothing_arranged=asked.nothing_arranged,
        interest=asked.interest,
    )
