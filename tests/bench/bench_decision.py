"""From a camera's frame to the lane's answer: what it costs, beside bare parts of the same run."""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import zxingcpp

from reader_service.decode.code_reader import open_code_reader
from reader_service.journal import Journal
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.snapshot import Kind, Snapshot
from reader_service.sync.terminal import Terminal, save_terminal
from shared.clock import ManualClock, SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.certificate import parse_certificate
from shared.ecode.digits import from_digits
from shared.ecode.proof import signed_part, split_code
from shared.ecode.verify import CodeVerifier, PresentationContext
from tests.bench.measure import Row, interleave, microseconds, table
from tests.reader_service.city import PURPOSE, VENUE, City
from tests.support.frames import Picture, draw_frame, typical

FRAMES = 100
FRAME_ROUNDS = 500
VERIFY_ROUNDS = 3000
RECORD_ROUNDS = 400
CITY_CARDS, REVOKED = 90_000_000, 900_000
STARTS = 3
# The page's framework loads these where they are installed; a reader's lock has neither.
_EXTRAS = {"pydantic": "pydantic", "attr": "attrs", "attrs": "attrs"}
_LOCKED = (Path(__file__).parents[2] / "infra/locks/reader.txt").read_text()
_ABSENT = tuple(name for name, package in _EXTRAS.items() if f"\n{package}==" not in _LOCKED)
_AS_INSTALLED = (
    f"import sys; sys.modules.update(dict.fromkeys({_ABSENT!r}));"
    "from reader_service.__main__ import main; main(['serve'])"
)
START_SECONDS = 60.0

BARE_DECODE = "bare zxing-cpp decode of the full frame"
BARE_VERIFY = "one bare Ed25519 verification"

Action = Callable[[], object]


def run() -> list[Row]:
    """Measure decoding, verifying, refusing, recording and memory."""
    return [*_from_frame(), *_verification(), _recording(), *_memory()]


def _from_frame() -> list[Row]:
    """Show each reader visitors who come for the first time, by certificates it has not met."""
    city = City()
    frames = [
        draw_frame(city.phone().code(city.now), typical(seed), seed) for seed in range(FRAMES)
    ]
    orders = {"zxing-cpp first": ("zxing-cpp", "pyzbar"), "pyzbar alone": ("pyzbar",)}
    goals = {"zxing-cpp first": 2.5, "pyzbar alone": 20.0}
    with ExitStack() as stack:
        actions = {}
        for name, names in orders.items():
            gatekeepers = [
                stack.enter_context(_gatekeeper(city))[0]
                for _ in range(0, FRAME_ROUNDS + 1, FRAMES)
            ]
            actions[name] = _decider(frames, names, gatekeepers)
        actions[BARE_DECODE] = _bare_decode(frames)
        samples = interleave(actions, FRAME_ROUNDS, collecting=True)
    bare = samples.pop(BARE_DECODE)
    rows = [
        Row(
            f"frame to decision, {name}",
            microseconds(sample),
            BARE_DECODE,
            sample.cpu_p50() / bare.cpu_p50(),
            f"CPU p99 ≤ {goals[name]:g} ms",
            sample.cpu_p99() <= goals[name] * 1000,
        )
        for name, sample in samples.items()
    ]
    return [*rows, Row(BARE_DECODE, microseconds(bare))]


def _decider(
    frames: list[Picture], names: tuple[str, ...], gatekeepers: list[Gatekeeper]
) -> Action:
    """Return locate, decode, verify, replay guard and rule; recording is measured by itself."""
    reader = open_code_reader(names)
    visits = iter([(frame, gatekeeper) for gatekeeper in gatekeepers for frame in frames])

    def act() -> None:
        frame, gatekeeper = next(visits)
        for text in reader.read(frame):
            if not gatekeeper.decide_code(text, 1).answer.verdict.opens:
                raise RuntimeError("a visitor was refused")

    return act


def _bare_decode(frames: list[Picture]) -> Action:
    left = cycle(frames)
    only_qr = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return lambda: zxingcpp.read_barcodes(next(left), formats=only_qr)


def _verification() -> list[Row]:
    city = City()
    with _gatekeeper(city) as (_, snapshot):
        warm, context = CodeVerifier(snapshot, snapshot), PresentationContext(VENUE, PURPOSE)
        code = city.phone().code(city.now)
        stale = city.phone().code(city.now - timedelta(minutes=1))
        certificate_raw, proof_raw = split_code(from_digits(code))
        key = parse_certificate(certificate_raw).claims.device_key
        message, signature = signed_part(certificate_raw, proof_raw), proof_raw[-64:]
        samples = interleave(
            {
                "cached": lambda: warm.verify(code, city.now, context),
                "uncached": lambda: CodeVerifier(snapshot, snapshot).verify(
                    code, city.now, context
                ),
                "stale": lambda: warm.verify(stale, city.now, context),
                "junk": lambda: warm.verify("https://example.org/?id=1", city.now, context),
                BARE_VERIFY: lambda: key.verify(signature, message),
            },
            VERIFY_ROUNDS,
        )
    bare = samples.pop(BARE_VERIFY)
    goals = {"cached": 100, "uncached": 200, "stale": 20, "junk": 20}
    subjects = {
        "cached": "verify a code, certificate cached",
        "uncached": "verify a code, certificate new",
        "stale": "refuse a stale code",
        "junk": "refuse junk",
    }
    rows = [
        Row(
            subjects[name],
            microseconds(sample),
            BARE_VERIFY,
            sample.cpu_p50() / bare.cpu_p50(),
            f"median ≤ {goals[name]} µs",
            sample.p50() <= goals[name],
        )
        for name, sample in samples.items()
    ]
    return [*rows, Row(BARE_VERIFY, microseconds(bare))]


