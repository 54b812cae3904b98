"""The service as its operator starts it: a process with its commands, files and page."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from reader_service.sync.terminal import Terminal, save_terminal
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.wire.request_proof import thumbprint
from tests.reader_service.city import City
from tests.reader_service.small_backend import SmallBackend
from tests.reader_service.waiting import until
from tests.support.frames import EASY, draw_frame, save_frame

START_SECONDS = 30.0


class Service:
    """One reader's data folder and the processes run on it."""

    def __init__(self, folder: Path, backend: SmallBackend) -> None:
        self.folder = folder
        self.spool = folder / "spool"
        self.spool.mkdir()
        self.gate = folder / "gate"
        self.backend = backend
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self.environment = {
            **os.environ,
            "YIKATONG_READER_DATA_DIR": str(folder),
            "YIKATONG_READER_BACKEND_URL": backend.url,
            "YIKATONG_READER_PORT": str(self.port),
            "YIKATONG_READER_SYNC_SECONDS": "0.2",
        }
        (folder / "lanes.toml").write_text(
            "[[lanes]]\nnumber = 1\n"
            f'camera = {{ kind = "folder", path = "{self.spool}" }}\n'
            'decoders = ["pyzbar"]\n'
            f'gate = {{ kind = "file", path = "{self.gate}" }}\n'
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "reader_service", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "reader_service", "serve"],
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )

    def state(self) -> dict[str, Any] | None:
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}/api/lanes", trust_env=False)
        except httpx.HTTPError:
            return None
        return dict(answer.json())

    def ready(self) -> bool:
        state = self.state()
        return bool(state and state["sync"]["last_success"])


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with SmallBackend(City(now=SystemClock().now())) as backend:
        yield Service(tmp_path, backend)


@pytest.fixture
def enrolled(service: Service) -> Service:
    key = SoftwareKey.generate(Algorithm.ED25519)
    save_terminal(Terminal(key, service.backend.city.enrolment), service.folder / "terminal.json")
    service.backend.terminal = thumbprint(key.public)
    return service


Serving = Callable[[], subprocess.Popen[str]]


@pytest.fixture
def serving(enrolled: Service) -> Iterator[Serving]:
    started: list[subprocess.Popen[str]] = []

    def serve() -> subprocess.Popen[str]:
        process = enrolled.start()
        started.append(process)
        until(enrolled.ready, START_SECONDS)
        return process

    yield serve
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def test_a_visit_goes_from_the_token_and_the_picture_to_the_backend(
    enrolled: Service, serving: Serving
) -> None:
    enrolled.backend.terminal = None
    (enrolled.folder / "terminal.json").unlink()
    done = enrolled.run("enrol", "--token", enrolled.backend.token)
    assert done.returncode == 0, done.stderr
    assert "ter_test" in done.stdout

    process = serving()
    phone = enrolled.backend.city.phone()
    code = phone.code(SystemClock().now())
    save_frame(draw_frame(code, EASY, 2), enrolled.spool / "one.png")

    [scan] = until(lambda: list(enrolled.backend.scans.values()))

    assert (scan["verdict"], scan["card_index"]) == ("admit", phone.holder[0])
    assert len(enrolled.gate.read_text().splitlines()) == 1
    state = enrolled.state()
    assert state is not None
    [lane] = state["lanes"]
    assert lane["answers"][0]["headline"] == {"zh": "请进", "en": "Come in"}
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=20)
    assert process.returncode == 0
    assert code not in log
    assert str(phone.holder[0]) not in log
    assert "Traceback" not in log


def test_killed_it_leaves_nothing_running_and_remembers_what_it_admitted(
    enrolled: Service, serving: Serving
) -> None:
    process = serving()
    children = until(lambda: _children(process.pid))
    code = enrolled.backend.city.phone().code(SystemClock().now())
    save_frame(draw_frame(code, EASY, 3), enrolled.spool / "one.png")
    until(enrolled.gate.exists)
    process.kill()
    process.wait()
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))

    # The camera of the new process finds the same picture first: the same again, or used before.
    serving()
    answer = until(lambda: _answers(enrolled))[0]

    assert answer["again"] or answer["reason"] in {"replayed", "stale"}
    assert len(enrolled.gate.read_text().splitlines()) == 1


