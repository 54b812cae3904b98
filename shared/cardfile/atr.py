"""The answer to reset 复位信息 of a card (ISO 7816-3)."""

_Y_BITS = (0x10, 0x20, 0x40, 0x80)
_MORE = 0x80


def historical_bytes(atr: bytes) -> bytes:
    """Return the historical bytes T1 to TK; what is cut short gives the bytes there are."""
    if len(atr) < 2:
        return b""
    count, present, place = atr[1] & 0x0F, atr[1], 2
    while True:
        interface = sum(1 for bit in _Y_BITS if present & bit)
        last = place + interface - 1
        if not present & _MORE or last >= len(atr):
            return atr[place + interface : place + interface + count]
        present, place = atr[last], last + 1
