"""Cameras that OpenCV opens: a device, a stream over the network, a video file."""

import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from reader_service.devices.camera_lost import CameraLost

Picture = NDArray[np.uint8]

_OPEN_WITHIN_MS = 5000
_READ_WITHIN_MS = 3000


class DeviceCamera:
    """A camera at this machine."""

    def __init__(self, index: int, width: int, height: int) -> None:
        wanted = [cv2.CAP_PROP_FRAME_WIDTH, width, cv2.CAP_PROP_FRAME_HEIGHT, height]
        self._capture = _opened(cv2.VideoCapture(index, cv2.CAP_ANY, wanted))

    def grab(self) -> Picture | None:
        """Wait for the device's next picture."""
        return _next(self._capture)

    def close(self) -> None:
        """Free the device."""
        self._capture.release()


class StreamCamera:
    """A camera on the network; a stream that falls silent is lost after three seconds."""

    def __init__(self, url: str) -> None:
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_WITHIN_MS]
        limits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_WITHIN_MS]
        self._capture = _opened(cv2.VideoCapture(url, cv2.CAP_FFMPEG, limits))

    def grab(self) -> Picture | None:
        """Wait for the stream's next picture."""
        return _next(self._capture)

    def close(self) -> None:
        """Hang up."""
        self._capture.release()


class VideoCamera:
    """A video file shown at its own speed; after its end it shows nothing, or starts again."""

    def __init__(self, path: str, *, repeat: bool) -> None:
        if not Path(path).is_file():
            raise CameraLost
        self._path = path
        self._repeat = repeat
        self._ended = False
        self._capture = _opened(cv2.VideoCapture(path, cv2.CAP_FFMPEG))
        self._pause = 1 / (self._capture.get(cv2.CAP_PROP_FPS) or 25.0)

    def grab(self) -> Picture | None:
        """Return the next picture; None after the last one."""
        time.sleep(self._pause)
        if self._ended:
            return None
        try:
            return _next(self._capture)
        except CameraLost:
            self._start_again()
            return None

    def close(self) -> None:
        """Close the file."""
        self._capture.release()

    def _start_again(self) -> None:
        self._ended = not self._repeat
        if self._repeat:
            self._capture.release()
            self._capture = _opened(cv2.VideoCapture(self._path, cv2.CAP_FFMPEG))


def _opened(capture: cv2.VideoCapture) -> cv2.VideoCapture:
    if not capture.isOpened():
        capture.release()
        raise CameraLost
    return capture


def _next(capture: cv2.VideoCapture) -> Picture:
    there, picture = capture.read()
    if not there:
        raise CameraLost
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(grey, dtype=np.uint8)
