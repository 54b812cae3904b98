"""What holders ask of the card services: what can be done now, and doing it."""

from typing import Annotated

import strawberry

from backend.cards import refusals as no
from backend.cards.api import OperationInfo, acting_for, known_phone, phone_card
from backend.cards.card_service_frame import CardChange, Wish
from backend.cards.card_services import CardServices
from backend.cards.decisions import available, effective_state
from backend.cards.lifecycle import (
    SERVICES,
    STATE_WORDS,
    Actor,
    CardEvent,
    CardState,
    ReplacementReason,
)
from backend.cards.policies import EcardPolicies
from backend.cards.policy import ACTION_WORDS, EcardAction
from backend.cards.rules import DeviceState
from backend.cards.service import Cards
from backend.foundation.access import Caller
from backend.foundation.answers import LocalizedTextAnswer, RefusalAnswer
from backend.foundation.permissions import SIGN_IN_NEEDED
from backend.foundation.refusals import Refusal
from backend.residents.same_person import same_person

strawberry.enum(CardEvent, name="CardService")
strawberry.enum(EcardAction)
strawberry.enum(ReplacementReason)


@strawberry.type(name="AvailableService", description="A card service that can be had now.")
class AvailableService:
    """A card service."""

    service: CardEvent
    name: LocalizedTextAnswer


@strawberry.type(name="AllowedAction", description="What the e-card may be used for now.")
class AllowedAction:
    """A use of the e-card."""

    action: EcardAction
    name: LocalizedTextAnswer


@strawberry.type(name="CardStanding", description="A card's state and what follows from it.")
class CardStanding:
    """Where a card stands; `card` is its id, random, so that an app knows which one is meant."""

    card: strawberry.ID
    state: CardState
    state_words: LocalizedTextAnswer
    available_services: list[AvailableService]
    allowed_actions: list[AllowedAction]


@strawberry.input(name="CardServiceInput")
class CardServiceInput:
    """Which request this is."""

    idempotency_key: str


@strawberry.input(name="ReplaceCardInput")
class ReplaceCardInput:
    """Why a new card is asked for, and whether its number shall stay (保号换卡)."""

    idempotency_key: str
    reason: ReplacementReason
    keep_number: bool


@strawberry.type(name="CardServed")
class CardServed:
    """A service was done."""

    standing: CardStanding


CardStandingResult = Annotated[CardStanding | RefusalAnswer, strawberry.union("CardStandingResult")]
CardServiceResult = Annotated[CardServed | RefusalAnswer, strawberry.union("CardServiceResult")]


@strawberry.type
class CardServiceQueries:
    """Questions about what can be done with the caller's card."""

    @strawberry.field
    async def card_standing(self, info: OperationInfo) -> CardStandingResult:
        """Answer with the card's state, the services to be had and the uses allowed."""
        acting = await acting_for(info)
        if isinstance(acting, Refusal):
            return RefusalAnswer.of(acting)
        if acting is not None:
            card_id = await info.context.services[Cards].present_card(acting.principal)
            if isinstance(card_id, Refusal):
                return RefusalAnswer.of(card_id)
            return await standing_of(info, card_id, Actor.HOLDER)
        holder = await _holder(info, by_phone=True)
        if isinstance(holder, Refusal):
            return RefusalAnswer.of(holder)
        return await standing_of(info, holder[1], Actor.HOLDER)


