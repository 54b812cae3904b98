"""The fixture `card_readers`: a private pcscd with 16 virtual readers, one for the whole run."""

import os
from collections.abc import Iterator

import pytest

from tests.support.pcscd import PcscDaemon, PcscdMissing

MUTE_SECONDS = 1.2


@pytest.fixture(scope="session")
def card_readers() -> Iterator[PcscDaemon]:
    """Start it, point this process's PC/SC client at it, and end it with the run.

    One for all tests, since the client library reads the socket's name once in a process. Skips,
    naming the missing part, where the machine has no PC/SC.
    """
    daemon = PcscDaemon([f"Gate {number}" for number in range(1, 17)], mute_seconds=MUTE_SECONDS)
    try:
        daemon.start()
    except PcscdMissing as missing:
        daemon.stop()
        pytest.skip(str(missing))
    os.environ["PCSCLITE_CSOCK_NAME"] = str(daemon.socket_path)
    yield daemon
    daemon.stop()
