"""pyzbar: the decoder that is everywhere; on a prepared region it reads twice as many frames."""

import cv2
import numpy as np
from pyzbar import pyzbar

from reader_service.decode.decoder import Picture

_ONLY_QR = [pyzbar.ZBarSymbol.QRCODE]
_MOST_ENLARGED = 2.0
# A code near the camera has pixels enough: enlarging it too reads no more and costs half as much
# again at the 99th percentile.
_ENOUGH_PIXELS = 640
_MEDIAN = 5
_BLOCK = 41
_OFFSET = 4


class ZbarDecoder:
    """Reads the region prepared: enlarged, without lone noisy pixels, each part by its own light.

    zbar finds edges by scan lines and therefore suffers from noise and from uneven light; the
    preparation takes both away.
    """

    def read_region(self, region: Picture) -> list[str]:
        """Return the region's texts."""
        return _texts(_prepared(region))

    def read_frame(self, frame: Picture) -> list[str]:
        """Return the frame's texts."""
        return _texts(frame)


def _texts(picture: Picture) -> list[str]:
    # Bytes that are not UTF-8 are no code of ours; they go on as such and are refused by name.
    return [
        found.data.decode("utf-8", errors="replace")
        for found in pyzbar.decode(picture, symbols=_ONLY_QR)
    ]


def _prepared(region: Picture) -> Picture:
    factor = min(_MOST_ENLARGED, _ENOUGH_PIXELS / max(region.shape))
    if factor > 1:
        region = np.asarray(
            cv2.resize(region, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC),
            dtype=np.uint8,
        )
    quiet = cv2.medianBlur(region, _MEDIAN)
    binary = cv2.adaptiveThreshold(
        quiet, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, _BLOCK, _OFFSET
    )
    return np.asarray(binary, dtype=np.uint8)
