"""The main job as a stranger runs it: every program, every part real, one visit."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STEPS = 9


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder of its own, whose name finds whatever is left running."""
    folder = Path(tempfile.mkdtemp(prefix="yikatong-visit-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _environ(data_dir: Path, **more: str) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    return {**environ, "YIKATONG_DATA_DIR": str(data_dir), **more}


def _demo(data_dir: Path, log: Path, **environ: str) -> "subprocess.Popen[bytes]":
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "infra.demo", "--once"],
            cwd=ROOT,
            env=_environ(data_dir, **environ),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )


def _left_running(data_dir: Path) -> list[str]:
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


def _until_none_left(data_dir: Path, seconds: float) -> list[str]:
    end = time.monotonic() + seconds
    while (left := _left_running(data_dir)) and time.monotonic() < end:
        time.sleep(0.1)
    return left


@pytest.mark.feature("S22", "S139")
def test_one_visit_happens_on_busy_ports_and_leaves_nothing_behind(
    data_dir: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        demo = _demo(
            data_dir,
            log,
            YIKATONG_PORT=str(one.getsockname()[1]),
            YIKATONG_READER_PORT=str(other.getsockname()[1]),
        )
        status = demo.wait(timeout=180)

    told = log.read_text(encoding="utf-8")
    assert status == 0, told
    assert len(re.findall(r"^\[ *\d+\.\d\d s\] ✓ ", told, re.MULTILINE)) == STEPS, told
    assert _until_none_left(data_dir, 5) == []
    assert not re.search(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dX](?!\d)", _all_logs(data_dir))


def test_killed_in_the_middle_it_leaves_nothing_running_and_starts_again(
    data_dir: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    demo = _demo(data_dir, log)
    _wait_for_steps(log, 5)
    demo.send_signal(signal.SIGKILL)
    demo.wait()

    assert _until_none_left(data_dir, 20) == []

    again = _demo(data_dir, log)
    assert again.wait(timeout=180) == 0, log.read_text(encoding="utf-8")


def test_a_second_city_on_the_same_data_is_told_so(data_dir: Path, tmp_path: Path) -> None:
    first = _demo(data_dir, tmp_path / "first")
    try:
        _wait_for_steps(tmp_path / "first", 1)
        second = _demo(data_dir, tmp_path / "second")
        assert second.wait(timeout=60) == 1
    finally:
        first.send_signal(signal.SIGINT)
        first.wait(timeout=60)

    told = (tmp_path / "second").read_text(encoding="utf-8")
    assert "YIKATONG_DATA_DIR" in told
    assert "Traceback" not in told
    assert _until_none_left(data_dir, 5) == []


def test_an_unusable_data_folder_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    demo = _demo(blocked / "data", tmp_path / "log")

    assert demo.wait(timeout=60) == 1
    told = (tmp_path / "log").read_text(encoding="utf-8")
    assert str(blocked / "data") in told
    assert "Traceback" not in told


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting a small disk needs root"
)
def test_a_full_disk_is_told_before_anything_starts(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], check=True)
    try:
        demo = _demo(disk / "data", tmp_path / "log")
        assert demo.wait(timeout=60) == 1
    finally:
        subprocess.run(["umount", disk], check=True)

    told = (tmp_path / "log").read_text(encoding="utf-8")
    assert "磁盘空间不足" in told
    assert "Traceback" not in told


def _wait_for_steps(log: Path, steps: int) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if log.is_file() and log.read_text(encoding="utf-8").count("✓") >= steps:
            return
        time.sleep(0.1)
    pytest.fail(f"step {steps} did not happen:\n{log.read_text(encoding='utf-8')}")


def _all_logs(data_dir: Path) -> str:
    return "\n".join(
        file.read_text(encoding="utf-8", errors="replace")
        for file in (data_dir / "logs").glob("*.log")
    )
