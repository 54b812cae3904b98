"""What other delegates hear, and what becomes of those whom a delegate's death leaves."""

import pytest

from backend.mandates.scopes import Scope
from tests.backend.mandates.family import GRANDMOTHER, Family


@pytest.mark.feature("D6", "D25")
async def test_d6_d25_every_delegate_hears_of_something_sensitive_and_not_for_whom(
    family: Family,
) -> None:
    elder, daughter = await family.relative(GRANDMOTHER), await family.relative()
    son, nephew = await family.relative(), await family.relative()
    first = await family.mandate(elder, daughter, Scope.BOOK)
    plain = await family.mandate(elder, son, Scope.BOOK)
    before = len((await daughter.see("MandateNotices"))["nodes"])  # nothing of the son's

    paid = await family.mandate(elder, nephew, Scope.PAY_SMALL)

    assert before == 1
    for one, own in ((daughter, first), (son, plain)):
        told = (await one.see("MandateNotices"))["nodes"]
        assert [row["mandate"] for row in told if row["code"] == "mandates.sensitive"] == [own]
        assert {row["mandate"] for row in told} == {own}
        assert nephew.resident_id not in repr(told)
    warned = [row["code"] for row in (await nephew.see("MandateNotices"))["nodes"]]
    assert "mandates.sensitive" not in warned
    heard = [row["mandate"] for row in (await elder.see("MandateNotices"))["nodes"]]
    assert heard.count(paid) == 1


@pytest.mark.feature("D26")
async def test_d26_the_death_of_a_delegate_ends_what_they_did_for_others(family: Family) -> None:
    elder, daughter = await family.relative(GRANDMOTHER), await family.relative()
    mandate = await family.mandate(elder, daughter, Scope.BOOK)
    await family.died(daughter)
    [seen] = (await elder.see("Mandates", side="PRINCIPAL"))["nodes"]
    assert (seen["id"], seen["state"], seen["ended"]) == (mandate, "ENDED", "DEATH")
