"""Stored value over GraphQL: its holder's questions, the counter's acts, and the groups."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.assertions.evidence import Shown
from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal
from backend.stored_value.groups import StoredValueGroups
from backend.stored_value.rules import CancelTerm, EntryKind, GroupState, ValueGroup
from backend.stored_value.service import CounterWish, StoredValue, StoredValueView
from shared.localized_text import LocalizedText

strawberry.enum(EntryKind, name="StoredValueEntryKind")
strawberry.enum(GroupState, name="StoredValueGroupState")


@strawberry.type(name="CourtPrice", description="What a place of a plan's slots costs, in fen.")
class CourtPriceAnswer:
    """A price."""

    plan: str
    fen: int


@strawberry.type(name="CancelTerm", description="What comes back to who cancels so early.")
class CancelTermAnswer:
    """A line of the cancellation terms."""

    minutes_before: int
    percent: int


@strawberry.type(name="StoredValueGroup", description="Venues that share a stored value.")
class GroupAnswer:
    """A group."""

    code: str
    name: LocalizedTextAnswer
    venues: list[int]
    prices: list[CourtPriceAnswer]
    cancel_terms: list[CancelTermAnswer]
    state: GroupState


@strawberry.type(name="StoredValue", description="What the caller stored with a group, in fen.")
class StoredValueAnswer:
    """`toppedUpFen` is always `spentFen`, `balanceFen` and `refundedFen` together."""

    group: GroupAnswer
    balance_fen: int
    topped_up_fen: int
    spent_fen: int
    refunded_fen: int


@strawberry.type(name="StoredValueEntry", description="A row of the ledger.")
class EntryAnswer:
    """A row; `afterFen` is the balance then."""

    kind: EntryKind
    fen: int
    after_fen: int
    at: datetime
    venue: int | None
    booking: str | None


@strawberry.type(name="StoredValueList")
class StoredValueList:
    """What the caller stored, by group."""

    accounts: list[StoredValueAnswer]


@strawberry.type(name="StoredValueEntryList")
class EntryList:
    """Rows of the ledger, the newest first."""

    entries: list[EntryAnswer]


@strawberry.type(name="StoredValueChanged")
class StoredValueChanged:
    """What is stored by now."""

    account: StoredValueAnswer
    server_time: datetime


@strawberry.type(name="StoredValueServed")
class StoredValueServed:
    """What the counter is told: what is left, and nothing of whose it is."""

    group: GroupAnswer
    balance_fen: int
    server_time: datetime


@strawberry.type(name="StoredValueGroupPut")
class GroupPut:
    """Which group is in force as it was sent."""

    code: str
    state: GroupState


@strawberry.type(name="StoredValueGroupClosed")
class GroupClosed:
    """How many balances were refunded now."""

    refunded: int


@strawberry.input(name="TopUpStoredValueInput")
class TopUpInput:
    """What was paid, by which receipt; either a code or an identification code is shown."""

    idempotency_key: str
    group: str
    venue: int
    fen: int
    reference: str
    code: str | None = None
    identification_code: str | None = None


@strawberry.input(name="SpendStoredValueInput")
class SpendInput:
    """How much at which venue; the code is shown now."""

    idempotency_key: str
    group: str
    venue: int
    fen: int
    code: str


@strawberry.input(name="PayBookingInput")
class PayBookingInput:
    """Which booking of the caller's, and from which stored value."""

    idempotency_key: str
    group: str
    booking: strawberry.ID


@strawberry.input(name="RefundStoredValueInput")
class RefundInput:
    """Which stored value."""

    idempotency_key: str
    group: str


@strawberry.input(name="CourtPriceInput")
class CourtPriceInput:
    """A price of a place, in fen."""

    plan: str
    fen: int


@strawberry.input(name="CancelTermInput")
class CancelTermInput:
    """A line of the cancellation terms."""

    minutes_before: int
    percent: int


@strawberry.input(name="PutStoredValueGroupInput")
class PutGroupInput:
    """A group as it is to be."""

    idempotency_key: str
    code: str
    name_zh: str
    name_en: str
    venues: list[int]
    prices: list[CourtPriceInput]
    cancel_terms: list[CancelTermInput]


@strawberry.input(name="CloseStoredValueGroupInput")
class CloseGroupInput:
    """Which group, and why; the reason holds nothing personal."""

    idempotency_key: str
    group: str
    reason: str


ListResult = Annotated[StoredValueList | RefusalAnswer, strawberry.union("StoredValueResult")]
EntriesResult = Annotated[EntryList | RefusalAnswer, strawberry.union("StoredValueEntriesResult")]
ChangeResult = Annotated[
    StoredValueChanged | RefusalAnswer, strawberry.union("StoredValueChangeResult")
]
ServeResult = Annotated[
    StoredValueServed | RefusalAnswer, strawberry.union("StoredValueServeResult")
]
PutResult = Annotated[GroupPut | RefusalAnswer, strawberry.union("PutStoredValueGroupResult")]
CloseResult = Annotated[GroupClosed | RefusalAnswer, strawberry.union("CloseStoredValueResult")]


