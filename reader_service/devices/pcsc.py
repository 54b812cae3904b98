"""Card readers over PC/SC: who watches them, and one connection for each tap.

pyscard's own monitor compares cards by their ATR, which a whole batch shares, and ends for good
when pcscd restarts. So `CardWatcher` stands directly on SCardGetStatusChange.

Environment variable PCSCLITE_CSOCK_NAME: the socket of another pcscd. The client library reads it
once in a process, at the first connection to the service.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic

from smartcard import scard

from reader_service.devices.card_channel import (
    CardBusy,
    CardError,
    CardEvent,
    CardEventKind,
    CardMute,
    CardReaderDown,
    CardRemoved,
    CardTalksNonsense,
    exchange,
)

MAX_READERS = 16  # of one SCardGetStatusChange call, and of one pcscd

_WAIT_MS = 1000  # after which an absent reader is looked for again
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 2.0  # seconds between attempts to reach the service
_SETTLE_MS = 450  # readers without an interrupt notice a removal after up to 400 ms
_SILENCE_SECONDS = 1.0  # a failed exchange that took longer was silence, not nonsense

_PROTOCOLS = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
_GONE = scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE

_MEANINGS: dict[int, type[CardError]] = {
    scard.SCARD_E_NO_SMARTCARD: CardRemoved,
    scard.SCARD_W_REMOVED_CARD: CardRemoved,
    scard.SCARD_E_SHARING_VIOLATION: CardBusy,
    scard.SCARD_E_NO_SERVICE: CardReaderDown,
    scard.SCARD_E_SERVICE_STOPPED: CardReaderDown,
    scard.SCARD_F_COMM_ERROR: CardReaderDown,
    scard.SCARD_E_INVALID_HANDLE: CardReaderDown,
    scard.SCARD_E_NO_READERS_AVAILABLE: CardReaderDown,
    scard.SCARD_E_UNKNOWN_READER: CardReaderDown,
    scard.SCARD_E_READER_UNAVAILABLE: CardReaderDown,
}
# Everything else (not transacted, unpowered, reset, unresponsive) is said of a card torn out as
# well as of a bad one: presence decides.
_UNRESPONSIVE = frozenset({scard.SCARD_W_UNRESPONSIVE_CARD, scard.SCARD_W_UNPOWERED_CARD})


class _PcscError(Exception):
    """A PC/SC function returned something else than success."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code & 0xFFFFFFFF:08X} {scard.SCardGetErrorMessage(code)}")
        self.code = code


@dataclass(frozen=True, slots=True)
class _Slot:
    """A reader's state as PC/SC gives it: flags below, a count of insertions and removals above."""

    state: int

    @property
    def present(self) -> bool:
        return bool(self.state & scard.SCARD_STATE_PRESENT)

    @property
    def gone(self) -> bool:
        return bool(self.state & _GONE)

    @property
    def events(self) -> int:
        return self.state >> 16 & 0xFFFF

    def moved_since(self, earlier: "_Slot") -> bool:
        """Tell whether a card both came and went since, whatever lies there now.

        One event more is none: the service shows the card a moment before it counts it.
        """
        return (self.events - earlier.events) % 0x10000 >= 2

    def differs_from(self, earlier: "_Slot") -> bool:
        """Tell whether another card, or none, lies there now."""
        return self.gone or not self.present or self.moved_since(earlier)


_UNSEEN = _Slot(scard.SCARD_STATE_UNAWARE)


