"""Where in a frame a code may be, without knowing what a QR code is: where it is busiest.

A quarter-size picture loses the fine noise, its distance from its own blur is high on edges, and
a box average gathers the many edges of a code into one plateau. 1 ms for 1280×720.
"""

from typing import NamedTuple

import cv2
import numpy as np

from reader_service.decode.decoder import Picture

_SCALE = 4
_BLUR = 5
_BOX = 11
_PLATEAU = 0.45
# A code in a third of full light still shows 15 grey levels here; an empty hall shows 2 to 5.
_BUSY = 8.0
_MARGIN = 5


class Located(NamedTuple):
    """The region's pixels at full resolution, and whether it is busy enough to be a code."""

    region: Picture
    busy: bool


def locate(frame: Picture) -> Located:
    """Return the busiest region of `frame` with a small margin around it."""
    height, width = frame.shape
    size = (max(1, width // _SCALE), max(1, height // _SCALE))
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    edges = cv2.absdiff(small, cv2.blur(small, (_BLUR, _BLUR)))
    activity = cv2.boxFilter(edges, cv2.CV_32F, (_BOX, _BOX))
    peak = float(activity.max())
    plateau = (activity > _PLATEAU * peak).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(plateau, connectivity=4)
    if len(stats) < 2:
        return Located(frame, busy=False)
    left, top, across, down, _ = stats[1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())]
    rows = slice(max(0, (top - _MARGIN) * _SCALE), (top + down + _MARGIN) * _SCALE)
    columns = slice(max(0, (left - _MARGIN) * _SCALE), (left + across + _MARGIN) * _SCALE)
    return Located(np.ascontiguousarray(frame[rows, columns]), busy=peak > _BUSY)
