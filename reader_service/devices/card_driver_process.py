"""Keeps the maker's driver in a process of its own: it may hang or crash there, and only there."""

import ctypes
import threading
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from reader_service.devices.card_driver import (
    OUTPUT_BYTES,
    DriverOutput,
    MalformedOutput,
    Side,
    parse_output,
)

_START_SECONDS = 20.0
"""A new process on a busy machine loads for seconds, and the driver finds its reader then."""

_CANARY = b"\xa5" * 64


class DriverLost(Exception):
    """The driver crashed, hung or cannot be loaded; the next call tries anew."""


Answer = DriverOutput | int
"""What was read, or the driver's error number."""


class DriverProcess:
    """Calls `iReadCardBas` in a child process; for one thread at a time."""

    def __init__(self, library: str, side: Side, answer_seconds: float) -> None:
        """Prepare, without starting."""
        self._library = library
        self._side = side
        self._answer_seconds = answer_seconds
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    @property
    def process_id(self) -> int | None:
        """The present child's process id."""
        return self._process.pid if self._process else None

    def read(self) -> Answer:
        """Have the driver read the card that lies there.

        Raises:
            DriverLost: it did not come back with an answer.
            MalformedOutput: it answered outside the standard.
        """
        with self._lock:
            connection = self._running()
            try:
                connection.send(None)
                answer = connection.recv() if connection.poll(self._answer_seconds) else None
            except (OSError, EOFError) as error:
                self._end()
                raise DriverLost("it crashed") from error
            if answer is None:
                self._end()
                raise DriverLost(f"no answer in {self._answer_seconds:g} s")
        if isinstance(answer, str):
            raise MalformedOutput(answer)
        if not isinstance(answer, DriverOutput | int):
            raise DriverLost("it answered nonsense")
        return answer

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _running(self) -> Connection:
        if self._connection is not None:
            return self._connection
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(
            target=serve_driver, args=(theirs, self._library, int(self._side)), daemon=True
        )
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        try:
            problem = ours.recv() if ours.poll(_START_SECONDS) else "it does not start"
        except (OSError, EOFError):
            problem = "it crashed at the start"
        if problem is not None:
            self._end()
            raise DriverLost(str(problem))
        return ours

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()  # a hanging driver hears nothing softer
            self._process.join()
            self._process.close()
        self._process = self._connection = None


def serve_driver(connection: Connection, library: str, side: int) -> None:
    """Run in the child: load the driver and call it as often as asked, until the parent ends."""
    try:
        function = ctypes.CDLL(library).iReadCardBas
    except (OSError, AttributeError) as error:
        connection.send(f"cannot load the driver: {error}")
        return
    function.argtypes = [ctypes.c_int, ctypes.c_char_p]
    function.restype = ctypes.c_long
    connection.send(None)
    while True:
        try:
            connection.recv()
        except EOFError:
            return
        connection.send(_called(function, side))


def _called(function: "ctypes._NamedFuncPointer", side: int) -> Answer | str:
    """Call once; return what was read, an error number, or what was wrong with the output."""
    room = ctypes.create_string_buffer(OUTPUT_BYTES + len(_CANARY))
    ctypes.memmove(ctypes.addressof(room) + OUTPUT_BYTES, _CANARY, len(_CANARY))
    number = int(function(side, room))
    if room.raw[OUTPUT_BYTES:] != _CANARY:
        return "the driver wrote past its room"
    if number != 0:
        return number
    try:
        return parse_output(room.value)
    except MalformedOutput as error:
        return str(error)
    finally:
        ctypes.memset(room, 0, OUTPUT_BYTES)  # it holds the holder's name and number
