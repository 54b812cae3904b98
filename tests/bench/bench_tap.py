"""A physical tap: connect and read, over a real pcscd to a card in another process.

The card is powered off after its answer, as at a lane, and no answer waits for that. Beside it, in
the same run, the same exchange by bare calls of PC/SC. Of both the virtual reader tells how long
the card had commands in hand: the rest of the time is the tap besides the card. CPU is this
process's alone: pcscd and the card have theirs.

Every command wakes four threads in turn. Where other programs keep the cores busy, their waiting
for a core is most of what the slowest taps and bare calls take; `chrt --fifo 1` before the command
leaves it out.
"""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from smartcard import scard

from reader_service.card_reading import CardSource, ReadCard
from reader_service.card_sources import open_sources
from reader_service.device_settings import IssuerKey, PsamCards
from reader_service.devices.card_channel import CardError
from reader_service.devices.pcsc import CardReader
from reader_service.devices.pcsc_service import service
from reader_service.pauses import short_pauses
from reader_service.settings import LaneSettings
from shared.cardfile.commands import (
    SOCIAL_SECURITY_ENVIRONMENT,
    ElementaryFile,
    read_record,
    select_application,
    select_file,
)
from tests.bench.measure import Row, Sample, interleave, microseconds, table
from tests.support.card_time import card_nanoseconds, done
from tests.support.pcscd import PcscDaemon
from tests.support.sandbox_psam import INTERNAL, INTERNAL_KEY, INTERNAL_USAGE

_ROOT = Path(__file__).parents[2]
_ROUNDS = 1000
_GOAL_MS = 1.5
_SLOW_ROUNDS, _SLOW_SECONDS = 40, 0.01
_COMMANDS = [
    select_application(SOCIAL_SECURITY_ENVIRONMENT),
    select_file(ElementaryFile.ISSUER),
    *(read_record(tag) for tag in (0x03, 0x01, 0x06)),
]
_EITHER = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1


def run() -> list[Row]:
    """Measure taps in turn with bare calls, then taps beside a thread that computes."""
    with PcscDaemon(["Tapped", "SAM", "Slow"]) as daemon:
        os.environ["PCSCLITE_CSOCK_NAME"] = str(daemon.socket_path)
        virtual, sandbox = "tests.support.virtual_card", "tests.support.sandbox_psam"
        with (
            _card_on(daemon, "Tapped", sandbox, "--card"),
            _card_on(daemon, "SAM", sandbox),
            _card_on(daemon, "Slow", virtual, "--seconds", str(_SLOW_SECONDS)),
            service() as context,
        ):
            return [*_rows(context, daemon.reader_name("Tapped")), _beside_work()]


def _rows(context: int, reader: str) -> list[Row]:
    plain = open_sources([LaneSettings(1, card_reader="Tapped")])["Tapped"]
    key = IssuerKey(INTERNAL, INTERNAL_USAGE, INTERNAL_KEY)
    settings = LaneSettings(1, card_reader="Tapped", cards=PsamCards("SAM", key))
    proving = open_sources([settings])["Tapped"]
    bare = _BareCalls(context, reader)

    def proven_tap() -> None:
        read = proving.read()
        _check(read)
        if not (isinstance(read, ReadCard) and read.authenticated):
            raise RuntimeError("the card was not proven")

    ways = {"tap": lambda: _check(plain.read()), "proven": proven_tap, "bare": bare.read}
    ends = {"tap": plain.release, "proven": proving.release, "bare": bare.release}
    in_hand: dict[str, list[int]] = {name: [] for name in ways}
    before = card_nanoseconds(context, reader)

    def ended(name: str) -> Callable[[], None]:
        def end() -> None:
            nonlocal before
            ends[name]()
            total = card_nanoseconds(context, reader)
            in_hand[name].append(total - before)
            before = total

        return end

    after = {name: ended(name) for name in ways}
    samples = interleave(ways, _ROUNDS, after, collecting=True)
    plain.close()
    proving.close()
    tapped, proven, called = samples["tap"], samples["proven"], samples["bare"]
    besides = {name: _besides(samples[name], in_hand[name]) for name in ways}
    ours, theirs = besides["tap"], besides["bare"]
    load = os.getloadavg()[0]
    return [
        Row("connect and the 5 commands by bare calls of PC/SC", microseconds(called)),
        Row("tap: connect, 5 commands, ReadCard", microseconds(tapped),
            "bare calls", tapped.p50() / called.p50()),
        Row("tap proven by a PSAM: 6 commands and 3 of the PSAM", microseconds(proven),
            "unproven tap", proven.p50() / tapped.p50()),
        Row("bare calls besides the card's own time",
            f"{theirs.p50():,.1f} µs, p99 {theirs.p99():,.1f}"),
        Row("tap besides the card's own time",
            f"{ours.p50():,.1f} µs, p99 {ours.p99():,.1f} at a load of {load:.1f}",
            "bare calls, p99", ours.p99() / theirs.p99(),
            goal=f"p99 ≤ {_GOAL_MS} ms", met=ours.p99() <= _GOAL_MS * 1000),
    ]  # fmt: skip


