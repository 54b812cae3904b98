"""What outlets, officers and residents ask and do about services across regions."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.cards.lifecycle import SERVICES, CardEvent, ReplacementReason
from backend.cross_region.alliance import Alliance, Allied
from backend.cross_region.cases import CaseFacts, CaseWish, CrossRegionCases
from backend.cross_region.rules import STATE_WORDS, CaseState, Direction, name_of
from backend.foundation.answers import (
    LocalizedTextAnswer,
    OperationRefused,
    RefusalAnswer,
    answer_of,
)
from backend.foundation.operations import OperationContext
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.pages import Page
from backend.foundation.refusals import Refusal

OperationInfo = Info[OperationContext, None]

strawberry.enum(CaseState, name="CrossRegionState")
strawberry.enum(Direction, name="CrossRegionDirection")


@strawberry.type(name="CrossRegionCase", description="A card service across regions 跨省通办.")
class CrossRegionCaseAnswer:
    """A case; `outlet` handles it, the origin region issued the card and does the service."""

    id: strawberry.ID
    resident_id: strawberry.ID | None
    direction: Direction
    origin_region: int
    origin_region_name: str
    handling_region: int
    handling_region_name: str
    outlet: LocalizedTextAnswer
    item: CardEvent
    item_name: LocalizedTextAnswer
    state: CaseState
    state_words: LocalizedTextAnswer
    opened_at: datetime
    changed_at: datetime
    result: LocalizedTextAnswer | None
    disputed: bool


@strawberry.type(name="CrossRegionCaseConnection", description="A page, the last opened first.")
class CrossRegionCaseConnection:
    """A page of cases."""

    nodes: list[CrossRegionCaseAnswer]
    page_info: PageInfo


@strawberry.type(name="CrossRegionCaseOpened")
class CrossRegionCaseOpened:
    """The case is open, now or before."""

    case: CrossRegionCaseAnswer
    server_time: datetime


@strawberry.type(name="CrossRegionCount")
class CrossRegionCount:
    """How many cases of one service were done."""

    item: CardEvent
    item_name: LocalizedTextAnswer
    done: int


@strawberry.type(name="CrossRegionCounts")
class CrossRegionCounts:
    """How many cases of the city's outlets were done."""

    total: int
    items: list[CrossRegionCount]


@strawberry.type(name="AllianceRecorded")
class AllianceRecorded:
    """It is on the record, now or before."""

    server_time: datetime


@strawberry.input(name="OpenCrossRegionCaseInput")
class OpenCrossRegionCaseInput:
    """A service for a card that another region issued; `reason` is for a replacement."""

    idempotency_key: str
    resident_id: strawberry.ID
    origin_region: int
    item: CardEvent
    reason: ReplacementReason | None = None
    card_in_hand: bool = False


@strawberry.input(name="RecordAllianceRegionInput")
class RecordAllianceRegionInput:
    """A region, its services, and the RFC 7638 thumbprint of its system's key."""

    idempotency_key: str
    region: int
    name_en: str
    items: list[CardEvent]
    key_thumbprint: str | None = None
    ends_at: datetime | None = None


@strawberry.input(name="QualifyOutletInput")
class QualifyOutletInput:
    """What an outlet may do for other regions; nothing, where there are no items."""

    idempotency_key: str
    outlet: str
    items: list[CardEvent]


OpenCrossRegionCaseResult = Annotated[
    CrossRegionCaseOpened | RefusalAnswer, strawberry.union("OpenCrossRegionCaseResult")
]
CrossRegionCaseResult = Annotated[
    CrossRegionCaseAnswer | RefusalAnswer, strawberry.union("CrossRegionCaseResult")
]
CrossRegionCountsResult = Annotated[
    CrossRegionCounts | RefusalAnswer, strawberry.union("CrossRegionCountsResult")
]
AllianceResult = Annotated[AllianceRecorded | RefusalAnswer, strawberry.union("AllianceResult")]


