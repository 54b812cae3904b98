"""The demo city: its programs, wired to one another on this machine."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.error import URLError
from urllib.request import urlopen

from infra.demo.announcer import Announcer, StepFailed
from infra.demo.phone import KnownCity, family_of, make_known
from infra.demo.programs import Program, free_port, wait_until
from tests.support.pcscd import PcscDaemon

CARD_READER = "Lane 2"
LANE_BY_CODE, LANE_BY_CARD = 1, 2
CARD_SERIAL = "20260001"
"""The last part of the 卡识别码 that the demo city's first resident has on the card."""
START_SECONDS = 60.0
COMMAND_SECONDS = 300.0
NEEDED_MIB = 64


@dataclass
class City:
    """Everything that runs, and where it is found."""

    data_dir: Path
    announcer: Announcer
    backend_port: int = field(init=False)
    reader_port: int = field(init=False)
    programs: dict[str, Program] = field(default_factory=dict)
    card_readers: PcscDaemon = field(init=False)
    seeded: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.backend_port = _port("YIKATONG_PORT", 8000)
        self.reader_port = _port("YIKATONG_READER_PORT", 8100)
        self.card_readers = PcscDaemon([CARD_READER])

    @property
    def backend_url(self) -> str:
        """Where the backend answers."""
        return f"http://127.0.0.1:{self.backend_port}"

    @property
    def known(self) -> KnownCity:
        """What the phones of the family are told of it."""
        return KnownCity(self.backend_url, family_of(self.seeded))

    @property
    def reader_url(self) -> str:
        """Where the venue's staff page is."""
        return f"http://127.0.0.1:{self.reader_port}"

    @property
    def screen_dir(self) -> Path:
        """Where the phone's pixels arrive."""
        return self.data_dir / "phone-screen"

    @property
    def camera_dir(self) -> Path:
        """What lane 1's camera sees."""
        return self.data_dir / "lane-1-camera"

    def environ(self, **more: str) -> dict[str, str]:
        """Return the environment of the city's programs."""
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "YIKATONG_DATA_DIR": str(self.data_dir),
            "YIKATONG_PORT": str(self.backend_port),
            "YIKATONG_READER_DATA_DIR": str(self.data_dir / "reader"),
            "YIKATONG_READER_BACKEND_URL": self.backend_url,
            "YIKATONG_READER_PORT": str(self.reader_port),
            "YIKATONG_READER_SYNC_SECONDS": "1",
            "YIKATONG_APP_DATA_DIR": str(self.data_dir / "phone"),
            "YIKATONG_APP_BACKEND_URL": self.backend_url,
            "YIKATONG_APP_MIRROR_DIR": str(self.screen_dir),
            "PCSCLITE_CSOCK_NAME": str(self.card_readers.socket_path),
            **more,
        }

    def start(self, name: str, module: str, *arguments: str, **environ: str) -> Program:
        """Start a module of the house."""
        command = [sys.executable, "-m", module, *arguments]
        log = self.data_dir / "logs" / f"{name}.log"
        self.programs[name] = Program(name, command, self.environ(**environ), log)
        return self.programs[name].start()

    def ask(self, module: str, *arguments: str) -> str:
        """Run a command of the house and return what it prints.

        Raises:
            StepFailed: it failed; the message has what it said.
        """
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            env=self.environ(),
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        if done.returncode:
            raise StepFailed(f"python -m {module} {' '.join(arguments)}\n{done.stderr.strip()}")
        return done.stdout.strip()

    def stop(self) -> None:
        """End everything, the last started first."""
        for program in reversed(self.programs.values()):
            program.stop()
        self.card_readers.stop()

    def get_json(self, url: str) -> Any | None:
        """Return the JSON at `url`, or None while nobody answers there."""
        try:
            with urlopen(url, timeout=2) as answer:  # noqa: S310, always this machine's http
                return json.load(answer)
        except (URLError, OSError, ValueError):
            return None


@contextmanager
def running_city(data_dir: Path, announcer: Announcer) -> Iterator[City]:
    """Start database, backend, card reader and reader service; the phone starts with the visit.

    Raises:
        StepFailed: something did not start, or a city already runs on this data.
    """
    with _owned(data_dir):
        city = City(data_dir, announcer)
        try:
            _start_backend(city)
            _start_reader(city)
            yield city
        finally:
            city.stop()


