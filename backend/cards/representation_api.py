"""How a delegate's phone asks for what it shows."""

from datetime import datetime
from typing import Annotated

import strawberry

from backend.cards.api import (
    IssuedCertificate,
    OperationInfo,
    RegionAnswer,
    acting_for,
    issued_answer,
)
from backend.cards.lifecycle import CardState
from backend.cards.representation import Representation
from backend.cards.service import Cards
from backend.foundation.access import NOT_PROVEN
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.permissions import Act, may
from backend.foundation.refusals import Refusal
from backend.mandates.refusals import MANDATE_UNKNOWN
from backend.residents.service import Residents


@strawberry.input(name="TakeRepresentedCertificateInput")
class TakeRepresentedCertificateInput:
    """The mandate is the one that the request is made under."""

    idempotency_key: str


@strawberry.type(name="RepresentedCard", description="A principal's card; its name is masked.")
class RepresentedCard:
    """What a delegate's phone says of the card it shows."""

    id: strawberry.ID
    masked_name: str
    card_number_tail: str
    region: RegionAnswer
    state: CardState


@strawberry.type(name="RepresentedCertificate")
class RepresentedCertificate:
    """A certificate by which the calling phone shows its principal's card."""

    card: RepresentedCard
    certificate: IssuedCertificate
    server_time: datetime


TakeRepresentedCertificateResult = Annotated[
    RepresentedCertificate | RefusalAnswer, strawberry.union("TakeRepresentedCertificateResult")
]


@strawberry.type
class RepresentationMutations:
    """What delegates' phones do to show cards."""

    @strawberry.mutation
    async def take_represented_certificate(
        self,
        info: OperationInfo,
        input: TakeRepresentedCertificateInput,  # noqa: A002 - GraphQL's usual name
    ) -> TakeRepresentedCertificateResult:
        """Take a certificate that shows the principal's card, or its renewal."""
        context = info.context
        if context.key is None:
            return RefusalAnswer.of(NOT_PROVEN)
        acting = await acting_for(info)
        if acting is None:
            person = context.caller.resident_id if context.caller else None
            refused = may(context.caller, Act.MANDATE_MANAGE, person)
            return RefusalAnswer.of(refused or MANDATE_UNKNOWN)
        if isinstance(acting, Refusal):
            return RefusalAnswer.of(acting)
        service = context.services[Representation]
        taken = await service.take(acting, context.key, input.idempotency_key)
        if isinstance(taken, Refusal):
            return RefusalAnswer.of(taken)
        holder = await context.services[Residents].person(taken.resident_id)
        name = context.services[Cards].region_name
        return RepresentedCertificate(
            card=RepresentedCard(
                id=strawberry.ID(taken.card_id),
                masked_name=holder.masked_name,
                card_number_tail=taken.number_tail,
                region=RegionAnswer(code=taken.region, name=LocalizedTextAnswer.of(name)),
                state=taken.state,
            ),
            certificate=issued_answer(taken.issued),
            server_time=context.clock.now(),
        )
