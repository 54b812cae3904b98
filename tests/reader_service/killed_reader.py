"""A reader that is killed: decides, opens gates, uploads, books receipts and prunes, all at once.

Its lanes are shown the codes of a few phones over and over, often the same one at once; one more
lane writes down scans of last week. Rows go soon after their receipt, those of last week at once.

``python -m tests.reader_service.killed_reader FOLDER URL ORDER`` forks such a reader for each line
on its standard input, out of a process that has loaded everything, and tells its process id. ORDER
is `journal-first`, or `gate-first` for the control. Where FOLDER has no key to issue phones' codes
with, its lanes write down scans of last week alone.
"""

import asyncio
import os
import secrets
import sys
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from reader_service.journal import Journal, JournalFull
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.snapshot import Snapshot
from reader_service.sync import uploads
from reader_service.sync.backend import Backend, _open_client
from reader_service.sync.rounds import Sync
from reader_service.sync.terminal import Terminal, load_terminal
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.clock import SystemClock
from shared.ecode.algorithms import SoftwareKey
from shared.wire.scans import ScanRecord
from tests.reader_service.city import City, Phone

OLD = timedelta(days=8)
DECIDING_LANES = (1, 2, 3)
OLD_LANE = 4
PHONES = 12
KEPT_HERE = timedelta(seconds=40)
"""Longer than a code is remembered, so that what is pruned is never missed."""


def open_gate(folder: Path) -> int:
    """Open the file that the gate's openings are written to."""
    return os.open(folder / "gate", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _deciding_lane(number: int, keeper: Gatekeeper, phones: list[Phone], gate: int) -> None:
    """Show codes and open the gate for whoever is admitted."""
    while True:
        # All lanes draw the same phone within the same fiftieth of a second.
        now = SystemClock().now()
        phone = phones[int(now.timestamp() * 50) % len(phones)]
        outcome = keeper.judge_code(phone.code(now), number)
        if outcome.record.persons and not outcome.again:
            os.write(gate, outcome.record.scan_id.encode() + b"\n")
        time.sleep(0.001)


def _careless_lane(number: int, keeper: Gatekeeper, phones: list[Phone], gate: int) -> None:
    """Open the gate first and reserve and record afterwards: the control."""
    while True:
        now = SystemClock().now()
        phone = phones[int(now.timestamp() * 50) % len(phones)]
        outcome = keeper.decide_code(phone.code(now), number)
        if outcome.record.persons and not outcome.again:
            os.write(gate, outcome.record.scan_id.encode() + b"\n")
            time.sleep(0.005)
            with keeper.ledger.lock:
                reserved = keeper.ledger.reserve(outcome.record, None)
            keeper.ledger.settle(reserved)
        time.sleep(0.001)


def _careless_old_lane(journal: Journal, gate: int) -> None:
    """Open the gate first and record afterwards: the control."""
    while True:
        scan = _old_scan()
        os.write(gate, scan.scan_id.encode() + b"\n")
        time.sleep(0.005)
        with suppress(JournalFull):
            journal.append(scan)
        time.sleep(0.001)


def write_old(journal: Journal, gate: int) -> None:
    """Record a scan of last week and open the gate for it."""
    scan = _old_scan()
    journal.append(scan)
    os.write(gate, scan.scan_id.encode() + b"\n")


def _old_scan() -> ScanRecord:
    at = int((SystemClock().now() - OLD).timestamp() * 1000)
    scan_id = secrets.token_hex(16)
    return ScanRecord(scan_id, OLD_LANE, at, Medium.ECODE, Verdict.ADMIT, card_index=1)


def _old_lane(journal: Journal, gate: int) -> None:
    while True:
        with suppress(JournalFull):
            write_old(journal, gate)
        time.sleep(0.001)


async def _synchronise(url: str, terminal: Terminal, journal: Journal, snapshot: Snapshot) -> None:
    clock = SystemClock()
    async with Backend(url, terminal, clock) as backend:
        sync = Sync(backend, journal, snapshot, clock, lambda _: None)
        while True:
            await sync.round()


def _live(folder: Path, url: str, terminal: Terminal, order: str, phones: list[Phone]) -> None:
    assert terminal.enrolment is not None
    journal = Journal(folder / "journal.sqlite")
    snapshot = Snapshot(folder / "snapshot.sqlite", terminal.enrolment)
    keeper = Gatekeeper(snapshot, journal, SystemClock())
    gate = open_gate(folder)
    careful = order == "journal-first"
    old = _old_lane if careful or phones else _careless_old_lane
    lanes = [threading.Thread(target=old, args=(journal, gate), daemon=True)]
    if phones:
        deciding = _deciding_lane if careful else _careless_lane
        lanes += [
            threading.Thread(target=deciding, args=(number, keeper, phones, gate), daemon=True)
            for number in DECIDING_LANES
        ]
    for lane in lanes:
        lane.start()
    asyncio.run(_synchronise(url, terminal, journal, snapshot))


def _phones(key: Path) -> list[Phone]:
    if not key.exists():
        return []
    city = City(now=SystemClock().now(), issuer=SoftwareKey.of_pem(key.read_bytes()))
    return [city.phone(card_index=number) for number in range(1, PHONES + 1)]


def main() -> None:
    """Fork a reader for each line that comes."""
    folder, url, order = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    terminal = load_terminal(folder / "terminal.json")
    _open_client(url)  # what it loads, no life has to
    uploads.KEPT = KEPT_HERE
    phones = _phones(folder / "issuer.pem")
    for _ in sys.stdin:
        process = os.fork()
        if process == 0:
            _live(folder, url, terminal, order, phones)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()
        os.waitpid(process, 0)


if __name__ == "__main__":
    main()
