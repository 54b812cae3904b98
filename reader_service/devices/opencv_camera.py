"""Cameras that OpenCV opens: a device, a stream over the network, a video file.

Where the source sends JPEG, as webcams and many network cameras do, its bytes are taken as they are
and decoded by whoever looks at them.
"""

from pathlib import Path

import cv2
import numpy as np

from reader_service.devices.camera_lost import CameraLost
from reader_service.devices.pace import Pace
from reader_service.devices.shot import Jpeg, Shot

_OPEN_WITHIN_MS = 5000
_READ_WITHIN_MS = 3000
_JPEG = cv2.VideoWriter.fourcc(*"MJPG")
_AS_SENT = -1
_USUAL_FRAMES_A_SECOND = 25.0


class DeviceCamera:
    """A camera at this machine.

    It is asked for JPEG, without which USB 2 brings ten pictures of 1280×720 a second; one that
    has none sends what it has.
    """

    def __init__(self, index: int, width: int, height: int) -> None:
        wanted = [cv2.CAP_PROP_FRAME_WIDTH, width, cv2.CAP_PROP_FRAME_HEIGHT, height]
        self._capture = _opened(cv2.VideoCapture(index, cv2.CAP_ANY, wanted))
        self._capture.set(cv2.CAP_PROP_FOURCC, _JPEG)
        if _sends_jpeg(self._capture):
            self._capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)

    def grab(self) -> Shot | None:
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
        self._capture = _opened_as_sent(url, limits)

    def grab(self) -> Shot | None:
        """Wait for the stream's next picture."""
        return _next(self._capture)

    def close(self) -> None:
        """Hang up."""
        self._capture.release()


class VideoCamera:
    """A video file shown at its own speed; after its end it shows nothing, or starts again.

    Like a camera it waits for nobody: pictures whose time has passed are left out.
    """

    def __init__(self, path: str, *, repeat: bool) -> None:
        if not Path(path).is_file():
            raise CameraLost
        self._path = path
        self._repeat = repeat
        self._ended = False
        self._capture = _opened_as_sent(path, [])
        self._pace = Pace(self._capture.get(cv2.CAP_PROP_FPS) or _USUAL_FRAMES_A_SECOND)

    def grab(self) -> Shot | None:
        """Return the next picture; None after the last one."""
        if not self._pace.wait() or self._ended:
            return None
        try:
            _leave_out(self._capture, self._pace.behind())
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
            self._capture = _opened_as_sent(self._path, [])


def _opened(capture: cv2.VideoCapture) -> cv2.VideoCapture:
    if not capture.isOpened():
        capture.release()
        raise CameraLost
    return capture


def _opened_as_sent(source: str, limits: list[int]) -> cv2.VideoCapture:
    """Open a file or an address by FFmpeg, undecoded where it is of JPEG."""
    capture = _opened(cv2.VideoCapture(source, cv2.CAP_FFMPEG, limits))
    if _sends_jpeg(capture):
        capture.set(cv2.CAP_PROP_FORMAT, _AS_SENT)
    return capture


def _sends_jpeg(capture: cv2.VideoCapture) -> bool:
    return int(capture.get(cv2.CAP_PROP_FOURCC)) == _JPEG


def _leave_out(capture: cv2.VideoCapture, pictures: int) -> None:
    for _ in range(pictures):
        if not capture.grab():
            raise CameraLost


def _next(capture: cv2.VideoCapture) -> Shot:
    there, picture = capture.read()
    if not there:
        raise CameraLost
    if picture.shape[0] == 1:
        return Jpeg(np.array(picture, dtype=np.uint8).reshape(-1))
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(grey, dtype=np.uint8)