@strawberry.type
class CardServiceMutations:
    """The card services that a holder has from home."""

    @strawberry.mutation
    async def suspend_card(
        self,
        info: OperationInfo,
        input: CardServiceInput,  # noqa: A002 - GraphQL's usual name
    ) -> CardServiceResult:
        """临时挂失: for a phone of the card, signed in or not; whoever is in a hurry may."""
        return await _serve(info, input.idempotency_key, CardEvent.SUSPEND, by_phone=True)

    @strawberry.mutation
    async def lift_suspension(
        self,
        info: OperationInfo,
        input: CardServiceInput,  # noqa: A002 - see above
    ) -> CardServiceResult:
        """解挂: for the holder, signed in."""
        return await _serve(info, input.idempotency_key, CardEvent.LIFT_SUSPENSION, by_phone=False)

    @strawberry.mutation
    async def report_card_lost(
        self,
        info: OperationInfo,
        input: CardServiceInput,  # noqa: A002 - see above
    ) -> CardServiceResult:
        """正式挂失, which is final: for the holder, signed in."""
        return await _serve(info, input.idempotency_key, CardEvent.REPORT_LOST, by_phone=False)

    @strawberry.mutation
    async def replace_card(
        self,
        info: OperationInfo,
        input: ReplaceCardInput,  # noqa: A002 - see above
    ) -> CardServiceResult:
        """补卡, 换卡: for the holder, signed in."""
        holder = await _holder(info, by_phone=False)
        if isinstance(holder, Refusal):
            return RefusalAnswer.of(holder)
        caller, card_id = holder
        changed = await info.context.services[CardServices].replace(
            Wish(caller, input.idempotency_key),
            card_id,
            input.reason,
            keep_number=input.keep_number,
        )
        return await _served(info, holder, changed)


Holder = tuple[Caller, str]
"""Who asks, and the card they ask about."""


async def _holder(info: OperationInfo, *, by_phone: bool) -> Holder | Refusal:
    """Return who asks: signed in, or, with `by_phone`, by a phone of the card alone.

    What needs a sign-in is refused on a phone bound to another's card: that is the card it shows,
    and nobody shall lift or end a card while looking at another.
    """
    caller = info.context.caller
    if caller is not None and caller.resident_id is not None:
        if not by_phone and await _shows_card_of_another(info, caller.resident_id):
            return no.CARD_OF_ANOTHER
        card_id = await info.context.services[Cards].present_card(caller.resident_id)
        return card_id if isinstance(card_id, Refusal) else (caller, card_id)
    if not by_phone:
        return SIGN_IN_NEEDED
    card = await phone_card(info)
    if isinstance(card, Refusal):
        return card
    thumbprint = info.context.key.thumbprint if info.context.key else ""
    return Caller(resident_id=card.resident_id, thumbprint=thumbprint), card.card_id


async def _shows_card_of_another(info: OperationInfo, resident_id: str) -> bool:
    shown = await known_phone(info)
    if shown is None or shown.device is DeviceState.UNBOUND:
        return False
    same = shown.resident_id == resident_id
    return not same and resident_id not in await same_person(shown.resident_id)


async def _serve(
    info: OperationInfo, idempotency_key: str, event: CardEvent, *, by_phone: bool
) -> CardServed | RefusalAnswer:
    holder = await _holder(info, by_phone=by_phone)
    if isinstance(holder, Refusal):
        return RefusalAnswer.of(holder)
    caller, card_id = holder
    wish = Wish(caller, idempotency_key)
    changed = await info.context.services[CardServices].serve(wish, card_id, event)
    return await _served(info, holder, changed)


async def _served(
    info: OperationInfo, holder: Holder, changed: CardChange | Refusal
) -> CardServed | RefusalAnswer:
    if isinstance(changed, Refusal):
        return RefusalAnswer.of(changed)
    return CardServed(standing=await standing_of(info, holder[1], Actor.HOLDER))


async def standing_of(info: OperationInfo, card_id: str, by: Actor) -> CardStanding:
    """Return where a card stands and the services that `by` could have now."""
    services, now = info.context.services, info.context.clock.now()
    facts = await services[Cards].facts(card_id)
    policy = await services[EcardPolicies].present()
    figures = services[Cards].figures
    state = effective_state(facts.present, facts.expires_at, now)
    return CardStanding(
        card=strawberry.ID(card_id),
        state=state,
        state_words=LocalizedTextAnswer.of(STATE_WORDS[state]),
        available_services=[
            AvailableService(service=event, name=LocalizedTextAnswer.of(SERVICES[event].name))
            for event in available(facts, by, figures, now)
        ],
        allowed_actions=[
            AllowedAction(action=action, name=LocalizedTextAnswer.of(ACTION_WORDS[action]))
            for action in EcardAction
            if action in policy.allowed[state]
        ],
    )
