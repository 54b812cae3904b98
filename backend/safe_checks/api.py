"""Safe checks over GraphQL; the hour is a minute of the local day."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import RefusalAnswer
from backend.foundation.refusals import Refusal
from backend.safe_checks.rules import wish_of
from backend.safe_checks.service import SafeChecks, SafeCheckView


@strawberry.type(name="SafeCheckContact", description="`heard`: they get notices still.")
class SafeCheckContactAnswer:
    """Whom to tell, by the mandate; the name is masked."""

    mandate: strawberry.ID
    masked_name: str | None
    heard: bool


@strawberry.type(name="SafeCheck", description="By which minute of the day, and whom to tell.")
class SafeCheckAnswer:
    """How it stands; `missedAt` since when nothing was heard."""

    minute: int
    contacts: list[SafeCheckContactAnswer]
    due_at: datetime
    checked_at: datetime | None
    missed_at: datetime | None


@strawberry.type(name="SafeCheckStopped")
class SafeCheckStopped:
    """It is off."""

    server_time: datetime


@strawberry.input(name="SetSafeCheckInput")
class SetSafeCheckInput:
    """`contacts` are mandates with copies of notices, one to three."""

    idempotency_key: str
    minute: int
    contacts: list[strawberry.ID]


@strawberry.input(name="SafeCheckInput")
class SafeCheckInput:
    """Which request this is."""

    idempotency_key: str


SafeCheckResult = Annotated[SafeCheckAnswer | RefusalAnswer, strawberry.union("SafeCheckResult")]
SafeCheckStopResult = Annotated[
    SafeCheckStopped | RefusalAnswer, strawberry.union("SafeCheckStopResult")
]


@strawberry.type
class SafeCheckQueries:
    """Questions about safe checks."""

    @strawberry.field
    async def safe_check(self, info: OperationInfo) -> SafeCheckResult:
        """Answer with the caller's, or under a mandate its principal's."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        return _answer(await info.context.services[SafeChecks].of(asking))


@strawberry.type
class SafeCheckMutations:
    """What a person does with their own; nobody says for another that they are well."""

    @strawberry.mutation
    async def set_safe_check(
        self,
        info: OperationInfo,
        input: SetSafeCheckInput,  # noqa: A002 - GraphQL's usual name
    ) -> SafeCheckResult:
        """Switch it on, or change it."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        wish = wish_of(input.minute, input.contacts)
        checks = info.context.services[SafeChecks]
        return _answer(await checks.set(asking, input.idempotency_key, wish))

    @strawberry.mutation
    async def check_in_safe(
        self,
        info: OperationInfo,
        input: SafeCheckInput,  # noqa: A002 - see above
    ) -> SafeCheckResult:
        """Say that one is well."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        checks = info.context.services[SafeChecks]
        return _answer(await checks.check_in(asking, input.idempotency_key))

    @strawberry.mutation
    async def stop_safe_check(
        self,
        info: OperationInfo,
        input: SafeCheckInput,  # noqa: A002 - see above
    ) -> SafeCheckStopResult:
        """Switch it off."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        refused = await info.context.services[SafeChecks].stop(asking, input.idempotency_key)
        if refused is not None:
            return RefusalAnswer.of(refused)
        return SafeCheckStopped(server_time=info.context.clock.now())


def _answer(found: SafeCheckView | Refusal) -> SafeCheckAnswer | RefusalAnswer:
    if isinstance(found, Refusal):
        return RefusalAnswer.of(found)
    return SafeCheckAnswer(
        minute=found.minute,
        contacts=[
            SafeCheckContactAnswer(
                mandate=strawberry.ID(one.mandate_id),
                masked_name=one.masked_name,
                heard=one.heard,
            )
            for one in found.contacts
        ],
        due_at=found.due_at,
        checked_at=found.checked_at,
        missed_at=found.missed_at,
    )
