"""The demonstration city, interrupted: it leaves nothing running, and can be started again."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.end_to_end.demo import start_demo, until_none_left, wait_for_steps


def test_a_city_has_its_data_alone_and_killed_in_the_middle_starts_again(
    data_dir: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    demo = start_demo(data_dir, log)
    wait_for_steps(log, 1)
    _is_told_that_the_data_is_in_use(data_dir, tmp_path / "second")
    wait_for_steps(log, 5)
    demo.send_signal(signal.SIGKILL)
    demo.wait()

    assert until_none_left(data_dir, 20) == []

    again = start_demo(data_dir, log)
    wait_for_steps(log, 6)  # the phone enrolled anew and was let in; the rest is as in a first run
    again.send_signal(signal.SIGINT)
    assert again.wait(timeout=60) == 130, log.read_text(encoding="utf-8")
    assert until_none_left(data_dir, 20) == []


def _is_told_that_the_data_is_in_use(data_dir: Path, log: Path) -> None:
    second = start_demo(data_dir, log)
    assert second.wait(timeout=60) == 1
    told = log.read_text(encoding="utf-8")
    assert "YIKATONG_DATA_DIR" in told
    assert "Traceback" not in told


def test_a_ctrl_c_that_python_drops_stops_it_as_well() -> None:
    """The exception of a signal that comes while a finalizer runs goes no further than that."""
    found = _after_a_dropped_signal("wait_until('nothing', Finalized, [], 5)")
    assert found.returncode == 130, found.stderr
    control = _after_a_dropped_signal("Finalized()")
    assert control.returncode == 0
    assert "Exception ignored" in control.stderr


def _after_a_dropped_signal(waiting: str) -> "subprocess.CompletedProcess[str]":
    """Run `waiting`; a Finalized sends its process Ctrl-C while it is being deleted."""
    program = f"""
import os, signal, sys
from infra.demo.interruption import take_signals
from infra.demo.programs import wait_until

class Finalized:
    def __new__(cls):
        super().__new__(cls)  # kept by nobody

    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)

take_signals()
try:
    {waiting}
except KeyboardInterrupt:
    sys.exit(130)
"""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
