"""The main job as a stranger runs it: every program, every part real, one visit."""

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest

from tests.end_to_end.demo import start_demo, until_none_left

STEPS = 9


@pytest.mark.feature("S22", "S139")
def test_one_visit_happens_on_busy_ports_and_leaves_nothing_behind(
    data_dir: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        demo = start_demo(
            data_dir,
            log,
            YIKATONG_PORT=str(one.getsockname()[1]),
            YIKATONG_READER_PORT=str(other.getsockname()[1]),
        )
        status = demo.wait(timeout=180)

    told = log.read_text(encoding="utf-8")
    assert status == 0, told
    assert len(re.findall(r"^\[ *\d+\.\d\d s\] ✓ ", told, re.MULTILINE)) == STEPS, told
    assert until_none_left(data_dir, 5) == []
    # The venue's rule has its reader ask the city about the code and the card before it opens.
    assert _answered_checks(data_dir) == 2
    assert not re.search(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{9}[\dX](?!\d)", _all_logs(data_dir))


def test_an_unusable_data_folder_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    demo = start_demo(blocked / "data", tmp_path / "log")

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
        demo = start_demo(disk / "data", tmp_path / "log")
        assert demo.wait(timeout=60) == 1
    finally:
        subprocess.run(["umount", disk], check=True)

    told = (tmp_path / "log").read_text(encoding="utf-8")
    assert "磁盘空间不足" in told
    assert "Traceback" not in told


def _answered_checks(data_dir: Path) -> int:
    lines = (data_dir / "logs" / "backend.log").read_text(encoding="utf-8").splitlines()
    return sum("/readers/v1/checks" in line and '"status": 200' in line for line in lines)


def _all_logs(data_dir: Path) -> str:
    return "\n".join(
        file.read_text(encoding="utf-8", errors="replace")
        for file in (data_dir / "logs").glob("*.log")
    )
