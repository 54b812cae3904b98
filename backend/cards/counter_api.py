"""What clerks ask of the card services at an outlet, and what they record for concessions."""

from datetime import date
from typing import Annotated

import strawberry

from backend.cards.api import OperationInfo
from backend.cards.concession import Attestation, Category
from backend.cards.concessions import Concessions
from backend.cards.counter import CardCounter, CounterWish
from backend.cards.lifecycle import Actor, CardEvent, ReplacementReason
from backend.cards.services_api import (
    CardServed,
    CardServiceResult,
    CardStandingResult,
    standing_of,
)
from backend.foundation.answers import RefusalAnswer, answer_of
from backend.foundation.refusals import Refusal

strawberry.enum(Category, name="ConcessionCategory")


@strawberry.input(name="ServeAtCounterInput")
class ServeAtCounterInput:
    """A service for whoever stands at the counter; the PINs are for those services alone."""

    idempotency_key: str
    resident_id: strawberry.ID
    service: CardEvent
    card_in_hand: bool = False
    reason: ReplacementReason | None = None
    keep_number: bool = False
    present_pin: str = ""
    new_pin: str = ""


@strawberry.input(name="RecordAttestationInput")
class RecordAttestationInput:
    """What a paper of an authority says of a resident; both days are local and included."""

    idempotency_key: str
    resident_id: strawberry.ID
    category: Category
    issuer: str
    first_day: date
    last_day: date | None = None


@strawberry.type(name="AttestationRecorded")
class AttestationRecorded:
    """It is on the record; the next certificate of each phone follows it."""

    id: strawberry.ID


RecordAttestationResult = Annotated[
    AttestationRecorded | RefusalAnswer, strawberry.union("RecordAttestationResult")
]


@strawberry.type
class CardCounterQueries:
    """Questions of an outlet about a resident's card."""

    @strawberry.field
    async def counter_card(
        self, info: OperationInfo, resident_id: strawberry.ID
    ) -> CardStandingResult:
        """Answer with where a resident's card stands and what an outlet could do now."""
        counter = info.context.services[CardCounter]
        card_id = await counter.card(info.context.caller, resident_id)
        if isinstance(card_id, Refusal):
            return RefusalAnswer.of(card_id)
        return await standing_of(info, card_id, Actor.OUTLET_CLERK)


@strawberry.type
class CardCounterMutations:
    """The ten card services 社保卡十项服务, as an outlet does them."""

    @strawberry.mutation
    async def serve_at_counter(
        self,
        info: OperationInfo,
        input: ServeAtCounterInput,  # noqa: A002 - GraphQL's usual name
    ) -> CardServiceResult:
        """Do a card service, once per idempotency key."""
        wish = CounterWish(
            resident_id=input.resident_id,
            service=input.service,
            idempotency_key=input.idempotency_key,
            card_in_hand=input.card_in_hand,
            reason=input.reason,
            keep_number=input.keep_number,
            present_pin=input.present_pin,
            new_pin=input.new_pin,
        )
        changed = await info.context.services[CardCounter].serve(info.context.caller, wish)
        if isinstance(changed, Refusal):
            return RefusalAnswer.of(changed)
        return CardServed(standing=await standing_of(info, changed.card_id, Actor.OUTLET_CLERK))

    @strawberry.mutation
    async def record_attestation(
        self,
        info: OperationInfo,
        input: RecordAttestationInput,  # noqa: A002 - see above
    ) -> RecordAttestationResult:
        """Record why a resident has a concession 优待, by an authority's paper."""
        word = Attestation(input.category, input.issuer, input.first_day, input.last_day)
        done = await info.context.services[Concessions].attest(
            info.context.caller, input.idempotency_key, input.resident_id, word
        )
        return answer_of(done, lambda found: AttestationRecorded(id=strawberry.ID(found)))
