"""What a guardian may do about those who act for the ward: see them, stop them, and be seen."""

from datetime import date, timedelta
from typing import Any

import pytest

from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow
from backend.foundation.refusals import Refusal
from backend.mandates.counter import CounterGrant, MandateCounter
from backend.mandates.documents import Mandate, MandateNotice
from backend.mandates.granting import Terms, birthday_instant
from backend.mandates.scopes import Evidence, Relation, Scope
from backend.mandates.views import MandateView
from shared.identity.age import local_day
from tests.backend.actors import new_key
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative
from tests.backend.mandates.test_by_card import with_card
from tests.backend.mandates.test_life import CLERK, PIN, use


async def _guards(family: Family, guardian: Relative, ward: Relative) -> str:
    terms = Terms(Relation.WARD, (Scope.BOOK,), None)
    papers = CounterGrant(ward.resident_id, guardian.resident_id, terms, Evidence.COURT_DECISION)
    made = await family.city.house.services[MandateCounter].grant(CLERK, new_key(), papers)
    assert isinstance(made, MandateView), made
    return made.mandate_id


async def _seen(one: Relative, mandate: str) -> Any:
    return await one.see("WardMandates", mandate=mandate)


@pytest.mark.feature("D7")
@pytest.mark.feature("D25")
async def test_d7_d25_a_guardian_sees_and_stops_the_wards_other_mandates_and_nobody_else_does(
    family: Family,
) -> None:
    ward, nephew = await family.relative(GRANDMOTHER), await family.relative()
    guardian, stranger = await family.relative(), await family.relative()
    other = await family.mandate(ward, nephew, Scope.BOOK, Scope.BENEFIT_VIEW)
    assert await guardian.say("StopMandate", mandate=other) == "mandate_unknown"
    guards = await _guards(family, guardian, ward)

    found = await _seen(guardian, guards)

    assert {one["id"]: one["side"] for one in found["nodes"]} == {
        other: "PRINCIPAL",
        guards: "PRINCIPAL",
    }
    told = (await ward.see("MandateNotices"))["nodes"]
    assert [one["code"] for one in told].count("mandates.guarded") == 1
    acts = (await ward.see("MandateActs", mandate=guards))["nodes"]
    assert [one["byDelegate"] for one in acts if one["action"] == "mandates.guarded"] == [True]
    for one in (nephew, stranger, ward):
        assert (await _seen(one, guards))["code"] == "mandate_unknown"
    assert (await _seen(nephew, other))["code"] == "mandate_unknown"
    one_scope = await guardian.do("StopMandate", mandate=other, scope="BENEFIT_VIEW")
    assert one_scope["mandate"]["state"] == "ACTIVE"
    stopped = await guardian.do("StopMandate", mandate=other)
    assert (stopped["mandate"]["side"], stopped["mandate"]["ended"]) == ("PRINCIPAL", "BY_GUARDIAN")
    assert await nephew.say("StopMandate", mandate=guards) == "mandate_unknown"


@pytest.mark.feature("D16")
async def test_d16_a_guardian_whose_review_is_overdue_or_whose_mandate_is_over_stops_nothing(
    family: Family,
) -> None:
    ward, nephew = await family.relative(GRANDMOTHER), await family.relative()
    guardian = await family.relative()
    other = await family.mandate(ward, nephew, Scope.BOOK)
    guards = await _guards(family, guardian, ward)
    late = await family.relative()
    overdue = await _guards(family, late, ward)
    await Mandate.find({"_id": overdue}).set({"review_by": family.city.clock.now()})
    assert (await _seen(late, overdue))["code"] == "mandate_review_due"
    assert await late.say("StopMandate", mandate=other) == "mandate_unknown"

    await guardian.do("StopMandate", mandate=guards)

    assert (await _seen(guardian, guards))["code"] == "mandate_over"
    assert await guardian.say("StopMandate", mandate=other) == "mandate_unknown"


