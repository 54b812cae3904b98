"""Windows 服务窗口 of halls and the devices each must have 最小必须配备 (feature S110)."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from backend.foundation.refusals import Refusal, refusal

MOST_DEVICES = 20
MOST_WINDOWS = 500
"""Of one hall."""
_HALL = re.compile(r"(?!.*[0-9]{11})[0-9A-Za-z-]{1,32}")
"""Nothing as long as a phone or citizen number: a hall's code stands in the log and in answers."""
_SERIAL = re.compile(r"[0-9A-Za-z_.-]{1,64}")

WINDOW_FORM = refusal(
    "window_form",
    ("大厅、窗口号或设备编号格式不对，或设备重复。", "The hall, window or a device is not right."),
    ("请核对后重填，每台设备只填一次。", "Check them; name each device once."),
)


class DeviceKind(StrEnum):
    """What a window may have to have."""

    CARD_READER = "CARD_READER"  # 读卡设备
    CODE_SCANNER = "CODE_SCANNER"  # 扫码设备


@dataclass(frozen=True, slots=True)
class WindowDevice:
    """A device at a window; one that does not work is present and counts for nothing."""

    kind: DeviceKind
    serial: str
    working: bool = True


@dataclass(frozen=True, slots=True)
class Window:
    """A window of a hall, what it must have and what it has; `closed` on purpose 停用."""

    hall: str
    number: int
    required: frozenset[DeviceKind]
    devices: tuple[WindowDevice, ...] = ()
    closed: bool = False

    @property
    def lacking(self) -> frozenset[DeviceKind]:
        """What it must have and no working device there is."""
        return self.required - {one.kind for one in self.devices if one.working}

    @property
    def broken(self) -> bool:
        """Whether it would be equipped if what stands there worked."""
        return bool(self.lacking) and self.lacking <= {one.kind for one in self.devices}


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many windows of a hall must be equipped, are, and which are not.

    `closed` are those closed on purpose: they count neither way, and are no fault.
    """

    hall: str
    required: int
    equipped: int
    broken: tuple[int, ...]
    lacking: tuple[int, ...]
    closed: tuple[int, ...] = ()

    @property
    def percent(self) -> int | None:
        """Equipped of required, rounded down so that 100 is all; None where none must be."""
        return self.equipped * 100 // self.required if self.required else None


def coverage(hall: str, windows: Iterable[Window]) -> Coverage:
    """Return the coverage of a hall; windows that need nothing or are closed do not count."""
    needing = sorted((one for one in windows if one.required), key=lambda one: one.number)
    counted = [one for one in needing if not one.closed]
    closed = tuple(one.number for one in needing if one.closed)
    broken = tuple(one.number for one in counted if one.broken)
    lacking = tuple(one.number for one in counted if one.lacking and not one.broken)
    equipped = len(counted) - len(broken) - len(lacking)
    return Coverage(hall, len(counted), equipped, broken, lacking, closed)


def is_hall(code: str) -> bool:
    """Tell whether a text can be a hall's code."""
    return _HALL.fullmatch(code) is not None


def window_fault(window: Window) -> Refusal | None:
    """Return why a window cannot be recorded, None where it can."""
    serials: Collection[str] = [one.serial for one in window.devices]
    good = (
        is_hall(window.hall)
        and 1 <= window.number <= MOST_WINDOWS
        and len(serials) <= MOST_DEVICES
        and len(set(serials)) == len(serials)
        and all(_SERIAL.fullmatch(one) for one in serials)
    )
    return None if good else WINDOW_FORM
