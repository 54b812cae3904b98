"""What officers ask about sharing agreements, and what they do with them."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from backend.accounts.staff_api import OrganisationAnswer
from backend.cards.api import OperationInfo
from backend.foundation.answers import (
    LocalizedTextAnswer,
    OperationRefused,
    RefusalAnswer,
    answer_of,
)
from backend.foundation.page_answers import PageInfo, position_of
from backend.foundation.refusals import Refusal
from backend.sharing.agreements import Agreements
from backend.sharing.consumers import Consumer, Consumers
from backend.sharing.rules import (
    AgreedField,
    Agreement,
    AgreementState,
    Decision,
    LegalBasis,
    SharedField,
    Terms,
)
from backend.sharing.transfer_rules import Transfer, TransferGround
from shared.localized_text import LocalizedText

strawberry.enum(SharedField)
strawberry.enum(LegalBasis, name="SharingBasis")
strawberry.enum(AgreementState, name="SharingAgreementState")
strawberry.enum(Decision, name="SharingDecision")
strawberry.enum(TransferGround, name="TransferGround")


@strawberry.type(name="AgreedField", description="A field that is given, in full or masked.")
class AgreedFieldAnswer:
    """A field."""

    field: SharedField
    masked: bool


@strawberry.type(name="Transfer", description="By which way of PIPL 38 data leave the mainland.")
class TransferAnswer:
    """A way, the number of its paper, and how people reach the recipient abroad."""

    ground: TransferGround
    filing: str
    contact: LocalizedTextAnswer

    @classmethod
    def of(cls, transfer: Transfer) -> Self:
        """Return it as an answer."""
        return cls(
            ground=transfer.ground,
            filing=transfer.filing,
            contact=LocalizedTextAnswer.of(transfer.contact),
        )


@strawberry.type(name="SharingAgreement", description="One version of a sharing agreement.")
class AgreementAnswer:
    """A version; `id` names it, `agreement` is what its consumer names in each call."""

    id: strawberry.ID
    agreement: str
    version: int
    state: AgreementState
    provider: OrganisationAnswer
    consumer: str
    fields: list[AgreedFieldAnswer]
    purpose: str
    purpose_words: LocalizedTextAnswer
    basis: LegalBasis
    basis_words: LocalizedTextAnswer
    consent_purpose: str | None
    transfer: TransferAnswer | None
    starts_at: datetime
    ends_at: datetime
    per_day: int
    per_minute: int
    assessment: strawberry.ID
    proposed_at: datetime
    changed_at: datetime
    reason: str | None


@strawberry.type(name="SharingAgreementConnection")
class AgreementConnection:
    """A page of versions, the last proposed first."""

    nodes: list[AgreementAnswer]
    page_info: PageInfo


@strawberry.type(name="SharingAgreementKept")
class AgreementKept:
    """A version as it is now."""

    agreement: AgreementAnswer


@strawberry.type(name="DataConsumerRegistered")
class ConsumerRegistered:
    """A consumer's system as it is registered now."""

    code: str
    name: LocalizedTextAnswer


@strawberry.input(name="AgreedFieldInput")
class AgreedFieldInput:
    """A field to be given."""

    field: SharedField
    masked: bool


@strawberry.input(name="TransferInput")
class TransferInput:
    """By which way of PIPL 38 data are to leave."""

    ground: TransferGround
    filing: str
    contact_zh: str
    contact_en: str


@strawberry.input(name="ProposeSharingAgreementInput")
class ProposeAgreementInput:
    """Terms; with `agreement` they are the next version of one that stands."""

    idempotency_key: str
    consumer: str
    fields: list[AgreedFieldInput]
    purpose: str
    purpose_zh: str
    purpose_en: str
    basis: LegalBasis
    basis_zh: str
    basis_en: str
    starts_at: datetime
    ends_at: datetime
    per_day: int
    per_minute: int
    assessment: strawberry.ID
    transfer: TransferInput | None = None
    consent_purpose: str | None = None
    agreement: str | None = None


@strawberry.input(name="DecideSharingAgreementInput")
class DecideAgreementInput:
    """What is decided about which version, and why."""

    idempotency_key: str
    id: strawberry.ID
    decision: Decision
    reason: str


@strawberry.input(name="RegisterDataConsumerInput")
class RegisterConsumerInput:
    """A system and the public key it signs its requests with, in PEM."""

    idempotency_key: str
    code: str
    zh: str
    en: str
    public_key: str
    abroad: bool = False