def _start_backend(city: City) -> None:
    with city.announcer.step("MongoDB 与后端已启动", "MongoDB and the backend are up") as facts:
        backend = city.start("backend", "backend", "serve")
        ready = f"{city.backend_url}/readyz"
        wait_until(
            "后端没有就绪 · the backend does not get ready",
            lambda: city.get_json(ready),
            [backend],
            START_SECONDS,
        )
        facts.append(city.backend_url)
    with city.announcer.step("示范城市赣州已就位", "the demo city Ganzhou is in place"):
        city.seeded = json.loads(city.ask("backend", "seed-demo"))
        make_known(city.data_dir, city.known)


def _start_reader(city: City) -> None:
    with city.announcer.step("读卡服务 pcscd 已启动", "pcscd runs with a virtual reader"):
        city.card_readers.start()
    with city.announcer.step("场馆读码服务已启动", "the venue's reader service is up") as facts:
        shutil.rmtree(city.camera_dir, ignore_errors=True)
        city.camera_dir.mkdir(parents=True)
        reader_dir = city.data_dir / "reader"
        reader_dir.mkdir(parents=True, exist_ok=True)
        (reader_dir / "lanes.toml").write_text(_lanes(city), encoding="utf-8")
        if not _enrolled(reader_dir / "terminal.json"):
            venue = str(city.seeded["venues"][0]["number"])
            token = city.ask("backend", "terminal-token", "--venue", venue, "--name", "Museum")
            city.ask("reader_service", "enrol", "--token", token)
        reader = city.start("reader", "reader_service", "serve")
        wait_until(
            "读码服务没有就绪 · the reader service does not get ready",
            lambda: _ready(city),
            [reader, city.programs["backend"]],
            START_SECONDS,
        )
        facts.append(city.reader_url)


def _enrolled(identity: Path) -> bool:
    """Tell whether an earlier run made this reader known; its key alone does not."""
    try:
        return bool(json.loads(identity.read_text(encoding="ascii"))["enrolment"])
    except (OSError, ValueError, KeyError):
        return False


def _ready(city: City) -> bool | None:
    state = city.get_json(f"{city.reader_url}/api/lanes")
    return True if state and all(state["lists"].values()) else None


def _lanes(city: City) -> str:
    gates = city.data_dir / "gates"
    gates.mkdir(exist_ok=True)
    return f"""\
[[lanes]]
number = {LANE_BY_CODE}
camera = {{ kind = "folder", path = {json.dumps(str(city.camera_dir))} }}
decoders = ["pyzbar"]
gate = {{ kind = "file", path = {json.dumps(str(gates / "lane-1"))} }}

[[lanes]]
number = {LANE_BY_CARD}
card_reader = {json.dumps(city.card_readers.reader_name(CARD_READER))}
gate = {{ kind = "file", path = {json.dumps(str(gates / "lane-2"))} }}
"""


@contextmanager
def _owned(data_dir: Path) -> Iterator[None]:
    """Hold the data directory, so that two cities never share one."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock: IO[str] = (data_dir / "run.lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise StepFailed(
            f"无法写入数据目录 {data_dir}（{error.strerror}）：请检查权限与磁盘空间\n"
            f"cannot write to {data_dir} ({error.strerror}): check permissions and disk space"
        ) from error
    with lock:
        _require_room(data_dir)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StepFailed(
                f"{data_dir} 上已有一座城市在运行：先停止它，或设 YIKATONG_DATA_DIR 换一个目录\n"
                f"a city already runs on {data_dir}: stop it, or name another directory in "
                "YIKATONG_DATA_DIR"
            ) from error
        yield


def _require_room(data_dir: Path) -> None:
    """Refuse a disk so full that a program could not even write down why it ended."""
    free = shutil.disk_usage(data_dir).free // 2**20
    if free < NEEDED_MIB:
        raise StepFailed(
            f"磁盘空间不足：{data_dir} 所在磁盘只剩 {free} MiB，至少需要 {NEEDED_MIB} MiB；"
            "请清理，或设 YIKATONG_DATA_DIR 换一个目录\n"
            f"the disk is full: {free} MiB left for {data_dir}, {NEEDED_MIB} MiB needed; free some "
            "or name another directory in YIKATONG_DATA_DIR"
        )


def _port(variable: str, default: int) -> int:
    return free_port(int(os.environ.get(variable) or default))
