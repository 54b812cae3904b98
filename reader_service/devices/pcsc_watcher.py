"""Who watches card readers over PC/SC.

pyscard's own monitor compares cards by their ATR, which a whole batch shares, and ends for good
when pcscd restarts. So `CardWatcher` stands directly on SCardGetStatusChange.
"""

import threading
from collections.abc import Callable, Sequence

from smartcard import scard

from reader_service.devices.card_channel import CardEvent, CardEventKind, CardReaderDown
from reader_service.devices.pcsc_service import (
    UNSEEN,
    PcscError,
    Slot,
    find_reader,
    list_readers,
    service,
    states,
)

MAX_READERS = 16  # of one SCardGetStatusChange call, and of one pcscd

_WAIT_MS = 1000  # after which an absent reader is looked for again
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 2.0  # seconds between attempts to reach the service


class CardWatcher:
    """Watches up to 16 readers in one thread and reports every change of a card.

    Each reader begins with UP or DOWN. After DOWN, of the reader or of the whole service, it is
    looked for until it is there again: then UP, and INSERTED if a card lies on it.
    """

    def __init__(self, readers: Sequence[str], on_event: Callable[[CardEvent], None]) -> None:
        """Prepare, without starting.

        Args:
            readers: names as `CardReader` takes them.
            on_event: called in the watcher's thread for each event; must return at once
                and must not raise.

        Raises:
            ValueError: more readers than PC/SC can watch.
        """
        if len(set(readers)) > MAX_READERS:
            raise ValueError(
                f"一台主机最多接{MAX_READERS}个读卡器，请把其余通道移到另一台主机。 "
                f"One host takes at most {MAX_READERS} card readers; move lanes to another host."
            )
        self._on_event = on_event
        # As last seen; absent while down.
        self._slots: dict[str, Slot] = {}
        # Why a reader is down; "" before the first look at it.
        self._down: dict[str, str] = dict.fromkeys(readers, "")
        self._stopping = threading.Event()
        self._context: int | None = None
        self._thread = threading.Thread(target=self._run, name="card watcher", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End the watch and wait for its thread."""
        self._stopping.set()
        while self._thread.is_alive():
            context = self._context
            if context is not None:
                scard.SCardCancel(context)  # is lost where the wait has not begun: say it again
            self._thread.join(0.01)

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stopping.is_set():
            try:
                with service() as context:
                    self._context = context
                    while not self._stopping.is_set():
                        self._wait_for_changes(context, self._present_readers(context))
                        pause = _FIRST_PAUSE
            except (PcscError, CardReaderDown) as error:
                for reader in [*self._slots, *self._down]:
                    self._set_down(reader, f"PC/SC service: {error}")
                self._stopping.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            finally:
                self._context = None

    def _present_readers(self, context: int) -> dict[str, str]:
        """Tell which readers came and went; return those there are, by their PC/SC names."""
        listed = list_readers(context)
        present = {}
        for reader in [*self._slots, *self._down]:
            try:
                present[find_reader(reader, listed)] = reader
            except CardReaderDown as error:
                self._set_down(reader, str(error))
                continue
            if reader not in self._slots:
                del self._down[reader]
                self._slots[reader] = UNSEEN
                self._tell(reader, CardEventKind.UP)
        return present

    def _wait_for_changes(self, context: int, present: dict[str, str]) -> None:
        if not present:
            self._stopping.wait(_WAIT_MS / 1000)
            return
        before = {name: self._slots[reader] for name, reader in present.items()}
        try:
            after = states(context, before, _WAIT_MS)
        except PcscError as error:
            if error.code == scard.SCARD_E_UNKNOWN_READER:
                return  # unplugged since it was listed: the next list tells which
            raise
        for name, slot in after.items():
            self._compare(present[name], before[name], slot)

    def _compare(self, reader: str, before: Slot, after: Slot) -> None:
        if after.gone:
            self._set_down(reader, "the reader was unplugged")
            return
        self._slots[reader] = after
        moved = before is not UNSEEN and after.moved_since(before)
        match before.present, after.present:
            case False, True:
                self._tell(reader, CardEventKind.INSERTED)
            case True, False:
                self._tell(reader, CardEventKind.REMOVED)
            case True, True if moved:
                self._tell(reader, CardEventKind.SWAPPED)
            case False, False if moved:
                # too short for a look at it, but the holder expects an answer
                self._tell(reader, CardEventKind.INSERTED)
                self._tell(reader, CardEventKind.REMOVED)

    def _set_down(self, reader: str, cause: str) -> None:
        """Tell it once, until the reader is up again."""
        news = not self._down.get(reader)
        self._slots.pop(reader, None)
        self._down[reader] = cause
        if news:
            self._tell(reader, CardEventKind.DOWN, cause)

    def _tell(self, reader: str, kind: CardEventKind, cause: str = "") -> None:
        self._on_event(CardEvent(reader, kind, cause))
