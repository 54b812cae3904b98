"""How long virtual cards had commands in hand, as `virtual_reader.c` counts it."""

import sys

from smartcard import scard

_NANOSECONDS = 0x7A100


def card_nanoseconds(context: int, reader: str) -> int:
    """Return the time of all cards on a reader so far; by its name in PC/SC, and while it is free.

    Raises:
        RuntimeError: PC/SC refuses; the message is its own.
    """
    code, handle, _ = scard.SCardConnect(context, reader, scard.SCARD_SHARE_DIRECT, 0)
    done(code)
    code, told = scard.SCardGetAttrib(handle, _NANOSECONDS)
    done(code)
    done(scard.SCardDisconnect(handle, scard.SCARD_LEAVE_CARD))
    return int.from_bytes(bytes(told), sys.byteorder)


def done(code: int) -> None:
    """Pass where a call of PC/SC succeeded."""
    if code != scard.SCARD_S_SUCCESS:
        raise RuntimeError(scard.SCardGetErrorMessage(code))
