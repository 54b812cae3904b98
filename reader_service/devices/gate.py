"""The gate of a lane: opens for one passage, is held open in an emergency, may tell who passed."""

import os
from datetime import datetime
from pathlib import Path
from typing import Protocol, assert_never, runtime_checkable

from reader_service.devices.gpio import GpioLine
from reader_service.devices.relay import (
    GateFailed,
    PassageSensor,
    Relay,
    RelayGate,
    ValueFile,
    WatchedRelayGate,
)
from reader_service.devices.relay_board import RelayBoardChannel
from reader_service.settings import (
    FileGate,
    GateSettings,
    GpioGate,
    HttpGate,
    MemoryGate,
    RelayBoardGate,
    RelaySettings,
    ValueFileGate,
)
from shared.clock import SystemClock


class Gate(Protocol):
    """Opens for one person; closing is the turnstile's own doing."""

    def open_once(self, now: datetime) -> None:
        """Open for one passage.

        Raises:
            GateFailed: it did not.
        """
        ...

    def hold_open(self, *, held: bool) -> None:
        """Stay open until told otherwise, or shut again; while held, `open_once` does nothing.

        Raises:
            GateFailed: it does not.
        """
        ...

    def close(self) -> None:
        """Let go of the device, shut unless held open."""
        ...


@runtime_checkable
class WatchedGate(Gate, Protocol):
    """A gate that knows whether somebody walked through, at most `passage_seconds` afterwards."""

    @property
    def passage_seconds(self) -> float:
        """How long a person has."""
        ...

    def mark(self) -> int:
        """Return where an opening begins, for `turned_since`."""
        ...

    def turned_since(self, mark: int) -> bool | None:
        """Tell whether anybody passed since; None where the gate cannot tell."""
        ...


class RecordingGate:
    """A gate of staff and rope: openings are only remembered."""

    def __init__(self) -> None:
        self.openings: list[datetime] = []
        self.held = False

    def open_once(self, now: datetime) -> None:
        """Remember the opening; the last thousand are kept."""
        self.openings.append(now)
        del self.openings[:-1000]

    def hold_open(self, *, held: bool) -> None:
        """Remember that it is held."""
        self.held = held

    def close(self) -> None:
        """Do nothing."""


class LineGate:
    """A gate behind a file: each opening adds a line with its instant."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def open_once(self, now: datetime) -> None:
        """Add the line."""
        self._add(now.isoformat())

    def hold_open(self, *, held: bool) -> None:
        """Add a line that says so."""
        self._add("held open" if held else "shut")

    def close(self) -> None:
        """Do nothing: the file is open for one line at a time."""

    def _add(self, line: str) -> None:
        try:
            with self._path.open("a", encoding="ascii") as lines:
                lines.write(f"{line}\n")
        except OSError as error:
            raise GateFailed from error


def open_gate(settings: GateSettings) -> Gate:
    """Return the gate of a lane; a device that is not there now is looked for at each opening."""
    match settings:
        case FileGate(path):
            return LineGate(Path(path))
        case MemoryGate():
            return RecordingGate()
        case GpioGate() | ValueFileGate() | RelayBoardGate():
            return _relay_gate(settings)
        case HttpGate(url, secret_file, timeout, passage):
            # Imported here: most gates speak no HTTP, and its library takes long to load.
            from reader_service.devices.http_turnstile import HttpTurnstile  # noqa: PLC0415

            return HttpTurnstile(url, Path(secret_file), timeout, passage, SystemClock())
        case _:
            assert_never(settings)


def check_gate(settings: GateSettings) -> str | None:
    """Return which file of a gate is missing or not ours to write; None where all is there."""
    match settings:
        case MemoryGate():
            return None
        case FileGate(path):
            return None if os.access(Path(path).parent, os.W_OK) else path
        case HttpGate(secret_file=path):
            return None if os.access(path, os.R_OK) else path
        case GpioGate(chip=path) | ValueFileGate(path=path) | RelayBoardGate(port=path):
            if settings.turned is not None and not os.access(settings.turned, os.R_OK):
                return settings.turned
            return None if os.access(path, os.R_OK | os.W_OK) else path
        case _:
            assert_never(settings)


def _relay_gate(settings: RelaySettings) -> Gate:
    relay, pulse = _relay(settings), settings.pulse_ms / 1000
    powered = settings.fails == "secure"
    if settings.turned is None:
        return RelayGate(relay, pulse, opens_when_powered=powered)
    sensor = PassageSensor(Path(settings.turned), settings.passage_seconds)
    return WatchedRelayGate(relay, pulse, sensor, opens_when_powered=powered)


def _relay(settings: RelaySettings) -> Relay:
    match settings:
        case GpioGate():
            return GpioLine(Path(settings.chip), settings.line)
        case ValueFileGate():
            return ValueFile(Path(settings.path))
        case RelayBoardGate():
            return RelayBoardChannel(Path(settings.port), settings.channel)
        case _:
            assert_never(settings)
