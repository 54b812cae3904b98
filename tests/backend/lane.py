"""A venue's real reader on the real backend: HTTP between them, no camera and no gate of iron."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from litestar import Litestar

from backend.cards.status_list import StatusLists, build_status_list
from backend.foundation.keys import Keys
from backend.functions.lists import FunctionLists, Place
from backend.settings import Settings
from reader_service.card_reading import ReadCard
from reader_service.console.views import StaffView
from reader_service.devices.gate import RecordingGate
from reader_service.journal import Journal
from reader_service.lane.board import Board, LaneAnswer
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.lane.lane import Lane
from reader_service.snapshot import Snapshot
from reader_service.sync.backend import Backend
from reader_service.sync.rounds import Sync
from reader_service.sync.terminal import Terminal
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.certificate import Certificate
from shared.ecode.digits import to_digits
from shared.ecode.proof import counter_at, present
from shared.wire.enrolment import TerminalEnrolment
from tests.backend.actors import REGION, City, Phone


@dataclass
class VenueLane:
    """A lane of a venue, kept up by rounds over HTTP; `enrolment` says who its reader is."""

    city: City
    settings: Settings
    keys: Keys
    uri: str
    enrolment: TerminalEnrolment
    snapshot: Snapshot
    journal: Journal
    gate: RecordingGate
    lane: Lane
    board: Board
    sync: Sync
    backend: Backend
    key: SoftwareKey

    async def refresh(self) -> bool:
        """One round: the server's lists are built where they are due, then the reader asks."""
        services, clock = self.city.house.services, self.city.clock
        database = self.settings.database
        if await services[StatusLists].is_due():
            await build_status_list(self.uri, database, REGION, self.keys, clock)
        if await services[FunctionLists].is_due():
            await services[FunctionLists].build(Place(self.uri, database, REGION), self.keys)
        return await self.sync.round()

    def show(self, phone: Phone, certificate: Certificate) -> LaneAnswer:
        """Show the code of a phone as it is now."""
        return self.lane.present_code(self.code(phone, certificate))

    def code(self, phone: Phone, certificate: Certificate) -> str:
        """Return the code of a phone as it is now."""
        seconds = int(self.city.clock.now().timestamp())
        code = present(
            certificate,
            phone.key,
            issued_at=seconds,
            counter=counter_at(seconds),
            challenge=b"\0\0\0\0",
        )
        return to_digits(code)

    def tap(self, card: ReadCard) -> LaneAnswer:
        """Lay a physical card on the reader."""
        return self.lane.present_card(card)

    def page(self) -> StaffView:
        """Return what staff see."""
        return StaffView(self.board, self.snapshot, self.journal, self.city.clock)


class Wire:
    """The network to the backend: a port that can be cut and comes back the same."""

    def __init__(self, app: Litestar) -> None:
        self._app = app
        self._port = 0
        self._serving: tuple[uvicorn.Server, asyncio.Task[None]] | None = None

    @property
    def url(self) -> str:
        """Where the backend is, or was before the cut."""
        return f"http://127.0.0.1:{self._port}"

    async def mend(self) -> None:
        """Let the backend be reached."""
        listening = socket.create_server(("127.0.0.1", self._port))
        self._port = listening.getsockname()[1]
        # Without the lifespan: what it keeps running has tests of its own.
        how = uvicorn.Config(self._app, log_config=None, lifespan="off", ws="none")
        server = uvicorn.Server(how)
        self._serving = server, asyncio.create_task(server._serve([listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for it
            await asyncio.sleep(0.01)

    async def cut(self) -> None:
        """Hang up on everybody and refuse new connections."""
        if self._serving is not None:
            (server, serving), self._serving = self._serving, None
            server.should_exit = True
            await serving


@asynccontextmanager
async def wired(app: Litestar) -> AsyncIterator[Wire]:
    """Serve the backend over HTTP."""
    wire = Wire(app)
    await wire.mend()
    try:
        yield wire
    finally:
        await wire.cut()


@asynccontextmanager
async def venue_lane(
    city: City, app: Litestar, settings: Settings, keys: Keys, uri: str, folder: Path
) -> AsyncIterator[VenueLane]:
    """Serve the backend and run a reader that was enrolled at venue 1."""
    async with (
        wired(app) as wire,
        reader_at(wire.url, city, settings, keys, uri, folder) as lane,
    ):
        yield lane


@asynccontextmanager
async def reader_at(
    url: str, city: City, settings: Settings, keys: Keys, uri: str, folder: Path, number: int = 1
) -> AsyncIterator[VenueLane]:
    """Enrol a reader at venue 1 and run its one lane."""
    key = SoftwareKey.generate(Algorithm.ED25519)
    async with Backend(url, Terminal(key), city.clock) as backend:
        enrolment = await backend.enrol(await city.token())
    async with Backend(url, Terminal(key, enrolment), city.clock) as backend:
        with _opened(folder, enrolment) as (snapshot, journal):
            gate, board = RecordingGate(), Board([number])
            gatekeeper = Gatekeeper(snapshot, journal, city.clock)
            lane = Lane(number, gatekeeper, gate, board, city.clock)
            sync = Sync(backend, journal, snapshot, city.clock, lambda _: None)
            yield VenueLane(
                city,
                settings,
                keys,
                uri,
                enrolment,
                snapshot,
                journal,
                gate,
                lane,
                board,
                sync,
                backend,
                key,
            )


@contextmanager
def _opened(folder: Path, enrolment: TerminalEnrolment) -> Iterator[tuple[Snapshot, Journal]]:
    with contextlib.closing(Journal(folder / "journal.sqlite")) as journal:
        yield Snapshot(folder / "snapshot.sqlite", enrolment), journal
