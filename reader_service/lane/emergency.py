"""Emergency opening 紧急开启: every gate is held open until staff end it, also over a restart.

Each change is a row signed by this reader's own key and linked to the row before it, in a file of
its own. People come first: the gates open before the row is written, and open also where it cannot
be; they shut only once the row is on the disk.
"""

import hashlib
import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from reader_service.lane.lane import Lane
from reader_service.lane.staff_acts import ActRefused
from shared.clock import Clock
from shared.ecode.algorithms import SoftwareKey
from shared.localized_text import LocalizedText
from shared.trust.trust_list import Untrusted, read_statement, sign_statement

TYPE = "yikatong-emergency+jwt"
_KEPT = timedelta(days=3650)
_FIRST = "0" * 64
_log = logging.getLogger(__name__)

NOT_WRITTEN = ActRefused(
    "emergency_not_written",
    LocalizedText("记录写不进磁盘，闸机仍开着。", "The disk takes no record; the gates stay open."),
    LocalizedText("请检查磁盘后再结束。", "Check the disk, then end it again."),
)


@dataclass(frozen=True, slots=True)
class EmergencyState:
    """Whether the gates are held open, since when and by whom.

    `recorded` is False where the row could not be written, `intact` where an earlier row was
    changed or is missing. `stuck` are the lanes whose gates did not obey.
    """

    held: bool = False
    since: datetime | None = None
    staff: str | None = None
    recorded: bool = True
    intact: bool = True
    stuck: tuple[int, ...] = ()


class Emergency:
    """Holds the gates of all lanes; may be used from any thread."""

    def __init__(
        self, path: Path, key: SoftwareKey, lanes: Mapping[int, Lane], clock: Clock
    ) -> None:
        """Read what was last, and hold the gates open again if they were."""
        self._path = path
        self._key = key
        self._lanes = lanes
        self._clock = clock
        self._lock = threading.Lock()
        self._last = _FIRST
        self._keys: set[str] = set()
        self.state = self._read()
        if self.state.held:
            self.state = self._with_gates(self.state)

    def hold(self, key: str, staff: str, *, held: bool) -> EmergencyState | ActRefused:
        """Hold every gate open or let them shut; with the key of an act that was done, nothing."""
        with self._lock:
            if key in self._keys or (held == self.state.held and self.state.recorded):
                return self.state
            now = self._clock.now()
            state = EmergencyState(held, now, staff, intact=self.state.intact)
            if held:
                opened = self._with_gates(state)
                self.state = replace(opened, recorded=self._write(key, state))
            elif self._write(key, state):
                self.state = self._with_gates(state)
            else:
                return NOT_WRITTEN
            _log.warning("emergency: gates %s by %s", "held open" if held else "let shut", staff)
            return self.state

    def _with_gates(self, state: EmergencyState) -> EmergencyState:
        stuck = [n for n, lane in self._lanes.items() if not lane.hold_open(held=state.held)]
        return replace(state, stuck=tuple(stuck))

    def _write(self, key: str, state: EmergencyState) -> bool:
        now = state.since or self._clock.now()
        row = {
            "iat": int(now.timestamp()),
            "exp": int((now + _KEPT).timestamp()),
            "held": state.held,
            "staff": state.staff,
            "key": key,
            "after": self._last,
        }
        text = sign_statement(row, self._key, TYPE)
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "a", encoding="ascii") as file:
                file.write(f"{text}\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            _log.error("emergency: not recorded")
            return False
        self._last = _digest(text)
        self._keys.add(key)
        return True

    def _read(self) -> EmergencyState:
        """Return the last row that is ours; every row of the file must be, and follow the last."""
        state = EmergencyState()
        try:
            lines = self._path.read_text("ascii").splitlines()
        except FileNotFoundError:
            return state
        except (OSError, ValueError):
            return EmergencyState(intact=False)
        intact = True
        for line in lines:
            row = self._row(line)
            intact = intact and row is not None and row["after"] == self._last
            self._last = _digest(line)
            if row is not None:
                at = datetime.fromtimestamp(row["iat"], UTC)
                state = EmergencyState(bool(row["held"]), at, str(row["staff"]))
                self._keys.add(str(row["key"]))
        return replace(state, intact=intact)

    def _row(self, line: str) -> dict[str, Any] | None:
        try:
            row = read_statement(line, self._key.public, TYPE, self._clock.now())
        except Untrusted:
            return None
        return row if row.keys() >= {"held", "staff", "key", "after"} else None


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
