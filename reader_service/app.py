"""The one place that wires the service together and runs it."""

import asyncio
import contextlib
import ipaddress
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from types import FrameType
from typing import Protocol

import uvicorn
from typing_extensions import override

from reader_service.console.desk import StaffDesk
from reader_service.console.feed import Event, Feed
from reader_service.console.sessions import Sessions
from reader_service.console.site import make_site
from reader_service.console.staff_register import StaffRegister
from reader_service.console.views import StaffView, answer_view
from reader_service.device_settings import DriverCards
from reader_service.devices.gate import open_gate
from reader_service.driver_source import DriverSource
from reader_service.journal import Journal
from reader_service.lane.board import Board, LaneAnswer, LaneState
from reader_service.lane.camera_lane import CameraLane
from reader_service.lane.driver_taps import DriverTaps
from reader_service.lane.emergency import Emergency
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.lane.lane import Lane
from reader_service.lane.online import OnlineChecks
from reader_service.lane.scanner_lane import ScannerLane
from reader_service.lane.staff_acts import StaffActs
from reader_service.pauses import short_pauses
from reader_service.peers.sharing import Sharing
from reader_service.peers.transport import open_transport
from reader_service.reader_clock import ReaderClock
from reader_service.settings import LaneSettings, PeerSettings, Settings, read_lanes, read_peers
from reader_service.snapshot import Snapshot
from reader_service.storage_keys import key_store
from reader_service.sync import wiping
from reader_service.sync.backend import Backend
from reader_service.sync.health import Vitals
from reader_service.sync.online_line import BackendLine
from reader_service.sync.rounds import Sync, SyncState
from reader_service.sync.terminal import (
    NotEnrolled,
    Terminal,
    load_or_make_terminal,
    load_terminal,
    save_terminal,
)
from reader_service.sync.visit_queues import BackendQueues
from reader_service.watchdog import ENDING, READY, ServiceManager
from shared.clock import Clock, SystemClock
from shared.wire.enrolment import TerminalEnrolment
from shared.wire.request_proof import thumbprint

_log = logging.getLogger(__name__)


class PortBusy(OSError):
    """Another program listens where the staff page belongs."""


class WrongRoot(Exception):
    """The backend that answered is not the one that the enrolment code is of."""


async def enrol(
    settings: Settings, token: str, root_thumbprint: str | None = None
) -> TerminalEnrolment:
    """Trade a one-time token for an enrolment and keep it; repeated, it gives the same.

    Raises:
        SyncProblem: the backend refused or did not answer.
        WrongRoot: its root key is not the one of `root_thumbprint`.
        OSError: the data folder cannot be written.
    """
    path = settings.identity_path
    terminal = load_or_make_terminal(path)
    async with Backend(settings.backend_url, terminal, SystemClock()) as backend:
        enrolment = await backend.enrol(token)
    if root_thumbprint not in {None, thumbprint(enrolment.root_key)}:
        raise WrongRoot
    save_terminal(Terminal(terminal.key, enrolment), path)
    return enrolment


async def serve(settings: Settings) -> None:
    """Run the lanes, the page and the synchronising until told to end.

    Raises:
        InvalidSettings: the lanes file cannot be used.
        NotEnrolled: this reader is not enrolled.
        PortBusy: the page's port is taken.
        JournalFull: the journal cannot be opened.
        Wiped: an officer ordered it, and it is done.
    """
    clock = SystemClock()
    terminal = load_terminal(settings.identity_path)
    if terminal.enrolment is None:
        raise NotEnrolled
    order = wiping.ordered(settings) or await _run_lanes(settings, terminal, clock)
    if order is not None:
        wiping.begin(settings, order)
        async with Backend(settings.backend_url, terminal, clock) as backend:
            await wiping.finish(settings, terminal, backend, order)
        raise wiping.Wiped


