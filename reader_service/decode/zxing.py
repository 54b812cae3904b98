"""zxing-cpp: the fast decoder."""

import cv2
import numpy as np
import zxingcpp

from reader_service.decode.decoder import Picture

_ONLY_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


class ZxingDecoder:
    """Reads the region as it is, then enlarged and softened, which mends noise and small modules.

    Never sharpened: that turns noise into modules.
    """

    def read_region(self, region: Picture) -> list[str]:
        """Return the region's texts."""
        return _texts(region) or _texts(_softened(region))

    def read_frame(self, frame: Picture) -> list[str]:
        """Return the frame's texts."""
        return _texts(frame)


def _texts(picture: Picture) -> list[str]:
    found = zxingcpp.read_barcodes(
        picture,
        formats=_ONLY_QR,
        try_invert=False,
        text_mode=zxingcpp.TextMode.Plain,
    )
    return [code.text for code in found]


def _softened(region: Picture) -> Picture:
    larger = cv2.resize(region, None, fx=2.0, fy=2.0, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.GaussianBlur(larger, (0, 0), 1.0), dtype=np.uint8)
