"""Scan guns: a real serial line (a pseudo-terminal), and key records through a pipe."""

import os
import pty
import socket
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_service.device_settings import HttpScanner, KeyboardScanner, SerialScanner
from reader_service.devices.keyboard_scanner import (
    EV_KEY,
    EV_SYN,
    KEY_CAPS_LOCK,
    KEY_ENTER,
    RECORD,
    SYN_DROPPED,
    KeyboardGun,
    KeyDecoder,
)
from reader_service.devices.scanner import Scanner, open_scanner
from reader_service.devices.scanner_lost import MAX_LINE, ScannerLost
from reader_service.devices.serial_scanner import LineAssembler
from reader_service.lane.board import LaneAnswer
from reader_service.lane.camera_lane import CameraLane
from reader_service.lane.card_taps import CardTaps
from reader_service.lane.scanner_lane import ScannerLane
from reader_service.settings import FolderSource
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason
from tests.reader_service.conftest import Venue
from tests.reader_service.waiting import until
from tests.support.frames import EASY, draw_frame, save_frame
from tests.support.pcscd import PcscDaemon
from tests.support.virtual_card import LaidCard, SocialSecurityCard


class Gun:
    """A serial gun at a path that stays, as /dev/serial/by-id does, however often it is plugged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ends: tuple[int, int] | None = None

    def plug(self) -> None:
        self._ends = pty.openpty()
        tty.setraw(self._ends[1])
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self._ends[1]))

    def unplug(self) -> None:
        if self._ends is not None:
            self.path.unlink()
            for end in self._ends:
                os.close(end)
            self._ends = None

    def scan(self, text: bytes) -> None:
        assert self._ends is not None
        os.write(self._ends[0], text)


@pytest.fixture
def gun(tmp_path: Path) -> Iterator[Gun]:
    made = Gun(tmp_path / "usb-gun")
    made.plug()
    yield made
    made.unplug()


def _texts(scanner: Scanner, count: int) -> list[str]:
    found: list[str] = []

    def all_there() -> bool:
        text = scanner.read()
        found.extend([text] if text is not None else [])
        return len(found) == count

    until(all_there)
    return found


def test_each_line_of_a_serial_gun_is_a_code_whatever_ends_it(gun: Gun) -> None:
    with closing(open_scanner(SerialScanner(str(gun.path)))) as scanner:
        gun.scan(b"FIRST\rSECOND\n\r\nTHIRD\r\n" + b"L" * 202 + b"\r")

        assert _texts(scanner, 4) == ["FIRST", "SECOND", "THIRD", "L" * 202]
        assert scanner.read() is None


def test_nobody_else_opens_the_line(gun: Gun) -> None:
    with closing(open_scanner(SerialScanner(str(gun.path)))), pytest.raises(ScannerLost):
        open_scanner(SerialScanner(str(gun.path)))


def test_a_gun_that_is_unplugged_is_lost_and_one_that_is_not_there_too(gun: Gun) -> None:
    with closing(open_scanner(SerialScanner(str(gun.path)))) as scanner:
        gun.unplug()
        with pytest.raises(ScannerLost):
            _texts(scanner, 1)
    for settings in (SerialScanner(str(gun.path)), KeyboardScanner(str(gun.path))):
        with pytest.raises(ScannerLost):
            open_scanner(settings)


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_lines_are_whole_however_they_come_in_pieces(pieces: list[bytes]) -> None:
    assembler = LineAssembler()
    found = [line for piece in pieces for line in assembler.take(piece, 0.0)]

    *whole, _ = b"".join(pieces).replace(b"\r", b"\n").split(b"\n")
    assert found == [line.decode("utf-8", "replace") for line in whole if line]


def test_half_a_line_that_went_quiet_is_no_part_of_the_next() -> None:
    assembler = LineAssembler()

    assert assembler.take(b"HALF", 0.0) == []
    assert assembler.take(b"WHOLE\r", 0.3) == ["WHOLE"]


@pytest.mark.parametrize("piece", [MAX_LINE + 1, 100])
def test_a_line_without_end_is_dropped_and_does_not_grow(piece: int) -> None:
    assembler = LineAssembler()
    for _ in range(100 * MAX_LINE // piece):
        assert assembler.take(b"x" * piece, 0.0) == []

    assert assembler.take(b"tail\rNEXT\r", 0.0) == ["NEXT"]


CODES = {
    sign: (code, shift)
    for first, plains, shifteds in (
        (2, "1234567890-=", "!@#$%^&*()_+"),
        (16, "qwertyuiop[]", "QWERTYUIOP{}"),
        (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
        (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    )
    for code, signs in enumerate(zip(plains, shifteds, strict=True), start=first)
    for sign, shift in zip(signs, (False, True), strict=True)
}
LEFT_SHIFT, KEYPAD_MINUS = 42, 74


def key(code: int, value: int) -> bytes:
    """One key record and the report that the kernel puts after it."""
    return RECORD.pack(0, 0, EV_KEY, code, value) + RECORD.pack(0, 0, EV_SYN, 0, 0)


def stroke(code: int) -> bytes:
    return key(code, 1) + key(code, 2) + key(code, 0)  # held so long that it repeats: one sign


def typed(text: str) -> bytes:
    """What the kernel tells while a gun types a text and Enter."""
    records = b""
    for sign in text:
        code, shift = CODES[sign]
        records += key(LEFT_SHIFT, 1) + stroke(code) + key(LEFT_SHIFT, 0) if shift else stroke(code)
    return records + stroke(KEY_ENTER)


@given(
    st.lists(st.text(st.sampled_from(sorted(CODES)), min_size=1, max_size=12), max_size=4),
    st.integers(1, 60),
)
def test_what_a_keyboard_gun_types_is_read_in_pieces_of_any_size(
    texts: list[str], size: int
) -> None:
    records = b"".join(map(typed, texts))
    decoder = KeyDecoder()

    found = [
        text
        for start in range(0, len(records), size)
        for text in decoder.take(records[start : start + size], 0.0)
    ]

    assert found == texts


def test_caps_lock_turns_letters_and_leaves_the_rest() -> None:
    decoder = KeyDecoder()

    assert decoder.take(stroke(KEY_CAPS_LOCK) + typed("aB-1_"), 0.0) == ["Ab-1_"]
    assert decoder.take(stroke(KEY_CAPS_LOCK) + typed("aB"), 0.0) == ["aB"]


def test_the_keypad_and_keys_without_a_sign() -> None:
    decoder = KeyDecoder()
    records = b"".join(map(stroke, (71, KEYPAD_MINUS, 1, 59, 82, 96)))

    assert decoder.take(records, 0.0) == ["7-0"]


def test_keys_that_were_lost_spoil_their_code_alone() -> None:
    decoder = KeyDecoder()
    dropped = RECORD.pack(0, 0, EV_SYN, SYN_DROPPED, 0)

    assert decoder.take(
        typed("ab")[: 4 * RECORD.size] + dropped + typed("cd") + typed("ef"), 0.0
    ) == ["ef"]
    assert decoder.take(stroke(30), 10.0) == []
    assert decoder.take(typed("b"), 11.0) == ["b"]
    assert decoder.take(stroke(30) * (MAX_LINE + 1) + typed("b") + typed("c"), 11.1) == ["c"]


@given(st.binary(max_size=300))
def test_whatever_comes_from_a_device_is_read_without_an_error(records: bytes) -> None:
    assert KeyDecoder().take(records, 0.0) is not None


class Keyboard:
    """The kernel's side of an event device, at a path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._end = os.open(path, os.O_RDWR)

    def types(self, text: str) -> None:
        os.write(self._end, typed(text))

    def close(self) -> None:
        os.close(self._end)


