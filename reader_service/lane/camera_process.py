"""Keeps a camera's worker process alive and hands what it sees to the lane."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from reader_service.lane.camera_messages import Message
from reader_service.settings import CameraSource

_FIRST_RESTART_SECONDS = 0.2
_LONGEST_RESTART_SECONDS = 10.0
_STEADY_SECONDS = 30.0
_END_WITHIN_SECONDS = 1.0
# A worker speaks every second or two; loading its libraries on a busy machine takes longest.
SILENT_SECONDS = 30.0


class WorkerDied:
    """The worker ended by itself; another one is being started."""


class CameraProcess:
    """One camera's worker, restarted as often as it dies.

    `tell` is called with each of the worker's messages and with `WorkerDied`, from one thread of
    this object's own.
    """

    def __init__(
        self,
        source: CameraSource,
        decoders: Sequence[str],
        tell: Callable[[Message | WorkerDied], None],
        silent_seconds: float = SILENT_SECONDS,
    ) -> None:
        """Prepare, without starting; a worker silent for `silent_seconds` is replaced."""
        self._source = source
        self._decoders = tuple(decoders)
        self._tell = tell
        self._silent_seconds = silent_seconds
        self._closing = threading.Event()
        self._process: BaseProcess | None = None
        self._thread = threading.Thread(target=self._keep_alive, name="worker", daemon=True)

    @property
    def process_id(self) -> int | None:
        """The present worker's process id."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the first worker."""
        self._thread.start()

    def close(self) -> None:
        """End the worker."""
        self._closing.set()
        if self._process is not None:
            self._process.terminate()
        if self._thread.is_alive():
            self._thread.join(_END_WITHIN_SECONDS)

    def _keep_alive(self) -> None:
        pause = _FIRST_RESTART_SECONDS
        while not self._closing.is_set():
            started = time.monotonic()
            self._run_one()
            if self._closing.is_set():
                return
            self._tell(WorkerDied())
            steady = time.monotonic() - started > _STEADY_SECONDS
            pause = _FIRST_RESTART_SECONDS if steady else pause
            self._closing.wait(pause)
            pause = min(2 * pause, _LONGEST_RESTART_SECONDS)

    def _run_one(self) -> None:
        context = get_context("spawn")
        receiving, sending = context.Pipe(duplex=False)
        process = context.Process(
            target=start_worker, args=(sending, self._source, self._decoders), daemon=True
        )
        process.start()
        self._process = process
        sending.close()
        if self._closing.is_set():
            process.terminate()
        self._pump(receiving)
        receiving.close()
        process.terminate()
        process.join(_END_WITHIN_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
        self._process = None
        process.close()

    def _pump(self, receiving: Connection) -> None:
        """Tell what the worker says until it ends or falls silent."""
        try:
            while receiving.poll(self._silent_seconds):
                self._tell(receiving.recv())
        except (EOFError, OSError):
            return


def start_worker(connection: Connection, source: CameraSource, decoders: Sequence[str]) -> None:
    """Run in the new process: load what only a worker may load, and work."""
    # FFmpeg and OpenCV would print a stream's address, password and all.
    os.environ.update(OPENCV_LOG_LEVEL="SILENT", OPENCV_FFMPEG_LOGLEVEL="-8")
    # Imported here because the main process imports this module and must stay small.
    from reader_service.lane.camera_worker import run_worker  # noqa: PLC0415

    run_worker(connection, source, decoders)
