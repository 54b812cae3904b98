"""The newest picture of a camera, however slow the one who asks.

A camera hands out pictures in the order it took them; whoever decodes more slowly than it takes
them would fall behind by seconds. So one thread takes every picture as it comes and keeps the last.
"""

import threading
import time
from collections.abc import Callable

from reader_service.devices.camera import Camera, Frame
from reader_service.devices.camera_lost import CameraLost

_FIRST_RETRY_SECONDS = 0.5
_LONGEST_RETRY_SECONDS = 10.0


class NewestFrame:
    """Keeps a camera open, reopening it as often as it is lost.

    `tell_lost` is called with True when the camera is lost and with False when it gave its first
    picture after that, each once, from the grabbing thread.
    """

    def __init__(
        self, open_camera: Callable[[], Camera], tell_lost: Callable[[bool], None]
    ) -> None:
        self._open_camera = open_camera
        self._tell_lost = tell_lost
        self._lost = False
        self._frame: Frame | None = None
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._stirred_at = time.monotonic()
        self._thread = threading.Thread(target=self._keep_open, name="camera", daemon=True)
        self._thread.start()

    def take(self, wait_seconds: float) -> Frame | None:
        """Return the newest frame not yet taken, or None if none came in `wait_seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None, wait_seconds)
            frame, self._frame = self._frame, None
        return frame

    def stuck_for(self) -> float:
        """Return the seconds since the camera's driver last came back from anything."""
        return time.monotonic() - self._stirred_at

    def close(self) -> None:
        """Let go of the camera; waits for a picture under way."""
        self._closing.set()
        self._thread.join(5)

    def _keep_open(self) -> None:
        pause = _FIRST_RETRY_SECONDS
        while not self._closing.is_set():
            self._stirred_at = time.monotonic()
            try:
                self._grab_until_lost()
            except CameraLost:
                if not self._lost:
                    pause = _FIRST_RETRY_SECONDS
                self._set_lost(lost=True)
                self._closing.wait(pause)
                pause = min(2 * pause, _LONGEST_RETRY_SECONDS)

    def _grab_until_lost(self) -> None:
        camera = self._open_camera()
        try:
            while not self._closing.is_set():
                shot = camera.grab()
                self._stirred_at = time.monotonic()
                self._set_lost(lost=False)
                if shot is not None:
                    self._put(Frame(shot, time.monotonic()))
        finally:
            camera.close()

    def _put(self, frame: Frame) -> None:
        with self._changed:
            self._frame = frame
            self._changed.notify()

    def _set_lost(self, *, lost: bool) -> None:
        if lost != self._lost:
            self._lost = lost
            self._tell_lost(lost)
