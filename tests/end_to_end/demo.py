"""The demonstration city as a process of its own, and what it leaves running."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def start_demo(data_dir: Path, log: Path, **more: str) -> "subprocess.Popen[bytes]":
    environ = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "infra.demo", "--once"],
            cwd=ROOT,
            env={**environ, "YIKATONG_DATA_DIR": str(data_dir), **more},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )


def left_running(data_dir: Path) -> list[str]:
    """Return the command lines of living processes that work on the folder."""
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            environ = (process / "environ").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if command and str(data_dir) in command + environ:
            left.append(f"{process.name}: {command.strip()}")
    return left


def until_none_left(data_dir: Path, seconds: float) -> list[str]:
    end = time.monotonic() + seconds
    while (left := left_running(data_dir)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def wait_for_steps(log: Path, steps: int) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if log.is_file() and log.read_text(encoding="utf-8").count("✓") >= steps:
            return
        time.sleep(0.1)
    pytest.fail(f"step {steps} did not happen:\n{log.read_text(encoding='utf-8')}")
