"""The fleet of readers: what each role may ask, what a heartbeat says, what is wrong with one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from backend.foundation.refusals import Refusal, refusal
from shared.admission.opening import OpeningCalendar

OFFLINE_AFTER = timedelta(hours=2)
"""Feature S114: a reader that nobody heard of for so long is shown as offline.

Where the venue's calendar is known, only the time counts in which it was open: a reader that is
switched off with the lights of a closed house is not down.
"""
_SILENCE_LOOKED_AT = timedelta(days=400)
CLOCK_OFF_MS = 5_000
LISTS_OLD = timedelta(hours=24)
DISK_LOW_MIB = 200
BACKLOG = 5_000
_WORD = re.compile(r"[a-z_]{1,40}")
_VERSION = re.compile(r"[0-9A-Za-z.+-]{1,32}")
_MOST_FAULTS = 16
_MOST = 2**48

HEARTBEAT_FORM = refusal(
    "heartbeat_form",
    ("终端状态报告格式不对。", "The heartbeat has a wrong form."),
    ("请升级终端程序。", "Update the reader's software."),
)
TERMINAL_ROLE = refusal(
    "terminal_role",
    ("这类终端不能办理此事。", "A terminal of this role may not do that."),
    ("请用有人值守的终端。", "Use a terminal that is staffed."),
)
TERMINAL_NOT_ENROLLED = refusal(
    "terminal_not_enrolled",
    ("没有这台在用终端。", "There is no such terminal in use."),
    ("请从终端列表中重新选择。", "Choose it from the list again."),
)
WIPE_UNKNOWN = refusal(
    "wipe_unknown",
    ("没有这条清除命令。", "There is no such order to wipe."),
    ("不需要处理。", "There is nothing to do."),
)
ADDRESS_FORM = refusal(
    "terminal_address_form",
    ("后台地址格式不对。", "The backend's address has a wrong form."),
    ("请填写如 https://city.example 的地址。", "Give an address such as https://city.example."),
)


class TerminalRole(StrEnum):
    """How a reader stands: with staff 有人值守, or alone 无人值守."""

    STAFFED = "staffed"
    UNATTENDED = "unattended"


class Use(StrEnum):
    """What a reader asks for."""

    LANES = "lanes"  # its standing, the rules and lists, and to hand over scans
    OFFLINE_SET = "offline_set"
    FLOW = "flow"
    CONFLICTS = "conflicts"
    LOOK_UP = "look_up"  # names, masked
    VISIT_QUEUE = "visit_queue"  # numbers of today's queues, which it also calls
    UPDATE_CODE = "update_code"  # for staff to carry to a reader without a network


ALLOWED: Mapping[TerminalRole, frozenset[Use]] = {
    TerminalRole.STAFFED: frozenset(Use),
    TerminalRole.UNATTENDED: frozenset({Use.LANES, Use.OFFLINE_SET, Use.FLOW}),
}


class Trouble(StrEnum):
    """What is wrong with a reader, the worst first."""

    WIPING = "wiping"  # ordered, not acknowledged yet
    BLOCKED = "blocked"
    EMERGENCY = "emergency"  # its gates are held open
    OFFLINE = "offline"
    CLOCK_OFF = "clock_off"
    LISTS_OLD = "lists_old"
    BACKLOG = "backlog"
    DISK_LOW = "disk_low"
    DEVICE_FAULT = "device_fault"


@dataclass(frozen=True, slots=True)
class Health:
    """What a reader says of itself; None is what it cannot tell.

    `lists_age_s` is the age of its oldest list, `unsent` the journal's records without a receipt.
    `wipe_refused` names why it has not followed an order to wipe.
    """

    version: str
    clock_ahead_ms: int | None = None
    lists_age_s: int | None = None
    disk_free_mib: int | None = None
    unsent: int | None = None
    faults: tuple[str, ...] = ()
    emergency: bool = False
    wipe_refused: str | None = None


@dataclass(frozen=True, slots=True)
class FleetTerminal:
    """A reader in use; `heard_at` is its last heartbeat, or its enrolment before the first."""

    terminal_id: str
    venue_number: int
    name: str
    role: TerminalRole
    heard_at: datetime
    blocked: bool = False
    wipe_ordered_at: datetime | None = None
    health: Health | None = None
    calendar: OpeningCalendar | None = None

    def closed_on_purpose(self, now: datetime) -> bool:
        """Tell whether its venue is closed by its calendar, so that silence is no fault."""
        return self.calendar is not None and not self.calendar.is_open(now)

    def offline(self, now: datetime) -> bool:
        """Tell whether nobody heard of it for too long."""
        silent = now - self.heard_at
        if self.calendar is None or silent <= OFFLINE_AFTER:
            return silent > OFFLINE_AFTER
        since = max(self.heard_at, now - _SILENCE_LOOKED_AT)
        enough = OFFLINE_AFTER + timedelta(seconds=1)
        return self.calendar.open_for(since, now, enough) > OFFLINE_AFTER


def read_health(values: Mapping[str, Any]) -> Health | Refusal:
    """Read a heartbeat; what is not understood is refused whole."""
    version, faults = values.get("version"), values.get("faults", [])
    emergency, refused = values.get("emergency", False), values.get("wipe_refused")
    numbers = [
        values.get(name) for name in ("clock_ahead_ms", "lists_age_s", "disk_free_mib", "unsent")
    ]
    good = (
        isinstance(version, str)
        and _VERSION.fullmatch(version)
        and isinstance(faults, list)
        and len(faults) <= _MOST_FAULTS
        and all(isinstance(one, str) and _WORD.fullmatch(one) for one in faults)
        and isinstance(emergency, bool)
        and (refused is None or (isinstance(refused, str) and _WORD.fullmatch(refused)))
        and all(one is None or (type(one) is int and abs(one) < _MOST) for one in numbers)
    )
    if not good:
        return HEARTBEAT_FORM
    ahead, age, free, unsent = numbers
    return Health(str(version), ahead, age, free, unsent, tuple(faults), emergency, refused)


def troubles(terminal: FleetTerminal, now: datetime) -> tuple[Trouble, ...]:
    """Return what is wrong with a reader, the worst first."""
    health = terminal.health or Health("")
    wrong = {
        Trouble.WIPING: terminal.wipe_ordered_at is not None,
        Trouble.BLOCKED: terminal.blocked,
        Trouble.EMERGENCY: health.emergency,
        Trouble.OFFLINE: terminal.offline(now),
        Trouble.CLOCK_OFF: abs(health.clock_ahead_ms or 0) > CLOCK_OFF_MS,
        Trouble.LISTS_OLD: timedelta(seconds=health.lists_age_s or 0) > LISTS_OLD,
        Trouble.BACKLOG: (health.unsent or 0) > BACKLOG,
        Trouble.DISK_LOW: health.disk_free_mib is not None and health.disk_free_mib < DISK_LOW_MIB,
        Trouble.DEVICE_FAULT: bool(health.faults),
    }
    return tuple(one for one in Trouble if wrong[one])
