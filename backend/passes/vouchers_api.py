"""Training vouchers: their holder's questions and reservations, provider and department."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo, holder_asking
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal
from backend.passes.voucher_records import VoucherView
from backend.passes.voucher_rules import Course, ShownVoucherState
from backend.passes.vouchers import TrainingVouchers
from backend.venues.api import VenueAnswer, venue_answer, venue_entry

strawberry.enum(ShownVoucherState, name="TrainingVoucherState")


@strawberry.type(name="TrainingCourse", description="A seat in a course.")
class CourseAnswer:
    """A seat: `course` is the provider's own number, `provider` its venue's."""

    course_type: str
    course: str
    provider: int
    starts_on: date

    @strawberry.field
    async def place(self, info: OperationInfo) -> VenueAnswer | None:
        """The provider, with its name."""
        entry = await venue_entry(info, self.provider)
        return None if isinstance(entry, Refusal) else venue_answer(entry)


@strawberry.type(name="VoucherSettlement", description="What a voucher paid for.")
class SettlementAnswer:
    """Hours attended of hours planned, and what is owed for them."""

    attended: int
    planned: int
    fen: int
    at: datetime


@strawberry.type(name="TrainingVoucher", description="A voucher for one course of one person.")
class VoucherAnswer:
    """A voucher; `heldUntil` is when a reservation that nobody confirms lapses."""

    id: strawberry.ID
    name: LocalizedTextAnswer
    state: ShownVoucherState
    value_fen: int
    course_types: list[str]
    first_day: date
    last_day: date | None
    least_percent: int
    issued_at: datetime
    course: CourseAnswer | None
    held_until: datetime | None
    settlement: SettlementAnswer | None


@strawberry.type(name="TrainingVoucherList")
class VoucherList:
    """Vouchers, the newest first."""

    vouchers: list[VoucherAnswer]


@strawberry.type(name="TrainingVoucherChanged")
class VoucherChanged:
    """A voucher that was issued or changed."""

    voucher: VoucherAnswer
    server_time: datetime


@strawberry.input(name="ReserveTrainingVoucherInput")
class ReserveInput:
    """Which voucher, and which course."""

    idempotency_key: str
    voucher: strawberry.ID
    course_type: str
    course: str
    provider: int
    starts_on: date


@strawberry.input(name="TrainingVoucherInput")
class VoucherInput:
    """Which voucher."""

    idempotency_key: str
    voucher: strawberry.ID


@strawberry.input(name="IssueTrainingVoucherInput")
class IssueInput:
    """For whom, and of which programme."""

    idempotency_key: str
    resident: strawberry.ID
    programme: str


@strawberry.input(name="ConfirmTrainingVoucherInput")
class ConfirmInput:
    """Which voucher, and the course as the provider knows it."""

    idempotency_key: str
    voucher: strawberry.ID
    course: str


@strawberry.input(name="SettleTrainingVoucherInput")
class SettleInput:
    """Hours attended of hours planned."""

    idempotency_key: str
    voucher: strawberry.ID
    attended: int
    planned: int


@strawberry.input(name="RevokeTrainingVoucherInput")
class RevokeInput:
    """Which voucher, and why; the reason holds nothing personal."""

    idempotency_key: str
    voucher: strawberry.ID
    reason: str


VouchersResult = Annotated[VoucherList | RefusalAnswer, strawberry.union("TrainingVouchersResult")]
VoucherChangeResult = Annotated[
    VoucherChanged | RefusalAnswer, strawberry.union("TrainingVoucherChangeResult")
]


@strawberry.type
class VoucherQueries:
    """Questions about the caller's vouchers."""

    @strawberry.field
    async def training_vouchers(self, info: OperationInfo) -> VouchersResult:
        """Answer with the caller's vouchers."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        own = await info.context.services[TrainingVouchers].of_resident(asking.resident_id)
        return VoucherList(vouchers=list(map(_voucher, own)))


@strawberry.type
class VoucherMutations:
    """What is done with vouchers."""

    @strawberry.mutation
    async def reserve_training_voucher(
        self,
        info: OperationInfo,
        input: ReserveInput,  # noqa: A002 - GraphQL's usual name
    ) -> VoucherChangeResult:
        """Reserve a seat in a course with the caller's voucher."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        course = Course(input.course_type, input.course, input.provider, input.starts_on)
        key, service = input.idempotency_key, info.context.services[TrainingVouchers]
        return _changed(info, await service.reserve(asking, key, input.voucher, course))

    @strawberry.mutation
    async def release_training_voucher(
        self,
        info: OperationInfo,
        input: VoucherInput,  # noqa: A002 - see above
    ) -> VoucherChangeResult:
        """Take back a reservation that is not confirmed yet."""
        asking = await holder_asking(info)
        if isinstance(asking, Refusal):
            return RefusalAnswer.of(asking)
        service = info.context.services[TrainingVouchers]
        return _changed(info, await service.release(asking, input.idempotency_key, input.voucher))

    @strawberry.mutation
    async def issue_training_voucher(
        self,
        info: OperationInfo,
        input: IssueInput,  # noqa: A002 - see above
    ) -> VoucherChangeResult:
        """Issue a voucher, as the department."""
        service, key = info.context.services[TrainingVouchers], input.idempotency_key
        issued = await service.issue(info.context.caller, key, input.resident, input.programme)
        return _changed(info, issued)

    @strawberry.mutation
    async def confirm_training_voucher(
        self,
        info: OperationInfo,
        input: ConfirmInput,  # noqa: A002 - see above
    ) -> VoucherChangeResult:
        """Confirm an enrolment, as the provider."""
        service, key = info.context.services[TrainingVouchers], input.idempotency_key
        confirmed = await service.confirm(info.context.caller, key, input.voucher, input.course)
        return _changed(info, confirmed)

    @strawberry.mutation
    async def withdraw_training_voucher(
        self,
        info: OperationInfo,
        input: VoucherInput,  # noqa: A002 - see above
    ) -> VoucherChangeResult:
        """Free a voucher, as the provider: the course is off, or its holder dropped out."""
        service, key = info.context.services[TrainingVouchers], input.idempotency_key
        return _changed(info, await service.withdraw(info.context.caller, key, input.voucher))

    @strawberry.mutation
    async def settle_training_voucher(
        self,
        info: OperationInfo,
        input: SettleInput,  # noqa: A002 - see above
    ) -> VoucherChangeResult:
        """Settle a voucher by the hours attended, as the department."""
        service, key = info.context.services[TrainingVouchers], input.idempotency_key
        settled = await service.settle(
            info.context.caller, key, input.voucher, input.attended, input.planned
        )
        return _changed(info, settled)

    @strawberry.mutation
    async def revoke_training_voucher(
        self,
        info: OperationInfo,
        input: RevokeInput,  # noqa: A002 - see above
    ) -> VoucherChangeResult:
        """Revoke a voucher that was not settled, as the department."""
        service, key = info.context.services[TrainingVouchers], input.idempotency_key
        revoked = await service.revoke(info.context.caller, key, input.voucher, input.reason)
        return _changed(info, revoked)


def _changed(info: OperationInfo, found: VoucherView | Refusal) -> VoucherChanged | RefusalAnswer:
    now = info.context.clock.now()
    return answer_of(found, lambda one: VoucherChanged(voucher=_voucher(one), server_time=now))


def _voucher(one: VoucherView) -> VoucherAnswer:
    facts, course, settled = one.facts, one.course, one.settled
    return VoucherAnswer(
        id=strawberry.ID(one.voucher_id),
        name=LocalizedTextAnswer.of(one.name),
        state=one.state,
        value_fen=facts.value_fen,
        course_types=sorted(facts.course_types),
        first_day=facts.days.first,
        last_day=facts.days.last,
        least_percent=facts.least_percent,
        issued_at=one.issued_at,
        course=None
        if course is None
        else CourseAnswer(
            course_type=course.course_type,
            course=course.course,
            provider=course.provider,
            starts_on=course.starts_on,
        ),
        held_until=one.held_until,
        settlement=None
        if settled is None
        else SettlementAnswer(
            attended=settled.attended,
            planned=settled.planned,
            fen=settled.fen,
            at=settled.at,
        ),
    )
