"""Deciding a wish for a card service: the table of the card's life, who asks, and the conditions.

`decide` puts the three together and nothing else decides (S9).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.cards import refusals as no
from backend.cards.lifecycle import (
    AFTER_DEATH,
    LIVE,
    NEWEST_GENERATION,
    SERVICES,
    TABLE,
    Actor,
    Asked,
    CardEvent,
    CardFacts,
    CardState,
    Outcome,
    ReplacementReason,
)
from backend.figures import CardFigures
from backend.foundation.refusals import Refusal


def effective_state(state: CardState, expires_at: datetime | None, now: datetime) -> CardState:
    """Return the state that counts: a live card past its date is expired before the batch runs."""
    over = expires_at is not None and now >= expires_at
    return CardState.EXPIRED if over and state in LIVE else state


def decide(facts: CardFacts, asked: Asked, figures: CardFigures, now: datetime) -> Outcome:
    """Return the card's next state, or why the service is refused."""
    service = SERVICES[asked.event]
    if asked.by not in service.by:
        return no.AT_AN_OUTLET if Actor.OUTLET_CLERK in service.by else no.SYSTEM_ONLY
    if facts.holder_died and asked.event not in AFTER_DEATH:
        return no.HOLDER_DIED
    outcome = TABLE[asked.event][facts.state]
    if isinstance(outcome, Refusal):
        return outcome
    if asked.by in service.card_in_hand and not asked.card_in_hand:
        return no.CARD_NOT_IN_HAND
    condition = CONDITIONS.get(asked.event)
    refused = condition(_Question(facts, asked, figures, now)) if condition else None
    return refused or outcome


def available(
    facts: CardFacts, by: Actor, figures: CardFigures, now: datetime
) -> tuple[CardEvent, ...]:
    """Return the services that `by` could have now, in the order of the list."""

    def could(event: CardEvent) -> bool:
        reasons = ReplacementReason if event is CardEvent.REPLACE else (None,)
        wishes = (Asked(event, by, card_in_hand=True, reason=reason) for reason in reasons)
        return any(not isinstance(decide(facts, w, figures, now), Refusal) for w in wishes)

    return tuple(event for event in CardEvent if could(event))


@dataclass(frozen=True, slots=True)
class _Question:
    """What a condition may look at."""

    facts: CardFacts
    asked: Asked
    figures: CardFigures
    now: datetime


def _replacement(question: _Question) -> Refusal | None:
    """A reason must fit the card: nobody collects spare cards."""
    facts, asked, figures = question.facts, question.asked, question.figures
    if asked.reason is None:
        return no.REASON_MISSING
    if facts.state is not CardState.ACTIVE:
        return None
    if asked.reason is ReplacementReason.LOST:
        return no.REPORT_LOSS_FIRST
    if asked.reason is ReplacementReason.GENERATION:
        return no.NEWEST_ALREADY if facts.generation >= NEWEST_GENERATION else None
    if asked.reason is ReplacementReason.EXPIRING:
        opens = timedelta(days=figures.renewal_days)
        early = facts.expires_at is None or question.now < facts.expires_at - opens
        return no.too_early(figures.renewal_days) if early else None
    damaged_here = asked.by is Actor.OUTLET_CLERK and asked.card_in_hand
    return None if damaged_here else no.CARD_NOT_IN_HAND


def _expiry(question: _Question) -> Refusal | None:
    expires_at = question.facts.expires_at
    over = expires_at is not None and question.now >= expires_at
    return None if over else no.NOT_EXPIRED


def _pin_change(question: _Question) -> Refusal | None:
    if not question.facts.pin_set:
        return no.PIN_NOT_SET
    locked = question.facts.wrong_pins >= question.figures.pin_tries
    return no.PIN_LOCKED if locked else None


def _pin_reset(question: _Question) -> Refusal | None:
    facts, figures = question.facts, question.figures
    locked = facts.wrong_pins >= figures.pin_tries
    return no.PIN_WORN_OUT if locked and facts.pin_unlocks >= figures.pin_unlocks else None


def _restoration(question: _Question) -> Refusal | None:
    """A card that its holder had suspended before stays as they left it."""
    facts = question.facts
    left = facts.state is CardState.SUSPENDED and not facts.stopped_by_death
    return no.CARD_SUSPENDED if left else None


CONDITIONS: Mapping[CardEvent, Callable[[_Question], Refusal | None]] = {
    CardEvent.REPLACE: _replacement,
    CardEvent.EXPIRE: _expiry,
    CardEvent.CHANGE_PIN: _pin_change,
    CardEvent.RESET_PIN: _pin_reset,
    CardEvent.DEATH_WITHDRAWN: _restoration,
}
"""What a service asks beyond the card's state."""
