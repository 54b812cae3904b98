"""Gates behind relays and over HTTP, each at what stands for its wire."""

import errno
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

import pytest

from reader_service.devices import gpio
from reader_service.devices.gate import WatchedGate, check_gate, open_gate
from reader_service.devices.http_turnstile import HttpTurnstile
from reader_service.devices.relay import GateFailed, RelayGate
from reader_service.devices.relay_board import RelayBoardChannel
from reader_service.lane.lane import Lane
from reader_service.lane.passages import act_key
from reader_service.settings import (
    FileGate,
    GpioGate,
    HttpGate,
    InvalidSettings,
    RelayBoardGate,
    ValueFileGate,
    read_lanes,
)
from shared.clock import SystemClock
from tests.reader_service.conftest import Venue
from tests.reader_service.turnstile import SECRET, Turnstile
from tests.reader_service.waiting import until

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Coil:
    """A relay that notes what it was told, and can be pulled out."""

    def __init__(self) -> None:
        self.told: list[bool] = []
        self.gone = False

    def power(self, *, on: bool) -> None:
        if self.gone:
            raise GateFailed
        self.told.append(on)

    def close(self) -> None:
        pass


@pytest.fixture
def turnstile() -> Iterator[Turnstile]:
    made = Turnstile()
    yield made
    made.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_bytes(SECRET + b"\n")
    return path


@pytest.mark.parametrize(
    ("powered", "told"), [(True, [False, True, False]), (False, [True, False, True])]
)
def test_a_relay_gives_one_pulse_and_rests_as_its_kind_must(
    powered: bool, told: list[bool]
) -> None:
    coil = Coil()
    gate = RelayGate(coil, 0.02, opens_when_powered=powered)

    gate.open_once(NOW)
    until(lambda: len(coil.told) == 3)
    gate.close()

    assert coil.told == told


def test_a_partys_pulses_follow_one_another() -> None:
    coil = Coil()
    gate = RelayGate(coil, 0.02, opens_when_powered=True)

    for _ in range(3):
        gate.open_once(NOW)
    until(lambda: len(coil.told) == 7)
    gate.close()

    assert coil.told == [False, True, False, True, False, True, False]


def test_a_relay_that_is_gone_is_known_at_once_and_works_when_it_is_back() -> None:
    coil = Coil()
    coil.gone = True
    gate = RelayGate(coil, 0.02, opens_when_powered=True)

    with pytest.raises(GateFailed):
        gate.open_once(NOW)
    coil.gone = False
    gate.open_once(NOW)
    until(lambda: coil.told == [True, False])
    gate.close()


def test_what_could_not_be_shut_is_shut_as_soon_as_it_can_be() -> None:
    coil = Coil()
    gate = RelayGate(coil, 0.02, opens_when_powered=True)
    gate.open_once(NOW)
    coil.gone = True
    time.sleep(0.05)
    assert coil.told == [False, True], "it is open and does not listen"

    coil.gone = False

    until(lambda: coil.told == [False, True, False])
    gate.close()


def test_a_gate_held_open_stays_open_whoever_comes() -> None:
    coil = Coil()
    gate = RelayGate(coil, 0.02, opens_when_powered=True)
    gate.open_once(NOW)

    gate.hold_open(held=True)
    gate.open_once(NOW)
    time.sleep(0.06)
    assert coil.told == [False, True, True]

    gate.hold_open(held=False)
    assert coil.told == [False, True, True, False]
    gate.close()


def test_a_usb_relay_board_is_told_in_its_own_words() -> None:
    board, port = os.openpty()
    channel = RelayBoardChannel(Path(os.ttyname(port)), 2)

    channel.power(on=True)
    channel.power(on=False)

    told = b""
    while len(told) < 8:  # the other side of a terminal may get it in parts
        told += os.read(board, 64)
    assert told == bytes.fromhex("A00201A3 A00200A2")
    channel.close()
    os.close(port)
    os.close(board)


def test_a_board_that_was_pulled_out_fails_and_is_opened_anew() -> None:
    board, port = os.openpty()
    channel = RelayBoardChannel(Path(os.ttyname(port)), 1)
    channel.power(on=True)
    os.close(port)
    os.close(board)

    with pytest.raises(GateFailed):
        channel.power(on=True)
    other, there = os.openpty()
    channel._port = Path(os.ttyname(there))
    channel.power(on=True)

    assert os.read(other, 64) == bytes.fromhex("A00101A2")
    channel.close()
    os.close(there)
    os.close(other)


def test_a_board_that_takes_half_a_command_has_not_obeyed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board, port = os.openpty()
    channel = RelayBoardChannel(Path(os.ttyname(port)), 1)
    whole = os.write
    monkeypatch.setattr(os, "write", lambda to, command: whole(to, command[:2]))

    with pytest.raises(GateFailed):
        channel.power(on=True)

    monkeypatch.undo()
    assert os.read(board, 64) == bytes.fromhex("A001")
    os.close(port)
    os.close(board)


