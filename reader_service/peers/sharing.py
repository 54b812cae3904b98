"""Sharing at work: a thread between the lanes of this process and those of the others."""

import contextlib
import logging
import select
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from reader_service.passed import Passed
from reader_service.peers.datagrams import Dropped
from reader_service.peers.exchange import Exchange, Peer
from reader_service.peers.sightings import Sighting, What
from reader_service.peers.transport import Transport
from shared.clock import Clock
from shared.wire.terminal_standing import key_number

_SLICE_SECONDS = 0.010
_JUNK_A_SLICE = 32
"""Junk read in a slice before the rest of it is left to the kernel to drop: a flood costs sharing,
which heals, and never the lanes, which need the processor."""
_MOST_A_TURN = 64
_REFRESH_SECONDS = 5.0
_MOST_WAITING = 10_000
_PHONE = tuple[int, int]
_log = logging.getLogger(__name__)


class Lanes(Protocol):
    """The memory of this process's lanes, as far as others add to it."""

    def seen_elsewhere(self, holder: _PHONE, counter: int, lane: int, seen_at: datetime) -> bool:
        """Take what another reader saw; False where a lane here let the same code in as well."""
        ...

    def released_elsewhere(self, holder: _PHONE) -> None:
        """Take that another reader took an entry back."""
        ...

    def passed_elsewhere(self, passed: Passed, at: datetime) -> None:
        """Take that somebody went in or out at another reader, or did not after all."""
        ...

    def let_out_elsewhere(self, *, counted: bool) -> None:
        """Take whether exits are counted at a reader that is heard."""
        ...

    def passages(self) -> Sequence[Passed]:
        """Return what is remembered of entries and exits, from before this process too."""
        ...

    @property
    def counts_exits(self) -> bool:
        """Whether a lane here lets people out."""
        ...


@dataclass(frozen=True, slots=True)
class SharingState:
    """How sharing goes; `ready` is False while no key of the venue is here."""

    ready: bool
    sends: bool
    peers: tuple[Peer, ...]
    counts: Mapping[str, int]
    held: int
    passages: int


