"""Killed at any moment: no visitor whose gate opened is lost, none is booked or let in twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reader_service.journal import Journal
from reader_service.snapshot import Snapshot
from reader_service.sync.backend import Backend
from reader_service.sync.rounds import Sync
from reader_service.sync.terminal import Terminal, save_terminal
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.wire.request_proof import thumbprint
from tests.reader_service.city import City
from tests.reader_service.killed_reader import DECIDING_LANES, PHONES, open_gate, write_old
from tests.reader_service.small_backend import SmallBackend
from tests.support.soak import SOAK

KILLS = 1000 if SOAK else 15
CONTROL_KILLS = 8
LAST_WEEK = 40


class Killed:
    """A reader that is started and killed again and again, and the backend that it has."""

    def __init__(self, folder: Path, server: SmallBackend) -> None:
        self.folder = folder
        self.server = server
        key = SoftwareKey.generate(Algorithm.ED25519)
        self.terminal = Terminal(key, server.city.enrolment)
        server.terminal = thumbprint(key.public)
        save_terminal(self.terminal, folder / "terminal.json")
        (folder / "issuer.pem").write_bytes(server.city.issuer.to_pem())
        self._begin_with_last_week()
        server.city.fill(Snapshot(folder / "snapshot.sqlite", server.city.enrolment))

    def _begin_with_last_week(self) -> None:
        """Have rows at the journal's head that a receipt lets go of."""
        gate, journal = open_gate(self.folder), Journal(self.folder / "journal.sqlite")
        for _ in range(LAST_WEEK):
            write_old(journal, gate)
        journal.close()
        os.close(gate)

    @contextmanager
    def starter(self, order: str) -> Iterator["subprocess.Popen[str]"]:
        """Have the process that forks the readers."""
        command = [sys.executable, "-m", "tests.reader_service.killed_reader"]
        with subprocess.Popen(
            [*command, str(self.folder), self.server.url, order],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as starter:
            yield starter
            assert starter.stdin is not None
            starter.stdin.close()

    def life(self, starter: "subprocess.Popen[str]", seconds: float) -> None:
        """Let a reader live so long and kill it."""
        assert starter.stdin is not None
        assert starter.stdout is not None
        self.server.city.now = SystemClock().now()
        print("go", file=starter.stdin, flush=True)
        process = int(starter.stdout.readline())
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)

    def admitted(self) -> list[str]:
        """Return the scans for which a gate opened; the last line may be torn."""
        gate = self.folder / "gate"
        lines = gate.read_text().split("\n") if gate.exists() else []
        return [line for line in lines if len(line) == 32]

    async def settle(self) -> tuple[int, int]:
        """Let everything go up and return how many rows were pruned, and how many are left."""
        self.server.city.now = SystemClock().now()
        self.server.lose_answers = False
        clock = SystemClock()
        journal = Journal(self.folder / "journal.sqlite")
        snapshot = Snapshot(self.folder / "snapshot.sqlite", self.server.city.enrolment)
        async with Backend(self.server.url, self.terminal, clock) as backend:
            sync = Sync(backend, journal, snapshot, clock, lambda _: None)
            assert await sync.round(), sync.state
        assert journal.check() == []
        assert journal.count_unsent() == 0
        last = journal.report().last
        left = len(journal.since(clock.now().replace(year=2020)))
        journal.close()
        return last - left, left


@pytest.fixture
def killed(tmp_path: Path, city: City) -> Iterator[Killed]:
    city.now = SystemClock().now()
    with SmallBackend(city) as server:
        yield Killed(tmp_path, server)


@pytest.mark.soak
async def test_no_admitted_scan_is_lost_and_none_is_booked_or_let_in_twice(killed: Killed) -> None:
    drawn = random.Random(5)  # noqa: S311 - a test's
    with killed.starter("journal-first") as starter:
        for _ in range(KILLS):
            killed.server.lose_answers = drawn.random() < 0.3
            killed.life(starter, drawn.uniform(0.01, 0.4))

    pruned, left = await killed.settle()

    admitted, booked = killed.admitted(), killed.server.booked
    assert len(admitted) > KILLS // 2 + LAST_WEEK
    assert len(set(admitted)) == len(admitted)
    assert set(admitted) <= booked.keys()
    assert set(booked.values()) == {1}
    # The memory of a code outlives every kill: a copy opens no second gate.
    codes = Counter(
        (scan["card_index"], scan["counter"])
        for scan in killed.server.scans.values()
        if scan["lane"] in DECIDING_LANES and scan["verdict"] == "admit"
    )
    assert len(codes) > PHONES / 2
    assert set(codes.values()) == {1}
    assert any(scan["reason"] == "replayed" for scan in killed.server.scans.values())
    # What was journalled and never opened is booked too; nothing else is.
    assert pruned + left == len(booked)
    assert pruned >= LAST_WEEK


@pytest.mark.soak
async def test_a_gate_that_opens_first_loses_some(killed: Killed) -> None:
    drawn = random.Random(6)  # noqa: S311 - a test's
    with killed.starter("gate-first") as starter:
        for _ in range(CONTROL_KILLS):
            killed.life(starter, drawn.uniform(0.05, 0.3))

    await killed.settle()

    assert set(killed.admitted()) - killed.server.booked.keys()
