"""Cards over PC/SC: one exclusive connection for each tap."""

import contextlib
from collections.abc import Iterator
from time import monotonic

from smartcard import scard

from reader_service.devices.card_channel import (
    CardError,
    CardMute,
    CardReaderDown,
    CardRemoved,
    CardTalksNonsense,
    exchange,
)
from reader_service.devices.pcsc_service import (
    MEANINGS,
    UNSEEN,
    PcscError,
    Slot,
    establish,
    find_reader,
    list_readers,
    states,
)

_SETTLE_MS = 450  # readers without an interrupt notice a removal after up to 400 ms
_SILENCE_SECONDS = 1.0  # a failed exchange that took longer was silence, not nonsense
_PROTOCOLS = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
# Everything else (not transacted, unpowered, reset, unresponsive) is said of a card torn out as
# well as of a bad one: presence decides.
_UNRESPONSIVE = frozenset({scard.SCARD_W_UNRESPONSIVE_CARD, scard.SCARD_W_UNPOWERED_CARD})


class PcscCard:
    """A card under an exclusive connection."""

    def __init__(self, context: int, handle: int, protocol: int, reader: str, slot: Slot) -> None:
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
        self._full_name: str | None = None
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
        self._full_name = None
        if self._context is not None:
            scard.SCardReleaseContext(self._context)
            self._context = None

    def _look(self) -> tuple[int, str, Slot]:
        """Return the context, the reader's full name and what lies there."""
        if self._context is None:
            self._context = establish()
        try:
            slot = self._known_slot(self._context)
            if self._full_name is None or slot is None:
                # Only until it is found: the list costs each tap a question of the service.
                self._full_name = find_reader(self._name, list_readers(self._context))
                slot = states(self._context, {self._full_name: UNSEEN}, 0)[self._full_name]
        except PcscError as error:
            raise MEANINGS.get(error.code, CardReaderDown)(str(error)) from error
        return self._context, self._full_name, slot

    def _known_slot(self, context: int) -> Slot | None:
        """Return what lies on the reader found before; None where it is no longer there."""
        if self._full_name is None:
            return None
        try:
            slot = states(context, {self._full_name: UNSEEN}, 0)[self._full_name]
        except PcscError as error:
            if error.code != scard.SCARD_E_UNKNOWN_READER:
                raise
            return None
        return None if slot.gone else slot


def _card_error(context: int, reader: str, slot: Slot, code: int, *, silent: bool) -> CardError:
    """Return what a failed call means, after a look at whether the card still lies there."""
    why = str(PcscError(code))
    if code in MEANINGS:
        return MEANINGS[code](why)
    until = monotonic() + _SETTLE_MS / 1000
    last = slot
    try:
        while (left := until - monotonic()) > 0:
            last = states(context, {reader: last}, round(left * 1000))[reader]
            if last.differs_from(slot):
                return CardRemoved(why)
    except PcscError as error:
        return CardReaderDown(str(error))
    return CardMute(why) if silent else CardTalksNonsense(why)
