"""亮证: the name in full for the phone that shows the card, for venues without a scanner (S23).

Everything else that an app gets is masked. This is asked by the eye on the code's page, one touch
at a time, and apps neither store it nor leave it on the screen.
"""

from typing import Annotated

import strawberry

from backend.cards import refusals as no
from backend.cards.api import OperationInfo, phone_card
from backend.cards.decisions import effective_state
from backend.cards.policies import EcardPolicies
from backend.cards.policy import EcardAction
from backend.cards.service import Cards
from backend.foundation.answers import RefusalAnswer
from backend.foundation.refusals import Refusal
from backend.residents.service import Residents


@strawberry.type(name="CardFace", description="The card's face in clear, for its own phone.")
class CardFace:
    """Whose card it is."""

    card: strawberry.ID
    holder_name: str


CardFaceResult = Annotated[CardFace | RefusalAnswer, strawberry.union("CardFaceResult")]


@strawberry.type
class CardFaceQueries:
    """What of a card is shown to people instead of scanners."""

    @strawberry.field
    async def card_face(self, info: OperationInfo) -> CardFaceResult:
        """Answer with the holder's name, while the policy lets the card be shown at all."""
        face = await _face(info)
        return RefusalAnswer.of(face) if isinstance(face, Refusal) else face


async def _face(info: OperationInfo) -> CardFace | Refusal:
    card = await phone_card(info)
    if isinstance(card, Refusal):
        return card
    services, now = info.context.services, info.context.clock.now()
    facts = await services[Cards].facts(card.card_id)
    policy = await services[EcardPolicies].present()
    state = effective_state(facts.present, facts.expires_at, now)
    refused = policy.refusal(state, EcardAction.SHOW_CODE)
    if refused is not None:
        return refused
    name = await services[Residents].own_name(card.resident_id)
    return (
        no.CARD_CANCELLED
        if name is None
        else CardFace(card=strawberry.ID(card.card_id), holder_name=name)
    )
