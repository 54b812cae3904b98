"""The private pcscd: it is ready when it says so, alone, and gone with its parent."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reader_service.card_reading import ReadCard, read_card
from reader_service.devices.card_channel import CardError
from reader_service.devices.pcsc import CardReader
from reader_service.devices.pcsc_service import service
from tests.support.card_time import card_nanoseconds
from tests.support.pcscd import PcscDaemon, PcscdMissing, built_ifd_handler
from tests.support.virtual_card import Fault, FaultKind, LaidCard, SocialSecurityCard

ROOT = Path(__file__).parents[2]

_RUN = """
import time
from tests.support import pcscd
if {alone}:
    pcscd._namespace = lambda: None
daemon = pcscd.PcscDaemon(["Gate A"])
daemon.start()
print(daemon._process.pid, daemon.socket_path, flush=True)
time.sleep(60)
"""


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """Leave nothing of a killed daemon behind; tmp_path is too long for a socket."""
    with tempfile.TemporaryDirectory() as directory:
        yield {**os.environ, "TMPDIR": directory}


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_gone(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return True
    # not yet reaped by whoever adopted it
    return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(path) == 0


@pytest.mark.usefixtures("card_readers")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_parent_however_that_ends(
    how: signal.Signals, environment: dict[str, str]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _RUN.format(alone=False)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    ) as parent:
        assert parent.stdout
        process_id, path = parent.stdout.readline().split()
        try:
            assert answers(path)
        finally:
            parent.send_signal(how)

        assert within(5, lambda: is_gone(int(process_id)))
        assert not answers(path)


@pytest.mark.usefixtures("card_readers")
def test_two_run_side_by_side_and_leave_nothing() -> None:
    with PcscDaemon(["Gate A"]) as first, PcscDaemon(["Gate A"]) as second:
        assert first.socket_path != second.socket_path
        assert answers(str(first.socket_path))
        assert answers(str(second.socket_path))
        with LaidCard(second.reader_socket("Gate A"), SocialSecurityCard()):
            pass

    assert not first.socket_path.exists()
    assert not first.reader_socket("Gate A").parent.exists()


def test_without_a_namespace_it_takes_the_machines_place_once(
    card_readers: PcscDaemon, environment: dict[str, str]
) -> None:
    """Tried in a namespace with an empty /run, which stands for the machine's."""
    del card_readers
    script = f"""
        mount -t tmpfs tmpfs /run || exit 77
        {sys.executable} -c "$1" & first=$!
        while [ ! -S /run/pcscd/pcscd.comm ]; do sleep 0.05; done
        sleep 0.2
        {sys.executable} -c "$1"
        kill $first
        wait
    """
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", _RUN.format(alone=True)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
        timeout=20,
        check=False,
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip("no mount namespaces here (CAP_SYS_ADMIN)")

    assert "/run/pcscd/pcscd.comm" in done.stdout
    assert "another pcscd runs; stop it" in done.stderr


def test_a_missing_program_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)

    daemon = PcscDaemon(["Gate A"])
    with pytest.raises(PcscdMissing, match="pcscd is not installed"):
        daemon.start()
    daemon.stop()


def test_the_driver_is_built_once(card_readers: PcscDaemon) -> None:
    del card_readers
    library = built_ifd_handler()
    built = library.stat().st_mtime_ns

    assert built_ifd_handler() == library
    assert library.stat().st_mtime_ns == built


def test_it_tells_what_a_card_took_of_a_tap(card_readers: PcscDaemon) -> None:
    slow = Fault(FaultKind.LATE, seconds=0.02)
    reader, took = card_readers.reader_socket("Gate 8"), []
    with contextlib.closing(CardReader("Gate 8")) as opener, service() as context:
        for fault in (None, slow):
            with LaidCard(reader, SocialSecurityCard(), fault):
                assert within(5, opener.has_card)
                before = card_nanoseconds(context, card_readers.reader_name("Gate 8"))
                begun = time.perf_counter_ns()
                with opener.open_card() as card:
                    assert isinstance(read_card(card.transmit), ReadCard)
                wall = time.perf_counter_ns() - begun
                after = card_nanoseconds(context, card_readers.reader_name("Gate 8"))
                took.append(after - before)
                assert 0 < took[-1] < wall
            assert within(5, lambda: not opener.has_card())

    assert took[1] > 5 * 20_000_000


def test_a_card_can_be_laid_from_the_command_line(card_readers: PcscDaemon) -> None:
    reader = card_readers.reader_socket("Gate 8")
    command = [sys.executable, "-m", "tests.support.virtual_card", str(reader), "--version", "2.00"]
    opener = CardReader("Gate 8")
    with contextlib.closing(opener), subprocess.Popen(command, cwd=ROOT) as card:

        def is_read() -> bool:
            try:
                with opener.open_card() as opened:
                    read = read_card(opened.transmit)
            except CardError:
                return False
            return isinstance(read, ReadCard) and read.version == "2.00"

        there = within(5, is_read)
        card.terminate()

    assert there
    assert card.returncode == 0
