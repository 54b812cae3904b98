"""What every camera offers, and the one place that opens them.

Used inside a camera's worker process only.
"""

from typing import NamedTuple, Protocol, assert_never

from reader_service.devices.folder_camera import FolderCamera, RecordingCamera
from reader_service.devices.opencv_camera import DeviceCamera, StreamCamera, VideoCamera
from reader_service.devices.shot import Shot
from reader_service.settings import (
    CameraSource,
    DeviceSource,
    FolderSource,
    RecordingSource,
    StreamSource,
    VideoSource,
)


class Frame(NamedTuple):
    """What a camera handed out and when, in seconds of the monotonic clock."""

    shot: Shot
    taken_at: float


class Camera(Protocol):
    """A source of pictures; whoever opened it closes it."""

    def grab(self) -> Shot | None:
        """Return the newest picture, or None when a short wait (≤ 0.1 s) brought no new one.

        Raises:
            CameraLost: the source is gone; open a new one.
        """
        ...

    def close(self) -> None:
        """Let go of the device."""
        ...


def open_camera(source: CameraSource) -> Camera:
    """Open the camera of a lane.

    Raises:
        CameraLost: it cannot be opened now.
    """
    match source:
        case FolderSource(path):
            return FolderCamera(path)
        case RecordingSource(path, frames_per_second, repeat):
            return RecordingCamera(path, frames_per_second, repeat=repeat)
        case VideoSource(path, repeat):
            return VideoCamera(path, repeat=repeat)
        case StreamSource(url):
            return StreamCamera(url)
        case DeviceSource(index, width, height):
            return DeviceCamera(index, width, height)
        case _:
            assert_never(source)
