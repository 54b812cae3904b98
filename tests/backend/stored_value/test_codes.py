"""At the counter with a real code: it is consent to one spend, and a card alone is none."""

import pytest

from backend.app import House
from backend.assertions.evidence import Shown
from backend.foundation.access import OPERATOR
from backend.stored_value import refusals as no
from backend.stored_value.groups import StoredValueGroups
from backend.stored_value.rules import ValueGroup
from backend.stored_value.service import CounterWish, StoredValue, StoredValueView
from shared.clock import ManualClock
from tests.backend.actors import new_key
from tests.backend.assertions.test_assertions import HEX, Person, person
from tests.backend.bookings.hall import STAFF, VENUE, code
from tests.backend.stored_value.till import GROUP, group

__all__ = ["person"]


@pytest.mark.feature("S59")
async def test_a_code_pays_once_and_a_card_alone_pays_nothing(
    person: Person, house: House, clock: ManualClock
) -> None:
    value, card = house.services[StoredValue], Shown(identification_code=HEX)
    put = await house.services[StoredValueGroups].put(OPERATOR, new_key(), group())
    assert isinstance(put, ValueGroup)
    paid = CounterWish(GROUP, VENUE, 5_000, card)
    assert isinstance(await value.top_up(STAFF, new_key(), paid, "R-1"), StoredValueView)
    assert await value.spend(STAFF, new_key(), paid) == no.CODE_NEEDED

    key, shown = new_key(), CounterWish(GROUP, VENUE, 1_000, Shown(person.code()))
    first = await value.spend(STAFF, key, shown)
    assert isinstance(first, StoredValueView), first
    assert first.sums.balance == 4_000
    assert code(await value.spend(STAFF, new_key(), shown)) == "code_shown_before"
    clock.advance(3600)
    again = await value.spend(STAFF, key, shown)  # the same request, long after the code ended
    assert isinstance(again, StoredValueView)
    assert again.sums.balance == 4_000
    assert not isinstance(await value.spend(STAFF, new_key(), shown), StoredValueView)
