"""The PC/SC service: reaching it, its readers, what lies on them, and what its errors mean.

Environment variable PCSCLITE_CSOCK_NAME: the socket of another pcscd. The client library reads it
once in a process, at the first connection to the service.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from smartcard import scard

from reader_service.devices.card_channel import CardBusy, CardError, CardReaderDown, CardRemoved

GONE = scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE | scard.SCARD_STATE_IGNORE

MEANINGS: dict[int, type[CardError]] = {
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


class PcscError(Exception):
    """A PC/SC function returned something else than success."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code & 0xFFFFFFFF:08X} {scard.SCardGetErrorMessage(code)}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Slot:
    """A reader's state as PC/SC gives it: flags below, a count of insertions and removals above."""

    state: int

    @property
    def present(self) -> bool:
        """A card lies there."""
        return bool(self.state & scard.SCARD_STATE_PRESENT)

    @property
    def gone(self) -> bool:
        """The reader itself is not there."""
        return bool(self.state & GONE)

    @property
    def events(self) -> int:
        """How many insertions and removals the service counted; wraps at 65,536."""
        return self.state >> 16 & 0xFFFF

    def moved_since(self, earlier: "Slot") -> bool:
        """Tell whether a card both came and went since, whatever lies there now.

        One event more is none: the service shows the card a moment before it counts it.
        """
        return (self.events - earlier.events) % 0x10000 >= 2

    def differs_from(self, earlier: "Slot") -> bool:
        """Tell whether another card, or none, lies there now."""
        return self.gone or not self.present or self.moved_since(earlier)


UNSEEN = Slot(scard.SCARD_STATE_UNAWARE)


def reader_names() -> list[str]:
    """Return the PC/SC names of all readers that are plugged in.

    Raises:
        CardReaderDown: the service does not run.
    """
    with service() as context:
        try:
            return list_readers(context)
        except PcscError as error:
            raise CardReaderDown(str(error)) from error


def establish() -> int:
    """Return a new context of the service.

    Raises:
        CardReaderDown: the service does not run.
    """
    code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if code != scard.SCARD_S_SUCCESS:
        raise CardReaderDown(str(PcscError(code)))
    return int(context)


@contextlib.contextmanager
def service() -> Iterator[int]:
    """Have a context of the service for a while; raises as `establish`."""
    context = establish()
    try:
        yield context
    finally:
        scard.SCardReleaseContext(context)


def list_readers(context: int) -> list[str]:
    """Return the PC/SC names of the readers that are plugged in."""
    code, readers = scard.SCardListReaders(context, [])
    if code == scard.SCARD_E_NO_READERS_AVAILABLE:
        return []
    if code != scard.SCARD_S_SUCCESS:
        raise PcscError(code)
    return list(readers)


def find_reader(reader: str, listed: list[str]) -> str:
    """Return the PC/SC name; two readers of one beginning would send a tap to a wrong lane."""
    if reader in listed:
        return reader
    found = [name for name in listed if name.startswith(f"{reader} ")]
    if len(found) == 1:
        return found[0]
    if found:
        raise CardReaderDown(f"{reader!r} fits several readers: {', '.join(found)}")
    raise CardReaderDown(f"no reader {reader!r}; there are: {', '.join(listed) or 'none'}")


def states(context: int, known: dict[str, Slot], timeout_ms: int) -> dict[str, Slot]:
    """Wait until a state differs from the known one, or the time is out, and return all.

    A state whose count is 0 is not compared by its count: a swap then shows after the time-out.
    """
    code, found = scard.SCardGetStatusChange(
        context,
        timeout_ms,
        [(name, slot.state & ~scard.SCARD_STATE_CHANGED) for name, slot in known.items()],
    )
    if code == scard.SCARD_E_CANCELLED:
        return known
    if code not in {scard.SCARD_S_SUCCESS, scard.SCARD_E_TIMEOUT}:
        raise PcscError(code)
    return {name: Slot(state) for name, state, _ in found}
