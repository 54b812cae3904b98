"""A camera's worker process: frames in, texts out. The only place with OpenCV and numpy.

Started by `camera_process`; ends with its parent, however that ends.
"""

import os
import signal
import threading
import time
from collections.abc import Sequence
from functools import partial
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait

from reader_service.decode.code_reader import CodeReader, open_code_reader
from reader_service.devices.camera import open_camera
from reader_service.devices.newest_frame import NewestFrame
from reader_service.devices.shot import Jpeg, Shot
from reader_service.lane.camera_messages import Alive, CameraState, CodeSeen, Message, WorkerReady
from reader_service.pauses import short_pauses
from reader_service.settings import CameraSource

_FRAME_WAIT_SECONDS = 1.0
_SAME_TEXT_EVERY_SECONDS = 1.0
_FORGET_AFTER_SECONDS = 10.0
# A code that was read is still there in the next pictures; nobody takes its place sooner.
_REST_SECONDS = 0.15
# Longer than opening a camera and trying again may take; then its driver hangs for good.
_STUCK_SECONDS = 20.0


class _Sender:
    """Sends from the grabbing and the decoding thread; ends the process with its parent's pipe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        try:
            with self._lock:
                self._connection.send(message)
        except OSError:
            os._exit(0)


class TextThrottle:
    """Lets a text in view through once a second instead of with every frame."""

    def __init__(self) -> None:
        self._sent: dict[str, float] = {}

    def due(self, text: str, now: float) -> bool:
        """Tell whether `text` is to be reported at `now` (monotonic seconds)."""
        if now - self._sent.get(text, -_FORGET_AFTER_SECONDS) < _SAME_TEXT_EVERY_SECONDS:
            return False
        self._sent = {
            known: at for known, at in self._sent.items() if now - at < _FORGET_AFTER_SECONDS
        }
        self._sent[text] = now
        return True


def run_worker(connection: Connection, source: CameraSource, decoders: Sequence[str]) -> None:
    """Report the codes of one camera until the parent is gone or the camera's driver hangs."""
    # Ctrl-C reaches the whole terminal; the parent decides when a worker ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    sender = _Sender(connection)
    reader = open_code_reader(decoders)
    sender.send(WorkerReady())
    newest = NewestFrame(
        partial(open_camera, source), lambda lost: sender.send(CameraState(lost=lost))
    )
    with short_pauses():
        _report(newest, reader, sender)
    # A thread inside a hanging driver cannot be ended; the process can, and a new one is started.
    os._exit(1)


def _report(newest: NewestFrame, reader: CodeReader, sender: _Sender) -> None:
    """Report codes until the camera's driver hangs."""
    throttle = TextThrottle()
    told_at = 0.0
    while newest.stuck_for() < _STUCK_SECONDS:
        frame = newest.take(_FRAME_WAIT_SECONDS)
        if frame is not None:
            texts = _texts(reader, frame.shot)
            for text in texts:
                if throttle.due(text, time.monotonic()):
                    sender.send(CodeSeen(text, frame.taken_at))
            if texts:
                time.sleep(_REST_SECONDS)
        if time.monotonic() - told_at >= _FRAME_WAIT_SECONDS:
            sender.send(Alive())
            told_at = time.monotonic()


def _texts(reader: CodeReader, shot: Shot) -> list[str]:
    if not isinstance(shot, Jpeg):
        return reader.read(shot)
    small = shot.quarter()
    return [] if small is None else reader.look(small, shot.picture)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)
