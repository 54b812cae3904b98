"""Cards of a made-up population: the same for the same seed, in the states that a city's are in.

A person's cards follow from the population's seed and the person's place in it alone. Dates count
from the day on which the population's ages hold. Nobody's key speaks for a phone: public keys are
drawn, so that no private key to one exists.
"""

import base64
import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import accumulate

from backend.cards.card_writes import MAX_CARD_INDEX
from backend.cards.lifecycle import LIVE, NEWEST_GENERATION, PENDING, CardState
from backend.cards.rules import DeviceState
from backend.residents.population import AS_OF, Draw, MadeUpPerson, Population
from shared.clock import LOCAL_ZONE

_MOMENT = datetime.combine(AS_OF, time(), LOCAL_ZONE)
_STRIDE = 2_654_435_761  # odd: every place of the cards gets an index of its own
_SHARES: tuple[tuple[CardState | None, int], ...] = (
    (None, 40),
    (CardState.IN_PRODUCTION, 4),
    (CardState.AWAITING_COLLECTION, 12),
    (CardState.ACTIVE, 890),
    (CardState.SUSPENDED, 8),
    (CardState.LOST, 14),
    (CardState.EXPIRED, 26),
    (CardState.CANCELLED, 6),
)
"""How a thousand people's latest cards stand; None for those who have none yet."""
_SUMS = list(accumulate(share for _, share in _SHARES))
_REPLACED_PERCENT = 9
_WITH_PHONE_PERCENT, _WITH_TWO_PERCENT = 58, 7
_PLACES_EACH = 4  # more than a person's cards, and a card's phones
_PHONE_STATES = (
    DeviceState.AWAITING_VERIFICATION,
    DeviceState.UNBOUND,
    *(DeviceState.BOUND,) * 23,
)


@dataclass(frozen=True, slots=True)
class MadeUpPhone:
    """A phone of a made-up card, with a key that nobody holds."""

    thumbprint: str
    public_key: bytes
    state: DeviceState
    enrolled_at: datetime


@dataclass(frozen=True, slots=True)
class MadeUpCard:
    """A card that nobody holds; `digest` None for one that is not made yet."""

    card_id: str
    account: str
    card_index: int
    number: str = field(repr=False)
    digest: bytes | None
    generation: int
    version: int
    state: CardState
    issued_at: datetime
    phones: tuple[MadeUpPhone, ...]


def made_up_cards(population: Population, index: int, person: MadeUpPerson) -> Iterator[MadeUpCard]:
    """Yield the cards of person `index`, the earliest first."""
    draw = population.draw("cards", index)
    state = _SHARES[bisect_right(_SUMS, draw.below(_SUMS[-1]))][0]
    if state is None:
        return
    again = state not in PENDING and draw.below(100) < _REPLACED_PERCENT
    making = state is CardState.LOST and draw.below(2) == 0
    states = [CardState.REPLACED] * again + [state] + [CardState.IN_PRODUCTION] * making
    called = person.phone is not None
    for version, one in enumerate(states, 1):
        yield _card(population, index, person, draw, version, one, phones=called and one in LIVE)


def _card(
    population: Population,
    index: int,
    person: MadeUpPerson,
    draw: Draw,
    version: int,
    state: CardState,
    *,
    phones: bool,
) -> MadeUpCard:
    place = index * _PLACES_EACH + version
    issued_at = _MOMENT - timedelta(days=_days_ago(draw, state))
    made = state is not CardState.IN_PRODUCTION
    name = population.drawn("card", place)
    return MadeUpCard(
        card_id=f"card_{name[:16].hex()}",
        account=f"acc_{population.drawn('account', index)[:16].hex()}",
        card_index=(place * _STRIDE + population.start) % MAX_CARD_INDEX,
        number=f"{'ABCDE'[version]}{person.card_number[1:]}",
        digest=name[16:32] if made else None,
        generation=_generation(state, version, person),
        version=version,
        state=state,
        issued_at=issued_at,
        phones=tuple(_phones(population, place, draw, issued_at)) if phones else (),
    )


def _generation(state: CardState, version: int, person: MadeUpPerson) -> int:
    if state is CardState.REPLACED:
        return 2
    return NEWEST_GENERATION if version > 1 or state in PENDING else person.generation


def _days_ago(draw: Draw, state: CardState) -> int:
    if state in PENDING:
        return 1 + draw.below(20)
    if state is CardState.EXPIRED:
        return 3_660 + draw.below(600)
    if state is CardState.REPLACED:
        return 2_900 + draw.below(700)
    return 30 + draw.below(2_800)


def _phones(
    population: Population, place: int, draw: Draw, issued_at: datetime
) -> Iterator[MadeUpPhone]:
    kind = draw.below(100)
    count = 2 if kind < _WITH_TWO_PERCENT else 1 if kind < _WITH_PHONE_PERCENT else 0
    for number in range(count):
        key = population.drawn("phone", place * _PLACES_EACH + number)[:32]
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(key).digest()).rstrip(b"=").decode()
        since = (_MOMENT - issued_at).days
        enrolled_at = issued_at + timedelta(days=draw.below(since))
        yield MadeUpPhone(thumbprint, key, _PHONE_STATES[draw.below(25)], enrolled_at)
