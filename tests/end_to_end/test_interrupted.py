"""The demonstration city, interrupted: it leaves nothing running, and can be started again."""

import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.end_to_end.demo import start_demo, until_none_left, wait_for_steps


def test_killed_in_the_middle_it_leaves_nothing_running_and_starts_again(
    data_dir: Path, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    demo = start_demo(data_dir, log)
    wait_for_steps(log, 5)
    demo.send_signal(signal.SIGKILL)
    demo.wait()

    assert until_none_left(data_dir, 20) == []

    again = start_demo(data_dir, log)
    wait_for_steps(log, 8)  # all but the last, which waits for a screenshot to grow old
    assert _interrupted(again) == 130, log.read_text(encoding="utf-8")
    assert until_none_left(data_dir, 20) == []


def _interrupted(demo: "subprocess.Popen[bytes]") -> int:
    """Press Ctrl-C until it ends, as people do: a single one was seen to have no effect."""
    for _ in range(30):
        demo.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return demo.wait(timeout=10)
    raise AssertionError("it does not end")


def test_a_second_city_on_the_same_data_is_told_so(data_dir: Path, tmp_path: Path) -> None:
    first = start_demo(data_dir, tmp_path / "first")
    try:
        wait_for_steps(tmp_path / "first", 1)
        second = start_demo(data_dir, tmp_path / "second")
        assert second.wait(timeout=60) == 1
    finally:
        first.send_signal(signal.SIGINT)
        first.wait(timeout=60)

    told = (tmp_path / "second").read_text(encoding="utf-8")
    assert "YIKATONG_DATA_DIR" in told
    assert "Traceback" not in told
    assert until_none_left(data_dir, 5) == []