@strawberry.type
class StoredValueQueries:
    """Questions about the caller's stored value."""

    @strawberry.field
    async def stored_value(self, info: OperationInfo) -> ListResult:
        """Answer with what the caller has stored."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        own = await info.context.services[StoredValue].of_resident(asking.resident_id)
        return StoredValueList(accounts=list(map(_account, own)))

    @strawberry.field
    async def stored_value_entries(
        self, info: OperationInfo, group: str, first: int = 20
    ) -> EntriesResult:
        """Answer with the newest rows of the caller's ledger."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[StoredValue]
        found = await service.entries(asking.resident_id, group, first)
        return answer_of(
            found,
            lambda rows: EntryList(
                entries=[
                    EntryAnswer(
                        kind=row.kind,
                        fen=row.fen,
                        after_fen=row.after,
                        at=row.at,
                        venue=row.venue,
                        booking=row.booking,
                    )
                    for row in rows
                ]
            ),
        )


@strawberry.type
class StoredValueMutations:
    """What is done with stored value."""

    @strawberry.mutation
    async def pay_booking(
        self,
        info: OperationInfo,
        input: PayBookingInput,  # noqa: A002 - GraphQL's usual name
    ) -> ChangeResult:
        """Pay for the caller's booking."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service, key = info.context.services[StoredValue], input.idempotency_key
        return _changed(info, await service.pay(asking, key, input.group, input.booking))

    @strawberry.mutation
    async def take_back_booking_payment(
        self,
        info: OperationInfo,
        input: PayBookingInput,  # noqa: A002 - see above
    ) -> ChangeResult:
        """Give back what the cancellation terms leave of the price of a booking that is off."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service, key = info.context.services[StoredValue], input.idempotency_key
        return _changed(info, await service.take_back(asking, key, input.group, input.booking))

    @strawberry.mutation
    async def refund_stored_value(
        self,
        info: OperationInfo,
        input: RefundInput,  # noqa: A002 - see above
    ) -> ChangeResult:
        """Take the whole balance out."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service, key = info.context.services[StoredValue], input.idempotency_key
        return _changed(info, await service.refund(asking, key, input.group))

    @strawberry.mutation
    async def top_up_stored_value(
        self,
        info: OperationInfo,
        input: TopUpInput,  # noqa: A002 - see above
    ) -> ServeResult:
        """Add what somebody paid at the counter."""
        shown = Shown(input.code, input.identification_code)
        wish = CounterWish(input.group, input.venue, input.fen, shown)
        service, key = info.context.services[StoredValue], input.idempotency_key
        topped = await service.top_up(info.context.caller, key, wish, input.reference)
        return _served(info, topped)

    @strawberry.mutation
    async def spend_stored_value(
        self,
        info: OperationInfo,
        input: SpendInput,  # noqa: A002 - see above
    ) -> ServeResult:
        """Take what somebody spends at the counter."""
        wish = CounterWish(input.group, input.venue, input.fen, Shown(input.code))
        service, key = info.context.services[StoredValue], input.idempotency_key
        return _served(info, await service.spend(info.context.caller, key, wish))

    @strawberry.mutation
    async def put_stored_value_group(
        self,
        info: OperationInfo,
        input: PutGroupInput,  # noqa: A002 - see above
    ) -> PutResult:
        """Describe a group of venues."""
        group = ValueGroup(
            code=input.code,
            name=LocalizedText(input.name_zh, input.name_en),
            venues=frozenset(input.venues),
            prices={one.plan: one.fen for one in input.prices},
            terms=tuple(CancelTerm(one.minutes_before, one.percent) for one in input.cancel_terms),
        )
        service, key = info.context.services[StoredValueGroups], input.idempotency_key
        put = await service.put(info.context.caller, key, group)
        return answer_of(put, lambda one: GroupPut(code=one.code, state=one.state))

    @strawberry.mutation
    async def close_stored_value_group(
        self,
        info: OperationInfo,
        input: CloseGroupInput,  # noqa: A002 - see above
    ) -> CloseResult:
        """End a group and refund every balance."""
        service, key = info.context.services[StoredValueGroups], input.idempotency_key
        done = await service.close(info.context.caller, key, input.group, input.reason)
        return answer_of(done, lambda refunded: GroupClosed(refunded=refunded))


def _changed(
    info: OperationInfo, found: StoredValueView | Refusal
) -> StoredValueChanged | RefusalAnswer:
    now = info.context.clock.now()
    return answer_of(found, lambda one: StoredValueChanged(account=_account(one), server_time=now))


def _served(
    info: OperationInfo, found: StoredValueView | Refusal
) -> StoredValueServed | RefusalAnswer:
    now = info.context.clock.now()
    return answer_of(
        found,
        lambda one: StoredValueServed(
            group=group_answer(one.group), balance_fen=one.sums.balance, server_time=now
        ),
    )


def _account(one: StoredValueView) -> StoredValueAnswer:
    return StoredValueAnswer(
        group=group_answer(one.group),
        balance_fen=one.sums.balance,
        topped_up_fen=one.sums.topped_up,
        spent_fen=one.sums.spent,
        refunded_fen=one.sums.refunded,
    )


def group_answer(one: ValueGroup) -> GroupAnswer:
    """Return a group as it is told."""
    return GroupAnswer(
        code=one.code,
        name=LocalizedTextAnswer.of(one.name),
        venues=sorted(one.venues),
        prices=[CourtPriceAnswer(plan=plan, fen=fen) for plan, fen in sorted(one.prices.items())],
        cancel_terms=[
            CancelTermAnswer(minutes_before=term.minutes_before, percent=term.percent)
            for term in one.terms
        ],
        state=one.state,
    )
