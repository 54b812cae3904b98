"""Readers killed at any moment, and gone for days: on the real backend each scan is booked once."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
import pytest_asyncio
from litestar import Litestar

from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.readers.documents import Scan
from backend.settings import Settings
from reader_service.journal import Journal
from reader_service.snapshot import Snapshot
from reader_service.sync.backend import Backend
from reader_service.sync.rounds import Sync
from reader_service.sync.terminal import Terminal, save_terminal
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.wire.scans import ScanRecord
from tests.backend.actors import City
from tests.backend.lane import reader_at, wired
from tests.support.soak import SOAK

KILLS = 1000 if SOAK else 12
UPLOADS = "/readers/v1/scans"


@dataclass
class Line:
    """The way between readers and the backend: it can lose answers, or give an old one again."""

    app: Litestar
    loses: bool = False
    repeats: bool = False
    uploads: int = 0
    old: list[Any] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != UPLOADS:
            await self.app(scope, receive, send)
            return
        self.uploads += 1
        answer: list[Any] = []

        async def keep(message: Any) -> None:
            answer.append(message)

        await self.app(scope, receive, keep)  # it is booked, whatever becomes of the answer
        told = self.old if self.repeats and self.old else answer
        self.old = self.old or answer
        for message in told[: 1 if self.loses else None]:
            await send(message)


@dataclass
class Killed:
    """A reader that lives and is killed, again and again."""

    folder: Path
    url: str
    terminal: Terminal
    starter: asyncio.subprocess.Process

    async def life(self, seconds: float) -> None:
        assert self.starter.stdin is not None
        assert self.starter.stdout is not None
        self.starter.stdin.write(b"go\n")
        process = int(await self.starter.stdout.readline())
        await asyncio.sleep(seconds)
        os.kill(process, signal.SIGKILL)

    def admitted(self) -> list[str]:
        """Return the scans for which a gate opened; the last line may be torn."""
        gate = self.folder / "gate"
        lines = gate.read_text().split("\n") if gate.exists() else []
        return [line for line in lines if len(line) == 32]

    async def settle(self) -> int:
        """Let everything go up and return how many rows were ever written."""
        assert self.terminal.enrolment is not None
        clock = SystemClock()
        with closing(Journal(self.folder / "journal.sqlite")) as journal:
            snapshot = Snapshot(self.folder / "snapshot.sqlite", self.terminal.enrolment)
            async with Backend(self.url, self.terminal, clock) as backend:
                await Sync(backend, journal, snapshot, clock, lambda _: None).round()
            assert (journal.count_unsent(), journal.check()) == (0, [])
            return journal.report().last


@asynccontextmanager
async def _killed(folder: Path, url: str, city: City, order: str) -> AsyncIterator[Killed]:
    key = SoftwareKey.generate(Algorithm.ED25519)
    async with Backend(url, Terminal(key), SystemClock()) as backend:
        terminal = Terminal(key, await backend.enrol(await city.token()))
    save_terminal(terminal, folder / "terminal.json")
    starter = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.reader_service.killed_reader", str(folder), url, order),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Killed(folder, url, terminal, starter)
    finally:
        assert starter.stdin is not None
        starter.stdin.close()
        await starter.wait()


@pytest_asyncio.fixture
async def line(app: Litestar, city: City) -> Line:
    await city.venue(1)
    return Line(app)


class TestKilled:
    """The killed reader goes by the machine's clock, and so does its backend."""

    @pytest.fixture
    def clock(self) -> SystemClock:
        return SystemClock()

    @pytest.mark.soak
    async def test_no_admitted_scan_is_lost_and_none_is_booked_twice(
        self, line: Line, city: City, tmp_path: Path
    ) -> None:
        drawn = random.Random(7)  # noqa: S311 - a test's
        async with (
            wired(line) as wire,  # type: ignore[arg-type]
            _killed(tmp_path, wire.url, city, "journal-first") as killed,
        ):
            for life in range(20 * KILLS):
                if life >= KILLS and line.uploads > 1:  # a busy machine needs more lives for it
                    break
                line.loses = drawn.random() < 0.3
                await killed.life(drawn.uniform(0.01, 0.3))
            line.loses = False
            written = await killed.settle()

            admitted = killed.admitted()
            booked = [scan.id for scan in await Scan.find_all().to_list()]
            assert len(admitted) > KILLS
            assert set(admitted) <= set(booked)
            # What was journalled and never opened is booked too; nothing else is, nothing twice.
            assert len(booked) == written
            assert line.uploads > 1

    @pytest.mark.soak
    async def test_a_gate_that_opens_first_loses_some(
        self, line: Line, city: City, tmp_path: Path
    ) -> None:
        """The negative control of the test above."""
        async with (
            wired(line) as wire,  # type: ignore[arg-type]
            _killed(tmp_path, wire.url, city, "gate-first") as killed,
        ):
            for seconds in (0.05, 0.1, 0.15, 0.2, 0.25):
                await killed.life(seconds)
            await killed.settle()

            booked = {scan.id for scan in await Scan.find_all().to_list()}
            assert set(killed.admitted()) - booked


async def test_three_days_without_a_backend_then_answers_lost_and_repeated_book_each_scan_once(
    line: Line,
    city: City,
    settings: Settings,
    keys: Keys,
    mongod: RunningMongod,
    tmp_path: Path,
) -> None:
    sent: list[str] = []
    async with (
        wired(line) as wire,  # type: ignore[arg-type]
        reader_at(wire.url, city, settings, keys, mongod.uri, tmp_path) as reader,
    ):

        def scan() -> None:
            at = int(city.clock.now().timestamp() * 1000)
            made = ScanRecord(token_hex(16), 1, at, Medium.ECODE, Verdict.ADMIT)
            reader.journal.append(made)
            sent.append(made.scan_id)

        async def booked() -> list[str]:
            return sorted([one.id for one in await Scan.find_all().to_list()])

        scan()
        await reader.sync.round()
        assert reader.journal.count_unsent() == 0
        await wire.cut()
        for _ in range(72):
            city.clock.advance(3600)
            scan()
            assert not await reader.sync.round()
        assert reader.journal.count_unsent() == 72
        assert await booked() == sorted(sent[:1])

        await wire.mend()
        line.loses = True
        await reader.sync.round()
        assert reader.journal.count_unsent() == 72, "no receipt came"
        assert await booked() == sorted(sent), "and yet they are booked"
        line.loses, line.repeats = False, True
        scan()
        await reader.sync.round()
        problem = reader.sync.state.problem
        assert problem is not None
        assert problem.code == "receipt_replayed"
        assert reader.journal.count_unsent() == 73
        line.repeats = False
        await reader.sync.round()

        assert reader.journal.count_unsent() == 0
        assert await booked() == sorted(sent)
        assert set(reader.journal.booked(sent)) == set(sent)
