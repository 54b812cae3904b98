"""A desktop reads the card by PC/SC, with the first reader on which one lies.

pyscard belongs to the reader service's packages; a desktop without it has no card reader.
"""

import asyncio
import time
from typing import TYPE_CHECKING, Any

from mobile.ports.card_reader import NoCard

if TYPE_CHECKING:
    from mobile.core.card_reading import Transmit

_SECONDS = 15.0
_LOOK_SECONDS = 0.2


class PcscCardReader:
    """Looks at the readers whose names begin with `name`, so long as `seconds`."""

    def __init__(self, name: str = "", seconds: float = _SECONDS) -> None:
        self._name = name
        self._seconds = seconds

    async def read(self) -> str:
        """Return the digest of the first card that is laid down."""
        return await asyncio.to_thread(self._read)

    def _read(self) -> str:
        try:
            from smartcard import scard  # noqa: PLC0415, not on every desktop
        except ImportError as error:
            raise NoCard("no PC/SC") from error
        code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if code != scard.SCARD_S_SUCCESS:
            raise NoCard("no PC/SC")
        try:
            return self._first(scard, context)
        finally:
            scard.SCardReleaseContext(context)

    def _first(self, scard: Any, context: int) -> str:
        until, reason = time.monotonic() + self._seconds, "no reader"
        while True:
            _, names = scard.SCardListReaders(context, [])
            for name in (one for one in names if one.startswith(self._name)):
                reason = "no card"
                digest = _digest_at(scard, context, name)
                if digest is not None:
                    return digest
            if time.monotonic() >= until:
                raise NoCard(reason)
            time.sleep(_LOOK_SECONDS)


def _digest_at(scard: Any, context: int, name: str) -> str | None:
    """Return the digest of the card on a reader, None where none lies there."""
    from mobile.core.card_reading import NotACard, read_digest  # noqa: PLC0415, no start needs it

    protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    connected = scard.SCardConnect(context, name, scard.SCARD_SHARE_EXCLUSIVE, protocols)
    code, handle, protocol = connected
    if code != scard.SCARD_S_SUCCESS:
        return None
    try:
        return read_digest(_transmit(scard, handle, protocol))
    except NotACard as error:
        raise NoCard(str(error)) from error
    finally:
        scard.SCardDisconnect(handle, scard.SCARD_UNPOWER_CARD)


def _transmit(scard: Any, handle: int, protocol: int) -> "Transmit":
    from mobile.core.card_reading import NotACard  # noqa: PLC0415, no start needs it

    t0 = protocol & scard.SCARD_PROTOCOL_T0
    kind = scard.SCARD_PCI_T0 if t0 else scard.SCARD_PCI_T1

    def transmit(command: bytes) -> bytes:
        code, answer = scard.SCardTransmit(handle, kind, list(command))
        if code != scard.SCARD_S_SUCCESS:
            raise NotACard("card gone")
        return bytes(answer)

    return transmit