def _recording() -> Row:
    """Judge and record: with the write that must reach the disk before the gate opens."""
    city = City()
    codes = iter([city.phone().code(city.now) for _ in range(RECORD_ROUNDS + 1)])
    with _gatekeeper(city) as (gatekeeper, _):
        samples = interleave({"": lambda: gatekeeper.judge_code(next(codes), 1)}, RECORD_ROUNDS)
    return Row("decide and record durably, without the frame", microseconds(samples[""]))


@contextmanager
def _gatekeeper(city: City) -> Iterator[tuple[Gatekeeper, Snapshot]]:
    with TemporaryDirectory() as folder:
        snapshot = Snapshot(Path(folder) / "snapshot.sqlite", city.enrolment)
        city.fill(snapshot)
        journal = Journal(Path(folder) / "journal.sqlite")
        yield Gatekeeper(snapshot, journal, ManualClock(city.now)), snapshot
        journal.close()


def _memory() -> list[Row]:
    """Start the service on no list and on 1 % of ninety million cards, and look at both at rest."""
    few, many = _started([]), _started(_revoked())
    list_kb = many.list_bytes / 1000
    return [
        Row(
            f"reader process, {REVOKED:,} of {CITY_CARDS:,} cards revoked",
            f"{many.megabytes:.0f} MB at rest; its camera worker {many.worker_megabytes:.0f} MB;"
            f" list {list_kb:,.0f} kB",
            "no card revoked",
            many.megabytes / few.megabytes,
            "≤ 200 MB",
            many.megabytes <= 200,
        ),
        Row(
            "start to ready with that list",
            f"{many.seconds:.2f} s, CPU {many.cpu_seconds:.2f}; without {few.seconds:.2f},"
            f" CPU {few.cpu_seconds:.2f}",
            "no card revoked, CPU",
            many.cpu_seconds / few.cpu_seconds,
            "≤ 1 s",
            many.seconds <= 1,
        ),
    ]


def _revoked() -> list[int]:
    found: set[int] = set()
    while len(found) < REVOKED:
        found.add(secrets.randbelow(CITY_CARDS))
    return sorted(found)


@dataclass(frozen=True)
class _Started:
    """A reader that has just become ready; CPU is of its own process alone."""

    megabytes: float
    worker_megabytes: float
    seconds: float
    cpu_seconds: float
    list_bytes: int


def _started(revoked: list[int]) -> _Started:
    """Start a reader three times, as at every morning; the best is what the machine can do."""
    city = City(now=SystemClock().now())
    with TemporaryDirectory() as name:
        folder = Path(name)
        snapshot = Snapshot(folder / "snapshot.sqlite", city.enrolment)
        city.fill(snapshot)
        listed = city.status_list(epoch=2, sections={"revoked": revoked})
        snapshot.offer(Kind.STATUS_LIST, listed, None, city.now)
        key = SoftwareKey.generate(Algorithm.ED25519)
        save_terminal(Terminal(key, city.enrolment), folder / "terminal.json")
        lane = f'number = 1\ncamera = {{ kind = "folder", path = "{folder}" }}\n'
        (folder / "lanes.toml").write_text(f"[[lanes]]\n{lane}")
        found = []
        for _ in range(STARTS):
            with _serving(folder) as (process_id, started_in):
                cpu = _cpu_seconds(process_id)
                time.sleep(2)
                workers = [_resident(child) for child in _children(process_id)]
                resident = _resident(process_id)
                found.append(_Started(resident, max(workers), started_in, cpu, len(listed)))
    return min(found, key=lambda one: one.seconds)


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[int, float]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "YIKATONG_READER_DATA_DIR": str(folder),
        "YIKATONG_READER_PORT": str(port),
        "YIKATONG_READER_BACKEND_URL": "http://127.0.0.1:9",
    }
    began = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", _AS_INSTALLED],
        env=environment,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            while not _answers(port):
                if process.poll() is not None or time.monotonic() - began > START_SECONDS:
                    raise RuntimeError("the reader service did not start")
                time.sleep(0.02)
            yield process.pid, time.monotonic() - began
        finally:
            process.terminate()


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _children(process_id: int) -> list[int]:
    tasks = Path(f"/proc/{process_id}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def _cpu_seconds(process_id: int) -> float:
    """Return what a process has used so far, without its children."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(process_id: int) -> float:
    """Return the megabytes of a process that lie in memory."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise RuntimeError("no VmRSS")


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