AgreementResult = Annotated[
    AgreementKept | RefusalAnswer, strawberry.union("SharingAgreementResult")
]
ConsumerResult = Annotated[ConsumerRegistered | RefusalAnswer, strawberry.union("ConsumerResult")]


@strawberry.type
class SharingQueries:
    """Questions about agreements, for the officers who keep them and auditors."""

    @strawberry.field
    async def sharing_agreements(
        self,
        info: OperationInfo,
        first: int = 20,
        after: str | None = None,
        state: AgreementState | None = None,
    ) -> AgreementConnection:
        """Answer with a page of all versions."""
        position, context = position_of(first, after), info.context
        page = await context.services[Agreements].page(context.caller, first, position, state)
        if isinstance(page, Refusal):
            raise OperationRefused(page)
        return AgreementConnection(
            nodes=[_answer(one) for one in page.rows], page_info=PageInfo.of(page)
        )


@strawberry.type
class SharingMutations:
    """Acts of officers on agreements."""

    @strawberry.mutation
    async def register_data_consumer(
        self,
        info: OperationInfo,
        input: RegisterConsumerInput,  # noqa: A002 - GraphQL's usual name
    ) -> ConsumerResult:
        """Register a system that may ask, or its new key."""
        context = info.context
        consumer = Consumer(input.code, LocalizedText(input.zh, input.en), abroad=input.abroad)
        done = await context.services[Consumers].register(
            context.caller, input.idempotency_key, consumer, input.public_key
        )
        return answer_of(
            done,
            lambda one: ConsumerRegistered(code=one.code, name=LocalizedTextAnswer.of(one.name)),
        )

    @strawberry.mutation
    async def propose_sharing_agreement(
        self,
        info: OperationInfo,
        input: ProposeAgreementInput,  # noqa: A002 - GraphQL's usual name
    ) -> AgreementResult:
        """Propose an agreement; somebody of another post approves it."""
        context = info.context
        kept = await context.services[Agreements].propose(
            context.caller, input.idempotency_key, _terms(input), input.agreement
        )
        return answer_of(kept, lambda one: AgreementKept(agreement=_answer(one)))

    @strawberry.mutation
    async def decide_sharing_agreement(
        self,
        info: OperationInfo,
        input: DecideAgreementInput,  # noqa: A002 - GraphQL's usual name
    ) -> AgreementResult:
        """Approve, decline, suspend, resume or end a version."""
        context = info.context
        kept = await context.services[Agreements].decide(
            context.caller, input.idempotency_key, str(input.id), input.decision, input.reason
        )
        return answer_of(kept, lambda one: AgreementKept(agreement=_answer(one)))


def _terms(asked: ProposeAgreementInput) -> Terms:
    return Terms(
        consumer=asked.consumer,
        fields=tuple(AgreedField(one.field, one.masked) for one in asked.fields),
        purpose=asked.purpose,
        purpose_words=LocalizedText(asked.purpose_zh, asked.purpose_en),
        basis=asked.basis,
        basis_words=LocalizedText(asked.basis_zh, asked.basis_en),
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        per_day=asked.per_day,
        per_minute=asked.per_minute,
        assessment=str(asked.assessment),
        consent_purpose=asked.consent_purpose,
        transfer=_transfer(asked.transfer),
    )


def _transfer(asked: TransferInput | None) -> Transfer | None:
    if asked is None:
        return None
    contact = LocalizedText(asked.contact_zh, asked.contact_en)
    return Transfer(asked.ground, asked.filing, contact)


def _answer(one: Agreement) -> AgreementAnswer:
    terms, owner = one.terms, one.provider
    return AgreementAnswer(
        id=strawberry.ID(one.version_id),
        agreement=one.agreement,
        version=one.version,
        state=one.state,
        provider=OrganisationAnswer(code=owner.code, name=LocalizedTextAnswer.of(owner.name)),
        consumer=terms.consumer,
        fields=[AgreedFieldAnswer(field=each.field, masked=each.masked) for each in terms.fields],
        purpose=terms.purpose,
        purpose_words=LocalizedTextAnswer.of(terms.purpose_words),
        basis=terms.basis,
        basis_words=LocalizedTextAnswer.of(terms.basis_words),
        consent_purpose=terms.consent_purpose,
        transfer=None if terms.transfer is None else TransferAnswer.of(terms.transfer),
        starts_at=terms.starts_at,
        ends_at=terms.ends_at,
        per_day=terms.per_day,
        per_minute=terms.per_minute,
        assessment=strawberry.ID(terms.assessment),
        proposed_at=one.proposed_at,
        changed_at=one.changed_at,
        reason=one.reason,
    )
