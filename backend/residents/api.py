"""What staff ask and do at a counter about residents."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.operations import OperationContext
from backend.residents.registration import Application, RealNameRegistration
from backend.residents.rules import PersonField
from backend.residents.service import Registration

OperationInfo = Info[OperationContext, None]

strawberry.enum(PersonField)


@strawberry.type(name="ResidentRegistered")
class ResidentRegistered:
    """The person is on the record; `differs` names what an older record has otherwise."""

    resident_id: strawberry.ID
    existed: bool
    differs: list[PersonField]
    server_time: datetime


@strawberry.input(name="RegisterResidentInput")
class RegisterResidentInput:
    """As on the document the clerk holds; `region` is a district of the city."""

    idempotency_key: str
    number: str
    name: str
    phone: str | None = None
    region: int | None = None


RegisterResidentResult = Annotated[
    ResidentRegistered | RefusalAnswer, strawberry.union("RegisterResidentResult")
]


@strawberry.type
class ResidentMutations:
    """Acts of staff on residents' records."""

    @strawberry.mutation
    async def register_resident(
        self,
        info: OperationInfo,
        input: RegisterResidentInput,  # noqa: A002 - GraphQL's usual name
    ) -> RegisterResidentResult:
        """Register a person who stands at the counter with their document."""
        context = info.context
        application = Application(input.number, input.name, input.phone, input.region)
        done = await context.services[RealNameRegistration].at_counter(
            context.caller, input.idempotency_key, application
        )

        def answer(done: Registration) -> ResidentRegistered:
            return ResidentRegistered(
                resident_id=strawberry.ID(done.resident_id),
                existed=done.existed,
                differs=list(done.differs),
                server_time=context.clock.now(),
            )

        return answer_of(done, answer)