def test_events_tell_the_state_first_then_each_answer(enrolled: Service, serving: Serving) -> None:
    serving()
    url = f"http://127.0.0.1:{enrolled.port}/api/events"
    told: list[tuple[str, dict[str, Any]]] = []
    with httpx.stream("GET", url, timeout=20, trust_env=False) as events:
        name = ""
        for line in events.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                told.append((name, json.loads(line.removeprefix("data: "))))
                if len(told) == 1:
                    save_frame(draw_frame("junk", EASY, 4), enrolled.spool / "one.png")
            if told and told[-1][0] == "answer":
                break

    assert told[0][0] == "state"
    assert told[-1][1]["reason"] == "not_ours"


def test_it_says_how_it_is_and_wipes_itself_when_ordered(
    enrolled: Service, serving: Serving
) -> None:
    process, backend = serving(), enrolled.backend
    save_frame(draw_frame("junk", EASY, 4), enrolled.spool / "one.png")
    # A beat may be on its way while the scan before it is.
    [beat] = until(
        lambda: [one for one in backend.beats[-1:] if backend.scans and not one["unsent"]]
    )
    assert (beat["version"], beat["faults"], beat["emergency"]) == ("0.1.0", [], False)
    assert abs(beat["clock_ahead_ms"]) < 5_000

    now = SystemClock().now()
    backend.documents["terminal-standing"] = backend.city.terminal_standing(
        blocked=True, wipe="wip_1", issued_at=now
    )

    _, log = process.communicate(timeout=30)
    assert process.returncode == 78, log
    assert "已按命令清除" in log
    assert backend.wiped == [{"order": "wip_1"}]
    left = {path.name for path in enrolled.folder.iterdir() if path.is_file()}
    assert left == {"lanes.toml"}, "neither keys nor lists nor records"
    assert enrolled.run("serve").returncode == 78
    assert len(backend.wiped) == 1


def test_only_this_machines_names_are_answered(enrolled: Service, serving: Serving) -> None:
    serving()
    url = f"http://127.0.0.1:{enrolled.port}/api/lanes"

    answer = httpx.get(url, headers={"Host": "evil.example"}, trust_env=False)

    assert answer.status_code == 400


def test_unenrolled_it_says_what_to_do(service: Service) -> None:
    done = service.run("serve")

    assert done.returncode == 78, "starting again changes nothing"
    assert "enrol --token" in done.stderr
    assert "登记" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_token_is_refused_in_both_languages(service: Service) -> None:
    done = service.run("enrol", "--token", "WRONG")

    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == ["不行。不行。", "No. No."]


def test_without_a_backend_enrolling_says_so(service: Service) -> None:
    service.environment["YIKATONG_READER_BACKEND_URL"] = "http://127.0.0.1:9"

    done = service.run("enrol", "--token", "T")

    assert done.returncode == 1
    assert "连不上后台" in done.stderr


def test_a_lanes_file_that_is_not_there_is_named(enrolled: Service) -> None:
    (enrolled.folder / "lanes.toml").unlink()

    done = enrolled.run("serve")

    assert done.returncode == 1
    assert "lanes.toml" in done.stderr
    assert "通道文件" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_busy_port_is_named(enrolled: Service) -> None:
    with socket.create_server(("127.0.0.1", enrolled.port)):
        done = enrolled.run("serve")

    assert done.returncode == 1
    assert "YIKATONG_READER_PORT" in done.stderr


def _children(process_id: int) -> list[int]:
    tasks = Path(f"/proc/{process_id}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _answers(service: Service) -> list[dict[str, Any]]:
    state = service.state()
    return list(state["lanes"][0]["answers"]) if state else []