class Sharing:
    """Tells other readers what the lanes see, and the lanes what others see."""

    def __init__(
        self,
        terminal_id: str,
        transport: Transport,
        keys: Callable[[], Mapping[int, bytes]],
        clock: Clock,
    ) -> None:
        """Prepare; `keys` are the venue's, as they stand, by number."""
        self._exchange = Exchange(terminal_id)
        self._transport = transport
        self._keys = keys
        self._clock = clock
        self._lanes: Lanes | None = None
        self._waiting = deque[tuple[What, _PHONE, int, int, float]](maxlen=_MOST_WAITING)
        self._passing = deque[Passed](maxlen=_MOST_WAITING)
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._ended = threading.Event()
        self._both = 0
        self._sends = True
        self._refresh_due = 0.0
        self._thread = threading.Thread(target=self._run, name="peers", daemon=True)
        self._state = SharingState(False, True, (), {}, 0, 0)

    @property
    def state(self) -> SharingState:
        """How it goes, as of a second ago at most; from any thread."""
        return self._state

    def start(self, lanes: Lanes) -> None:
        """Begin, on behalf of these lanes."""
        self._lanes = lanes
        talk, now = self._exchange.passages, self._clock.monotonic()
        talk.lets_people_out(lets_out=lanes.counts_exits)
        for passed in lanes.passages():
            talk.memory.take(passed, now, self._wall())
        self._thread.start()

    def close(self) -> None:
        """Say goodbye and end."""
        self._ended.set()
        self._rouse()
        if self._thread.is_alive():
            self._thread.join()
        for one in (self._transport, self._wake, self._woken):
            one.close()

    def seen(self, holder: _PHONE, counter: int, lane: int) -> None:
        """Tell of a code that a lane used up; never waits."""
        self._waiting.append((What.SEEN, holder, counter, lane, self._clock.monotonic()))
        self._rouse()

    def released(self, holder: _PHONE) -> None:
        """Tell that an entry was taken back; never waits."""
        self._waiting.append((What.RELEASED, holder, 0, 0, self._clock.monotonic()))
        self._rouse()

    def passed(self, passed: Passed) -> None:
        """Tell of an entry or exit; never waits."""
        self._passing.append(passed)
        self._rouse()

    def _rouse(self) -> None:
        with contextlib.suppress(OSError):  # Full: it is being roused already.
            self._wake.send(b"\0")

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._turn()
            except Exception as error:  # noqa: BLE001 - the lanes go on, and so does sharing
                _log.error("peers: %s", type(error).__name__)
                self._ended.wait(1.0)
        self._tell_waiting()
        self._send(self._exchange.bye(self._wall()))

    def _turn(self) -> None:
        begun = self._clock.monotonic()
        wait = max(0.0, min(self._exchange.due - begun, 1.0))
        sources: list[Transport | socket.socket] = [self._transport, self._woken]
        ready, _, _ = select.select(sources, [], [], wait)
        if self._woken in ready:
            with contextlib.suppress(BlockingIOError):
                self._woken.recv(4096)
        self._tell_waiting()
        if self._transport in ready and self._listen() >= _JUNK_A_SLICE:
            self._sit_out()
        now = self._clock.monotonic()
        if now >= self._exchange.due:
            self._exchange.use(self._keys(), key_number(self._clock.now()))
            self._send(self._exchange.tick(now, self._wall()))
            self._note_state(now)
        if now >= self._refresh_due:
            self._refresh_due = now + _REFRESH_SECONDS
            self._transport.refresh()

    def _tell_waiting(self) -> None:
        while self._waiting:
            what, phone, counter, lane, at = self._waiting.popleft()
            times = (at, self._clock.monotonic(), self._wall())
            self._send(self._exchange.tell(what, phone, counter, lane, times))
        while self._passing:
            passed = self._passing.popleft()
            now, wall = self._clock.monotonic(), self._wall()
            self._send(self._exchange.tell_passed(passed, now, wall))

    def _listen(self) -> int:
        """Hear what came, up to a bound; return how much of it was junk."""
        junk = 0
        for _ in range(_MOST_A_TURN):
            data = self._transport.receive()
            if data is None or junk >= _JUNK_A_SLICE:
                break
            heard = self._exchange.hear(data, self._clock.monotonic(), self._wall())
            junk += heard.dropped is not None and heard.dropped is not Dropped.OWN
            for sighting in heard.sightings:
                self._take(sighting)
            for passed in heard.passed:
                self._take_passed(passed)
            self._send(heard.replies)
        return junk

    def _sit_out(self) -> None:
        """Leave the network alone for the rest of a slice; what lanes saw is told all the same."""
        until = self._clock.monotonic() + _SLICE_SECONDS
        while (left := until - self._clock.monotonic()) > 0 and not self._ended.is_set():
            ready, _, _ = select.select([self._woken], [], [], left)
            if ready:
                with contextlib.suppress(BlockingIOError):
                    self._woken.recv(4096)
                self._tell_waiting()

    def _take(self, sighting: Sighting) -> None:
        if self._lanes is None:
            return
        phone = (sighting.card_index, sighting.device_serial)
        if sighting.what is What.RELEASED:
            self._lanes.released_elsewhere(phone)
            return
        seen_at = self._clock.now() - timedelta(milliseconds=sighting.age)
        if not self._lanes.seen_elsewhere(phone, sighting.counter, sighting.lane, seen_at):
            self._both += 1
            _log.warning("peers: lane %d of another reader saw the same code", sighting.lane)

    def _take_passed(self, passed: Passed) -> None:
        if self._lanes is not None:
            at = self._clock.now() - timedelta(milliseconds=passed.age)
            self._lanes.passed_elsewhere(passed, at)

    def _send(self, datagrams: list[bytes]) -> None:
        for data in datagrams:
            self._sends = self._transport.send(data)

    def _note_state(self, now: float) -> None:
        counts = {**self._exchange.counts, "both": self._both}
        peers = tuple(self._exchange.peers(now))
        self._state = SharingState(
            self._exchange.ready,
            self._sends,
            peers,
            counts,
            self._exchange.held(),
            len(self._exchange.passages.memory),
        )
        if self._lanes is not None:
            self._lanes.let_out_elsewhere(counted=self._exchange.let_out_elsewhere(now))

    def _wall(self) -> float:
        return self._clock.now().timestamp()
