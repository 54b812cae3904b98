"""What staff of a venue do with configuration codes for its lanes."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.foundation.answers import RefusalAnswer
from backend.foundation.refusals import Refusal
from backend.readers.lane_codes import LaneCodes, WantedLaneCode
from shared.wire.scans import Direction

strawberry.enum(Direction, name="LaneDirection")


@strawberry.type(name="LaneCodeMade", description="A configuration code, shown as a QR.")
class LaneCodeMade:
    """The digits, and until when lanes take them."""

    digits: str
    valid_until: datetime


@strawberry.type(name="LaneCodesRevoked")
class LaneCodesRevoked:
    """Each reader of the venue hears of it with the manifest that it fetches next."""

    venue: int


@strawberry.input(name="MakeLaneCodeInput")
class MakeLaneCodeInput:
    """Which way, for how many hours; `lane` null is every lane of the venue."""

    idempotency_key: str
    venue: int
    lane: int | None = None
    direction: Direction
    hours: int = 12


@strawberry.input(name="RevokeLaneCodesInput")
class RevokeLaneCodesInput:
    """Whose codes, and why."""

    idempotency_key: str
    venue: int
    reason: str


MakeLaneCodeResult = Annotated[LaneCodeMade | RefusalAnswer, strawberry.union("MakeLaneCodeResult")]
RevokeLaneCodesResult = Annotated[
    LaneCodesRevoked | RefusalAnswer, strawberry.union("RevokeLaneCodesResult")
]


@strawberry.type
class LaneCodeMutations:
    """What staff do with configuration codes."""

    @strawberry.mutation
    async def make_lane_code(
        self,
        info: OperationInfo,
        input: MakeLaneCodeInput,  # noqa: A002 - GraphQL's usual name
    ) -> MakeLaneCodeResult:
        """配置码: turns a lane of one's own venue that it is shown to."""
        wanted = WantedLaneCode(input.venue, input.lane, input.direction, input.hours)
        codes, caller = info.context.services[LaneCodes], info.context.caller
        made = await codes.make(caller, input.idempotency_key, wanted)
        if isinstance(made, Refusal):
            return RefusalAnswer.of(made)
        return LaneCodeMade(digits=made.digits, valid_until=made.valid_until)

    @strawberry.mutation
    async def revoke_lane_codes(
        self,
        info: OperationInfo,
        input: RevokeLaneCodesInput,  # noqa: A002 - see above
    ) -> RevokeLaneCodesResult:
        """作废配置码: ends every code of one's own venue made until now."""
        codes, caller = info.context.services[LaneCodes], info.context.caller
        done = await codes.revoke(caller, input.idempotency_key, input.venue, input.reason)
        if isinstance(done, Refusal):
            return RefusalAnswer.of(done)
        return LaneCodesRevoked(venue=done)
