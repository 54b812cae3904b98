"""Physical cards at a lane whose reader tells nothing by itself: it is asked again and again."""

import logging
import threading
import time

from reader_service.card_reading import CardSource, ReadCard, RefusedCard
from reader_service.lane.lane import Lane
from shared.admission.evidence import Medium
from shared.ecode.reasons import OWN_FAULT, Reason

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 0.15
_BROKEN_SECONDS = 1.0  # before a driver that crashed or hung is tried again
_SOURCE_FAULTS = (Reason.READER_SERVICE_DOWN, Reason.SECURITY_MODULE_LOST)


class DriverTaps:
    """Asks a source in a thread of its own; a card that stays is answered once.

    A card that could not be read is answered once too, and read again only after it was taken
    away or is read well: a dirty chip does not fill the journal.
    """

    def __init__(self, lane: Lane, source: CardSource) -> None:
        self._lane = lane
        self._source = source
        self.lies_there: bytes | Reason | None = None
        """The card answered last, or why none was read; None where none lies."""
        self._closing = threading.Event()
        name = f"card driver {lane.number}"
        self._thread = threading.Thread(target=self._ask, name=name, daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def close(self) -> None:
        """Stop asking, and let go of the source."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()
        self._source.close()

    def _ask(self) -> None:
        pause = 0.0
        while not self._closing.wait(pause):
            pause = _PAUSE_SECONDS
            at = time.monotonic()
            with self._lane.going_on():
                read = self._source.read()
                if isinstance(read, RefusedCard) and read.reason in OWN_FAULT:
                    pause = _BROKEN_SECONDS
                self._tell(read, at)

    def _tell(self, read: ReadCard | RefusedCard, at: float) -> None:
        self._tell_faults()
        if isinstance(read, RefusedCard) and read.reason in {Reason.CARD_REMOVED, *OWN_FAULT}:
            self._told_of_no_card(read)
            return
        shown = read.reason if isinstance(read, RefusedCard) else read.identification_code.raw
        if shown == self.lies_there:
            return
        self.lies_there = shown
        if isinstance(read, RefusedCard):
            _log.info("lane %d: card not read: %s", self._lane.number, read.cause)
        self._lane.present_card(read, at)

    def _told_of_no_card(self, read: RefusedCard) -> None:
        if read.reason is Reason.CARD_REMOVED:
            self.lies_there = None
        elif read.reason != self.lies_there:
            _log.warning("lane %d: %s", self._lane.number, read.cause)
            self.lies_there = read.reason

    def _tell_faults(self) -> None:
        fault = self._source.fault()
        for known in _SOURCE_FAULTS:
            if known is not fault:
                self._lane.clear_fault(known)
        if fault is not None:
            self._lane.report_fault(fault, Medium.CARD)
