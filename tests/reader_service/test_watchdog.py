"""What systemd hears: on a real socket, as it listens."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import pytest

from reader_service.watchdog import READY, ServiceManager


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    made.bind(str(tmp_path / "notify"))
    made.settimeout(5)
    yield made
    made.close()


def _heard(listening: socket.socket) -> str:
    return listening.recv(100).decode()


async def test_it_is_told_ready_and_alive(listening: socket.socket, tmp_path: Path) -> None:
    notify = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "90000"}
    manager = ServiceManager(notify)

    manager.tell(READY)
    beating = asyncio.create_task(manager.beat(Lock()))

    for expected in (READY, "WATCHDOG=1", "WATCHDOG=1"):
        assert await asyncio.to_thread(_heard, listening) == expected
    beating.cancel()


async def test_lanes_that_stand_still_are_not_said_to_be_alive(
    listening: socket.socket, tmp_path: Path
) -> None:
    notify = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "90000"}
    lanes = Lock()
    lanes.acquire()

    beating = asyncio.create_task(ServiceManager(notify).beat(lanes))
    listening.settimeout(0.3)
    with pytest.raises(TimeoutError):
        await asyncio.to_thread(_heard, listening)
    lanes.release()
    listening.settimeout(5)

    assert await asyncio.to_thread(_heard, listening) == "WATCHDOG=1"
    beating.cancel()


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"WATCHDOG_USEC": "junk"},
        {"WATCHDOG_USEC": "90000", "WATCHDOG_PID": str(os.getpid() + 1)},
        {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": ""},
    ],
)
async def test_without_a_watchdog_nothing_is_told(environment: dict[str, str]) -> None:
    manager = ServiceManager(environment)
    manager.tell(READY)

    assert manager.watchdog_seconds is None
    await asyncio.wait_for(manager.beat(Lock()), 1)


async def test_an_abstract_socket_is_reached() -> None:
    name = f"yikatong-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.settimeout(5)

        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}).tell(READY)

        assert listening.recv(100) == b"READY=1"