@pytest.mark.skipif(
    which("gcc") is None or not Path("/usr/include/linux/gpio.h").exists(),
    reason="a C compiler or the kernel's headers (Debian linux-libc-dev) are missing",
)
def test_a_gpio_request_is_laid_out_as_the_kernel_has_it(tmp_path: Path) -> None:
    source = tmp_path / "layout.c"
    source.write_text(
        "#include <linux/gpio.h>\n#include <stddef.h>\n#include <stdio.h>\n"
        "#include <string.h>\n"
        "int main(void) { struct gpio_v2_line_request r; memset(&r, 0, sizeof r);\n"
        'r.offsets[0] = 17; strcpy(r.consumer, "yikatong-gate"); r.num_lines = 1;\n'
        "r.config.flags = GPIO_V2_LINE_FLAG_OUTPUT;\n"
        'fprintf(stderr, "%lu %lu %zu %zu", (unsigned long)GPIO_V2_GET_LINE_IOCTL,\n'
        "(unsigned long)GPIO_V2_LINE_SET_VALUES_IOCTL, sizeof(struct gpio_v2_line_values),\n"
        "offsetof(struct gpio_v2_line_request, fd));\n"
        "fwrite(&r, sizeof r, 1, stdout); return 0; }\n"
    )
    subprocess.run(["gcc", "-o", tmp_path / "layout", source], check=True)

    answer = subprocess.run([tmp_path / "layout"], capture_output=True, check=True)

    assert answer.stdout == gpio.line_request(17)
    numbers = [int(one) for one in answer.stderr.split()]
    assert numbers == [gpio.GET_LINE, gpio.SET_VALUES, gpio.VALUES.size, gpio.REQUEST.size - 4]


