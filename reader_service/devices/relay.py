"""A gate behind a relay: pulses of power, one for each passage, and a sensor of passages."""

import logging
import threading
from datetime import datetime
from pathlib import Path
from typing import Protocol

from typing_extensions import override

_log = logging.getLogger(__name__)
_GAP_SECONDS = 0.15
"""Between two pulses: a turnstile takes one long pulse for one passage."""
_RETRY_SECONDS = 0.5
_LOOK_SECONDS = 0.02
_MOST_WAITING = 99


class GateFailed(Exception):
    """The gate was told to open and did not."""


class Relay(Protocol):
    """Two contacts, joined while the coil has power."""

    def power(self, *, on: bool) -> None:
        """Switch the coil.

        Raises:
            GateFailed: it is not known to be switched.
        """
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


class ValueFile:
    """A relay whose driver takes 1 and 0 in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def power(self, *, on: bool) -> None:
        """Write it."""
        try:
            # Opened as it stands: a driver's file that is missing must not be made up.
            with self._path.open("r+", encoding="ascii") as file:
                file.write("1\n" if on else "0\n")
        except OSError as error:
            raise GateFailed from error

    def close(self) -> None:
        """Do nothing."""


class PassageSensor:
    """Counts how often a sensor's value file went from 0 to 1; one thread looks."""

    def __init__(self, path: Path, passage_seconds: float) -> None:
        self.passage_seconds = passage_seconds
        self.count = 0
        self.works = False
        self._path = path
        self._active = False
        self._ended = threading.Event()
        threading.Thread(target=self._run, name="passage-sensor", daemon=True).start()

    def close(self) -> None:
        """End the looking."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            try:
                active = self._path.read_text("ascii").strip() == "1"
            except (OSError, ValueError):
                self.works = False
                continue
            self.works = True
            self.count += active and not self._active
            self._active = active


class RelayGate:
    """Gives one pulse for each passage; a party's pulses follow one another.

    The first pulse begins in the caller's thread, so that a relay that is gone is known at once.
    What cannot be shut is tried again until it is.
    """

    def __init__(self, relay: Relay, pulse_seconds: float, *, opens_when_powered: bool) -> None:
        self._relay = relay
        self._pulse = pulse_seconds
        self._opens_when = opens_when_powered
        self._changed = threading.Condition()
        self._pulsing = False
        self._waiting = 0
        self._held = False
        self._ended = False
        try:
            self._switch(opened=False)
        except GateFailed:
            _log.warning("a gate's relay is not there")
        self._thread = threading.Thread(target=self._run, name="gate-relay", daemon=True)
        self._thread.start()

    def open_once(self, _now: datetime) -> None:
        """Begin a pulse, or have one more follow."""
        with self._changed:
            if self._held:
                return
            if self._pulsing:
                self._waiting = min(self._waiting + 1, _MOST_WAITING)
                return
            self._switch(opened=True)
            self._pulsing = True
            self._changed.notify_all()

    def hold_open(self, *, held: bool) -> None:
        """Keep it open, or let it shut; pulses that were to follow are forgotten."""
        with self._changed:
            self._switch(opened=held)
            self._held, self._waiting, self._pulsing = held, 0, False
            self._changed.notify_all()

    def close(self) -> None:
        """End the pulses and let go of the relay."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._thread.join(timeout=2 * self._pulse + 1)
        self._relay.close()

    def _run(self) -> None:
        with self._changed:
            while self._has_work():
                self._pulse_once()
            if self._pulsing and not self._held:
                self._try(opened=False)

    def _has_work(self) -> bool:
        self._changed.wait_for(lambda: self._pulsing or self._ended)
        return not self._ended

    def _pulse_once(self) -> None:
        """End the pulse that began, and begin the next of a party; holding open ends it at once."""
        if self._interrupted(self._pulse):
            return
        while not self._try(opened=False):
            if self._interrupted(_RETRY_SECONDS):
                return
        if self._waiting and not self._interrupted(_GAP_SECONDS):
            self._waiting -= 1
            if self._try(opened=True):
                return  # Still pulsing: the next round ends it.
        self._pulsing = False

    def _interrupted(self, seconds: float) -> bool:
        return self._changed.wait_for(lambda: self._ended or not self._pulsing, seconds)

    def _try(self, *, opened: bool) -> bool:
        try:
            self._switch(opened=opened)
        except GateFailed:
            _log.error("a gate's relay does not answer")
            return False
        return True

    def _switch(self, *, opened: bool) -> None:
        self._relay.power(on=opened == self._opens_when)


class WatchedRelayGate(RelayGate):
    """A relay gate with a sensor of passages."""

    def __init__(
        self, relay: Relay, pulse_seconds: float, sensor: PassageSensor, *, opens_when_powered: bool
    ) -> None:
        super().__init__(relay, pulse_seconds, opens_when_powered=opens_when_powered)
        self._passages = sensor

    @override
    def close(self) -> None:
        """End the looking too."""
        super().close()
        self._passages.close()

    @property
    def passage_seconds(self) -> float:
        """How long a person has."""
        return self._passages.passage_seconds

    def mark(self) -> int:
        """Return how many have passed."""
        return self._passages.count

    def turned_since(self, mark: int) -> bool | None:
        """Tell whether anybody passed since; a sensor that cannot be read tells nothing."""
        return self._passages.count > mark if self._passages.works else None