@pytest.mark.feature("D17")
async def test_d17_no_end_of_a_mandate_lifts_a_guardianship_but_an_outlet_does_by_papers(
    family: Family,
) -> None:
    ward, guardian = await family.relative(GRANDMOTHER), await family.relative()
    counter = family.city.house.services[MandateCounter]
    guards = await _guards(family, guardian, ward)
    await guardian.do("StopMandate", mandate=guards)
    still = await family.confirmed(ward, await family.relative(), Scope.BOOK)
    assert still["code"] == "mandate_under_guardianship"
    again = await _guards(family, guardian, ward)
    key, reason, city = new_key(), "法院判决书，恢复行为能力", family.city

    lifted = [
        await counter.lift_guardianship(CLERK, key, ward.resident_id, reason) for _ in range(2)
    ]

    assert lifted == [ward.resident_id] * 2
    by = Caller(resident_id=guardian.resident_id, thumbprint="g")
    assert await use(city, again, by) == "mandate_over"
    assert (await family.mandate(ward, guardian, Scope.BOOK)).startswith("mnd_")
    told = (await ward.see("MandateNotices"))["nodes"]
    assert [one["code"] for one in told].count("mandates.guardianship_lifted") == 1
    rows = await AuditRow.find({"action": "mandates.guardianship_lifted"}).to_list()
    assert [(row.subject, row.reason) for row in rows] == [(ward.resident_id, reason)]
    nobody = await counter.lift_guardianship(CLERK, new_key(), ward.resident_id, reason)
    assert isinstance(nobody, Refusal)
    assert nobody.code == "mandate_not_guarded"


@pytest.mark.feature("D17")
@pytest.mark.feature("D27")
async def test_d17_d27_a_guardian_by_a_false_claim_leaves_no_ward_behind(family: Family) -> None:
    ward, guardian = await family.relative(GRANDMOTHER), await family.relative()
    counter = family.city.house.services[MandateCounter]
    guards = await _guards(family, guardian, ward)
    await ward.do("DisputeMandate", mandate=guards)

    await counter.settle(CLERK, new_key(), guards, "判决书系伪造", upheld=False)

    assert (await family.mandate(ward, await family.relative(), Scope.BOOK)).startswith("mnd_")


@pytest.mark.feature("D13")
async def test_d13_a_child_of_14_without_a_phone_consents_at_an_outlet_by_card_and_pin(
    family: Family,
) -> None:
    soon = local_day(family.city.clock.now() + timedelta(days=9))
    born = date(soon.year - 14, soon.month, min(soon.day, 28))
    child, parent = await with_card(family, f"{born:%Y%m%d}"), await family.relative()
    city, counter = family.city, family.city.house.services[MandateCounter]
    who, mother = child.resident_id, parent.resident_id
    terms = Terms(Relation.CHILD, (Scope.BOOK,), None)
    papers = CounterGrant(who, mother, terms, Evidence.BIRTH_CERTIFICATE)
    made = await counter.grant(CLERK, new_key(), papers)
    assert isinstance(made, MandateView), made
    by, mandate = Caller(resident_id=mother), made.mandate_id
    assert await use(city, mandate, by) == "done"
    fourteen = birthday_instant(born, 14)
    city.clock.advance((fourteen - city.clock.now()).total_seconds())
    assert await use(city, mandate, by) == "mandate_child_consent_due"

    for pin, code in (("", "mandate_consent_needed"), ("111222", "pin_wrong")):
        refused = await counter.consent(CLERK, new_key(), mandate, pin)
        assert getattr(refused, "code", "") == code
    refused = await counter.consent(by, new_key(), mandate, PIN)
    assert getattr(refused, "code", "") == "not_permitted"
    assert await use(city, mandate, by) == "mandate_child_consent_due"
    key = new_key()
    for _ in range(2):
        done = await counter.consent(CLERK, key, mandate, PIN)
        assert isinstance(done, MandateView), done

    assert await use(city, mandate, by) == "done"
    [row] = await AuditRow.find({"action": "mandates.consented"}).to_list()
    assert (row.subject, row.actor["id"]) == (who, "stf_c")
    told = await MandateNotice.find({"code": "mandates.consented"}).to_list()
    assert {one.person for one in told} == {who, mother}
