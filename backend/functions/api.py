"""What people's apps ask about card functions."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, phone_card
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.functions.service import CardFunctions, OwnFunction


@strawberry.type(name="CardFunction", description="A function of the card, as the caller has it.")
class CardFunctionAnswer:
    """A function; `since` is when the caller chose, `until` when the programme ends."""

    code: str
    name: LocalizedTextAnswer
    owner_name: LocalizedTextAnswer
    open: bool
    enabled: bool
    since: datetime | None
    until: datetime | None


@strawberry.type(name="CardFunctionList")
class CardFunctionList:
    """All functions of the city."""

    nodes: list[CardFunctionAnswer]


@strawberry.type(name="FunctionChosen")
class FunctionChosen:
    """A function is now, or was already, as the caller wants it."""

    function: CardFunctionAnswer
    server_time: datetime


@strawberry.input(name="FunctionInput")
class FunctionInput:
    """Which function is meant, by its code."""

    idempotency_key: str
    function: str


CardFunctionsResult = Annotated[
    CardFunctionList | RefusalAnswer, strawberry.union("CardFunctionsResult")
]
FunctionResult = Annotated[FunctionChosen | RefusalAnswer, strawberry.union("FunctionResult")]


@strawberry.type
class FunctionQueries:
    """Questions about the functions of the caller's card."""

    @strawberry.field
    async def card_functions(self, info: OperationInfo) -> CardFunctionsResult:
        """Answer with the city's functions: for who is signed in, or a phone of the card."""
        caller = info.context.caller
        resident_id = caller.resident_id if caller else None
        if resident_id is None:
            card = await phone_card(info)
            if isinstance(card, Refusal):
                return RefusalAnswer.of(card)
            resident_id = card.resident_id
        found = await info.context.services[CardFunctions].of(resident_id)
        now = info.context.clock.now()
        return CardFunctionList(nodes=[_answer(one, now) for one in found])


@strawberry.type
class FunctionMutations:
    """Loading functions onto the caller's card."""

    @strawberry.mutation
    async def enable_function(
        self,
        info: OperationInfo,
        input: FunctionInput,  # noqa: A002 - GraphQL's usual name
    ) -> FunctionResult:
        """开通: for the holder, signed in."""
        return await _choose(info, input, enabled=True)

    @strawberry.mutation
    async def disable_function(
        self,
        info: OperationInfo,
        input: FunctionInput,  # noqa: A002 - see above
    ) -> FunctionResult:
        """关闭: for the holder, signed in."""
        return await _choose(info, input, enabled=False)


async def _choose(
    info: OperationInfo, wish: FunctionInput, *, enabled: bool
) -> FunctionChosen | RefusalAnswer:
    caller = info.context.caller
    if caller is None or caller.resident_id is None:
        return RefusalAnswer.of(SIGN_IN_NEEDED)
    functions = info.context.services[CardFunctions]
    choose = functions.enable if enabled else functions.disable
    done = await choose(caller, wish.idempotency_key, caller.resident_id, wish.function)
    if isinstance(done, Refusal):
        return RefusalAnswer.of(done)
    now = info.context.clock.now()
    return FunctionChosen(function=_answer(done, now), server_time=now)


def _answer(one: OwnFunction, now: datetime) -> CardFunctionAnswer:
    function = one.function
    return CardFunctionAnswer(
        code=function.code,
        name=LocalizedTextAnswer.of(function.name),
        owner_name=LocalizedTextAnswer.of(function.owner.name),
        open=function.runs_at(now),
        enabled=one.enabled,
        since=one.since,
        until=function.until,
    )
