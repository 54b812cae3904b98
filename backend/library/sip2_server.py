"""SIP2 over TCP: one conversation a machine, each line bounded in length, time and number.

In production the port speaks TLS itself (a certificate in the settings) or listens on the loopback
for a TLS proxy in front (stunnel is what self-service machines usually come with).
"""

import asyncio
import logging
import socket
import ssl

from backend.foundation.logs import FIELDS, describe_error
from backend.library.sip2_codec import MAX_LINE, Message, Unreadable, control, read, write
from backend.library.sip2_desk import Counter, Sip2Desk
from backend.library.sip2_terminals import Sip2Terminals, Terminal

LOGIN_SECONDS = 30.0
IDLE_SECONDS = 900.0
WRITE_SECONDS = 10.0
WRONG_SECONDS = 1.0
"""How long a wrong login waits for its answer."""
MOST_WRONG = 3
_log = logging.getLogger("yikatong.sip2")


class Sip2Conversation:
    """What was said on one connection."""

    def __init__(self, desk: Sip2Desk, terminals: Sip2Terminals) -> None:
        self._desk = desk
        self._terminals = terminals
        self._language = "000"
        self._unread = 0
        self._refused = 0
        self._last: tuple[bytes, bytes] | None = None
        self.terminal: Terminal | None = None

    async def answer(self, line: bytes) -> bytes | None:
        """Return the answer to a line, both without their ends; None ends the conversation."""
        message = read(line)
        if isinstance(message, Unreadable) or message.code == "96":
            self._unread += 1
            return control("96") if self._unread < MOST_WRONG else None
        if message.code == "97":
            return control("96") if self._last is None else self._last[1]
        # A line sent again as it was, its sequence with it, is answered as it was.
        if message.sequence is not None and self._last is not None and self._last[0] == line:
            return self._last[1]
        replied = await self._reply(message)
        if replied is None:
            return None
        self._unread = 0
        answer = write(Message(replied.code, replied.fixed, replied.fields, message.sequence))
        self._last = line, answer
        return answer

    async def _reply(self, message: Message) -> Message | None:
        if message.code == "93":
            return await self._login(message)
        if self.terminal is None or not await self._terminals.still_good(self.terminal):
            return None
        if message.code in {"23", "63"}:
            self._language = message.fixed[0]
        reply = await self._desk.answer(Counter(self.terminal, self._language), message)
        if message.code == "35":
            self._language = "000"
        return reply

    async def _login(self, message: Message) -> Message | None:
        # Algorithms other than none are agreed between makers; none of them is known here.
        plain = message.fixed == ("0", "0")
        secret = message.first("CO")
        self.terminal = await self._terminals.let_in(message.first("CN"), secret) if plain else None
        if self.terminal is None:
            self._refused += 1
            await asyncio.sleep(WRONG_SECONDS)
            return Message("94", ("0",)) if self._refused < MOST_WRONG else None
        return Message("94", ("1",))


class Sip2Server:
    """Listens for machines."""

    def __init__(self, desk: Sip2Desk, terminals: Sip2Terminals, most: int) -> None:
        self._desk = desk
        self._terminals = terminals
        self._most = most
        self._open: set[asyncio.StreamWriter] = set()

    async def listen(self, listener: socket.socket, tls: ssl.SSLContext | None) -> asyncio.Server:
        """Begin to answer on a bound socket."""
        return await asyncio.start_server(
            self._converse, sock=listener, limit=MAX_LINE, ssl=tls,
            ssl_handshake_timeout=None if tls is None else WRITE_SECONDS,
        )  # fmt: skip

    async def hang_up(self) -> None:
        """End every conversation; machines go offline and come back."""
        for writer in list(self._open):
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= self._most:
            writer.close()
            return
        self._open.add(writer)
        try:
            await self._lines(reader, writer)
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass  # silent too long, gone, or no line: there is nobody to tell
        except Exception as error:  # noqa: BLE001 - a machine hears nothing of our failures
            _log.error("conversation failed", extra={FIELDS: {"error": describe_error(error)}})
        finally:
            self._open.discard(writer)
            writer.close()

    async def _lines(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = Sip2Conversation(self._desk, self._terminals)
        until = asyncio.get_running_loop().time() + LOGIN_SECONDS
        while True:
            signed_in = conversation.terminal is not None
            async with asyncio.timeout(IDLE_SECONDS) if signed_in else asyncio.timeout_at(until):
                line = (await reader.readuntil(b"\r"))[:-1].lstrip(b"\n")
            if not line:
                continue
            answer = await conversation.answer(line)
            if answer is None:
                return
            writer.write(answer + b"\r")
            async with asyncio.timeout(WRITE_SECONDS):
                await writer.drain()
