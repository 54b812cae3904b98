"""The journal: durable when it says so, honest when it cannot be."""

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from reader_service import journal as journal_module
from reader_service.journal import Journal, JournalFull
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason
from shared.wire.scans import ReceiptOutcome, ScanReceipt, ScanRecord
from tests.reader_service.city import NOON
from tests.reader_service.conftest import Venue, VenueMaker

AT = int(NOON.timestamp() * 1000)


def _scan(number: int) -> ScanRecord:
    return ScanRecord(f"{number:032x}", 1, AT + number, Medium.ECODE, Verdict.ADMIT)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


def test_scans_come_back_as_they_were_in_order(journal: Journal) -> None:
    scans = [_scan(number) for number in range(5)]
    for scan in scans:
        journal.append(scan)

    assert journal.unsent(3) == scans[:3]
    assert journal.count_unsent() == 5
    assert journal.since(NOON + timedelta(milliseconds=3)) == scans[3:]


def test_only_a_receipt_takes_a_scan_out_of_the_unsent(journal: Journal) -> None:
    journal.append(_scan(1))
    journal.append(_scan(2))
    journal.append(_scan(3))

    journal.book(
        [
            ScanReceipt(f"{1:032x}", ReceiptOutcome.RECORDED),
            ScanReceipt(f"{2:032x}", ReceiptOutcome.REJECTED, "invalid_scan"),
            ScanReceipt(f"{9:032x}", ReceiptOutcome.RECORDED),
        ],
        NOON,
    )

    assert journal.unsent(10) == [_scan(3)]


def test_it_is_written_through_to_the_disk(journal: Journal) -> None:
    journal.append(_scan(1))

    assert journal._opened is not None
    connection = journal._opened.connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_what_was_appended_survives_the_death_of_the_process(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    script = (
        "import os, sys; from pathlib import Path;"
        "from reader_service.journal import Journal;"
        "from tests.reader_service.test_journal import _scan;"
        "Journal(Path(sys.argv[1])).append(_scan(1));"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)

    journal = Journal(path)
    assert journal.unsent(10) == [_scan(1)]
    journal.close()


@contextmanager
def _tiny_file_system(folder: Path) -> Iterator[Callable[[], None]]:
    """A file system of 256 KiB, full but for the pages already taken."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("mounting a file system needs the right to (CAP_SYS_ADMIN)")
    filler = folder / "filler"

    def fill() -> None:
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

    try:
        fill.free = filler.unlink  # type: ignore[attr-defined]
        yield fill
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def _limited_files(_folder: Path) -> Iterator[Callable[[], None]]:
    """No file of this process may grow beyond what the journal already has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))

    def free() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    fill.free = free  # type: ignore[attr-defined]
    try:
        yield fill
    finally:
        free()


FULL_DISKS = {"tmpfs": _tiny_file_system, "file size limit": _limited_files}


@pytest.mark.parametrize("kind", FULL_DISKS)
def test_on_a_full_disk_the_gate_stays_closed_and_the_lane_recovers(
    make_venue: VenueMaker, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    with FULL_DISKS[kind](folder) as fill:
        venue = make_venue(folder)
        venue.city.fill(venue.snapshot)
        venue.lanes[1].present_code(venue.city.phone().code(venue.clock.now()))
        fill()
        answers = _present_until_refused(venue)
        opened_before = venue.opened()

        assert answers[-1] is Reason.JOURNAL_FULL
        assert Reason.JOURNAL_FULL in venue.board.lanes()[0].faults

        fill.free()  # type: ignore[attr-defined]
        assert venue.opened() == len(venue.journal.unsent(1000))
        later = venue.city.phone()
        answer = venue.lanes[1].present_code(later.code(venue.clock.now()))

        assert answer.answer.verdict is Verdict.ADMIT
        assert venue.opened() == opened_before + 1
        assert not venue.board.lanes()[0].faults
        assert venue.reasons()[-2:] == [Reason.JOURNAL_FULL, None]
        assert venue.journal.unsent(1000)[-2].detail == {"missed": 1}
        venue.journal.close()


def test_the_visitor_refused_for_a_full_disk_gets_in_with_the_same_code(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = venue.city.phone().code(venue.clock.now())
    with monkeypatch.context() as patched:
        patched.setattr(venue.journal, "append", _full)
        assert venue.lanes[1].present_code(code).answer.reason is Reason.JOURNAL_FULL
    venue.clock.advance(1)

    assert venue.lanes[1].present_code(code).answer.verdict is Verdict.ADMIT
    assert venue.opened() == 1


def test_a_journal_that_is_no_database_is_said_to_be_unusable(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(os.urandom(8192))

    with pytest.raises(JournalFull):
        Journal(path).append(_scan(1))


def test_no_row_is_lost_when_receipts_cannot_be_noted(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.append(_scan(1))
    with monkeypatch.context() as patched:
        patched.setattr(journal_module, "open_journal", _locked)
        journal.close()
        with pytest.raises(JournalFull):
            journal.book([ScanReceipt(f"{1:032x}", ReceiptOutcome.RECORDED)], NOON)

    assert journal.count_unsent() == 1


def _present_until_refused(venue: Venue) -> list[Reason | None]:
    reasons: list[Reason | None] = []
    for _ in range(200):
        code = venue.city.phone().code(venue.clock.now())
        reasons.append(venue.lanes[1].present_code(code).answer.reason)
        if reasons[-1]:
            break
    return reasons


def _full(*_: object) -> None:
    raise JournalFull


def _locked(*_: object) -> None:
    raise sqlite3.OperationalError("locked")
