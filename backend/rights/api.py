"""What people's apps ask and do about their rights over their own data."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from backend.foundation.answers import LocalizedTextAnswer, OperationRefused, RefusalAnswer
from backend.foundation.operations import OperationContext
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.rights.consents import ConsentFacts, Consents, Standing
from backend.rights.notices import Notices
from backend.rights.rules import Notice, Scene

OperationInfo = Info[OperationContext, None]

strawberry.enum(Scene, name="NoticeScene")


@strawberry.type(name="Notice", description="What a person must be told, at the first use.")
class NoticeAnswer:
    """One version of a notice; `digest` is the SHA-256 of its data file's values."""

    code: strawberry.ID
    scene: Scene
    version: int
    day: date
    title: LocalizedTextAnswer
    text: LocalizedTextAnswer
    digest: str


@strawberry.type(name="PendingNotices")
class PendingNoticesAnswer:
    """What the caller has still to be shown."""

    nodes: list[NoticeAnswer]


@strawberry.type(name="NoticeAcknowledged")
class NoticeAcknowledged:
    """The notice was shown, now or before."""

    notice: NoticeAnswer
    server_time: datetime


@strawberry.type(name="Recipient", description="Who gets the data of a consent.")
class RecipientAnswer:
    """Who gets the data."""

    code: str
    name: LocalizedTextAnswer


@strawberry.type(name="ConsentPurpose", description="What a separate consent is asked for.")
class ConsentPurposeAnswer:
    """A purpose as explained now; `consented` tells whether the caller's consent stands."""

    code: strawberry.ID
    version: int
    day: date
    title: LocalizedTextAnswer
    necessity: LocalizedTextAnswer
    impact: LocalizedTextAnswer
    fields: list[LocalizedTextAnswer]
    recipient: RecipientAnswer
    lasting_days: int
    consented: bool


@strawberry.type(name="ConsentPurposes")
class ConsentPurposesAnswer:
    """Every purpose that a separate consent is asked for."""

    nodes: list[ConsentPurposeAnswer]


@strawberry.type(name="ConsentReceipt", description="A consent as it was given.")
class ConsentReceiptAnswer:
    """One receipt; without `withdrawn_at` it lasts until `until`."""

    id: strawberry.ID
    purpose: str
    version: int
    title: LocalizedTextAnswer
    fields: list[LocalizedTextAnswer]
    recipient: RecipientAnswer
    given_at: datetime
    until: datetime
    withdrawn_at: datetime | None


@strawberry.type(name="ConsentReceiptConnection", description="A page, the last given first.")
class ConsentReceiptConnection:
    """A page of receipts."""

    nodes: list[ConsentReceiptAnswer]
    page_info: PageInfo


@strawberry.type(name="ConsentChanged")
class ConsentChanged:
    """The consent is given or withdrawn, now or before; no receipt where none was ever given."""

    receipt: ConsentReceiptAnswer | None
    server_time: datetime


@strawberry.input(name="AcknowledgeNoticeInput")
class AcknowledgeNoticeInput:
    """Which version the caller was shown."""

    idempotency_key: str
    code: strawberry.ID
    version: int


@strawberry.input(name="GiveConsentInput")
class GiveConsentInput:
    """One purpose, in the version that was shown."""

    idempotency_key: str
    purpose: strawberry.ID
    version: int


@strawberry.input(name="WithdrawConsentInput")
class WithdrawConsentInput:
    """One purpose."""

    idempotency_key: str
    purpose: strawberry.ID


PendingNoticesResult = Annotated[
    PendingNoticesAnswer | RefusalAnswer, strawberry.union("PendingNoticesResult")
]
AcknowledgeNoticeResult = Annotated[
    NoticeAcknowledged | RefusalAnswer, strawberry.union("AcknowledgeNoticeResult")
]
ConsentPurposesResult = Annotated[
    ConsentPurposesAnswer | RefusalAnswer, strawberry.union("ConsentPurposesResult")
]
ChangeConsentResult = Annotated[
    ConsentChanged | RefusalAnswer, strawberry.union("ChangeConsentResult")
]


