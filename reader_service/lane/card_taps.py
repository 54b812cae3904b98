"""Physical cards: each insertion at a lane's reader is read once and answered."""

import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from reader_service.card_reading import ReadCard, RefusedCard, read_card, refused_by
from reader_service.devices.card_channel import CardError, CardEvent, CardEventKind
from reader_service.devices.pcsc import CardReader, CardWatcher
from reader_service.lane.lane import Lane
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason

_log = logging.getLogger(__name__)


class CardTaps:
    """All card readers of the process, each with its lane and its own thread to read in."""

    def __init__(self, lanes: Mapping[str, Lane]) -> None:
        """Prepare; `lanes` by the name of their reader."""
        self._lanes = lanes
        self._readers = {reader: CardReader(reader) for reader in lanes}
        self._threads = {
            reader: ThreadPoolExecutor(1, thread_name_prefix=f"card {lane.number}")
            for reader, lane in lanes.items()
        }
        self._watcher = CardWatcher(tuple(lanes), self._on_event)

    def start(self) -> None:
        """Begin to watch."""
        self._watcher.start()

    def close(self) -> None:
        """End the watch and the reading under way."""
        self._watcher.stop()
        for thread in self._threads.values():
            thread.shutdown(cancel_futures=True)
        for reader in self._readers.values():
            reader.close()

    def _on_event(self, event: CardEvent) -> None:
        self._threads[event.reader].submit(self._handle, event, time.monotonic())

    def _handle(self, event: CardEvent, at: float) -> None:
        lane = self._lanes[event.reader]
        with lane.going_on():
            match event.kind:
                case CardEventKind.INSERTED | CardEventKind.SWAPPED:
                    lane.present_card(_read(self._readers[event.reader], lane.number), at)
                case CardEventKind.DOWN:
                    _log.warning("lane %d: %s", lane.number, event.cause)
                    lane.report_fault(Reason.READER_SERVICE_DOWN, Medium.CARD)
                case CardEventKind.UP:
                    lane.clear_fault(Reason.READER_SERVICE_DOWN)
                case CardEventKind.REMOVED:
                    pass


def _read(reader: CardReader, lane: int) -> ReadCard | RefusedCard:
    try:
        with reader.open_card() as card:
            result = read_card(card.transmit)
    except CardError as error:
        result = refused_by(error)
    if isinstance(result, RefusedCard):
        _log.info("lane %d: card not read: %s", lane, result.cause)
    return result
