"""What agents who come to a door ask about mandates."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.foundation.answers import RefusalAnswer, answer_of
from backend.mandates.answers import MandateChangeResult
from backend.mandates.api import OperationInfo, mandate_changed
from backend.mandates.doorstep import Doorstep
from backend.mandates.scopes import Scope


@strawberry.input(name="AssistByCodeInput")
class AssistByCodeInput:
    """`code` was scanned from the resident's phone and answers the agent's door code."""

    idempotency_key: str
    code: str
    scopes: list[Scope] = strawberry.field(default_factory=list)


@strawberry.type(name="DoorCode")
class DoorCodeAnswer:
    """The digits that a resident types into their app; `ends_at`: when the next ones come."""

    digits: str
    ends_at: datetime
    server_time: datetime


DoorCodeResult = Annotated[DoorCodeAnswer | RefusalAnswer, strawberry.union("DoorCodeResult")]


@strawberry.type
class DoorstepQueries:
    """What an agent shows at a door."""

    @strawberry.field
    def door_code(self, info: OperationInfo) -> DoorCodeResult:
        """The agent's present code 上门码."""
        found = info.context.services[Doorstep].code(info.context.caller)
        return answer_of(
            found,
            lambda code: DoorCodeAnswer(
                digits=code.digits, ends_at=code.ends_at, server_time=info.context.clock.now()
            ),
        )


@strawberry.type
class DoorstepMutations:
    """Mandates at a door."""

    @strawberry.mutation
    async def assist_by_code(
        self,
        info: OperationInfo,
        input: AssistByCodeInput,  # noqa: A002 - GraphQL's usual name
    ) -> MandateChangeResult:
        """Act for one day for who shows a code that answers the agent's own 上门代办."""
        doorstep = info.context.services[Doorstep]
        return await mandate_changed(
            info,
            doorstep.assist(
                info.context.caller, input.idempotency_key, input.code, tuple(input.scopes)
            ),
        )
