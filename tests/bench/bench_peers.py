"""From one reader's lane to the next reader's memory, over real sockets of the loopback."""

import secrets
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from reader_service.journal import Journal
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.passed import Passed, Way
from reader_service.peers.sharing import Sharing
from reader_service.peers.transport import open_transport
from reader_service.settings import PeerSettings
from reader_service.snapshot import Snapshot
from shared.clock import SystemClock
from shared.wire.terminal_standing import key_number
from tests.bench.measure import Row, Sample, interleave, microseconds, table
from tests.reader_service.city import City

_ROUNDS = 300
_DECISIONS = 400
_LOST_EVERY = 2


@dataclass
class _Lanes:
    """Notes when a sighting arrived."""

    heard: threading.Event = field(default_factory=threading.Event)
    at: float = 0.0

    def seen_elsewhere(
        self, holder: tuple[int, int], counter: int, lane: int, seen_at: datetime
    ) -> bool:
        self.at = time.perf_counter()
        self.heard.set()
        del holder, counter, lane, seen_at
        return True

    def released_elsewhere(self, holder: tuple[int, int]) -> None:
        del holder

    def passed_elsewhere(self, passed: Passed, at: datetime) -> None:
        self.at = time.perf_counter()
        self.heard.set()
        del passed, at

    def let_out_elsewhere(self, *, counted: bool) -> None:
        del counted

    def passages(self) -> list[Passed]:
        return []

    counts_exits = False


class _Losing:
    """A network that loses a datagram when told to."""

    def __init__(self, settings: PeerSettings) -> None:
        self._network = open_transport(settings)
        self.lose = False
        self.fileno, self.receive = self._network.fileno, self._network.receive
        self.refresh, self.close = self._network.refresh, self._network.close

    def send(self, data: bytes) -> bool:
        if self.lose:
            self.lose = False
            return True
        return self._network.send(data)


def run() -> list[Row]:
    """Measure sharing, healing, and what a flood of junk costs a decision."""
    with ExitStack() as stack:
        first, second = (_port() for _ in range(2))
        losing = _Losing(_settings(first, second))
        teller = _sharing("ter_a", losing, stack)
        hearer = _sharing("ter_b", _Losing(_settings(second, first)), stack)
        lanes = _Lanes()
        teller.start(_Lanes())
        hearer.start(lanes)
        time.sleep(1.5)
        codes = _told(lambda number: teller.seen((number, 1), number, 1), losing, lanes)
        entries = _told(lambda number: teller.passed(_entry(number)), losing, lanes)
    return [
        _row("a sighting told to the next reader", codes[0]),
        _row("the same where its datagram was lost", codes[1], codes[0]),
        _row("an entry told to the next reader", entries[0]),
        _row("the same where its datagram was lost", entries[1], entries[0]),
        *_flooded(),
    ]


def _told(tell: Callable[[int], None], losing: "_Losing", lanes: _Lanes) -> tuple[Sample, Sample]:
    """Tell something again and again; every second time the network loses it at first."""
    shared, healed = Sample(), Sample()
    for number in range(_ROUNDS):
        lost = number % _LOST_EVERY == 0
        lanes.heard.clear()
        losing.lose = lost
        begun = time.perf_counter()
        tell(number)
        if not lanes.heard.wait(5.0):
            raise RuntimeError("what was told was never heard")
        (healed if lost else shared).wall.append((lanes.at - begun) * 1e6)
        time.sleep(0.02)
    return shared, healed


def _entry(number: int) -> Passed:
    now = int(SystemClock().now().timestamp() * 1000)
    return Passed(secrets.token_hex(16), f"360700:{number}", Way.IN, now, 0)


def _row(subject: str, sample: Sample, baseline: Sample | None = None) -> Row:
    p99 = sample.p99() / 1000
    return Row(
        subject,
        f"p50 {sample.p50() / 1000:.1f} ms, p99 {p99:.1f} ms",
        "told" if baseline else "",
        sample.p50() / baseline.p50() if baseline else None,
        "p99 ≤ 50 ms",
        p99 <= 50,
    )


def _flooded() -> list[Row]:
    """Decide codes in quiet and while another process's worth of junk pours in."""
    city = City(now=SystemClock().now())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        snapshot = Snapshot(folder / "snapshot.sqlite", city.enrolment)
        city.fill(snapshot)
        journal = stack.enter_context(closing(Journal(folder / "journal.sqlite")))
        gatekeeper = Gatekeeper(snapshot, journal, SystemClock())
        port = _port()
        sharing = _sharing("ter_a", _Losing(_settings(port, _port())), stack)
        sharing.start(gatekeeper.ledger)
        phone = city.phone()

        def decide() -> None:
            gatekeeper.decide_code(phone.code(SystemClock().now()), 1)

        quiet = interleave({"": decide}, _DECISIONS)[""]
        over = threading.Event()
        flood = threading.Thread(target=_pour, args=(port, over))
        flood.start()
        try:
            loud = interleave({"": decide}, _DECISIONS)[""]
        finally:
            over.set()
            flood.join()
        time.sleep(1.1)  # What it tells of itself is as of its last round.
        junk = sharing.state.counts.get("junk", 0)
    return [
        Row("make and decide a code, nothing on the network", microseconds(quiet)),
        Row(
            f"the same under a flood of junk ({junk:,} read)",
            microseconds(loud),
            "quiet",
            loud.p50() / quiet.p50(),
        ),
    ]


def _pour(port: int, over: threading.Event) -> None:
    junk = [secrets.token_bytes(200) for _ in range(50)]
    with socket.socket(type=socket.SOCK_DGRAM) as out:
        while not over.is_set():
            for data in junk:
                out.sendto(data, ("127.0.0.1", port))
            time.sleep(0.001)  # This thread is a neighbour's machine, and must not hold ours up.


def _sharing(name: str, network: _Losing, stack: ExitStack) -> Sharing:
    clock = SystemClock()
    keys = {key_number(clock.now()): bytes(range(32))}
    return stack.enter_context(closing(Sharing(name, network, lambda: keys, clock)))


def _settings(own: int, other: int) -> PeerSettings:
    return PeerSettings(port=own, hosts=(f"127.0.0.1:{other}",), interface="127.0.0.1")


def _port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


if __name__ == "__main__":
    sys.stdout.write(table(run()) + "\n")
