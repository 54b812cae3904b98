"""Scan guns at a lane, beside its camera and its card reader."""

import logging
import threading
import time

from reader_service.device_settings import ScannerSettings
from reader_service.devices.scanner import open_scanner
from reader_service.devices.scanner_lost import ScannerLost
from reader_service.lane.lane import Lane
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason

_log = logging.getLogger(__name__)
_FIRST_RETRY_SECONDS = 0.2
_LONGEST_RETRY_SECONDS = 5.0


class ScannerLane:
    """All guns of one lane, each read by its own thread and opened again as often as it is lost."""

    def __init__(self, lane: Lane, scanners: tuple[ScannerSettings, ...]) -> None:
        """Prepare, without opening one."""
        self._lane = lane
        self._lost: set[int] = set()
        self._open: set[int] = set()
        self._telling = threading.Lock()
        self._closing = threading.Event()
        self._threads = [
            threading.Thread(
                target=self._keep_open,
                args=(number, scanner),
                name=f"scanner {lane.number}.{number}",
                daemon=True,
            )
            for number, scanner in enumerate(scanners)
        ]

    @property
    def reading(self) -> int:
        """How many guns are open now."""
        return len(self._open)

    def start(self) -> None:
        """Begin to read."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Let go of the guns."""
        self._closing.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _keep_open(self, number: int, settings: ScannerSettings) -> None:
        pause = _FIRST_RETRY_SECONDS
        while not self._closing.is_set():
            began = time.monotonic()
            try:
                self._read_until_lost(number, settings)
            except ScannerLost as error:
                if number not in self._lost:
                    _log.warning("lane %d: scan gun lost: %s", self._lane.number, error)
                self._tell(number, lost=True)
                steady = time.monotonic() - began > _LONGEST_RETRY_SECONDS
                pause = _FIRST_RETRY_SECONDS if steady else pause
                self._closing.wait(pause)
                pause = min(2 * pause, _LONGEST_RETRY_SECONDS)

    def _read_until_lost(self, number: int, settings: ScannerSettings) -> None:
        scanner = open_scanner(settings)
        try:
            self._open.add(number)
            self._tell(number, lost=False)
            while not self._closing.is_set():
                text = scanner.read()
                if text is not None:
                    at = time.monotonic()
                    with self._lane.going_on():
                        self._lane.present_code(text, at)
        finally:
            self._open.discard(number)
            scanner.close()

    def _tell(self, number: int, *, lost: bool) -> None:
        """Show the fault while any gun is lost."""
        with self._telling, self._lane.going_on():
            (self._lost.add if lost else self._lost.discard)(number)
            if self._lost:
                self._lane.report_fault(Reason.SCANNER_LOST, Medium.ECODE)
            else:
                self._lane.clear_fault(Reason.SCANNER_LOST)
