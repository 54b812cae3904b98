"""Physical cards: each insertion at a lane's reader is read once and answered."""

import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from reader_service.card_reading import CardSource, ReadCard, RefusedCard
from reader_service.card_sources import ReadOnlySource
from reader_service.devices.card_channel import CardEvent, CardEventKind
from reader_service.devices.pcsc_watcher import CardWatcher
from reader_service.lane.lane import Lane
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason

_log = logging.getLogger(__name__)


class CardTaps:
    """All card readers of the process, each with its lane and its own thread to read in."""

    def __init__(
        self, lanes: Mapping[str, Lane], sources: Mapping[str, CardSource] | None = None
    ) -> None:
        """Prepare; both by the name of the reader. Without a source, cards are read unproven."""
        self._lanes = lanes
        given = sources or {}
        self._sources = {reader: given.get(reader) or ReadOnlySource(reader) for reader in lanes}
        self._threads = {
            reader: ThreadPoolExecutor(1, thread_name_prefix=f"card {lane.number}")
            for reader, lane in lanes.items()
        }
        self._proving: dict[str, list[str]] = {}
        for reader, source in self._sources.items():
            if source.slot is not None:
                self._proving.setdefault(source.slot, []).append(reader)
        self._watcher = CardWatcher((*lanes, *self._proving), self._on_event)

    def start(self) -> None:
        """Begin to watch."""
        self._watcher.start()

    def close(self) -> None:
        """End the watch and the reading under way."""
        self._watcher.stop()
        for thread in self._threads.values():
            thread.shutdown(cancel_futures=True)
        for source in self._sources.values():
            source.close()

    def _on_event(self, event: CardEvent) -> None:
        if event.reader in self._proving:
            for reader in self._proving[event.reader]:
                self._threads[reader].submit(self._look_after, reader)
        else:
            self._threads[event.reader].submit(self._handle, event, time.monotonic())

    def _look_after(self, reader: str) -> None:
        """Tell at once that a PSAM was pulled or put in, before the next card finds out."""
        lane = self._lanes[reader]
        with lane.going_on():
            tell_source(lane, self._sources[reader].fault())

    def _handle(self, event: CardEvent, at: float) -> None:
        lane, source = self._lanes[event.reader], self._sources[event.reader]
        with lane.going_on():
            match event.kind:
                case CardEventKind.INSERTED | CardEventKind.SWAPPED:
                    try:
                        card = source.read()
                        lane.present_card(card, at)
                    finally:
                        source.release()
                    _after(lane, source, card)
                case CardEventKind.DOWN:
                    _log.warning("lane %d: %s", lane.number, event.cause)
                    lane.report_fault(Reason.READER_SERVICE_DOWN, Medium.CARD)
                case CardEventKind.UP:
                    lane.clear_fault(Reason.READER_SERVICE_DOWN)
                    tell_source(lane, source.fault())
                case CardEventKind.REMOVED:
                    pass


def _after(lane: Lane, source: CardSource, card: ReadCard | RefusedCard) -> None:
    """Log why a card was not read, and tell the state of what was to prove it."""
    if isinstance(card, RefusedCard):
        _log.info("lane %d: card not read: %s", lane.number, card.cause)
    elif card.authenticated:
        tell_source(lane, None)
    elif card.unproven_because is not None:
        tell_source(lane, source.fault())


def tell_source(lane: Lane, fault: Reason | None) -> None:
    """Show or clear the fault of what proves a lane's cards."""
    if fault is None:
        lane.clear_fault(Reason.SECURITY_MODULE_LOST)
    else:
        lane.report_fault(fault, Medium.CARD)