def _besides(sample: Sample, in_hand: Sequence[int]) -> Sample:
    """Return each exchange without the card's own time; the first of `in_hand` was to warm up."""
    left = [wall - card / 1000 for wall, card in zip(sample.wall, in_hand[1:], strict=True)]
    return Sample(left, sample.cpu)


class _BareCalls:
    """What a tap asks of PC/SC, and nothing else."""

    def __init__(self, context: int, reader: str) -> None:
        self._context = context
        self._reader = reader
        self._handle = 0

    def read(self) -> None:
        """Connect and send the commands."""
        code, self._handle, protocol = scard.SCardConnect(
            self._context, self._reader, scard.SCARD_SHARE_EXCLUSIVE, _EITHER
        )
        done(code)
        pci = scard.SCARD_PCI_T0 if protocol & scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        for command in _COMMANDS:
            code, answer = scard.SCardTransmit(self._handle, pci, list(command))
            done(code)
            if answer[-2:] != [0x90, 0x00]:
                raise RuntimeError(f"the card answered {answer[-2:]}")

    def release(self) -> None:
        """Power the card off."""
        done(scard.SCardDisconnect(self._handle, scard.SCARD_UNPOWER_CARD))


def _beside_work() -> Row:
    """Tap a card that takes its time, as real ones do, while another thread of ours computes."""
    source = open_sources([LaneSettings(1, card_reader="Slow")])["Slow"]
    stop = threading.Event()

    def compute() -> None:
        while not stop.is_set():
            sum(number * number for number in range(1000))

    worker = threading.Thread(target=compute)
    worker.start()
    try:
        theirs = _slow_taps(source)
        with short_pauses():
            ours = _slow_taps(source)
    finally:
        stop.set()
        worker.join()
        source.close()
    return Row(
        f"tap at {_SLOW_SECONDS * 1000:.0f} ms a command beside a thread that computes",
        f"{ours.p50() / 1000:.1f} ms, p99 {ours.p99() / 1000:.1f}",
        "with Python's own switching",
        ours.p50() / theirs.p50(),
    )


def _slow_taps(source: CardSource) -> Sample:
    ways = {"": lambda: _check(source.read())}
    return interleave(ways, _SLOW_ROUNDS, {"": source.release}, collecting=True)[""]


def _check(read: object) -> None:
    if not isinstance(read, ReadCard):
        raise TypeError(f"the card was not read: {read}")


@contextlib.contextmanager
def _card_on(daemon: PcscDaemon, reader: str, program: str, *options: str) -> Iterator[None]:
    """Lay a card from a process of its own."""
    command = [sys.executable, "-m", program, str(daemon.reader_socket(reader)), *options]
    with subprocess.Popen(command, cwd=_ROOT) as card:
        try:
            with contextlib.closing(CardReader(reader)) as opener:
                _wait_for_card(opener)
            yield
        finally:
            card.terminate()


def _wait_for_card(reader: CardReader) -> None:
    for _ in range(1000):
        with contextlib.suppress(CardError), reader.open_card():
            return
        time.sleep(0.005)
    raise RuntimeError("the card did not arrive")


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
