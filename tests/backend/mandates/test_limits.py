"""How many mandates there may be, whose, and which of them fall asleep: against the store."""

from dataclasses import replace
from typing import Any

import pytest

from backend.figures import MandateFigures
from backend.foundation.access import Caller
from backend.foundation.idempotency import Once
from backend.foundation.refusals import Refusal
from backend.mandates.counter import CounterGrant, MandateCounter
from backend.mandates.documents import Mandate
from backend.mandates.granting import Terms, terms_of
from backend.mandates.scopes import DEFAULT_SCOPES, Channel, Evidence, Relation, Scope
from backend.mandates.service import Invited, Mandates
from backend.mandates.views import MandateView, MandateViews, Side
from backend.residents.service import Residents
from tests.backend.actors import City, id_number, new_key
from tests.backend.mandates.test_life import CLERK, use

DAY = 86_400
ELDER, DELEGATE = "19480229", "19750310"


def _caller(person: str) -> Caller:
    return Caller(resident_id=person, thumbprint=person)


async def _people(city: City, birth: str, first: int, count: int) -> list[str]:
    return [await city.resident(id_number(birth, str(first + one))) for one in range(count)]


async def _given(
    mandates: Mandates, principal: str, delegate: str, scopes: Any = DEFAULT_SCOPES, days: int = 31
) -> str:
    """Give a mandate by invitation; return its id, or why it cannot be."""
    by, terms = _caller(principal), terms_of(Relation.ELDER, scopes, days)
    invited = await mandates.invite(by, new_key(), Side.PRINCIPAL, terms)
    assert isinstance(invited, Invited), invited
    taken = await mandates.take(_caller(delegate), new_key(), invited.invitation)
    assert isinstance(taken, MandateView), taken
    done = await mandates.confirm(by, new_key(), taken.mandate_id)
    return done.code if isinstance(done, Refusal) else done.mandate_id


@pytest.mark.feature("D10")
async def test_d10_the_citys_quotas_hold_on_both_sides_and_a_change_is_honoured(
    city: City,
) -> None:
    mandates = city.house.services[Mandates]
    [delegate], elders = await _people(city, DELEGATE, 901, 1), await _people(city, ELDER, 911, 6)
    for elder in elders[:4]:
        assert (await _given(mandates, elder, delegate)).startswith("mnd_")
    assert await _given(mandates, elders[4], delegate) == "mandate_quota_delegate"
    others = await _people(city, DELEGATE, 921, 3)
    for other in others[:2]:
        assert (await _given(mandates, elders[0], other)).startswith("mnd_")
    assert await _given(mandates, elders[0], others[2]) == "mandate_quota_principal"

    services, once = city.house.services, Once(city.house.store)
    wide = replace(MandateFigures(), elders=5)
    wider = Mandates(services[MandateViews], services[Residents], once, wide, city.clock)
    assert (await _given(wider, elders[4], delegate)).startswith("mnd_")
    assert await _given(wider, elders[5], delegate) == "mandate_quota_delegate"


@pytest.mark.feature("D11")
async def test_d11_a_seventh_new_mandate_waits_until_the_first_is_thirty_days_old(
    city: City,
) -> None:
    mandates = city.house.services[Mandates]
    [delegate], [elder] = await _people(city, DELEGATE, 901, 1), await _people(city, ELDER, 911, 1)
    for _ in range(6):
        made = await _given(mandates, elder, delegate)
        await mandates.stop(_caller(elder), new_key(), made)
        city.clock.advance(3_600)

    assert await _given(mandates, elder, delegate) == "mandate_binding_rate"
    city.clock.advance(30 * DAY)
    assert (await _given(mandates, elder, delegate)).startswith("mnd_")


@pytest.mark.feature("D16")
@pytest.mark.feature("D17")
async def test_d16_d17_a_guardian_acts_by_papers_a_year_at_a_time_and_the_ward_grants_nothing(
    city: City,
) -> None:
    counter, mandates = city.house.services[MandateCounter], city.house.services[Mandates]
    [ward], [guardian, other] = (
        await _people(city, ELDER, 911, 1),
        await _people(city, DELEGATE, 901, 2),
    )
    terms = Terms(Relation.WARD, (Scope.BOOK, Scope.BENEFIT_VIEW), None)
    papers = CounterGrant(ward, guardian, terms, Evidence.COURT_DECISION)
    unproven = await counter.grant(CLERK, new_key(), replace(papers, evidence=Evidence.PRESENCE))
    assert getattr(unproven, "code", "") == "mandate_custody_needed"
    made = await counter.grant(CLERK, new_key(), papers)
    assert isinstance(made, MandateView), made
    assert (made.channel, made.ends_at) == (Channel.DOCUMENT, None)

    assert await _given(mandates, ward, other) == "mandate_under_guardianship"

    acts = _caller(guardian)
    assert await use(city, made.mandate_id, acts) == "done"
    city.clock.advance(365 * DAY)
    assert await use(city, made.mandate_id, acts) == "mandate_review_due"
    assert await use(city, made.mandate_id, acts, Scope.BENEFIT_VIEW) == "done"
    await counter.review(CLERK, new_key(), made.mandate_id)
    assert await use(city, made.mandate_id, acts) == "done"


@pytest.mark.feature("D29", "U16")
async def test_d29_what_slept_half_a_year_lapses_for_good_and_the_rest_goes_on(
    city: City,
) -> None:
    mandates = city.house.services[Mandates]
    [delegate], [elder] = await _people(city, DELEGATE, 901, 1), await _people(city, ELDER, 911, 1)
    scopes = (Scope.BOOK, Scope.MEDICAL_VIEW)
    made = await _given(mandates, elder, delegate, scopes, 365)
    city.clock.advance(179 * DAY)
    assert await use(city, made, _caller(delegate), Scope.MEDICAL_VIEW) == "done"

    city.clock.advance(180 * DAY)

    said = [await use(city, made, _caller(delegate), one) for one in (*reversed(scopes), *scopes)]
    lapsed = ["mandate_dormant", "done", "done", "mandate_scope_missing"]
    assert said == lapsed  # using another scope does not wake it
    stored = await Mandate.get(made)
    assert stored is not None
    assert stored.scopes[1].until == city.clock.now()
