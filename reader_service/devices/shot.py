"""What a camera hands out: a picture, or the JPEG that it sent, decoded when somebody looks at it.

Taking every picture of a camera and decoding none but the newest is what lets twenty cameras share
two cores: an ordinary webcam sends 1280×720 as JPEG, and decoding one costs more than reading it.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


class Jpeg(NamedTuple):
    """The bytes of one JPEG, not yet looked at."""

    data: Picture

    def picture(self) -> Picture | None:
        """Return the grey picture, its colours never decoded; None where the bytes hold none."""
        return self._decoded(cv2.IMREAD_GRAYSCALE)

    def quarter(self) -> Picture | None:
        """Return it at a quarter of its width and height, for two thirds of the price."""
        return self._decoded(cv2.IMREAD_REDUCED_GRAYSCALE_4)

    def _decoded(self, how: int) -> Picture | None:
        try:
            picture = cv2.imdecode(self.data, how)
        except cv2.error:
            return None
        return None if picture is None else np.asarray(picture, dtype=np.uint8)


Shot = Picture | Jpeg


def picture_of(shot: Shot | None) -> Picture | None:
    """Return what is to be seen in a shot; None without one, or where it is broken."""
    return shot.picture() if isinstance(shot, Jpeg) else shot
