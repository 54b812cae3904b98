"""Asking a server process over a real socket, and what CPU that costs it."""

import os
import socket
from pathlib import Path

from shared.clock import SystemClock
from shared.ecode.algorithms import SoftwareKey
from shared.wire.request_proof import sign_request

_CLOCK = SystemClock()


def proven_request(key: SoftwareKey, path: str, body: bytes) -> bytes:
    """Return one proven request, ready to be sent any number of times within a minute."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"DPoP: {sign_request(key, 'POST', path, body, _CLOCK.now())}\r\n\r\n"
    )
    return head.encode() + body


def ask(connection: socket.socket, request: bytes, expect: int = 200) -> bytes:
    """Send a request and return the answer's body.

    Raises:
        RuntimeError: the answer is not `expect`, or the connection was closed before its end.
    """
    connection.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _received(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    if f" {expect} ".encode() not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(answer.decode(errors="replace"))
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += _received(connection)
    return body


def _received(connection: socket.socket) -> bytes:
    some = connection.recv(65_536)
    if not some:
        raise RuntimeError("the server closed the connection")
    return some


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
