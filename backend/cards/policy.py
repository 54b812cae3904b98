"""What an e-card may do in each state of its card: a table the city changes without code (S21).

Sources differ on 临时挂失: some cities close the e-card with it, others let it go on. The default
closes it. What the table says of `SHOW_CODE` also decides whether readers refuse the card's codes.
People may see their own records in every state (PIPL 45): that is no row of the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backend.cards import refusals as no
from backend.cards.lifecycle import CardState
from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText


class EcardAction(StrEnum):
    """What a phone does with the e-card."""

    SHOW_CODE = "SHOW_CODE"
    RENEW_CERTIFICATE = "RENEW_CERTIFICATE"
    ADD_PHONE = "ADD_PHONE"
    PAY = "PAY"
    BOOK = "BOOK"


ACTION_WORDS: Mapping[EcardAction, LocalizedText] = {
    EcardAction.SHOW_CODE: LocalizedText("出示我的码", "Show my code"),
    EcardAction.RENEW_CERTIFICATE: LocalizedText("更新凭证", "Renew the certificate"),
    EcardAction.ADD_PHONE: LocalizedText("增加手机", "Add a phone"),
    EcardAction.PAY: LocalizedText("支付", "Pay"),
    EcardAction.BOOK: LocalizedText("预约", "Book"),
}

NEVER = frozenset(
    {
        CardState.IN_PRODUCTION,
        CardState.AWAITING_COLLECTION,
        CardState.REPLACED,
        CardState.CANCELLED,
    }
)
"""States in which nothing may be granted: such a card does not stand for anybody."""

_BY_STATE: Mapping[CardState, Refusal] = {
    CardState.IN_PRODUCTION: no.CARD_IN_PRODUCTION,
    CardState.AWAITING_COLLECTION: no.CARD_NOT_COLLECTED,
    CardState.ACTIVE: no.NOT_GRANTED,
    CardState.SUSPENDED: no.CARD_SUSPENDED,
    CardState.LOST: no.CARD_LOST,
    CardState.REPLACED: no.CARD_REPLACED,
    CardState.EXPIRED: no.CARD_EXPIRED,
    CardState.CANCELLED: no.CARD_CANCELLED,
}


@dataclass(frozen=True, slots=True)
class EcardPolicy:
    """The actions allowed in each state."""

    allowed: Mapping[CardState, frozenset[EcardAction]]

    def refusal(self, state: CardState, action: EcardAction) -> Refusal | None:
        """Return why `action` is refused in `state`, or None where it is allowed."""
        return None if action in self.allowed[state] else _BY_STATE[state]

    def to_table(self) -> dict[str, list[str]]:
        """Return the policy as it is stored and edited."""
        return {
            state.value: [action.value for action in EcardAction if action in self.allowed[state]]
            for state in CardState
        }


DEFAULT = EcardPolicy(
    {**dict.fromkeys(CardState, frozenset()), CardState.ACTIVE: frozenset(EcardAction)}
)
"""What holds until a city says otherwise."""


def policy_of(table: Mapping[str, Any]) -> EcardPolicy | Refusal:
    """Read a policy as written by `to_table`; every state must be there."""
    try:
        allowed = {
            state: frozenset(EcardAction(action) for action in table[state.value])
            for state in CardState
        }
    except (KeyError, TypeError, ValueError):
        return no.POLICY_FORM
    if set(table) != {state.value for state in CardState}:
        return no.POLICY_FORM
    if any(allowed[state] for state in NEVER):
        return no.POLICY_TOO_WIDE
    return EcardPolicy(allowed)
