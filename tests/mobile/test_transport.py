"""What a network does to an answer on its way: then there is none, soon, and no exception."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from mobile.services import http_transport
from mobile.services.http_transport import MOST_BYTES, HttpTransport
from mobile.services.transport import NoAnswer, Reply

PACKED = gzip.compress(b'{"data": {}}')


def packed(content: bytes, length: int | None = None, coding: str = "gzip") -> bytes:
    """Return an answer that says it is packed."""
    length = len(content) if length is None else length
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {length}\r\n\r\n"
    return head.encode() + content


@contextmanager
def answering(speak: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve on a socket of its own; `speak` answers who asked."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection, suppress(OSError):
                    connection.recv(65536)
                    speak(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/graphql"
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


async def ask(url: str, way: str) -> Reply:
    transport = HttpTransport()
    try:
        if way == "post":
            return await transport.post(url, b"{}", {})
        return await transport.get(url, {}, lambda *_: None)
    finally:
        await transport.close()


def chunked(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + body


@pytest.mark.parametrize("way", ["post", "get"])
@pytest.mark.parametrize(
    "said",
    [
        pytest.param(packed(b"hello"), id="not packed at all"),
        pytest.param(packed(b"hello", coding="deflate"), id="not deflated"),
        pytest.param(packed(PACKED[:-8] + bytes(8)), id="packed bytes changed"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", id="cut off"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: ten\r\n\r\n{}", id="a length in words"),
        pytest.param(chunked(b"zz\r\n{}"), id="a chunk of no size"),
        pytest.param(b"\x00\xff nonsense\r\n\r\n", id="no HTTP"),
        pytest.param(b"", id="hung up"),
    ],
)
async def test_what_arrives_broken_is_no_answer(said: bytes, way: str) -> None:
    with answering(lambda connection: connection.sendall(said)) as url, pytest.raises(NoAnswer):
        await ask(url, way)


async def test_a_whole_answer_arrives_packed_or_not() -> None:
    """The control; half a packed answer is left to who reads it, and a redirect is not followed."""
    for said, body in (
        (packed(PACKED), b'{"data": {}}'),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"{}"),
        (b"HTTP/1.1 302 Found\r\nLocation: /hotel\r\nContent-Length: 0\r\n\r\n", b""),
    ):
        with answering(lambda connection, said=said: connection.sendall(said)) as url:  # type: ignore[misc]
            assert (await ask(url, "post")).body == body


async def test_an_answer_that_unpacks_without_end_is_let_go_at_once() -> None:
    """A bomb of 256 MB in 256 kB: no more of it is unpacked than one part of the network's."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    assert len(bomb) < 300_000
    sent = 0

    def speak(connection: socket.socket) -> None:
        nonlocal sent
        for start in range(0, len(bomb), 4096):
            connection.sendall(packed(b"", len(bomb))[: 0 if start else None])
            connection.sendall(bomb[start : start + 4096])
            sent += 4096
            time.sleep(0.002)

    with answering(speak) as url, pytest.raises(NoAnswer, match="too large"):
        await ask(url, "post")
    assert sent < len(bomb) / 2
    assert MOST_BYTES < 16 * 1024 * 1024


async def test_an_answer_that_comes_by_the_byte_ends_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_transport, "PATIENCE_SECONDS", 0.3)
    gone = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            connection.sendall(b" ")
            if gone.wait(0.02):
                return

    begun = time.monotonic()
    with answering(drip) as url:
        try:
            with pytest.raises(NoAnswer):
                await ask(url, "post")
            assert time.monotonic() - begun < 1.9, "it would have gone on for two seconds"
        finally:
            gone.set()