async def _run_lanes(settings: Settings, terminal: Terminal, machine: Clock) -> str | None:
    """Run until told to end; return the order to wipe this reader, once nothing is unsent."""
    lane_settings = read_lanes(settings.lanes_path)
    if terminal.enrolment is None:
        raise NotEnrolled
    keys = key_store(settings.data_dir, os.environ)
    clock = ReaderClock(machine)
    with ExitStack() as stack:
        listening = stack.enter_context(contextlib.closing(_listen(settings)))
        journal = stack.enter_context(contextlib.closing(Journal(settings.journal_path, keys)))
        snapshot = Snapshot(settings.snapshot_path, terminal.enrolment, keys)
        board = Board(lane.number for lane in lane_settings)
        view, feed = StaffView(board, snapshot, journal, clock), Feed()
        stack.enter_context(tell_pages(board, view, feed))
        counts_exits = any(lane.direction != "in" for lane in lane_settings)
        gatekeeper = Gatekeeper(snapshot, journal, clock, counts_exits=counts_exits)
        sharing = _sharing(read_peers(settings.lanes_path), snapshot, clock)
        running = stack.enter_context(ExitStack())
        if sharing is not None:
            running.callback(sharing.close)
            gatekeeper.ledger.others, view.sharing = sharing, sharing
            sharing.start(gatekeeper.ledger)
        lanes = running.enter_context(_running_lanes(lane_settings, gatekeeper, board, clock))
        emergency = Emergency(settings.emergency_path, terminal.key, lanes, clock)
        sessions = Sessions(StaffRegister(settings.staff_path), clock)
        desk = StaffDesk(sessions, lanes, gatekeeper, journal, settings.data_dir, clock)
        manager = ServiceManager(os.environ)
        server = _Server(_configuration(settings, view, feed, desk, listening), feed)
        async with Backend(settings.backend_url, terminal, clock) as backend:
            backend.compare, gatekeeper.phone_times = clock.hear_backend, clock
            desk.clock_error = view.clock_error = clock.error
            gatekeeper.online = OnlineChecks(BackendLine(backend), machine)
            desk.venue_desk, desk.queues = backend, BackendQueues(backend)
            desk.emergency = view.emergency = emergency
            desk.tell_pages = lambda: feed.publish(Event("status", view.status()))
            vitals = Vitals(
                *(journal, snapshot, settings.data_dir, board.faults),
                lambda: emergency.state.held,
            )
            tell = _both(
                _state_teller(view, feed, desk, backend), partial(_end_if_wiped, vitals, server)
            )
            sync = Sync(backend, journal, snapshot, clock, tell, desk.learn, vitals)
            tasks = [
                asyncio.create_task(sync.run(settings.sync_seconds)),
                asyncio.create_task(_let_parties_go(desk)),
                asyncio.create_task(manager.beat(gatekeeper.ledger.lock, journal.lock)),
            ]
            try:
                with short_pauses():
                    manager.tell(READY)
                    await server.serve([listening])
            finally:
                manager.tell(ENDING)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.to_thread(running.close)
            if vitals.wipe_ordered is None:
                return None
            await sync.round()  # what the lanes refused until they ended
            return vitals.wipe_due


def _sharing(peers: PeerSettings, snapshot: Snapshot, clock: Clock) -> Sharing | None:
    """Return what shares with the venue's other readers; the lanes go on without it."""
    if not peers.share:
        return None
    keys = partial(venue_keys, snapshot)
    try:
        return Sharing(snapshot.terminal_id, open_transport(peers), keys, clock)
    except OSError as error:
        _log.warning("not sharing with other readers: port %d: %s", peers.port, error.strerror)
        return None


def venue_keys(snapshot: Snapshot) -> Mapping[int, bytes]:
    """Return the venue's keys for sharing; a blocked reader uses none that it still has."""
    standing = snapshot.lists.standing
    return {} if standing is None or standing.blocked else standing.venue_keys


def _end_if_wiped(vitals: Vitals, server: "_Server", _: SyncState) -> None:
    if vitals.wipe_due is not None:
        server.end()


def _both(
    first: Callable[[SyncState], None], second: Callable[[SyncState], None]
) -> Callable[[SyncState], None]:
    def tell(state: SyncState) -> None:
        first(state)
        second(state)

    return tell


