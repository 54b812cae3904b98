"""Cameras on real files and a real local server: newest picture, loss and return."""

import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from typing_extensions import override

from reader_service.devices.camera import Camera, open_camera
from reader_service.devices.camera_lost import CameraLost
from reader_service.devices.newest_frame import NewestFrame
from reader_service.devices.shot import Jpeg, Picture, Shot, picture_of
from reader_service.settings import (
    CameraSource,
    DeviceSource,
    FolderSource,
    RecordingSource,
    StreamSource,
    VideoSource,
)
from tests.reader_service.waiting import until
from tests.support.frames import save_frame, save_video


def _shade(level: int) -> Picture:
    """A picture that says its number by its brightness, through lossy formats too."""
    return np.full((720, 1280), level, np.uint8)


def _level(shot: Shot) -> int:
    picture = picture_of(shot)
    assert picture is not None
    return round(float(picture.mean()))


def _next(camera: Camera, seconds: float = 3.0) -> Shot:
    # A picture has no truth value; a list with one has.
    found = until(lambda: [shot for shot in [camera.grab()] if shot is not None], seconds)
    return found[0]


def test_a_folder_shows_its_newest_picture_once(tmp_path: Path) -> None:
    save_frame(_shade(10), tmp_path / "a.png")
    camera = open_camera(FolderSource(str(tmp_path)))

    assert _level(_next(camera)) == 10
    assert camera.grab() is None

    time.sleep(0.02)
    save_frame(_shade(20), tmp_path / "b.png")
    time.sleep(0.02)
    save_frame(_shade(30), tmp_path / "c.png")
    assert _level(_next(camera)) == 30
    assert camera.grab() is None

    time.sleep(0.02)
    save_frame(_shade(40), tmp_path / "a.png")
    assert _level(_next(camera)) == 40


def test_a_folder_passes_over_what_is_no_picture(tmp_path: Path) -> None:
    camera = open_camera(FolderSource(str(tmp_path)))
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".half.png").write_bytes(b"\x89PNG")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG not at all")
    (tmp_path / "empty.png").touch()
    for _ in range(4):
        assert camera.grab() is None

    time.sleep(0.02)
    save_frame(_shade(50), tmp_path / "good.png")
    assert _level(_next(camera)) == 50


