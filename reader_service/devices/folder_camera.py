"""Pictures from a folder: a watched one, as a camera's spool, and a recorded one, as a replay."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from reader_service.devices.camera_lost import CameraLost
from reader_service.devices.pace import Pace
from reader_service.devices.shot import Picture

_KINDS = {".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".webp"}
_LOOK_EVERY_SECONDS = 0.03


class FolderCamera:
    """Looks at the newest picture of a folder whenever a newer one appears.

    A picture must appear whole, by a rename; files whose name starts with a dot are not looked at,
    so that a writer can prepare there. A file that is no picture is passed over.
    """

    def __init__(self, path: str) -> None:
        self._folder = Path(path)
        self._seen: tuple[int, str] = (0, "")
        self._newest()

    def grab(self) -> Picture | None:
        """Return the newest picture if it was not yet returned."""
        newest = self._newest()
        if newest is None or newest == self._seen:
            time.sleep(_LOOK_EVERY_SECONDS)
            return None
        self._seen = newest
        return _load(self._folder / newest[1])

    def close(self) -> None:
        """Nothing is held."""

    def _newest(self) -> tuple[int, str] | None:
        try:
            with os.scandir(self._folder) as entries:
                found = [_age(entry) for entry in entries if _is_picture(entry.name)]
        except OSError as error:
            raise CameraLost from error
        return max((age for age in found if age), default=None)


class RecordingCamera:
    """Shows a folder's pictures in the order of their names, at a steady rate."""

    def __init__(self, path: str, frames_per_second: float, *, repeat: bool) -> None:
        self._folder = Path(path)
        self._pace = Pace(frames_per_second)
        self._repeat = repeat
        self._pictures = self._names()

    def grab(self) -> Picture | None:
        """Return the next picture; None for ever after the last one."""
        if not self._pace.wait():
            return None
        name = next(self._pictures, None)
        if name is None:
            if self._repeat:
                self._pictures = self._names()
            return None
        return _load(self._folder / name)

    def close(self) -> None:
        """Nothing is held."""

    def _names(self) -> Iterator[str]:
        try:
            names = sorted(p.name for p in self._folder.iterdir() if _is_picture(p.name))
        except OSError as error:
            raise CameraLost from error
        return iter(names)


def _is_picture(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix.lower() in _KINDS


def _age(entry: os.DirEntry[str]) -> tuple[int, str] | None:
    try:
        return entry.stat().st_mtime_ns, entry.name
    except FileNotFoundError:
        return None


def _load(path: Path) -> Picture | None:
    try:
        data = np.fromfile(path, dtype=np.uint8)
        picture = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    except (OSError, cv2.error):
        return None
    return None if picture is None else np.asarray(picture, dtype=np.uint8)