@pytest.fixture
def keyboard(tmp_path: Path) -> Iterator[Keyboard]:
    with closing(Keyboard(tmp_path / "event-kbd")) as made:
        yield made


def test_a_keyboard_gun_is_read_from_its_device(keyboard: Keyboard) -> None:
    with closing(KeyboardGun(str(keyboard.path))) as scanner:
        keyboard.types("Yk1-abc_D")
        assert _texts(scanner, 1) == ["Yk1-abc_D"]


@pytest.mark.skipif(not any(Path("/dev/input").glob("by-id/*-event-kbd")), reason="no keyboard")
def test_a_real_keyboard_can_be_taken_and_given_back() -> None:
    device = next(iter(Path("/dev/input").glob("by-id/*-event-kbd")))
    for _ in range(2):
        with closing(KeyboardGun(str(device))) as scanner:
            assert scanner.read() is None


@pytest.fixture
def http_gun(tmp_path: Path) -> HttpScanner:
    secret = tmp_path / "gun.secret"
    secret.write_text("s3cret\n")
    with socket.create_server(("127.0.0.1", 0)) as free:
        return HttpScanner(free.getsockname()[1], str(secret))


def _post(gun: HttpScanner, text: bytes, told: str = "s3cret") -> int:
    url, headers = f"http://127.0.0.1:{gun.port}/any", {"Authorization": f"Bearer {told}"}
    return httpx.post(url, content=text, headers=headers, trust_env=False).status_code


def test_a_device_on_the_network_hands_its_codes_in_and_others_may_not(
    http_gun: HttpScanner,
) -> None:
    with closing(open_scanner(http_gun)) as scanner:
        assert _post(http_gun, b"Yk1-abc_D\n") == 202
        assert _texts(scanner, 1) == ["Yk1-abc_D"]
        assert _post(http_gun, b"Yk1", "wrong") == 401
        assert _post(http_gun, b"") == 400
        assert _post(http_gun, b"x" * 2049) == 413
        with pytest.raises(ScannerLost):  # Nobody else takes the same port.
            open_scanner(http_gun)
        assert scanner.read() is None
        assert [_post(http_gun, b"1") for _ in range(9)] == [*[202] * 8, 429]