def test_a_folder_that_goes_away_is_a_lost_camera(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    camera = open_camera(FolderSource(str(folder)))
    folder.rmdir()

    with pytest.raises(CameraLost):
        camera.grab()


def test_a_recording_is_shown_in_order_and_once(tmp_path: Path) -> None:
    for number in (3, 1, 2):
        save_frame(_shade(10 * number), tmp_path / f"{number}.png")
    camera = open_camera(RecordingSource(str(tmp_path), frames_per_second=100.0))

    assert [_level(_next(camera)) for _ in range(3)] == [10, 20, 30]
    assert [camera.grab() for _ in range(3)] == [None] * 3


def test_a_recording_repeats_when_asked(tmp_path: Path) -> None:
    for number in (1, 2):
        save_frame(_shade(10 * number), tmp_path / f"{number}.png")
    camera = open_camera(RecordingSource(str(tmp_path), frames_per_second=100.0, repeat=True))

    assert [_level(_next(camera)) for _ in range(5)] == [10, 20, 10, 20, 10]


@pytest.mark.parametrize("repeat", [False, True])
def test_a_video_is_shown_at_its_own_speed_to_those_who_look_late_too(
    tmp_path: Path, repeat: bool
) -> None:
    path = tmp_path / "lane.avi"
    save_video((_shade(10 * number) for number in range(1, 25)), path, 20.0)
    camera = open_camera(VideoSource(str(path), repeat=repeat))
    began = time.monotonic()
    shown: list[int] = []
    while not shown or shown[-1] < 220:
        shown.append(_level(_next(camera)))
        passed = time.monotonic() - began
        # Picture n is shown from (n-1)/20 s on; whoever looks late sees what is shown then.
        assert shown[-1] / 10 - 1 <= passed * 20 + 0.5
        time.sleep(0.12)

    assert shown == sorted(set(shown))
    assert len(shown) < 15
    if repeat:
        assert until(lambda: _level(_next(camera)) < 150)
    else:
        time.sleep(0.2)
        assert [camera.grab() for _ in range(3)] == [None] * 3
    camera.close()


def test_a_film_of_jpeg_is_handed_out_undecoded_and_one_of_another_kind_as_pictures(
    tmp_path: Path,
) -> None:
    kinds = {}
    for fourcc in ("MJPG", "mp4v"):
        path = tmp_path / f"{fourcc}.avi"
        save_video((_shade(90) for _ in range(3)), path, 20.0, fourcc)
        camera = open_camera(VideoSource(str(path)))
        kinds[fourcc] = _next(camera)
        camera.close()

    assert isinstance(kinds["MJPG"], Jpeg)
    assert not isinstance(kinds["mp4v"], Jpeg)
    assert [_level(shot) for shot in kinds.values()] == pytest.approx([90, 90], abs=3)


def test_a_broken_jpeg_shows_nothing() -> None:
    assert picture_of(Jpeg(np.frombuffer(b"\xff\xd8 not at all", np.uint8))) is None
    assert picture_of(Jpeg(np.zeros(0, np.uint8))) is None
    assert picture_of(None) is None


@pytest.mark.parametrize(
    "source",
    [
        FolderSource("/nowhere/at/all"),
        RecordingSource("/nowhere/at/all"),
        VideoSource("/nowhere/at/all.avi"),
        StreamSource("http://127.0.0.1:9/none.mjpg"),
        DeviceSource(63),
    ],
    ids=lambda source: type(source).__name__,
)
def test_a_camera_that_is_not_there_is_lost(source: CameraSource) -> None:
    with pytest.raises(CameraLost):
        open_camera(source)


class StreamServer:
    """An IP camera: Motion JPEG over HTTP, as fast as it is told; may hang up."""

    def __init__(self, port: int = 0) -> None:
        self.sent = 0
        self.hang_up = threading.Event()
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                kind = "multipart/x-mixed-replace; boundary=frame"
                self.send_header("Content-Type", kind)
                self.end_headers()
                while not camera.hang_up.wait(1 / 30):
                    camera.sent += 1
                    _, jpeg = cv2.imencode(".jpg", _shade(camera.sent % 250))
                    self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\n")
                    self.wfile.write(b"Content-Length: %d\r\n\r\n" % len(jpeg))
                    self.wfile.write(jpeg.tobytes() + b"\r\n")

            @override
            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            @override
            def handle_error(self, *_: Any) -> None:
                """A viewer that leaves is no error."""

        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.hang_up.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def stream() -> Iterator[StreamServer]:
    server = StreamServer()
    yield server
    if not server.hang_up.is_set():
        server.close()


def _watch(source: CameraSource, lost: list[bool]) -> NewestFrame:
    return NewestFrame(partial(open_camera, source), lost.append)


def test_a_slow_reader_of_a_stream_sees_the_newest_picture(stream: StreamServer) -> None:
    lost: list[bool] = []
    newest = _watch(StreamSource(f"http://127.0.0.1:{stream.port}/"), lost)
    first = newest.take(5)
    assert first is not None
    assert isinstance(first.shot, Jpeg)
    for _ in range(3):
        time.sleep(0.5)
        frame = newest.take(1)
        assert frame is not None
        # Fifteen pictures came meanwhile; the one in hand is at most a few old.
        assert (stream.sent - _level(frame.shot)) % 250 <= 4
        assert time.monotonic() - frame.taken_at < 0.3
    newest.close()
    assert lost == []


def test_a_stream_that_ends_is_reported_once_and_seen_again_when_it_is_back(
    stream: StreamServer,
) -> None:
    lost: list[bool] = []
    newest = _watch(StreamSource(f"http://127.0.0.1:{stream.port}/"), lost)
    assert newest.take(5) is not None
    stream.close()
    until(lambda: lost == [True])
    time.sleep(0.7)
    assert lost == [True]

    back = StreamServer(stream.port)
    until(lambda: lost == [True, False])
    assert until(lambda: newest.take(0.1)) is not None
    newest.close()
    back.close()


def test_a_folder_that_comes_back_is_watched_again(tmp_path: Path) -> None:
    lost: list[bool] = []
    folder = tmp_path / "spool"
    newest = _watch(FolderSource(str(folder)), lost)
    until(lambda: lost == [True])
    folder.mkdir()
    save_frame(_shade(60), folder / "a.png")

    frame = until(lambda: newest.take(0.1))

    assert frame is not None
    assert _level(frame.shot) == 60
    assert lost == [True, False]
    newest.close()


def test_a_driver_that_hangs_is_noticed() -> None:
    hanging = threading.Event()

    class Hanging:
        def grab(self) -> Picture | None:
            hanging.wait(5)
            return None

        def close(self) -> None:
            pass

    newest = NewestFrame(Hanging, lambda _: None)
    until(lambda: newest.stuck_for() > 0.5)
    hanging.set()
    until(lambda: newest.stuck_for() < 0.5)
    newest.close()