@strawberry.type
class CrossRegionQueries:
    """Questions about cases across regions."""

    @strawberry.field
    async def cross_region_cases(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> CrossRegionCaseConnection:
        """Answer with a page of the caller's own cases."""
        position, context = position_of(first, after), info.context
        cases = context.services[CrossRegionCases]
        return _connection(await cases.of_caller(context.caller, first, position))

    @strawberry.field
    async def outlet_cross_region_cases(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> CrossRegionCaseConnection:
        """Answer with a page of the cases of the clerk's outlet; each person shown is told."""
        position, context = position_of(first, after), info.context
        cases = context.services[CrossRegionCases]
        return _connection(await cases.of_outlet(context.caller, first, position))

    @strawberry.field
    async def cross_region_case(
        self,
        info: OperationInfo,
        id: strawberry.ID,  # noqa: A002 - GraphQL's usual name
    ) -> CrossRegionCaseResult:
        """Answer with one case of the clerk's outlet; the person is told."""
        context = info.context
        found = await context.services[CrossRegionCases].one(context.caller, str(id))
        return answer_of(found, _case)

    @strawberry.field
    async def cross_region_counts(self, info: OperationInfo) -> CrossRegionCountsResult:
        """Answer with how many cases the city's outlets had done, by service."""
        context = info.context
        found = await context.services[Alliance].counts(context.caller)
        return answer_of(
            found,
            lambda done: CrossRegionCounts(
                total=sum(done.values()),
                items=[
                    CrossRegionCount(item=one, item_name=_item(one), done=done[one])
                    for one in CardEvent
                    if one in done
                ],
            ),
        )


@strawberry.type
class CrossRegionMutations:
    """Acts on cases across regions, and on who takes part."""

    @strawberry.mutation
    async def open_cross_region_case(
        self,
        info: OperationInfo,
        input: OpenCrossRegionCaseInput,  # noqa: A002 - GraphQL's usual name
    ) -> OpenCrossRegionCaseResult:
        """Ask the region that issued a card for a service, for whoever stands at the counter."""
        context = info.context
        wish = CaseWish(
            resident_id=str(input.resident_id),
            origin_region=input.origin_region,
            item=input.item,
            reason=input.reason,
            card_in_hand=input.card_in_hand,
        )
        done = await context.services[CrossRegionCases].open(
            context.caller, input.idempotency_key, wish
        )
        now = context.clock.now()
        return answer_of(
            done, lambda found: CrossRegionCaseOpened(case=_case(found), server_time=now)
        )

    @strawberry.mutation
    async def record_alliance_region(
        self,
        info: OperationInfo,
        input: RecordAllianceRegionInput,  # noqa: A002 - see above
    ) -> AllianceResult:
        """Record a region that takes part, or change what is recorded of it."""
        context = info.context
        one = Allied(
            input.region,
            input.name_en,
            frozenset(input.items),
            input.key_thumbprint,
            input.ends_at,
        )
        why = await context.services[Alliance].record(context.caller, input.idempotency_key, one)
        return RefusalAnswer.of(why) if why else AllianceRecorded(server_time=context.clock.now())

    @strawberry.mutation
    async def qualify_outlet(
        self,
        info: OperationInfo,
        input: QualifyOutletInput,  # noqa: A002 - see above
    ) -> AllianceResult:
        """Set what an outlet may do for other regions."""
        context = info.context
        why = await context.services[Alliance].qualify(
            context.caller, input.idempotency_key, input.outlet, frozenset(input.items)
        )
        return RefusalAnswer.of(why) if why else AllianceRecorded(server_time=context.clock.now())


def _connection(page: Page[CaseFacts] | Refusal) -> CrossRegionCaseConnection:
    if isinstance(page, Refusal):
        raise OperationRefused(page)
    return CrossRegionCaseConnection(
        nodes=[_case(one) for one in page.rows], page_info=PageInfo.of(page)
    )


def _item(item: CardEvent) -> LocalizedTextAnswer:
    return LocalizedTextAnswer.of(SERVICES[item].name)


def _case(found: CaseFacts) -> CrossRegionCaseAnswer:
    return CrossRegionCaseAnswer(
        id=strawberry.ID(found.case_id),
        resident_id=None if found.resident_id is None else strawberry.ID(found.resident_id),
        direction=found.direction,
        origin_region=found.origin_region,
        origin_region_name=name_of(found.origin_region),
        handling_region=found.handling_region,
        handling_region_name=name_of(found.handling_region),
        outlet=LocalizedTextAnswer.of(found.outlet),
        item=found.item,
        item_name=_item(found.item),
        state=found.state,
        state_words=LocalizedTextAnswer.of(STATE_WORDS[found.state]),
        opened_at=found.opened_at,
        changed_at=found.changed_at,
        result=None if found.result is None else LocalizedTextAnswer.of(found.result),
        disputed=found.disputed,
    )
