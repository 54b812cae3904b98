"""What can be registered, by whom, and which card types repeat what the one card does."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import Organisation
from backend.functions.rules import (
    CardFunction,
    CardType,
    FunctionStatus,
    MergeStatus,
    card_type_fault,
    function_fault,
    overlap,
    owner_fault,
)
from shared.localized_text import LocalizedText
from tests.backend.functions.conftest import BUSES

TRANSIT_CARD = CardType(
    "city_bus_card",
    BUSES,
    LocalizedText("公交卡", "Bus card"),
    frozenset({"transit", "bike_hire"}),
    MergeStatus.MERGING,
    date(2026, 12, 31),
)


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "Transit"},
        {"code": "a" * 25},
        {"code": "$where"},
        {"name": LocalizedText("", "x")},
        {"name": LocalizedText("公\0交", "x")},
        {"name": LocalizedText("公交 13812345678", "x")},
        {"name": LocalizedText("公交", "x" * 41)},
        {"owner": Organisation("", BUSES.name)},
        {"params": {"Key": "x"}},
        {"params": {"key": ""}},
        {"params": {"key": "x" * 101}},
        {"params": {f"{chr(97 + n)}x": "x" for n in range(17)}},
        {"since": datetime(2026, 1, 1)},  # noqa: DTZ001 - that is the fault
    ],
)
def test_a_function_of_another_form_is_refused(
    transit: CardFunction, changed: dict[str, Any]
) -> None:
    assert function_fault(transit) is None
    refused = function_fault(replace(transit, **changed))
    assert refused is not None
    assert refused.code == "function_form"


def test_a_programme_ends_after_it_begins(transit: CardFunction) -> None:
    assert function_fault(replace(transit, until=transit.since + timedelta(days=1))) is None
    assert function_fault(replace(transit, until=transit.since)) is not None


def test_a_function_runs_while_it_is_open_and_its_time_is_now(transit: CardFunction) -> None:
    until = transit.since + timedelta(days=1)
    made, second = replace(transit, until=until), timedelta(seconds=1)

    assert [made.runs_at(t) for t in (transit.since - second, transit.since)] == [False, True]
    assert [made.runs_at(t) for t in (until - second, until)] == [True, False]
    assert not replace(made, status=FunctionStatus.CLOSED).runs_at(transit.since)


def test_a_department_speaks_for_itself_and_the_platform_for_all() -> None:
    officer = frozenset({Role.DEPARTMENT_OFFICER})
    own = Caller(staff_id="stf_a", roles=officer, organisation=BUSES)
    other = Caller(staff_id="stf_b", roles=officer)
    clerk = Caller(staff_id="stf_c", roles=frozenset({Role.OUTLET_CLERK}), organisation=BUSES)

    codes = [getattr(owner_fault(one, BUSES), "code", None) for one in (own, other, clerk)]

    assert codes == [None, "function_of_another_department", "not_permitted"]
    assert owner_fault(OPERATOR, BUSES) is None


@pytest.mark.parametrize(
    ("kind", "functions", "repeated"),
    [
        (MergeStatus.SEPARATE, {"transit"}, {"transit"}),  # merged with the bus card
        (MergeStatus.SEPARATE, {"transit", "library"}, {"transit", "library"}),  # and loaded
        (MergeStatus.SEPARATE, {"parking"}, set()),
        (MergeStatus.MERGING, {"transit"}, set()),  # one more that is being merged
        (MergeStatus.MERGED, {"transit"}, set()),
    ],
)
def test_a_new_card_may_not_repeat_what_is_merged_or_loaded(
    transit: CardFunction, kind: MergeStatus, functions: set[str], repeated: set[str]
) -> None:
    asked = replace(
        TRANSIT_CARD, code="new_card", functions=frozenset(functions), merge_status=kind
    )
    closed = replace(transit, code="parking", status=FunctionStatus.CLOSED)
    loaded = [replace(transit, code="library"), closed]

    assert overlap(asked, [TRANSIT_CARD], loaded) == repeated


def test_what_stands_beside_without_being_merged_is_no_obstacle() -> None:
    beside = replace(TRANSIT_CARD, merge_status=MergeStatus.SEPARATE)
    asked = replace(beside, code="new_card")

    assert overlap(asked, [beside], []) == frozenset()


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "Bus"},
        {"functions": frozenset()},
        {"functions": frozenset({"$ne"})},
        {"sunset": None},
        {"name": LocalizedText("公\ud800交", "x")},
    ],
)
def test_a_card_type_of_another_form_is_refused(changed: dict[str, Any]) -> None:
    assert card_type_fault(TRANSIT_CARD) is None
    assert card_type_fault(replace(TRANSIT_CARD, **changed)) is not None
