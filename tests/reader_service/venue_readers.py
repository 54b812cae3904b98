"""Readers of one venue on the loopback, and what a network does to what they say."""

import secrets
import socket
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from typing_extensions import override

from reader_service.devices.gate import RecordingGate
from reader_service.journal import Journal
from reader_service.lane.board import Board
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.lane.lane import Lane
from reader_service.peers.sharing import Sharing
from reader_service.peers.transport import Transport, open_transport
from reader_service.settings import LaneDirection, PeerSettings
from reader_service.snapshot import Snapshot
from shared.clock import SystemClock
from shared.ecode.reasons import Reason
from shared.wire.terminal_standing import key_number
from tests.reader_service.city import OPEN_RULES, City

KEY = bytes(range(32))


class Skipping(SystemClock):
    """The machine's clock, which all lanes of a test can be told to skip ahead together."""

    def __init__(self) -> None:
        self.ahead = 0.0

    @override
    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.ahead)

    @override
    def monotonic(self) -> float:
        return super().monotonic() + self.ahead

    def skip(self, seconds: float) -> None:
        self.ahead += seconds


class Following(SystemClock):
    """The same for who talks on the network, where no second is skipped."""

    def __init__(self, lanes: Skipping) -> None:
        self._lanes = lanes

    @override
    def now(self) -> datetime:
        return self._lanes.now()


@dataclass
class Reader:
    """One reader with one lane."""

    lane: Lane
    gatekeeper: Gatekeeper
    sharing: Sharing | None

    def answer(self, code: str) -> tuple[bool, Reason | None]:
        answer = self.lane.present_code(code).answer
        return answer.verdict.opens, answer.reason

    def remembers(self, phones: int = 1) -> bool:
        return len(self.gatekeeper.ledger.guard) >= phones

    def met(self) -> bool:
        return self.sharing is not None and any(peer.there for peer in self.sharing.state.peers)


class Readers:
    """Readers of one venue in this process, on real sockets of the loopback."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.city = City(now=SystemClock().now())
        self._folder, self._stack = folder, stack
        self.keys = {key_number(self.city.now): KEY}
        self.rules = OPEN_RULES
        self.clock = Skipping()
        self.settings: dict[int, PeerSettings] = {}

    def code(self) -> str:
        return self.city.phone().code(self.clock.now())

    def make(
        self,
        number: int,
        peers: PeerSettings | None,
        wrapped: Callable[[Transport], Transport] = lambda one: one,
        direction: LaneDirection = "in",
    ) -> Reader:
        """Make a reader with one lane, or the same once more, restarted."""
        folder = self._folder / str(number)
        folder.mkdir(exist_ok=True)
        snapshot = Snapshot(folder / "snapshot.sqlite", self.city.enrolment)
        self.city.fill(snapshot, self.rules)
        journal = self._stack.enter_context(closing(Journal(folder / "journal.sqlite")))
        counts = direction != "in"
        gatekeeper = Gatekeeper(snapshot, journal, self.clock, counts_exits=counts)
        board = Board((number,))
        lane = Lane(number, gatekeeper, RecordingGate(), board, self.clock, None, direction)
        made = Reader(lane, gatekeeper, None)
        if peers is not None:
            self.settings[number] = peers
            self.share(made, wrapped(open_transport(peers)))
        return made

    def share(self, reader: Reader, network: Transport) -> None:
        name, ledger = f"ter_{reader.lane.number}", reader.gatekeeper.ledger
        sharing = Sharing(name, network, lambda: self.keys, Following(self.clock))
        self._stack.enter_context(closing(sharing))
        ledger.others = reader.sharing = sharing
        sharing.start(ledger)


def ports(count: int) -> list[int]:
    with ExitStack() as stack:
        made = [stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in range(count)]
        for one in made:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in made]


def by_hosts() -> tuple[PeerSettings, PeerSettings]:
    first, second = ports(2)
    return (
        PeerSettings(port=first, hosts=(f"127.0.0.1:{second}",), interface="127.0.0.1"),
        PeerSettings(port=second, hosts=(f"127.0.0.1:{first}",), interface="127.0.0.1"),
    )


def by_multicast() -> tuple[PeerSettings, PeerSettings]:
    group = f"239.255.89.{secrets.randbelow(250) + 1}"
    settings = PeerSettings(port=ports(1)[0], group=group, interface="127.0.0.1")
    return settings, settings


class Lossy:
    """A network that loses every datagram of a kind the first time."""

    def __init__(self, network: Transport) -> None:
        self._network = network
        self.losing = False
        self.lost = 0

    def fileno(self) -> int:
        return self._network.fileno()

    def send(self, data: bytes) -> bool:
        if self.losing:
            self.losing, self.lost = False, self.lost + 1
            return True
        return self._network.send(data)

    def receive(self) -> bytes | None:
        return self._network.receive()

    def refresh(self) -> None:
        self._network.refresh()

    def close(self) -> None:
        self._network.close()


class Cut(Lossy):
    """A network that carries nothing, either way, while it is cut."""

    cut = False

    @override
    def send(self, data: bytes) -> bool:
        return True if self.cut else super().send(data)

    @override
    def receive(self) -> bytes | None:
        data = super().receive()
        return b"" if self.cut and data is not None else data
