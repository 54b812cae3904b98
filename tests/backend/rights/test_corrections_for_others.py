"""A correction handed in for another: by its scope, seen and told, and without guessing (D25)."""

import pytest

from backend.foundation.audit import AuditRow
from backend.mandates.documents import MandateNotice
from backend.mandates.reach import DELEGABLE
from backend.mandates.scopes import Scope
from backend.rights.documents import CorrectionCase
from tests.backend.actors import City, new_key
from tests.backend.mandates.family import GRANDMOTHER, Family

WISH = {"field": "BIRTH", "value": "1948-02-28", "explanation": "户口簿写的是2月28日"}


@pytest.fixture
def family(city: City) -> Family:
    return Family(city)


@pytest.mark.feature("D2", "D23")
async def test_a_delegate_hands_in_a_correction_by_its_scope_and_both_see_it(
    family: Family,
) -> None:
    elder, daughter = await family.relative(GRANDMOTHER), await family.relative()
    daughter.phone.acting_for = await family.mandate(elder, daughter, Scope.BOOK)
    assert await daughter.say("RequestCorrection", **WISH) == "mandate_scope_missing"
    assert await CorrectionCase.count() == 0
    await elder.do("StopMandate", mandate=daughter.phone.acting_for)
    daughter.phone.acting_for = ""
    mandate = await family.mandate(elder, daughter, Scope.CASE_SUBMIT)
    daughter.phone.acting_for, key = mandate, new_key()

    for _ in range(2):
        handed = await daughter.do("RequestCorrection", key, **WISH)
        assert handed["__typename"] == "CorrectionRequested", handed

    [case] = await CorrectionCase.find_all().to_list()
    assert case.resident_id == elder.resident_id
    [own] = (await elder.see("Corrections"))["nodes"]
    [seen] = (await daughter.see("Corrections"))["nodes"]
    assert own == seen
    [row] = await AuditRow.find({"action": "rights.correction_requested"}).to_list()
    assert (row.actor["id"], row.subject, row.mandate) == (
        daughter.resident_id,
        elder.resident_id,
        mandate,
    )
    told = await MandateNotice.find({"code": "rights.correction_requested"}).to_list()
    assert [one.person for one in told] == [elder.resident_id]

    await elder.do("StopMandate", mandate=mandate)
    assert await daughter.say("WithdrawCorrection", id=case.id) == "mandate_over"
    daughter.phone.acting_for = ""
    assert (await daughter.see("Corrections"))["nodes"] == [], "it is not one of her own"
    assert await daughter.say("WithdrawCorrection", id=case.id) == "correction_unknown"
    assert await elder.say("WithdrawCorrection", id=case.id) == "CorrectionWithdrawn"


@pytest.mark.feature("D25")
async def test_d25_a_delegate_learns_of_no_correction_what_the_record_says(family: Family) -> None:
    elder, daughter = await family.relative(GRANDMOTHER), await family.relative()
    right = {**WISH, "value": "1948-02-29"}
    assert await elder.say("RequestCorrection", **right) == "correction_same"
    daughter.phone.acting_for = await family.mandate(elder, daughter, Scope.CASE_SUBMIT)

    assert await daughter.say("RequestCorrection", **right) == "CorrectionRequested"


@pytest.mark.feature("D3")
def test_d3_nobody_is_asked_to_allow_what_opens_nothing() -> None:
    assert {one.scope for one in DELEGABLE.values()} == set(Scope)
