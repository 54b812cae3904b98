"""A dispute freezes every delegate's money, also of who comes after it, and for no longer (D28)."""

import pytest

from backend.foundation.access import Caller
from backend.foundation.refusals import Refusal
from backend.mandates.granting import terms_of
from backend.mandates.scopes import Relation, Scope
from backend.mandates.service import Invited, Mandates
from backend.mandates.views import MandateView, Side
from tests.backend.actors import City, id_number, new_key
from tests.backend.mandates.test_life import use

DAY = 86_400


async def _given(city: City, principal: Caller, delegate: Caller, *scopes: Scope) -> str:
    mandates = city.house.services[Mandates]
    terms = terms_of(Relation.ELDER, scopes, 31)
    invited = await mandates.invite(principal, new_key(), Side.PRINCIPAL, terms)
    assert isinstance(invited, Invited), invited
    taken = await mandates.take(delegate, new_key(), invited.invitation)
    assert isinstance(taken, MandateView), taken
    done = await mandates.confirm(principal, new_key(), taken.mandate_id)
    assert not isinstance(done, Refusal), done
    return done.mandate_id


async def _people(city: City) -> list[Caller]:
    births = ("19480229", "19750310", "19760310")
    return [
        Caller(resident_id=await city.resident(id_number(birth, "961")), thumbprint=birth)
        for birth in births
    ]


@pytest.mark.feature("D28")
async def test_d28_a_mandate_given_during_a_dispute_pays_nothing_until_it_is_decided(
    city: City,
) -> None:
    elder, one, other = await _people(city)
    first = await _given(city, elder, one, Scope.BOOK)
    mandates = city.house.services[Mandates]
    assert not isinstance(await mandates.dispute(elder, new_key(), first), Refusal)

    second = await _given(city, elder, other, Scope.BOOK, Scope.PAY_SMALL)
    city.clock.advance(DAY)

    assert await use(city, second, other, Scope.PAY_SMALL) == "mandate_disputed"
    assert await use(city, second, other) == "done"
    # The principal stops what they disputed: nothing is left to decide, and money moves again.
    assert not isinstance(await mandates.stop(elder, new_key(), first), Refusal)
    assert await use(city, second, other, Scope.PAY_SMALL) == "done"


@pytest.mark.feature("D28")
async def test_d28_money_stays_frozen_while_one_of_two_disputes_goes_on(city: City) -> None:
    elder, one, other = await _people(city)
    first = await _given(city, elder, one, Scope.BOOK)
    second = await _given(city, elder, other, Scope.BOOK, Scope.PAY_SMALL)
    mandates = city.house.services[Mandates]
    for mandate in (first, second):
        assert not isinstance(await mandates.dispute(elder, new_key(), mandate), Refusal)
    city.clock.advance(DAY)

    assert not isinstance(await mandates.stop(elder, new_key(), first), Refusal)

    assert await use(city, second, other, Scope.PAY_SMALL) == "mandate_disputed"
    third = await _given(city, elder, one, Scope.PAY_SMALL)
    city.clock.advance(DAY)
    assert await use(city, third, one, Scope.PAY_SMALL) == "mandate_disputed"
