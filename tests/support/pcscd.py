"""A private pcscd with virtual readers, for tests and for the demo.

It runs in a mount namespace of its own, so several may run beside each other and beside the
machine's, and it ends with the thread that started it, also when that is killed.
"""

import contextlib
import functools
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_SOURCE = Path(__file__).with_name("virtual_reader.c")
_BUILD = Path(__file__).resolve().parents[2] / "build" / "virtual_reader"
_HEADERS = Path("/usr/include/PCSC")
_START_SECONDS = 5.0

# $1 the parent's process id, $2 what becomes /run (or nothing), then pcscd and its arguments.
# The parent may have died before the death signal was set: then $PPID is another's.
_START = """
[ "$PPID" = "$1" ] || exit 1
[ -z "$2" ] || mount --bind "$2" /run || exit 1
shift 2
exec "$@"
"""


class PcscdMissing(RuntimeError):
    """A part of the PC/SC stack is not on this machine, or pcscd does not start."""


class PcscDaemon:
    """pcscd with one virtual reader per name; a context manager.

    Point clients at it by PCSCLITE_CSOCK_NAME = `socket_path` before their first PC/SC call:
    the client library reads that variable once in a process.
    """

    def __init__(self, readers: Sequence[str], *, mute_seconds: float = 5.0) -> None:
        """Prepare, without starting.

        Args:
            readers: friendly names, at most 16; PC/SC lists them as `reader_name` says.
            mute_seconds: after which silence a reader gives a card up.
        """
        self.readers = tuple(readers)
        self._mute_seconds = mute_seconds
        # Not the test's own folder: a socket's path has at most 107 bytes.
        self._directory = Path(tempfile.mkdtemp(prefix="pcscd-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._namespace = _namespace()
        run = self._directory / "run" if self._namespace else Path("/run")
        self.socket_path = run / "pcscd" / "pcscd.comm"

    def reader_name(self, reader: str) -> str:
        """Return the name under which PC/SC lists a reader: driver's number and slot appended."""
        return f"{reader} {self.readers.index(reader):02X} 00"

    def reader_socket(self, reader: str) -> Path:
        """Return the socket to which a card for this reader connects."""
        return self._directory / f"reader{self.readers.index(reader)}.sock"

    def start(self) -> None:
        """Start and wait until clients and cards can connect.

        Raises:
            PcscdMissing: it cannot; the message names the missing part or holds pcscd's words.
        """
        daemon = _program("pcscd", "pcscd")
        if not self._namespace and _answers(self.socket_path):
            raise PcscdMissing("another pcscd runs; stop it (systemctl stop pcscd.socket pcscd)")
        self._write_configuration()
        for stale in self.socket_path.parent.glob("pcscd.*"):
            stale.unlink()  # left by a killed daemon, and the next would take them for its own
        setpriv = _program("setpriv", "util-linux")
        polkit = ["--disable-polkit"] if _knows_disable_polkit(daemon) else []
        with (self._directory / "pcscd.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(self._namespace or []),
                    *(setpriv, "--pdeathsig", "TERM", "sh", "-c", _START, "sh", str(os.getpid())),
                    str(self._directory / "run") if self._namespace else "",
                    *(daemon, "--foreground", "--error", "--config", str(self._directory / "rc")),
                    *polkit,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={
                    **os.environ,
                    "VIRTUAL_READER_MUTE_MS": str(round(self._mute_seconds * 1000)),
                },
            )
        self._wait_until_ready(self._process)

    def kill(self) -> None:
        """End it as a crash would; `start` brings it up again at the same place."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it and remove its files."""
        self._end(signal.SIGTERM)
        shutil.rmtree(self._directory, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _write_configuration(self) -> None:
        handler = built_ifd_handler()
        configuration = self._directory / "rc"
        configuration.mkdir(exist_ok=True)
        (self._directory / "run").mkdir(exist_ok=True)
        # The colon in DEVICENAME keeps pcscd from looking for a device file.
        (configuration / "readers").write_text(
            "\n".join(
                f'FRIENDLYNAME "{reader}"\nDEVICENAME sim:{self.reader_socket(reader)}\n'
                f"LIBPATH {handler}\nCHANNELID {number}\n"
                for number, reader in enumerate(self.readers)
            )
        )

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        sockets = [self.reader_socket(reader) for reader in self.readers]
        while not (_answers(self.socket_path) and all(path.exists() for path in sockets)):
            if process.poll() is not None or time.monotonic() > deadline:
                self._end(signal.SIGKILL)
                said = (self._directory / "pcscd.log").read_text(errors="replace")[-500:]
                raise PcscdMissing(f"pcscd did not start: {said or 'it said nothing'}")
            threading.Event().wait(0.002)


def built_ifd_handler() -> Path:
    """Compile the readers' driver, once for each state of its source, and return the library.

    Raises:
        PcscdMissing: no compiler, no headers, or the source does not compile.
    """
    source = _SOURCE.read_bytes()
    library = _BUILD / f"{hashlib.sha256(source).hexdigest()[:16]}.so"
    if library.exists():
        return library
    if not _HEADERS.is_dir():
        raise PcscdMissing("no PC/SC headers; install libpcsclite-dev")
    _BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_BUILD) as directory:
        fresh = Path(directory) / library.name
        flags = ["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", f"-I{_HEADERS}"]
        command = [_program("gcc", "gcc"), *flags, "-o", str(fresh), str(_SOURCE)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise PcscdMissing(f"the virtual reader does not compile: {done.stderr}")
        fresh.replace(library)
    return library


def _program(name: str, package: str) -> str:
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        raise PcscdMissing(f"{name} is not installed; install the package {package}")
    return path


@functools.cache
def _namespace() -> tuple[str, ...] | None:
    """Return the command that gives a mount namespace here: as root, as a user, or none at all."""
    for command in (("unshare", "--mount"), ("unshare", "--map-root-user", "--mount")):
        with contextlib.suppress(FileNotFoundError):
            if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
                return command
    return None


@functools.cache
def _knows_disable_polkit(daemon: str) -> bool:
    """Tell whether this pcscd asks polkit (2.x may), which a container often lacks."""
    said = subprocess.run([daemon, "--help"], capture_output=True, check=False).stdout
    return b"disable-polkit" in said


def _answers(path: Path) -> bool:
    """Tell whether somebody listens; a file alone may be a killed daemon's."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        return client.connect_ex(str(path)) == 0
