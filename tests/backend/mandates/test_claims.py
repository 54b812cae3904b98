"""What a false claim of kinship leaves behind, and who hears of it (D27)."""

from datetime import timedelta

import pytest

from backend.figures import MandateFigures
from backend.foundation.audit import AuditRow
from backend.mandates.counter import CounterGrant, MandateCounter
from backend.mandates.documents import MandateParty
from backend.mandates.granting import Terms
from backend.mandates.scopes import Evidence, Relation, Scope
from backend.mandates.views import MandateView
from tests.backend.actors import new_key
from tests.backend.mandates.family import GRANDMOTHER, Family
from tests.backend.mandates.test_by_card import with_card
from tests.backend.mandates.test_life import CLERK, PIN


@pytest.mark.feature("D27", "D28")
async def test_d27_a_false_claim_stays_on_record_and_takes_papers_for_a_year(
    family: Family,
) -> None:
    mother, other = await family.relative(GRANDMOTHER), await with_card(family)
    liar, counter = await family.relative(), family.city.house.services[MandateCounter]
    made = await family.mandate(mother, liar, Scope.BOOK)
    await mother.do("DisputeMandate", mandate=made)

    await counter.settle(CLERK, new_key(), made, "户口簿不符", upheld=False)

    party = await MandateParty.get(liar.resident_id)
    assert party is not None
    [claim] = party.false_claims
    assert (claim.mandate, claim.relation, claim.evidence) == (
        made,
        Relation.ELDER,
        Evidence.SELF_DECLARED,
    )
    assert (claim.found_by, claim.found_at) == (CLERK.staff_id, family.city.clock.now())
    [row] = await AuditRow.find({"action": "mandates.false_claim"}).to_list()
    assert (row.subject, row.mandate, row.reason) == (liar.resident_id, made, "户口簿不符")

    # It is about the delegate alone: the mother allows another, and nobody reads why in the words.
    again = await family.confirmed(mother, liar, Scope.BOOK)
    assert again["code"] == "mandate_papers_needed"
    assert "不实" not in repr(again)
    assert (await family.mandate(mother, await family.relative(), Scope.BOOK)).startswith("mnd_")
    terms = Terms(Relation.ELDER, (Scope.BOOK,), 31)
    papers = CounterGrant(
        other.resident_id, liar.resident_id, terms, Evidence.HOUSEHOLD_BOOKLET, PIN
    )
    assert isinstance(await counter.grant(CLERK, new_key(), papers), MandateView)

    year = timedelta(days=MandateFigures().false_claim_days)
    for seconds, said in ((1, "Refusal"), (0, "MandateChanged")):
        claim.found_at = family.city.clock.now() - year + timedelta(seconds=seconds)
        await party.set({"false_claims": [claim]})
        done = await family.confirmed(mother, liar, Scope.BOOK)
        assert done["__typename"] == said


@pytest.mark.feature("D27", "D28")
async def test_d27_a_claim_that_is_upheld_leaves_nothing_on_record(family: Family) -> None:
    mother, daughter = await family.relative(GRANDMOTHER), await family.relative()
    made = await family.mandate(mother, daughter, Scope.BOOK)
    await mother.do("DisputeMandate", mandate=made)
    counter = family.city.house.services[MandateCounter]
    await counter.settle(CLERK, new_key(), made, "已核对户口簿", upheld=True)
    party = await MandateParty.get(daughter.resident_id)
    assert party is not None
    assert party.false_claims == []
