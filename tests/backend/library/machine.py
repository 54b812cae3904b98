"""A self-service machine on a real connection, speaking by somebody else's SIP2 codec."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pysip2 import LoginRequest, decode_message, encode_message

from backend.foundation.access import Caller, Role
from backend.foundation.refusals import Refusal
from backend.library.sip2_server import Sip2Server
from backend.library.sip2_terminals import Sip2Terminals
from tests.backend.library.reading_room import CITY, ReadingRoom

OPERATOR = Caller(roles=frozenset({Role.SYSTEM_ADMINISTRATOR}))


@dataclass
class Machine:
    """One connection; each request has the next sequence digit and a checksum."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int = field(default=-1)

    async def ask(self, request: Any) -> Any:
        """Send a request and return the response, strictly read."""
        self.number = (self.number + 1) % 10
        frame = encode_message(
            request, sequence_number=self.number, checksum=True, encoding="utf-8"
        )
        answer = decode_message(await self.raw(frame), encoding="utf-8")
        assert answer.sequence_number == self.number
        return answer.message

    async def raw(self, frame: bytes) -> bytes:
        """Send bytes and return the line that comes, nothing where the other end hangs up."""
        try:
            self.writer.write(frame)
            await self.writer.drain()
            return await asyncio.wait_for(self.reader.readuntil(b"\r"), 10)
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""

    async def sign_in(self, name: str, secret: str) -> Any:
        plain = {"uid_algorithm": "0", "pwd_algorithm": "0"}
        login = LoginRequest(login_user_id=name, login_password=secret, **plain)
        return await self.ask(login)


@dataclass
class Port:
    """Where the network listens, and who is connected."""

    number: int
    machines: list[Machine] = field(default_factory=list)

    async def hang_up(self) -> None:
        for one in self.machines:
            one.writer.close()
            with suppress(ConnectionError):
                await one.writer.wait_closed()


@asynccontextmanager
async def served(room: ReadingRoom) -> AsyncIterator[Port]:
    """Serve the network's machines and yield the port."""
    server = room.house.services[Sip2Server]
    listener = socket.create_server(("127.0.0.1", 0))
    listening = await server.listen(listener, None)
    port = Port(listener.getsockname()[1])
    try:
        yield port
    finally:
        await port.hang_up()
        await server.hang_up()
        listening.close()


async def connected(port: Port) -> Machine:
    machine = Machine(*await asyncio.open_connection("127.0.0.1", port.number))
    port.machines.append(machine)
    return machine


async def registered(
    room: ReadingRoom, name: str, library: str = CITY, *, checks_codes: bool = False
) -> str:
    terminals = room.house.services[Sip2Terminals]
    secret = await terminals.register(OPERATOR, name, library, checks_codes=checks_codes)
    assert not isinstance(secret, Refusal)
    return secret


async def signed_in(
    room: ReadingRoom, port: Port, name: str = "desk-1", library: str = CITY
) -> Machine:
    """Return a machine that signed in."""
    machine = await connected(port)
    answer = await machine.sign_in(name, await registered(room, name, library))
    assert answer.ok == "1"
    return machine
