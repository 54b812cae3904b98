"""The gate's relay."""

from datetime import datetime
from pathlib import Path
from typing import Protocol, assert_never

from reader_service.settings import FileGate, GateSettings, MemoryGate


class GateFailed(Exception):
    """The gate was told to open and did not."""


class Gate(Protocol):
    """Opens for one person; closing is the turnstile's own doing."""

    def open_once(self, now: datetime) -> None:
        """Open for one passage.

        Raises:
            GateFailed: it did not.
        """
        ...


class RecordingGate:
    """A gate of staff and rope: openings are only remembered."""

    def __init__(self) -> None:
        self.openings: list[datetime] = []

    def open_once(self, now: datetime) -> None:
        """Remember the opening; the last thousand are kept."""
        self.openings.append(now)
        del self.openings[:-1000]


class LineGate:
    """A gate behind a file: each opening adds a line with its instant."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open_once(self, now: datetime) -> None:
        """Add the line."""
        try:
            with self._path.open("a", encoding="ascii") as lines:
                lines.write(f"{now.isoformat()}\n")
        except OSError as error:
            raise GateFailed from error


def open_gate(settings: GateSettings) -> Gate:
    """Return the gate of a lane."""
    match settings:
        case FileGate(path):
            return LineGate(Path(path))
        case MemoryGate():
            return RecordingGate()
        case _:
            assert_never(settings)