@strawberry.type
class RightsQueries:
    """Questions about the caller's rights."""

    @strawberry.field
    def notices(self, info: OperationInfo) -> list[NoticeAnswer]:
        """Answer with every present notice, to read before a first use and at any time after."""
        return [_notice(one) for one in info.context.services[Notices].present()]

    @strawberry.field
    async def pending_notices(self, info: OperationInfo) -> PendingNoticesResult:
        """Answer with the notices the caller has still to be shown."""
        found = await info.context.services[Notices].pending(info.context.caller)
        if isinstance(found, Refusal):
            return RefusalAnswer.of(found)
        return PendingNoticesAnswer(nodes=[_notice(one) for one in found])

    @strawberry.field
    async def consent_purposes(self, info: OperationInfo) -> ConsentPurposesResult:
        """Answer with every purpose and whether the caller's consent to it stands."""
        return purposes_answer(await info.context.services[Consents].standings(info.context.caller))

    @strawberry.field
    async def consent_receipts(
        self, info: OperationInfo, first: int = 20, after: str | None = None
    ) -> ConsentReceiptConnection:
        """Answer with a page of the caller's consents, given and withdrawn."""
        position = position_of(first, after)
        context = info.context
        page = await context.services[Consents].receipts(context.caller, first, position)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        return ConsentReceiptConnection(
            nodes=[_receipt(one) for one in page.rows],
            page_info=PageInfo.of(page),
        )


@strawberry.type
class RightsMutations:
    """Acts on the caller's rights."""

    @strawberry.mutation
    async def acknowledge_notice(
        self,
        info: OperationInfo,
        input: AcknowledgeNoticeInput,  # noqa: A002 - GraphQL's usual name
    ) -> AcknowledgeNoticeResult:
        """Keep that the caller was shown a notice."""
        context = info.context
        done = await context.services[Notices].acknowledge(
            context.caller, input.idempotency_key, str(input.code), input.version
        )
        if isinstance(done, Refusal):
            return RefusalAnswer.of(done)
        return NoticeAcknowledged(notice=_notice(done), server_time=context.clock.now())

    @strawberry.mutation
    async def give_consent(
        self,
        info: OperationInfo,
        input: GiveConsentInput,  # noqa: A002 - see above
    ) -> ChangeConsentResult:
        """Consent to one purpose."""
        context = info.context
        done = await context.services[Consents].give(
            context.caller, input.idempotency_key, str(input.purpose), input.version
        )
        return consent_changed(info, done)

    @strawberry.mutation
    async def withdraw_consent(
        self,
        info: OperationInfo,
        input: WithdrawConsentInput,  # noqa: A002 - see above
    ) -> ChangeConsentResult:
        """Withdraw the consent to one purpose."""
        context = info.context
        done = await context.services[Consents].withdraw(
            context.caller, input.idempotency_key, str(input.purpose)
        )
        return consent_changed(info, done)


def purposes_answer(
    found: Sequence[Standing] | Refusal,
) -> ConsentPurposesAnswer | RefusalAnswer:
    """Return the answer to a question for all purposes."""
    if isinstance(found, Refusal):
        return RefusalAnswer.of(found)
    return ConsentPurposesAnswer(nodes=[_purpose(one) for one in found])


def consent_changed(
    info: OperationInfo, done: ConsentFacts | Refusal | None
) -> ConsentChanged | RefusalAnswer:
    """Return the answer to an act on a consent."""
    if isinstance(done, Refusal):
        return RefusalAnswer.of(done)
    receipt = None if done is None else _receipt(done)
    return ConsentChanged(receipt=receipt, server_time=info.context.clock.now())


def _notice(notice: Notice) -> NoticeAnswer:
    return NoticeAnswer(
        code=strawberry.ID(notice.code),
        scene=notice.scene,
        version=notice.version,
        day=notice.day,
        title=LocalizedTextAnswer.of(notice.title),
        text=LocalizedTextAnswer.of(notice.text),
        digest=notice.digest,
    )


def _purpose(standing: Standing) -> ConsentPurposeAnswer:
    purpose = standing.purpose
    recipient = purpose.recipient
    return ConsentPurposeAnswer(
        code=strawberry.ID(purpose.code),
        version=purpose.version,
        day=purpose.day,
        title=LocalizedTextAnswer.of(purpose.title),
        necessity=LocalizedTextAnswer.of(purpose.necessity),
        impact=LocalizedTextAnswer.of(purpose.impact),
        fields=[LocalizedTextAnswer.of(one) for one in purpose.fields],
        recipient=RecipientAnswer(code=recipient.code, name=LocalizedTextAnswer.of(recipient.name)),
        lasting_days=purpose.lasting.days,
        consented=standing.consented,
    )


def _receipt(facts: ConsentFacts) -> ConsentReceiptAnswer:
    recipient = facts.recipient
    return ConsentReceiptAnswer(
        id=strawberry.ID(facts.receipt_id),
        purpose=facts.purpose,
        version=facts.version,
        title=LocalizedTextAnswer.of(facts.title),
        fields=[LocalizedTextAnswer.of(one) for one in facts.fields],
        recipient=RecipientAnswer(code=recipient.code, name=LocalizedTextAnswer.of(recipient.name)),
        given_at=facts.given_at,
        until=facts.until,
        withdrawn_at=facts.withdrawn_at,
    )