async def _let_parties_go(desk: StaffDesk) -> None:
    while True:
        await asyncio.sleep(2)
        await asyncio.to_thread(desk.let_go_of_parties)


class _Server(uvicorn.Server):
    """Lets the open pages go when told to end, so that ending does not wait for them."""

    def __init__(self, configuration: uvicorn.Config, feed: Feed) -> None:
        super().__init__(configuration)
        self._feed = feed
        self._loop = asyncio.get_running_loop()
        # uvicorn raises the signal once more after it ended; heard here, it ends in order.
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, self.handle_exit)

    def end(self) -> None:
        """End in order; from the event loop."""
        self._feed.close()
        self.should_exit = True

    @override
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._feed.close)
        super().handle_exit(sig, frame)


def _configuration(
    settings: Settings, view: StaffView, feed: Feed, desk: StaffDesk, listening: socket.socket
) -> uvicorn.Config:
    port = listening.getsockname()[1]
    _log.info("staff page: http://%s:%d/", settings.host, port)
    hosts = ["*"]
    if _is_loopback(settings.host):
        # A page elsewhere cannot reach this one by giving its own name to this address.
        hosts = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
    return uvicorn.Config(
        make_site(view, feed, desk, hosts),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise PortBusy(settings.port) from error
    return listening


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def tell_pages(board: Board, view: StaffView, feed: Feed) -> Iterator[None]:
    """Bring what the lanes' threads tell to the event loop's pages."""
    loop = asyncio.get_running_loop()

    def tell(news: LaneAnswer | LaneState) -> None:
        if isinstance(news, LaneAnswer):
            event = Event("answer", answer_view(news))
        else:
            event = Event("lane", view.lane(news))
        # The loop may already be closed while the last lanes end.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(feed.publish, event)

    stop = board.listen(tell)
    try:
        yield
    finally:
        stop()


def _state_teller(
    view: StaffView, feed: Feed, desk: StaffDesk, backend: Backend
) -> Callable[[SyncState], None]:
    def tell(state: SyncState) -> None:
        view.sync_state = state
        desk.clock_ahead = backend.clock_ahead
        feed.publish(Event("status", view.status()))

    return tell


@contextmanager
def _running_lanes(
    lane_settings: tuple[LaneSettings, ...], gatekeeper: Gatekeeper, board: Board, clock: Clock
) -> Iterator[dict[int, Lane]]:
    with ExitStack() as stack:
        lanes: dict[int, Lane] = {}
        acts = StaffActs(gatekeeper, clock)
        for settings in lane_settings:
            gate, way = open_gate(settings.gate), settings.direction
            lane = Lane(settings.number, gatekeeper, gate, board, clock, acts, way)
            lanes[lane.number] = lane
            stack.callback(lane.close)
            if settings.camera is not None:
                camera = CameraLane(lane, settings.camera, settings.decoders)
                stack.enter_context(contextlib.closing(camera))
                camera.start()
        scanners = [
            ScannerLane(lanes[one.number], one.scanners) for one in lane_settings if one.scanners
        ]
        for started in (*_card_inputs(lane_settings, lanes), *scanners):
            stack.enter_context(contextlib.closing(started))
            started.start()
        yield lanes


class _Input(Protocol):
    def start(self) -> None: ...
    def close(self) -> None: ...


def _card_inputs(
    lane_settings: tuple[LaneSettings, ...], lanes: dict[int, Lane]
) -> Iterator[_Input]:
    """Return what reads physical cards, all readers over PC/SC together."""
    readers = {one.card_reader: lanes[one.number] for one in lane_settings if one.card_reader}
    if readers:
        # Imported here: a venue without card readers needs no PC/SC library.
        from reader_service.card_sources import open_sources  # noqa: PLC0415
        from reader_service.lane.card_taps import CardTaps  # noqa: PLC0415

        yield CardTaps(readers, open_sources(lane_settings))
    for one in lane_settings:
        if isinstance(one.cards, DriverCards):
            yield DriverTaps(lanes[one.number], DriverSource(one.cards))