def test_a_device_that_stops_in_the_middle_is_let_go(http_gun: HttpScanner) -> None:
    with closing(open_scanner(http_gun)) as scanner:
        with socket.create_connection(("127.0.0.1", http_gun.port)) as half:
            half.sendall(b"POST / HTTP/1.1\r\nAuthorization: Bearer s3cret\r\n")
        assert _post(http_gun, b"next") == 202
        assert _texts(scanner, 1) == ["next"]


def test_an_address_without_a_secret_is_not_opened(http_gun: HttpScanner) -> None:
    Path(http_gun.secret_file).write_text("\n")
    with pytest.raises(ScannerLost):
        open_scanner(http_gun)
    Path(http_gun.secret_file).unlink()
    with pytest.raises(ScannerLost):
        open_scanner(http_gun)


@pytest.mark.feature("S112")
def test_whatever_brings_a_code_the_lane_answers_it_alike(
    venue: Venue, gun: Gun, keyboard: Keyboard, http_gun: HttpScanner, tmp_path: Path
) -> None:
    """Old devices are kept, whatever they speak: what a code is worth does not hang on it."""
    spool = tmp_path / "spool"
    spool.mkdir()
    settings = (SerialScanner(str(gun.path)), KeyboardScanner(str(keyboard.path)), http_gun)
    ways: list[Callable[[str], object]] = [
        lambda text: gun.scan(text.encode() + b"\r"),
        keyboard.types,
        lambda text: _post(http_gun, text.encode()),
        lambda text: save_frame(draw_frame(text, EASY, 1), spool / f"{time.time_ns()}.png"),
    ]
    texts = [venue.city.phone(card_index=900 + n).code(venue.clock.now()) for n in range(4)]
    texts += [f"junk{number}" for number in range(4)]
    camera = CameraLane(venue.lanes[1], FolderSource(str(spool)), ("pyzbar",))
    with closing(ScannerLane(venue.lanes[1], settings)) as guns, closing(camera):
        guns.start()
        camera.start()
        until(lambda: guns.reading == 3)
        for number, text in enumerate(texts, start=1):
            ways[number % 4](text)
            until(partial(_answered, venue, number), 20.0)

    told = [(one.medium, one.answer.verdict, one.answer.reason) for one in _answers(venue)]
    assert set(told[:4]) == {(Medium.ECODE, Verdict.ADMIT, None)}
    assert set(told[4:]) == {(Medium.ECODE, Verdict.REFUSE, Reason.NOT_OURS)}
    assert venue.opened() == 4


def _answered(venue: Venue, times: int) -> bool:
    return len(_answers(venue)) == times


def _answers(venue: Venue) -> list[LaneAnswer]:
    return [told for told in venue.told if isinstance(told, LaneAnswer)]


def test_all_inputs_of_a_lane_work_at_once(
    venue: Venue, gun: Gun, keyboard: Keyboard, card_readers: PcscDaemon
) -> None:
    city, lane = venue.city, venue.lanes[1]
    guns = ScannerLane(lane, (SerialScanner(str(gun.path)), KeyboardScanner(str(keyboard.path))))
    phones = [city.phone(card_index=number) for number in (801, 802)]
    with closing(guns), closing(CardTaps({"Gate 11": lane})) as taps:
        guns.start()
        taps.start()
        until(_reading(guns))
        gun.scan(phones[0].code(venue.clock.now()).encode() + b"\r\n")
        with LaidCard(card_readers.reader_socket("Gate 11"), SocialSecurityCard()):
            keyboard.types(phones[1].code(venue.clock.now()))
            until(lambda: len(_answers(venue)) == 3)

    told = sorted((one.medium, one.answer.verdict) for one in _answers(venue))
    codes = [(Medium.ECODE, Verdict.ADMIT)] * 2
    assert told == [(Medium.CARD, Verdict.LOOK), *codes]
    assert venue.opened() == 3


def _reading(guns: ScannerLane) -> Callable[[], bool]:
    return lambda: guns.reading == 2


def test_a_gun_that_is_unplugged_is_told_and_replugged_it_reads_again(
    venue: Venue, gun: Gun, keyboard: Keyboard
) -> None:
    lane = venue.lanes[1]
    settings = (SerialScanner(str(gun.path)), KeyboardScanner(str(keyboard.path)))
    with closing(ScannerLane(lane, settings)) as guns:
        guns.start()
        until(_reading(guns))
        for turn in range(2):
            gun.unplug()
            until(lambda: list(venue.board.lanes()[0].faults) == [Reason.SCANNER_LOST])
            keyboard.types(f"junk{turn}")  # the other gun goes on
            _until_refused(venue, turn * 2 + 1)
            gun.plug()
            until(lambda: not venue.board.lanes()[0].faults)
            gun.scan(f"again{turn}\r".encode())
            _until_refused(venue, turn * 2 + 2)

    assert venue.reasons().count(Reason.SCANNER_LOST) == 2


def _until_refused(venue: Venue, times: int) -> None:
    until(lambda: venue.reasons().count(Reason.NOT_OURS) == times)
