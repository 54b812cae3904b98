"""Cards beside the one card: which may be issued, and what an attempt leaves (S14)."""

from dataclasses import replace

import pytest

from backend.app import House
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.functions.legacy_cards import LegacyCards
from backend.functions.rules import CardType, MergeStatus
from shared.localized_text import LocalizedText
from tests.backend.actors import new_key
from tests.backend.functions.conftest import BUSES
from tests.backend.functions.test_rules import TRANSIT_CARD

OFFICER = Caller(staff_id="stf_bus", roles=frozenset({Role.DEPARTMENT_OFFICER}), organisation=BUSES)
AUDITOR = Caller(staff_id="stf_audit", roles=frozenset({Role.AUDITOR}))
NEW = CardType(
    "rider_card",
    BUSES,
    LocalizedText("乘车卡", "Rider card"),
    frozenset({"transit", "parking"}),
    MergeStatus.SEPARATE,
)


@pytest.fixture
async def register(services: Services) -> LegacyCards:
    """The register, with a bus card that is being merged."""
    register = services[LegacyCards]
    assert await register.register(OPERATOR, new_key(), TRANSIT_CARD) == TRANSIT_CARD
    return register


def _code(answer: object) -> str:
    return answer.code if isinstance(answer, Refusal) else "done"


@pytest.mark.feature("S14")
async def test_a_card_that_repeats_a_merged_function_is_refused_and_leaves_a_case(
    register: LegacyCards, house: House
) -> None:
    key = new_key()

    assert _code(await register.register(OFFICER, key, NEW)) == "card_type_overlaps"
    assert _code(await register.register(OFFICER, key, NEW)) == "card_type_overlaps"

    cases = await register.violations(AUDITOR)
    assert not isinstance(cases, Refusal)
    [case] = cases  # the same request again is the same case
    assert (case.card_type, case.functions, case.asked_by) == (
        "rider_card",
        ["transit"],
        "stf_bus",
    )
    assert case.owner.code == BUSES.code
    types = await house.store.database["card_types"].distinct("_id")
    assert types == ["city_bus_card"]
    row = await house.store.database["audit_rows"].find_one({"actor.id": "stf_bus"})
    assert row is not None
    assert row["result"] == "refused:card_type_overlaps"


async def test_a_card_for_something_else_is_registered_once(register: LegacyCards) -> None:
    parking = replace(NEW, functions=frozenset({"parking"}))

    assert _code(await register.register(OFFICER, new_key(), parking)) == "done"
    assert _code(await register.register(OFFICER, new_key(), parking)) == "card_type_known"


async def test_only_departments_register_and_only_supervisors_read_cases(
    register: LegacyCards,
) -> None:
    other = replace(NEW, owner=replace(BUSES, code="360700-xx"))

    assert _code(await register.register(None, new_key(), NEW)) == "sign_in_needed"
    assert _code(await register.register(AUDITOR, new_key(), NEW)) == "not_permitted"
    answer = await register.register(OFFICER, new_key(), other)
    assert _code(answer) == "function_of_another_department"
    assert _code(await register.violations(OFFICER)) == "not_permitted"
