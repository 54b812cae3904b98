"""What is written of a mandate: who reads it, and that nobody rewrites it; and each rule's test."""

import re
from pathlib import Path
from typing import Any

import pytest

from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow
from backend.foundation.audit_chain import Sequencer
from backend.foundation.audit_verify import Broken, Fault, Sound, verify
from backend.mandates.reach import DELEGABLE, OPEN
from backend.mandates.scopes import Scope
from infra.mongodb.roles import role
from tests.backend.actors import City
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative
from tests.backend.mandates.test_life import use

TESTS = Path(__file__).parents[2]


async def _acts(one: Relative, mandate: str) -> list[str]:
    return [act["action"] for act in (await one.see("MandateActs", mandate=mandate))["nodes"]]


@pytest.mark.feature("D30")
async def test_d30_a_delegate_reads_no_complaint_about_them_nor_how_they_are_watched(
    family: Family,
) -> None:
    grandmother, daughter = await family.relative(GRANDMOTHER), await family.relative()
    mandate = await family.mandate(grandmother, daughter, Scope.BOOK)
    delegate = Caller(resident_id=daughter.resident_id)
    await grandmother.do("SetMandateViewNotices", mandate=mandate, daily=True)
    limits: dict[str, Any] = {"perActFen": 100, "perDayFen": 200, "perMonthFen": 300}
    await grandmother.do("LimitMandate", mandate=mandate, **limits)
    await grandmother.do("DisputeMandate", mandate=mandate)
    assert await use(family.city, mandate, delegate) == "mandate_disputed"

    private = {"mandates.notices", "mandates.limits", "mandates.disputed"}
    assert private <= set(await _acts(grandmother, mandate))
    assert private.isdisjoint(theirs := await _acts(daughter, mandate))
    assert "mandates.confirmed" in theirs
    daughter.phone.acting_for = mandate
    for private_field in ("mandateNotices", "mandateActs", "pendingNotices"):
        assert private_field not in DELEGABLE.keys() | OPEN
        document = f"{{ {private_field}{_arguments(private_field)} {{ __typename }} }}"
        said = (await daughter.phone.post(document)).json()
        assert said["errors"][0]["extensions"]["code"] == "not_delegable", private_field


def _arguments(field: str) -> str:
    return '(mandate: "mnd_x")' if field == "mandateActs" else ""


@pytest.mark.feature("D32")
async def test_d32_a_delegates_act_that_is_rewritten_is_named_and_the_role_may_not(
    city: City, family: Family
) -> None:
    grandmother, daughter = await family.relative(GRANDMOTHER), await family.relative()
    mandate = await family.mandate(grandmother, daughter, Scope.BOOK)
    for _ in range(3):
        assert await use(city, mandate, Caller(resident_id=daughter.resident_id)) == "done"
    await city.house.services[Sequencer].catch_up()
    assert isinstance(await verify(), Sound)
    row = await AuditRow.find({"mandate": mandate, "action": "mandates.notices"}).first_or_none()
    assert row is not None

    await AuditRow.find({"_id": row.id}).set({"actor.id": grandmother.resident_id})

    found = await verify()
    assert isinstance(found, Broken)
    assert (found.fault, found.row_id) == (Fault.CHANGED, row.id)
    rights = {one["resource"]["collection"]: one["actions"] for one in role()["privileges"]}
    for journal in ("audit_rows", "audit_links"):
        assert {"update", "remove"}.isdisjoint(rights[journal])


def test_each_of_the_thirty_two_rules_has_a_test_with_its_number_in_the_name() -> None:
    named = {
        int(number)
        for file in TESTS.rglob("test_*.py")
        for name in re.findall(r"def (test_d\d\w*)", file.read_text(encoding="utf-8"))
        for number in re.findall(r"(?:^test_|_)d(\d+)(?=_)", name)
    }
    assert named >= set(range(1, 33))