class Kernel:
    """The kernel behind a GPIO chip: hands out lines, notes their values, and may lose the chip."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.values: list[tuple[int, int]] = []
        self.lost = False

    def ioctl(self, held: int, request: int, argument: bytes | bytearray) -> int:
        if self.lost:
            raise OSError(errno.ENODEV, "no such device")
        if request == gpio.SET_VALUES:
            assert held == self.lines[-1], "set on the line, not on the chip"
            self.values.append(gpio.VALUES.unpack(argument))
        else:
            assert isinstance(argument, bytearray)
            self.lines.append(os.open(os.devnull, os.O_RDWR))
            argument[-4:] = self.lines[-1].to_bytes(4, sys.byteorder)
        return 0


def test_a_gpio_line_is_high_for_the_pulse_and_asked_for_anew_when_it_was_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gpiochip0").write_bytes(b"")
    kernel = Kernel()
    monkeypatch.setattr(fcntl, "ioctl", kernel.ioctl)
    line = gpio.GpioLine(tmp_path / "gpiochip0", 17)

    line.power(on=True)
    line.power(on=False)
    assert (kernel.values, len(kernel.lines)) == ([(1, 1), (0, 1)], 1)

    kernel.lost = True
    with pytest.raises(GateFailed):
        line.power(on=True)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(kernel.lines[0])
    kernel.lost = False
    line.power(on=True)
    assert (kernel.values[-1], len(kernel.lines)) == ((1, 1), 2)
    line.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(kernel.lines[1])


def test_a_gpio_chip_that_is_missing_or_none_is_a_gate_that_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name in ("missing", "file"):
        with pytest.raises(GateFailed):
            gpio.GpioLine(tmp_path / name, 3).power(on=True)


def test_a_value_file_is_written_and_never_made(tmp_path: Path) -> None:
    value = tmp_path / "value"
    gate = open_gate(ValueFileGate(path=str(value), pulse_ms=50))
    with pytest.raises(GateFailed):
        gate.open_once(NOW)
    assert not value.exists()

    value.write_text("0\n")
    gate.open_once(NOW)
    assert value.read_text() == "1\n"
    until(lambda: value.read_text() == "0\n")
    gate.close()


def _lane(venue: Venue, gate: WatchedGate) -> Lane:
    return Lane(1, venue.gatekeeper, gate, venue.board, venue.clock)


def _sensed(tmp_path: Path) -> WatchedGate:
    for name in ("value", "sensor"):
        (tmp_path / name).write_text("0")
    gate = open_gate(
        ValueFileGate(
            path=str(tmp_path / "value"),
            turned=str(tmp_path / "sensor"),
            pulse_ms=50,
            passage_seconds=1.0,
        )
    )
    assert isinstance(gate, WatchedGate)
    return gate


def test_an_entry_nobody_walked_through_is_taken_back_once(venue: Venue, tmp_path: Path) -> None:
    lane = _lane(venue, _sensed(tmp_path))
    phone = venue.city.phone()

    entry = lane.present_code(phone.code(venue.clock.now()))
    until(lambda: len(venue.journal.unsent(10)) == 2)

    _, annulment = venue.journal.unsent(10)
    assert (annulment.annuls, annulment.scan_id) == (entry.answer_id, act_key(entry.answer_id))
    lane._did_not_turn(act_key(entry.answer_id), entry.answer_id)
    assert len(venue.journal.unsent(10)) == 2, "said twice, it is done once"
    venue.clock.advance(16)
    again = lane.present_code(phone.code(venue.clock.now()))
    assert again.persons == 1, "and its holder may come again"
    lane.close()


def test_an_entry_somebody_walked_through_stands(venue: Venue, tmp_path: Path) -> None:
    lane = _lane(venue, _sensed(tmp_path))

    lane.present_code(venue.city.phone().code(venue.clock.now()))
    time.sleep(0.1)
    (tmp_path / "sensor").write_text("1")
    time.sleep(1.1)

    assert len(venue.journal.unsent(10)) == 1
    lane.close()


def test_a_sensor_that_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    gate = _sensed(tmp_path)
    (tmp_path / "sensor").unlink()
    time.sleep(0.1)

    assert gate.turned_since(gate.mark()) is None
    gate.close()


def test_a_turnstile_is_told_once_though_its_answer_is_lost(
    turnstile: Turnstile, secret: Path
) -> None:
    gate = HttpTurnstile(turnstile.url, secret, 1.0, 1.0, SystemClock())
    turnstile.lose_answers = 1

    gate.open_once(NOW)

    assert list(turnstile.done.values()) == ["once"]
    assert turnstile.requests == 2
    gate.close()


@pytest.mark.parametrize("trouble", ["silent", "secret", "no secret", "gone"])
def test_a_turnstile_that_does_not_obey_is_a_gate_that_fails(
    turnstile: Turnstile, secret: Path, trouble: str
) -> None:
    url = turnstile.url
    if trouble == "silent":
        turnstile.silent = True
    elif trouble == "gone":
        url = "http://127.0.0.1:1/gate/7"
    else:
        secret.write_bytes(b"wrong" if trouble == "secret" else b"")
    gate = HttpTurnstile(url, secret, 0.1, 1.0, SystemClock())

    with pytest.raises(GateFailed):
        gate.open_once(NOW)
    assert not turnstile.done
    gate.close()


@pytest.mark.parametrize(
    ("said", "turned"), [("turned", True), ("did_not_turn", False), ("waiting", None), ("?", None)]
)
def test_a_turnstile_tells_whether_somebody_passed(
    turnstile: Turnstile, secret: Path, said: str, turned: bool | None
) -> None:
    gate = HttpTurnstile(turnstile.url, secret, 1.0, 1.0, SystemClock())
    mark = gate.mark()
    gate.open_once(NOW)
    turnstile.turned = said

    assert gate.turned_since(mark) is turned
    assert gate.turned_since(gate.mark()) is None, "of no opening nothing is known"
    gate.close()


def test_a_turnstile_is_held_open(turnstile: Turnstile, secret: Path) -> None:
    gate = HttpTurnstile(turnstile.url, secret, 1.0, 1.0, SystemClock())

    gate.hold_open(held=True)
    gate.open_once(NOW)
    gate.hold_open(held=False)

    assert list(turnstile.done.values()) == ["held", "shut"]
    gate.close()


def test_a_missing_gate_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "none" / "x")
    for settings in (
        FileGate(missing),
        GpioGate(line=1, chip=missing),
        RelayBoardGate(port=missing),
        HttpGate("http://127.0.0.1/", missing),
    ):
        assert check_gate(settings) == missing
    (tmp_path / "value").write_text("0")
    assert check_gate(ValueFileGate(path=str(tmp_path / "value"))) is None
    assert check_gate(ValueFileGate(path=str(tmp_path / "value"), turned=missing)) == missing


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        ('{ kind = "gpio", line = 17 }', GpioGate(line=17)),
        (
            '{ kind = "relay_board", port = "/dev/ttyUSB0", channel = 2, fails = "safe" }',
            RelayBoardGate(port="/dev/ttyUSB0", channel=2, fails="safe"),
        ),
        (
            '{ kind = "http", url = "http://10.0.0.2/gate", secret_file = "s" }',
            HttpGate("http://10.0.0.2/gate", "s"),
        ),
        ('{ kind = "gpio", line = -1 }', None),
        ('{ kind = "relay_board", port = "p", channel = 17 }', None),
        ('{ kind = "gpio", line = 1, fails = "open" }', None),
        ('{ kind = "gpio", line = 1, pulse_ms = 1 }', None),
        ('{ kind = "http", url = "ftp://x", secret_file = "s" }', None),
    ],
)
def test_gates_stand_in_the_lanes_file(tmp_path: Path, gate: str, expected: object) -> None:
    path = tmp_path / "lanes.toml"
    path.write_text(f'[[lanes]]\nnumber = 1\ncard_reader = "A"\ngate = {gate}\n')

    if expected is None:
        with pytest.raises(InvalidSettings):
            read_lanes(path)
    else:
        assert read_lanes(path)[0].gate == expected
