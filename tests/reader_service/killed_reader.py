"""A reader that is killed: scans and opens gates, uploads, books receipts and prunes, all at once.

``python -m tests.reader_service.killed_reader FOLDER URL ORDER`` forks such a reader for each line
on its standard input, out of a process that has loaded everything, and tells its process id. ORDER
is `journal-first`, or `gate-first` for the control.
"""

import asyncio
import os
import secrets
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from reader_service.journal import Journal, JournalFull
from reader_service.snapshot import Snapshot
from reader_service.sync.backend import Backend, _certificates
from reader_service.sync.rounds import Sync
from reader_service.sync.terminal import Terminal, load_terminal
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.clock import SystemClock
from shared.wire.scans import ScanRecord

OLD = timedelta(days=8)
"""So old are all scans: with their receipt they are pruned at once."""
LANES = 3


def _lane(number: int, journal: Journal, gate: int, order: str) -> None:
    count = 0
    while True:
        count += 1
        now = SystemClock().now() - OLD
        scan_id, at = secrets.token_hex(16), int(now.timestamp() * 1000)
        scan = ScanRecord(scan_id, number, at, Medium.ECODE, Verdict.ADMIT, card_index=count)
        opening = scan_id.encode() + b"\n"
        if order == "gate-first":
            os.write(gate, opening)
            time.sleep(0.005)
        try:
            journal.append(scan)
        except JournalFull:
            continue
        if order == "journal-first":
            os.write(gate, opening)
        time.sleep(0.001)


async def _synchronise(folder: Path, url: str, terminal: Terminal, journal: Journal) -> None:
    assert terminal.enrolment is not None
    clock = SystemClock()
    snapshot = Snapshot(folder / "snapshot.sqlite", terminal.enrolment)
    async with Backend(url, terminal, clock) as backend:
        sync = Sync(backend, journal, snapshot, clock, lambda _: None)
        while True:
            await sync.round()


def _live(folder: Path, url: str, terminal: Terminal, order: str) -> None:
    journal = Journal(folder / "journal.sqlite")
    gate = os.open(folder / "gate", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for number in range(1, LANES + 1):
        lane = threading.Thread(target=_lane, args=(number, journal, gate, order), daemon=True)
        lane.start()
    asyncio.run(_synchronise(folder, url, terminal, journal))


def main() -> None:
    """Fork a reader for each line that comes."""
    folder, url, order = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    terminal = load_terminal(folder / "terminal.json")
    _certificates()
    for _ in sys.stdin:
        process = os.fork()
        if process == 0:
            _live(folder, url, terminal, order)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()
        os.waitpid(process, 0)


if __name__ == "__main__":
    main()
