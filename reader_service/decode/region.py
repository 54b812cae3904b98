"""Where in a frame a code may be, without knowing what a QR code is: where it is busiest.

A quarter-size picture loses the fine noise, its distance from its own blur is high on edges, and
a box average gathers the many edges of a code into one plateau. 0.2 ms for 1280×720.

The quarter-size picture also tells whether anything moved, since a hall mostly stands still.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from reader_service.decode.decoder import Picture

SCALE = 4
"""By how much the picture to search in is smaller than the frame, each way."""
_BLUR = 5
_BOX = 11
_PLATEAU = 0.45
# A code in a third of full light still shows 15 grey levels here; an empty hall shows 2 to 5.
_BUSY = 8.0
_MARGIN = 5
# Grey levels, averaged over a box, by which a picture differs from another beyond its noise.
_CHANGE, _NOISE_TIMES = 4.0, 2.0


class Area(NamedTuple):
    """Where the busiest region is, in pixels of the frame, and whether it may be a code."""

    rows: slice
    columns: slice
    busy: bool

    def cut(self, frame: Picture) -> Picture:
        """Return the region's pixels at full resolution."""
        return np.ascontiguousarray(frame[self.rows, self.columns])


def shrink(frame: Picture) -> Picture:
    """Return the picture to search in."""
    height, width = (length // SCALE * SCALE or None for length in frame.shape)
    return _halved(_halved(frame[:height, :width]))


def locate(small: Picture) -> Area:
    """Return the busiest region of the frame that `small` was made of, with a small margin."""
    edges = cv2.absdiff(small, cv2.blur(small, (_BLUR, _BLUR)))
    activity = cv2.boxFilter(edges, cv2.CV_32F, (_BOX, _BOX))
    _, peak, _, _ = cv2.minMaxLoc(activity)
    if peak <= _BUSY:
        return Area(slice(None), slice(None), busy=False)
    left, top, across, down = _largest((activity > _PLATEAU * peak).astype(np.uint8))
    rows = slice(max(0, (top - _MARGIN) * SCALE), (top + down + _MARGIN) * SCALE)
    columns = slice(max(0, (left - _MARGIN) * SCALE), (left + across + _MARGIN) * SCALE)
    return Area(rows, columns, busy=True)


def changed(small: Picture, earlier: Picture) -> bool:
    """Tell whether a part differs more than the calmest part of the picture does by its noise."""
    if small.shape != earlier.shape:
        return True
    differences = cv2.boxFilter(cv2.absdiff(small, earlier), cv2.CV_32F, (_BOX, _BOX))
    calmest, most, _, _ = cv2.minMaxLoc(differences)
    return most > _NOISE_TIMES * calmest + _CHANGE


def _halved(picture: Picture) -> Picture:
    """Return a picture of half the size: OpenCV has this step, and no larger one, vectorised."""
    height, width = picture.shape
    size = (max(1, width // 2), max(1, height // 2))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _largest(plateau: Picture) -> Sequence[int]:
    """Return left, top, width and height of the largest part; outlines cost a tenth of labels."""
    outlines, [family] = cv2.findContours(plateau, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    areas = [cv2.contourArea(outline) for outline in outlines]
    for hole, (_, _, _, around) in enumerate(family):
        if around >= 0:
            areas[around] -= areas[hole]
            areas[hole] = 0.0
    return cv2.boundingRect(outlines[areas.index(max(areas))])
