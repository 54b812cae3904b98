"""The whole matrix of the card's life, written down a second time and compared cell by cell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from backend.cards.decisions import available, decide, effective_state
from backend.cards.lifecycle import (
    SERVICES,
    TABLE,
    Actor,
    Asked,
    CardEvent,
    CardFacts,
    CardState,
    ReplacementReason,
)
from backend.figures import CardFigures
from backend.foundation.refusals import Refusal

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
FIGURES = CardFigures()
STATES: tuple[CardState | None, ...] = (None, *CardState)

# One row an event, one cell a state: → is the next state, anything else a refusal's name.
_COLUMNS = "none IN_PRODUCTION AWAITING_COLLECTION ACTIVE SUSPENDED LOST REPLACED EXPIRED CANCELLED"
_OVER = "card_lost card_replaced card_expired card_cancelled"
_NOT_YET = "no_card card_in_production card_not_collected"
MATRIX = f"""
APPLY            →IN_PRODUCTION card_in_production card_not_collected card_exists card_exists \
replace_instead card_replaced replace_instead →IN_PRODUCTION
ENABLE           no_card card_in_production →ACTIVE card_enabled card_enabled {_OVER}
ACTIVATE_ACCOUNT {_NOT_YET} →ACTIVE card_suspended {_OVER}
SUSPEND          {_NOT_YET} →SUSPENDED card_suspended {_OVER}
REPORT_LOST      no_card card_in_production →LOST →LOST →LOST {_OVER}
LIFT_SUSPENSION  {_NOT_YET} card_not_suspended →ACTIVE \
loss_is_final card_replaced card_expired card_cancelled
REPLACE          {_NOT_YET} →ACTIVE card_suspended →LOST card_replaced →EXPIRED card_cancelled
CHANGE_PIN       {_NOT_YET} →ACTIVE card_suspended {_OVER}
RESET_PIN        {_NOT_YET} →ACTIVE card_suspended {_OVER}
CHANGE_DETAILS   no_card →IN_PRODUCTION →AWAITING_COLLECTION →ACTIVE →SUSPENDED {_OVER}
CANCEL           no_card →CANCELLED →CANCELLED →CANCELLED →CANCELLED \
→CANCELLED card_replaced →CANCELLED card_cancelled
PRODUCED         no_card →AWAITING_COLLECTION card_not_collected card_enabled card_enabled {_OVER}
SUPERSEDE        {_NOT_YET} →REPLACED →REPLACED →REPLACED card_replaced →REPLACED card_cancelled
EXPIRE           no_card card_in_production →EXPIRED →EXPIRED →EXPIRED {_OVER}
HOLDER_DIED      no_card →IN_PRODUCTION →AWAITING_COLLECTION →SUSPENDED →SUSPENDED {_OVER}
DEATH_WITHDRAWN  no_card →IN_PRODUCTION →AWAITING_COLLECTION card_not_suspended →ACTIVE {_OVER}
"""
EXPECTED = {
    (CardEvent(name), state): cell
    for name, *cells in (line.split() for line in MATRIX.strip().splitlines())
    for state, cell in zip(STATES, cells, strict=True)
}
PAIRS = [(event, state) for event in CardEvent for state in STATES]


def _facts(state: CardState | None, event: CardEvent) -> CardFacts:
    """A card to which nothing but its state can be an obstacle."""
    over = NOW - timedelta(days=1) if event is CardEvent.EXPIRE else NOW + timedelta(days=1)
    stopped = state is CardState.SUSPENDED
    return CardFacts(state, generation=2, expires_at=over, pin_set=True, stopped_by_death=stopped)


def _asked(event: CardEvent, by: Actor | None = None) -> Asked:
    actor = by or min(SERVICES[event].by, key=list(Actor).index)
    reason = ReplacementReason.EXPIRING if event is CardEvent.REPLACE else None
    return Asked(event, actor, card_in_hand=True, reason=reason)


def _cell(outcome: CardState | Refusal) -> str:
    return outcome.code if isinstance(outcome, Refusal) else f"→{outcome.value}"


@pytest.mark.feature("S9")
@pytest.mark.parametrize(("event", "state"), PAIRS)
def test_every_event_in_every_state_leads_on_or_is_refused_by_name(
    event: CardEvent, state: CardState | None
) -> None:
    outcome = decide(_facts(state, event), _asked(event), FIGURES, NOW)

    assert _cell(outcome) == EXPECTED[event, state]
    if isinstance(outcome, Refusal):
        words = (outcome.text, outcome.next_step)
        assert all(text.zh and text.en and text.zh.endswith("。") for text in words)


@pytest.mark.feature("S9")
def test_no_pair_is_forgotten() -> None:
    assert _COLUMNS.split() == ["none", *CardState]
    assert set(EXPECTED) == set(PAIRS)
    assert {(event, state) for event, row in TABLE.items() for state in row} == set(PAIRS)
    assert set(SERVICES) == set(CardEvent)


@pytest.mark.feature("S9")
def test_what_is_final_is_never_left_for_a_state_that_counts() -> None:
    final = {CardState.LOST, CardState.REPLACED, CardState.EXPIRED, CardState.CANCELLED}
    counts = {CardState.ACTIVE, CardState.SUSPENDED, CardState.AWAITING_COLLECTION}
    reached = {TABLE[event][state] for event in CardEvent for state in final}

    assert not {state for state in reached if isinstance(state, CardState)} & counts


@pytest.mark.parametrize("event", CardEvent)
@pytest.mark.parametrize("by", Actor)
def test_who_may_not_ask_is_refused_before_anything_is_told_of_the_card(
    event: CardEvent, by: Actor
) -> None:
    may = by in SERVICES[event].by
    answers = {
        _cell(decide(_facts(state, event), _asked(event, by), FIGURES, NOW)) for state in STATES
    }

    assert (len(answers) > 1) is may
    if not may:
        assert answers <= {"at_an_outlet", "system_only"}


@pytest.mark.parametrize("event", [event for event in CardEvent if SERVICES[event].card_in_hand])
def test_what_needs_the_card_needs_it_at_the_outlet(event: CardEvent) -> None:
    state = CardState.AWAITING_COLLECTION if event is CardEvent.ENABLE else CardState.ACTIVE
    asked = Asked(event, Actor.OUTLET_CLERK, card_in_hand=False)

    assert _cell(decide(_facts(state, event), asked, FIGURES, NOW)) == "card_not_in_hand"


@pytest.mark.feature("S9")
@pytest.mark.parametrize(
    ("days_left", "figures", "answer"),
    [
        (60, FIGURES, "→ACTIVE"),
        (61, FIGURES, "renewal_too_early"),
        (90, CardFigures(renewal_days=90), "→ACTIVE"),
        (91, CardFigures(renewal_days=90), "renewal_too_early"),
    ],
)
def test_an_expiring_card_is_renewed_so_many_days_before_as_the_city_says(
    days_left: int, figures: CardFigures, answer: str
) -> None:
    facts = CardFacts(CardState.ACTIVE, expires_at=NOW + timedelta(days=days_left))
    asked = Asked(CardEvent.REPLACE, Actor.HOLDER, reason=ReplacementReason.EXPIRING)

    outcome = decide(facts, asked, figures, NOW)

    assert _cell(outcome) == answer
    if isinstance(outcome, Refusal):
        assert str(figures.renewal_days) in outcome.text.zh


@pytest.mark.parametrize(
    ("reason", "by", "generation", "in_hand", "answer"),
    [
        (ReplacementReason.GENERATION, Actor.HOLDER, 2, False, "→ACTIVE"),
        (ReplacementReason.GENERATION, Actor.HOLDER, 3, False, "newest_generation"),
        (ReplacementReason.LOST, Actor.HOLDER, 3, False, "report_loss_first"),
        (ReplacementReason.DAMAGED, Actor.HOLDER, 3, True, "card_not_in_hand"),
        (ReplacementReason.DAMAGED, Actor.OUTLET_CLERK, 3, False, "card_not_in_hand"),
        (ReplacementReason.DAMAGED, Actor.OUTLET_CLERK, 3, True, "→ACTIVE"),
        (None, Actor.HOLDER, 3, False, "replacement_reason_missing"),
    ],
)
def test_a_card_in_use_is_replaced_for_a_reason_that_fits_it(
    reason: ReplacementReason | None, by: Actor, generation: int, in_hand: bool, answer: str
) -> None:
    facts = CardFacts(CardState.ACTIVE, generation, NOW + timedelta(days=400))

    outcome = decide(facts, Asked(CardEvent.REPLACE, by, in_hand, reason), FIGURES, NOW)

    assert _cell(outcome) == answer


@pytest.mark.feature("S9")
@pytest.mark.parametrize(
    ("facts", "event", "answer"),
    [
        (CardFacts(CardState.ACTIVE, pin_set=True, wrong_pins=5), CardEvent.CHANGE_PIN, "→ACTIVE"),
        (
            CardFacts(CardState.ACTIVE, pin_set=True, wrong_pins=6),
            CardEvent.CHANGE_PIN,
            "pin_locked",
        ),
        (CardFacts(CardState.ACTIVE), CardEvent.CHANGE_PIN, "pin_not_set"),
        (
            CardFacts(CardState.ACTIVE, pin_set=True, wrong_pins=6, pin_unlocks=9),
            CardEvent.RESET_PIN,
            "→ACTIVE",
        ),
        (
            CardFacts(CardState.ACTIVE, pin_set=True, wrong_pins=6, pin_unlocks=10),
            CardEvent.RESET_PIN,
            "pin_worn_out",
        ),
        (
            CardFacts(CardState.ACTIVE, pin_set=True, wrong_pins=5, pin_unlocks=10),
            CardEvent.RESET_PIN,
            "→ACTIVE",
        ),
    ],
)
def test_a_pin_is_locked_and_unlocked_as_often_as_the_city_says(
    facts: CardFacts, event: CardEvent, answer: str
) -> None:
    asked = Asked(event, Actor.OUTLET_CLERK, card_in_hand=True)

    assert _cell(decide(facts, asked, FIGURES, NOW)) == answer


@pytest.mark.feature("S9")
@pytest.mark.parametrize(("event", "state"), PAIRS)
def test_after_a_death_nothing_lets_anybody_use_the_card(
    event: CardEvent, state: CardState | None
) -> None:
    still = {"REPORT_LOST", "CANCEL", "PRODUCED", "SUPERSEDE", "EXPIRE"}
    still |= {"HOLDER_DIED", "DEATH_WITHDRAWN"}
    facts = replace(_facts(state, event), holder_died=True)

    outcome = _cell(decide(facts, _asked(event), FIGURES, NOW))

    assert outcome == (EXPECTED[event, state] if event in still else "holder_died")


def test_a_card_that_its_holder_suspended_stays_so_after_a_death_withdrawn() -> None:
    asked = Asked(CardEvent.DEATH_WITHDRAWN, Actor.SYSTEM)

    assert _cell(decide(CardFacts(CardState.SUSPENDED), asked, FIGURES, NOW)) == "card_suspended"


def test_a_card_past_its_date_is_expired_before_the_batch_says_so() -> None:
    assert effective_state(CardState.ACTIVE, NOW, NOW) is CardState.EXPIRED
    assert effective_state(CardState.ACTIVE, NOW + timedelta(seconds=1), NOW) is CardState.ACTIVE
    assert effective_state(CardState.LOST, NOW, NOW) is CardState.LOST
    assert effective_state(CardState.ACTIVE, None, NOW) is CardState.ACTIVE


@pytest.mark.parametrize(
    ("state", "services"),
    [
        (None, {"APPLY"}),
        (CardState.ACTIVE, {"SUSPEND", "REPORT_LOST", "REPLACE", "CHANGE_PIN"}),
        (CardState.SUSPENDED, {"LIFT_SUSPENSION", "REPORT_LOST"}),
        (CardState.LOST, {"REPLACE"}),
        (CardState.REPLACED, set()),
    ],
)
def test_a_holder_is_offered_what_would_be_done(
    state: CardState | None, services: set[str]
) -> None:
    facts = CardFacts(state, generation=2, expires_at=NOW + timedelta(days=900), pin_set=True)

    assert {event.value for event in available(facts, Actor.HOLDER, FIGURES, NOW)} == services
