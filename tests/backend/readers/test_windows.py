"""Windows of halls and the devices they must have: coverage is equipped of required, per hall."""

from dataclasses import replace
from typing import Any

import pytest

from backend.app import House
from backend.foundation.access import Caller, Role
from backend.foundation.audit import AuditRow
from backend.foundation.refusals import Refusal
from backend.readers.window_rules import (
    Coverage,
    DeviceKind,
    Window,
    WindowDevice,
    coverage,
    is_hall,
)
from backend.readers.windows import Windows
from tests.backend.actors import new_key

READER, SCANNER = DeviceKind.CARD_READER, DeviceKind.CODE_SCANNER
BOTH = frozenset({READER, SCANNER})
OFFICER = Caller(staff_id="stf_a", roles=frozenset({Role.DEPARTMENT_OFFICER}), thumbprint="t")
CLERK = Caller(staff_id="stf_b", roles=frozenset({Role.OUTLET_CLERK}), thumbprint="u")


def window(number: int, *devices: WindowDevice, required: Any = BOTH, hall: str = "h-1") -> Window:
    return Window(hall, number, frozenset(required), devices)


def has(kind: DeviceKind, serial: str, *, working: bool = True) -> WindowDevice:
    return WindowDevice(kind, serial, working)


@pytest.mark.feature("S110")
def test_coverage_is_equipped_of_required_and_a_broken_device_is_none() -> None:
    windows = [
        window(1, has(READER, "r1"), has(SCANNER, "s1")),
        window(2, has(READER, "r2"), has(SCANNER, "s2", working=False)),
        window(3, has(READER, "r3")),
        window(4, has(READER, "r4", working=False), has(READER, "r5"), required=[READER]),
        window(5, required=[]),
    ]

    found = coverage("h-1", windows)

    assert found == Coverage("h-1", required=4, equipped=2, broken=(2,), lacking=(3,))
    assert found.percent == 50
    assert coverage("h-1", [window(5, required=[])]).percent is None
    nearly = [window(n, has(READER, "r"), required=[READER]) for n in range(1, 300)]
    assert coverage("h-1", [*nearly, window(300)]).percent == 99, "100 is all of them"


@pytest.mark.feature("S110", "S114")
async def test_a_window_closed_on_purpose_is_told_apart_from_one_that_is_broken(
    house: House,
) -> None:
    windows, key = house.services[Windows], new_key()
    shut = replace(window(2, has(READER, "r2", working=False)), closed=True)
    await windows.record(OFFICER, new_key(), window(1, has(READER, "r1"), required=[READER]))

    told = await windows.record(OFFICER, key, shut)

    assert told == Coverage("h-1", 1, 1, (), (), (2,))
    changed = await windows.record(OFFICER, key, replace(shut, closed=False))
    assert isinstance(changed, Refusal), "one key, another request"
    opened = await windows.record(OFFICER, new_key(), replace(shut, closed=False))
    assert opened == Coverage("h-1", 2, 1, (), (2,), ())


@pytest.mark.feature("S110")
async def test_a_hall_has_its_own_figure_and_a_repair_changes_it(house: House) -> None:
    windows = house.services[Windows]
    broken = window(1, has(READER, "r1", working=False), has(SCANNER, "s1"))
    key = new_key()

    first = await windows.record(OFFICER, key, broken)
    again = await windows.record(OFFICER, key, broken)
    await windows.record(OFFICER, new_key(), window(1, required=[READER], hall="h-2"))

    assert first == again == Coverage("h-1", 1, 0, (1,), ())
    assert await windows.coverage(OFFICER, "h-2") == Coverage("h-2", 1, 0, (), (1,))
    mended = window(1, has(READER, "r1"), has(SCANNER, "s1"))
    assert await windows.record(OFFICER, new_key(), mended) == Coverage("h-1", 1, 1, (), ())
    rows = await AuditRow.find({"action": "readers.window_recorded"}).to_list()
    assert sorted(one.origin or "" for one in rows) == ["h-1/1", "h-1/1", "h-2/1"]


@pytest.mark.parametrize(
    "wrong",
    [
        window(0),
        window(501),
        window(1, hall="$ne"),
        window(1, has(READER, "a b")),
        window(1, has(READER, "r1"), has(SCANNER, "r1")),
    ],
    ids=["number", "far number", "hall", "serial", "one device twice"],
)
async def test_what_is_no_window_is_refused(house: House, wrong: Window) -> None:
    refused = await house.services[Windows].record(OFFICER, new_key(), wrong)

    assert isinstance(refused, Refusal)
    assert refused.code == "window_form"


async def test_who_keeps_no_inventory_neither_writes_nor_reads_it(house: House) -> None:
    windows = house.services[Windows]
    for caller in (None, CLERK):
        for refused in (
            await windows.record(caller, new_key(), window(1)),
            await windows.coverage(caller, "h-1"),
        ):
            assert isinstance(refused, Refusal)
            assert refused.code in {"sign_in_needed", "not_permitted"}


@pytest.mark.parametrize("hall", ["13800138901", "11010519491231002X", "h-13800138901-1"])
def test_a_code_that_could_be_somebodys_number_is_no_hall(hall: str) -> None:
    assert not is_hall(hall)
    assert is_hall("h-1380013890")
