"""The programs of the house as child processes that never outlive this one."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self, TypeVar

from infra.demo.announcer import StepFailed
from infra.demo.interruption import check_interruption

STOP_SECONDS = 15
_LOG_TAIL_LINES = 12
T = TypeVar("T")
_SETPRIV = shutil.which("setpriv")
_ENDS_WITH_PARENT = [_SETPRIV, "--pdeathsig", "TERM"] if _SETPRIV else []


class Program:
    """One child process with its own log file."""

    def __init__(
        self, name: str, command: Sequence[str], environ: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self._command = list(command)
        self._environ = dict(environ)
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it; it ends when this process does, however that ends (Linux)."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [*_ENDS_WITH_PARENT, *self._command],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C reaches this process, which then stops its children in their order.
                start_new_session=True,
            )
        return self

    def require_alive(self) -> None:
        """Check that it runs.

        Raises:
            StepFailed: it ended; the message has the end of its log.
        """
        if self._process is None or self._process.poll() is None:
            return
        raise StepFailed(
            f"{self.name} 已退出（状态 {self._process.returncode}），日志 {self.log} 末尾：\n"
            f"{self.name} ended with status {self._process.returncode}; the end of {self.log}:\n"
            f"{self.log_tail()}"
        )

    def log_tail(self) -> str:
        """Return the last lines of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-_LOG_TAIL_LINES:])

    def stop(self) -> None:
        """Ask it to end, then insist."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def wait_until(
    what: str, look: Callable[[], T | None], programs: Sequence[Program], seconds: float = 30
) -> T:
    """Look until there is something to see.

    Raises:
        StepFailed: nothing within `seconds`, or one of `programs` ended.
    """
    end = time.monotonic() + seconds
    while True:
        found = look()
        check_interruption()
        if found is not None:
            return found
        for program in programs:
            program.require_alive()
        if time.monotonic() > end:
            tails = "\n".join(f"{program.log}:\n{program.log_tail()}" for program in programs)
            raise StepFailed(f"{what}（{seconds:.0f} s）\n{tails}")
        time.sleep(0.05)


def free_port(preferred: int) -> int:
    """Return `preferred`, or the next port nobody listens on."""
    for port in range(preferred, preferred + 50):
        with socket.socket() as probe:
            # Without this a port whose last connection just closed counts as busy.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise StepFailed(
        f"端口 {preferred}–{preferred + 49} 都被占用，请先关闭占用它们的程序\n"
        f"ports {preferred} to {preferred + 49} are all busy; close what uses them first"
    )
