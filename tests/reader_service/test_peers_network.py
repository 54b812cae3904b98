"""Two machines of a venue, as network namespaces with a cable between them that loses datagrams."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.soak import SOAK

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not SOAK, reason="make soak"),
    pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("ip"), reason="needs root and ip"),
]
_HERE, _THERE = f"ykt{os.getpid()}a", f"ykt{os.getpid()}b"
_SIGHTINGS = 200
_READER = """
import sys, threading, time
from reader_service.peers.sharing import Sharing
from reader_service.peers.transport import open_transport
from reader_service.settings import PeerSettings
from shared.clock import SystemClock
from shared.wire.terminal_standing import key_number

class Lanes:
    heard = set()
    def seen_elsewhere(self, holder, counter, lane, seen_at):
        self.heard.add(counter)
        return True
    def released_elsewhere(self, holder): pass

clock, count, tells = SystemClock(), int(sys.argv[1]), sys.argv[3] == "tell"
network = open_transport(PeerSettings(interface=sys.argv[2]))
if tells:
    send, sent = network.send, iter(range(10**9))
    network.send = lambda data: next(sent) % 3 == 0 or send(data)  # every third is lost
sharing = Sharing("ter", network, lambda: {key_number(clock.now()): bytes(32)}, clock)
sharing.start(Lanes())
time.sleep(2)
for number in range(count if tells else 0):
    sharing.seen((number, 1), number, 1)
    time.sleep(0.01)
end = time.monotonic() + 8
while time.monotonic() < end and (tells or len(Lanes.heard) < count):
    time.sleep(0.05)
print(len(Lanes.heard))
sharing.close()
"""


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@pytest.fixture
def cable() -> Iterator[None]:
    _ip("netns", "add", _HERE)
    _ip("netns", "add", _THERE)
    try:
        _ip(
            "link", "add", "cable", "netns", _HERE, "type", "veth", "peer", "cable", "netns", _THERE
        )
        for name, address in ((_HERE, "10.89.0.1/24"), (_THERE, "10.89.0.2/24")):
            _ip("-n", name, "addr", "add", address, "dev", "cable")
            _ip("-n", name, "link", "set", "cable", "up")
            _ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        _ip("netns", "del", _HERE)
        _ip("netns", "del", _THERE)


@pytest.mark.usefixtures("cable")
def test_readers_on_two_machines_share_by_multicast_over_a_cable_that_loses_a_third() -> None:
    def start(name: str, address: str, part: str) -> subprocess.Popen[str]:
        program = [sys.executable, "-c", _READER, str(_SIGHTINGS), address, part]
        command = ["ip", "netns", "exec", name, *program]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    with (
        start(_THERE, "10.89.0.2", "hear") as hearing,
        start(_HERE, "10.89.0.1", "tell") as telling,
    ):
        heard, _ = hearing.communicate(timeout=60)
        telling.communicate(timeout=60)

    assert int(heard) == _SIGHTINGS
