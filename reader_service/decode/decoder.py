"""What every decoder offers, and the one list of them."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


class NoDecoder(RuntimeError):
    """None of the wanted decoders is installed."""


class Decoder(Protocol):
    """Finds QR codes, and only QR codes, in grey pictures (2-D, uint8)."""

    def read_region(self, region: Picture) -> list[str]:
        """Return the texts in the part of a frame that looks like a code; worth some effort."""
        ...

    def read_frame(self, frame: Picture) -> list[str]:
        """Return the texts anywhere in a whole frame."""
        ...


_HOMES = {
    "zxing-cpp": ("reader_service.decode.zxing", "ZxingDecoder"),
    "pyzbar": ("reader_service.decode.zbar", "ZbarDecoder"),
}
NAMES = tuple(_HOMES)


def load_decoders(names: Sequence[str]) -> list[Decoder]:
    """Return the named decoders that are installed, in the order given.

    Raises:
        NoDecoder: not one of them is; the message names them.
    """
    found = []
    for name in names:
        module, attribute = _HOMES[name]
        try:
            make = getattr(import_module(module), attribute)
        except ImportError:
            continue
        found.append(cast("Callable[[], Decoder]", make)())
    if not found:
        raise NoDecoder(", ".join(names))
    return found
