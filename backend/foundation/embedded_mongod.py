"""A mongod of our own: a single-node replica set that lives and ends with this process.

Development's default, bound to the loopback address. Its data lies under the data directory, so
one process at a time owns it; `running.json` beside the data tells the other commands of the same
installation where it listens.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from backend.foundation.mongod_binary import find_mongod
from backend.foundation.replica_set import REPLICA_SET, become_primary
from backend.settings import Settings, StartRefused
from shared.localized_text import LocalizedText

START_SECONDS = 30.0
STOP_SECONDS = 20.0
LEFTOVER_SECONDS = 10.0
TRANSACTION_SECONDS = 10
"""How long a transaction may stay open; mongod's own 60 s hold up a whole outlet."""
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class RunningMongod:
    """Where a mongod of this data directory listens, and which process answers for it."""

    pid: int
    port: int
    owner: int

    @property
    def uri(self) -> str:
        """The connection string; direct, since the set has one member."""
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true"


@contextmanager
def embedded_mongod(settings: Settings, extra: Sequence[str] = ()) -> Iterator[RunningMongod]:
    """Run a mongod on this installation's data until the block ends.

    Args:
        settings: names the data directory, the binary and, if fixed, the port.
        extra: more flags for mongod.

    Raises:
        StartRefused: no binary, an unusable directory, a busy fixed port, or data that another
            living process owns.
    """
    binary = find_mongod(settings)
    home = _prepare(settings.data_dir / "mongo")
    _free_from_leftover(home)
    port = settings.mongod_port or _free_port()
    if settings.mongod_port is not None and not _is_free(port):
        raise _port_is_busy(port)
    process = _launch(_command(binary, home, port, extra))
    running = RunningMongod(process.pid, port, os.getpid())
    try:
        _wait_for(process, port, home)
        become_primary(running.uri, port)
        (home / "running.json").write_text(json.dumps(asdict(running)), encoding="utf-8")
        yield running
    finally:
        _stop(process)
        with suppress(OSError):
            (home / "running.json").unlink()


def running_mongod(settings: Settings) -> RunningMongod | None:
    """Return the mongod that a living process of this installation runs now, if any."""
    found = _recorded(settings.data_dir / "mongo")
    if found is None or not _is_mongod_of(found.pid, settings.data_dir / "mongo"):
        return None
    return found if _process_lives(found.owner) else None


def _command(binary: Path, home: Path, port: int, extra: Sequence[str]) -> list[str]:
    return [
        str(binary),
        *("--dbpath", str(home / "db")),
        *("--logpath", str(home / "mongod.log")),
        *("--bind_ip", "127.0.0.1"),
        *("--port", str(port)),
        "--nounixsocket",
        *("--replSet", REPLICA_SET),
        *("--oplogSize", "64"),
        *("--wiredTigerCacheSizeGB", "0.25"),
        # Without it 300 MB of journal are laid out in advance.
        *("--wiredTigerEngineConfigString", "log=(file_max=16MB,prealloc=false)"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        # A killed process leaves its open transaction behind, and with it what that had locked.
        *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_SECONDS}"),
        *extra,
    ]


def _launch(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - the binary that `find_mongod` tried
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # A session of its own: Ctrl-C reaches us, and we stop mongod when we are done with it.
        start_new_session=True,
        preexec_fn=_end_with_parent(),  # noqa: PLW1509 - touches nothing a thread may hold
    )


def _end_with_parent() -> Callable[[], None] | None:
    """Return what makes a child end when its parent does, however that ends (Linux)."""
    if not sys.platform.startswith("linux"):
        return None
    prctl, parent = ctypes.CDLL(None, use_errno=True).prctl, os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the line above took hold
            os._exit(1)

    return bind


def _prepare(home: Path) -> Path:
    try:
        (home / "db").mkdir(parents=True, exist_ok=True)
        probe = home / ".writable"
        probe.write_bytes(bytes(4096))
        probe.unlink()
    except OSError as error:
        raise _cannot_write(home, error.strerror or type(error).__name__) from error
    return home


def _free_from_leftover(home: Path) -> None:
    """End a mongod whose owner is gone; refuse while its owner lives."""
    found = _recorded(home)
    if found is None or not _is_mongod_of(found.pid, home):
        return
    if _process_lives(found.owner) and found.owner != os.getpid():
        raise _in_use(home, found.owner)
    with suppress(ProcessLookupError):
        os.kill(found.pid, signal.SIGTERM)
    if not _until(lambda: not _process_lives(found.pid), LEFTOVER_SECONDS):
        raise _in_use(home, found.pid)


def _wait_for(process: "subprocess.Popen[bytes]", port: int, home: Path) -> None:
    """Wait until the port answers, before any client is made: its first heartbeat is then right."""
    if not _until(lambda: process.poll() is not None or not _is_free(port), START_SECONDS):
        raise _did_not_start(home, "timeout")
    if process.poll() is not None:
        raise _did_not_start(home, f"exit status {process.returncode}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _recorded(home: Path) -> RunningMongod | None:
    try:
        return RunningMongod(**json.loads((home / "running.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _is_mongod_of(pid: int, home: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return str(home / "db").encode() in command


def _process_lives(pid: int) -> bool:
    try:
        # The state follows the name in brackets; a zombie has ended already.
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return state != "Z"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _until(done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _refused(zh: str, en: str) -> StartRefused:
    return StartRefused(LocalizedText(zh, en))


def _cannot_write(home: Path, why: str) -> StartRefused:
    return _refused(
        f"数据目录 {home} 不可写（{why}）。请检查磁盘空间和权限，或用 YIKATONG_DATA_DIR 另选目录。",
        f"The data directory {home} cannot be written ({why}). Check free space and permissions, "
        "or choose another with YIKATONG_DATA_DIR.",
    )


def _in_use(home: Path, pid: int) -> StartRefused:
    return _refused(
        f"数据目录 {home} 正被进程 {pid} 使用。请先停止它，或用 YIKATONG_DATA_DIR 另选目录。",
        f"The data directory {home} is in use by process {pid}. Stop it first, or choose another "
        "directory with YIKATONG_DATA_DIR.",
    )


def _port_is_busy(port: int) -> StartRefused:
    return _refused(
        f"端口 {port} 已被占用。请改 YIKATONG_MONGOD_PORT，或取消它以自动选择空闲端口。",
        f"Port {port} is taken. Change YIKATONG_MONGOD_PORT, or unset it to use a free port.",
    )


def _did_not_start(home: Path, why: str) -> StartRefused:
    return _refused(
        f"mongod 没有启动（{why}）。原因见 {home / 'mongod.log'}；常见原因是磁盘已满或目录被占用。",
        f"mongod did not start ({why}). See {home / 'mongod.log'}; usual causes are a full disk or "
        "a data directory in use.",
    )