class PcscCard:
    """A card under an exclusive connection."""

    def __init__(self, context: int, handle: int, protocol: int, reader: str, slot: _Slot) -> None:
        self._context = context
        self._handle = handle
        self._pci = scard.SCARD_PCI_T0 if protocol & scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        self._reader = reader
        self._slot = slot

    def atr(self) -> bytes:
        """Return the card's answer to reset.

        Raises:
            CardError: one of its kinds.
        """
        code, _, _, _, atr = scard.SCardStatus(self._handle)
        if code != scard.SCARD_S_SUCCESS:
            raise _card_error(self._context, self._reader, self._slot, code, silent=False)
        return bytes(atr)

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU and return data and status word, 61xx and 6Cxx followed up.

        Raises:
            CardError: one of its kinds; the connection is of no more use.
        """
        return exchange(self._transmit_once, command)

    def _transmit_once(self, command: bytes) -> bytes:
        began = monotonic()
        code, answer = scard.SCardTransmit(self._handle, self._pci, list(command))
        if code != scard.SCARD_S_SUCCESS:
            silent = monotonic() - began >= _SILENCE_SECONDS
            raise _card_error(self._context, self._reader, self._slot, code, silent=silent)
        return bytes(answer)


class CardReader:
    """One reader to read cards with, for one thread at a time.

    It keeps its context of PC/SC from tap to tap, since establishing one can take milliseconds,
    and has one of its own, since a mute card blocks its context and must not block another lane.
    """

    def __init__(self, name: str) -> None:
        """Prepare, without connecting to the service.

        Args:
            name: the PC/SC name, or its beginning up to a space ("Gate B" for "Gate B 00 00").
        """
        self._name = name
        self._context: int | None = None

    @contextlib.contextmanager
    def open_card(self) -> Iterator[PcscCard]:
        """Connect to the card for one tap, exclusively; afterwards the card is powered off.

        Raises:
            CardError: one of its kinds.
        """
        try:
            context, name, slot = self._look()
        except CardReaderDown:
            self.close()  # the context may be of a service that was restarted
            context, name, slot = self._look()
        code, handle, protocol = scard.SCardConnect(
            context, name, scard.SCARD_SHARE_EXCLUSIVE, _PROTOCOLS
        )
        if code != scard.SCARD_S_SUCCESS:
            raise _card_error(context, name, slot, code, silent=code in _UNRESPONSIVE)
        try:
            yield PcscCard(context, handle, protocol, name, slot)
        finally:
            scard.SCardDisconnect(handle, scard.SCARD_UNPOWER_CARD)

    def full_name(self) -> str:
        """Return the reader's name in PC/SC.

        Raises:
            CardError: the service is down or the reader is not there.
        """
        return self._look()[1]

    def has_card(self) -> bool:
        """Tell whether a card lies there, without taking it from whoever uses it.

        Raises:
            CardReaderDown: no such reader, or no service.
        """
        return self._look()[2].present

    def close(self) -> None:
        """Let go of the service; the next tap connects to it again."""
        if self._context is not None:
            scard.SCardReleaseContext(self._context)
            self._context = None

    def _look(self) -> tuple[int, str, _Slot]:
        """Return the context, the reader's full name and what lies there."""
        if self._context is None:
            self._context = _establish()
        try:
            name = _find_reader(self._name, _list_readers(self._context))
            return self._context, name, _states(self._context, {name: _UNSEEN}, 0)[name]
        except _PcscError as error:
            raise _MEANINGS.get(error.code, CardReaderDown)(str(error)) from error


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
        self._slots: dict[str, _Slot] = {}
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
                with _service() as context:
                    self._context = context
                    while not self._stopping.is_set():
                        self._wait_for_changes(context, self._present_readers(context))
                        pause = _FIRST_PAUSE
            except (_PcscError, CardReaderDown) as error:
                for reader in [*self._slots, *self._down]:
                    self._set_down(reader, f"PC/SC service: {error}")
                self._stopping.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            finally:
                self._context = None

    def _present_readers(self, context: int) -> dict[str, str]:
        """Tell which readers came and went; return those there are, by their PC/SC names."""
        listed = _list_readers(context)
        present = {}
        for reader in [*self._slots, *self._down]:
            try:
                present[_find_reader(reader, listed)] = reader
            except CardReaderDown as error:
                self._set_down(reader, str(error))
                continue
            if reader not in self._slots:
                del self._down[reader]
                self._slots[reader] = _UNSEEN
                self._tell(reader, CardEventKind.UP)
        return present

    def _wait_for_changes(self, context: int, present: dict[str, str]) -> None:
        if not present:
            self._stopping.wait(_WAIT_MS / 1000)
            return
        before = {name: self._slots[reader] for name, reader in present.items()}
        try:
            after = _states(context, before, _WAIT_MS)
        except _PcscError as error:
            if error.code == scard.SCARD_E_UNKNOWN_READER:
                return  # unplugged since it was listed: the next list tells which
            raise
        for name, slot in after.items():
            self._compare(present[name], before[name], slot)

    def _compare(self, reader: str, before: _Slot, after: _Slot) -> None:
        if after.gone:
            self._set_down(reader, "the reader was unplugged")
            return
        self._slots[reader] = after
        moved = before is not _UNSEEN and after.moved_since(before)
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


def reader_names() -> list[str]:
    """Return the PC/SC names of all readers that are plugged in.

    Raises:
        CardReaderDown: the service does not run.
    """
    with _service() as context:
        try:
            return _list_readers(context)
        except _PcscError as error:
            raise CardReaderDown(str(error)) from error


def _establish() -> int:
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if code != scard.SCARD_S_SUCCESS:
        raise CardReaderDown(str(_PcscError(code)))
    return int(context)


@contextlib.contextmanager
def _service() -> Iterator[int]:
    context = _establish()
    try:
        yield context
    finally:
        scard.SCardReleaseContext(context)


def _list_readers(context: int) -> list[str]:
    code, readers = scard.SCardListReaders(context, [])
    if code == scard.SCARD_E_NO_READERS_AVAILABLE:
        return []
    if code != scard.SCARD_S_SUCCESS:
        raise _PcscError(code)
    return list(readers)


def _find_reader(reader: str, listed: list[str]) -> str:
    """Return the PC/SC name; two readers of one beginning would send a tap to a wrong lane."""
    if reader in listed:
        return reader
    found = [name for name in listed if name.startswith(f"{reader} ")]
    if len(found) == 1:
        return found[0]
    if found:
        raise CardReaderDown(f"{reader!r} fits several readers: {', '.join(found)}")
    raise CardReaderDown(f"no reader {reader!r}; there are: {', '.join(listed) or 'none'}")


def _states(context: int, known: dict[str, _Slot], timeout_ms: int) -> dict[str, _Slot]:
    """Wait until a state differs from the known one, or the time is out, and return all.

    A state whose count is 0 is not compared by its count: a swap then shows after the time-out.
    """
    code, states = scard.SCardGetStatusChange(
        context,
        timeout_ms,
        [(name, slot.state & ~scard.SCARD_STATE_CHANGED) for name, slot in known.items()],
    )
    if code == scard.SCARD_E_CANCELLED:
        return known
    if code not in {scard.SCARD_S_SUCCESS, scard.SCARD_E_TIMEOUT}:
        raise _PcscError(code)
    return {name: _Slot(state) for name, state, _ in states}


def _card_error(context: int, reader: str, slot: _Slot, code: int, *, silent: bool) -> CardError:
    """Return what a failed call means, after a look at whether the card still lies there."""
    why = str(_PcscError(code))
    if code in _MEANINGS:
        return _MEANINGS[code](why)
    until = monotonic() + _SETTLE_MS / 1000
    last = slot
    try:
        while (left := until - monotonic()) > 0:
            last = _states(context, {reader: last}, round(left * 1000))[reader]
            if last.differs_from(slot):
                return CardRemoved(why)
    except _PcscError as error:
        return CardReaderDown(str(error))
    return CardMute(why) if silent else CardTalksNonsense(why)
