"""A camera's worker process: codes in view, loss, death, and the lane that goes on."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reader_service.lane.camera_lane import CameraLane
from reader_service.lane.camera_messages import Alive, WorkerReady
from reader_service.lane.camera_process import CameraProcess, WorkerDied
from reader_service.lane.camera_worker import TextThrottle
from reader_service.lane.lane import Lane
from reader_service.settings import FolderSource
from shared.admission.answer import Verdict
from shared.clock import SystemClock
from shared.ecode.reasons import Reason
from tests.reader_service.city import City
from tests.reader_service.conftest import Venue, VenueMaker
from tests.reader_service.waiting import until
from tests.support.frames import EASY, draw_frame, save_frame

START_SECONDS = 20.0


@pytest.fixture
def city() -> City:
    """Worker processes live in real time."""
    return City(now=SystemClock().now())


@pytest.fixture
def live(make_venue: VenueMaker, city: City) -> Venue:
    """A reader in real time."""
    venue = make_venue()
    city.fill(venue.snapshot)
    clock = SystemClock()
    for number, gate in venue.gates.items():
        gatekeeper = venue.lanes[number]._gatekeeper
        gatekeeper._clock = clock
        venue.lanes[number] = Lane(number, gatekeeper, gate, venue.board, clock)
    return venue


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    folder = tmp_path / "spool"
    folder.mkdir()
    return folder


@pytest.fixture
def camera(live: Venue, spool: Path) -> Iterator[CameraLane]:
    started = CameraLane(live.lanes[1], FolderSource(str(spool)), ("pyzbar",))
    started.start()
    yield started
    started.close()


def _show(city: City, spool: Path, name: str) -> None:
    code = city.phone().code(SystemClock().now())
    save_frame(draw_frame(code, EASY, 1), spool / f"{name}.png")


@pytest.mark.usefixtures("camera")
def test_a_picture_of_a_code_opens_the_gate(live: Venue, city: City, spool: Path) -> None:
    _show(city, spool, "one")

    until(live.opened, START_SECONDS)

    answer = live.board.lanes()[0].answers[0]
    assert answer.answer.verdict is Verdict.ADMIT
    assert answer.took_ms is not None
    assert len(live.journal.unsent(10)) == 1


def test_a_killed_worker_is_reported_replaced_and_the_lane_goes_on(
    live: Venue, city: City, spool: Path, camera: CameraLane
) -> None:
    _show(city, spool, "one")
    until(live.opened, START_SECONDS)
    first = camera.process.process_id
    assert first is not None

    os.kill(first, signal.SIGKILL)
    until(lambda: Reason.DECODER_LOST in live.reasons())
    _show(city, spool, "two")

    until(lambda: live.opened() == 2, START_SECONDS)
    assert camera.process.process_id != first
    assert not live.board.lanes()[0].faults


def test_a_camera_that_vanishes_is_reported_and_comes_back(
    live: Venue, city: City, spool: Path, camera: CameraLane
) -> None:
    _show(city, spool, "one")
    until(live.opened, START_SECONDS)
    worker = camera.process.process_id

    away = spool.rename(spool.with_name("away"))
    until(lambda: Reason.CAMERA_LOST in live.board.lanes()[0].faults)
    until(lambda: live.reasons() == [None, Reason.CAMERA_LOST])

    away.rename(spool)
    until(lambda: not live.board.lanes()[0].faults)
    _show(city, spool, "two")
    until(lambda: live.opened() == 2)
    assert camera.process.process_id == worker


def test_a_silent_worker_is_replaced(spool: Path) -> None:
    told: list[object] = []
    process = CameraProcess(FolderSource(str(spool)), ("pyzbar",), told.append, 3.0)
    process.start()
    until(lambda: Alive() in told, START_SECONDS)
    first = process.process_id
    assert first is not None

    os.kill(first, signal.SIGSTOP)

    until(lambda: any(isinstance(message, WorkerDied) for message in told), START_SECONDS)
    assert not _runs(first)
    until(lambda: told.count(WorkerReady()) == 2, START_SECONDS)
    process.close()


def test_closing_ends_the_worker(camera: CameraLane) -> None:
    worker = until(lambda: camera.process.process_id, START_SECONDS)
    camera.close()

    until(lambda: not Path(f"/proc/{worker}").exists())


def test_a_worker_ends_when_its_parent_is_killed(spool: Path) -> None:
    script = (
        "import sys, time\n"
        "from reader_service.lane.camera_process import CameraProcess\n"
        "from reader_service.settings import FolderSource\n"
        "camera = CameraProcess(FolderSource(sys.argv[1]), ('pyzbar',), lambda _: None)\n"
        "camera.start()\n"
        "while not camera.process_id: time.sleep(0.01)\n"
        "print(camera.process_id, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(spool)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        parent.kill()

    until(lambda: not _runs(worker), START_SECONDS)


def test_the_main_process_stays_free_of_pictures() -> None:
    script = (
        "import sys, reader_service.app, reader_service.lane.camera_process\n"
        "assert not {'cv2', 'numpy', 'pyzbar', 'zxingcpp'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_text_in_view_is_reported_once_a_second() -> None:
    throttle = TextThrottle()
    reported = [now for now in range(40) if throttle.due("a", now / 10)]

    assert reported == [0, 10, 20, 30]
    assert throttle.due("b", 3.95)


def test_ten_thousand_texts_do_not_pile_up() -> None:
    throttle = TextThrottle()
    for number in range(10_000):
        throttle.due(str(number), number / 10)

    assert len(throttle._sent) <= 101


def _runs(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
