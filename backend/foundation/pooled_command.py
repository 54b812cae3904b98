"""A command to the primary on a connection of the driver's own pool, and nothing around it.

The driver's public `command` opens a session, a retry and two tasks for each answer that it waits
for. Cold, as it is found at a gate where somebody asks every few seconds, that costs as much as all
else of an online check together. Connecting, signing in, choosing the server and what is learnt of
a failure stay the driver's; from its parts without a public name comes all that is used here, so
the project takes one minor version of it (see `infra/decisions/0026-commands-of-online-checks.md`).
"""

import asyncio
from collections.abc import MutableMapping
from datetime import timedelta
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient, ReadPreference
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.asynchronous.pool import AsyncConnection
from pymongo.asynchronous.server import Server
from pymongo.helpers_shared import _check_command_response
from pymongo.message import _op_msg, _OpMsg
from pymongo.server_type import SERVER_TYPE

ANSWER_SECONDS = 10.0
"""An answer that is longer under way comes no more: the connection is given up."""


async def command_once(
    database: AsyncDatabase[dict[str, Any]],
    command: MutableMapping[str, Any],
    options: CodecOptions[dict[str, Any]],
) -> dict[str, Any]:
    """Return the answer to a command; it is sent once, in no session.

    Raises:
        AutoReconnect: the connection broke, or no answer came; whether it was done, nobody knows.
        OperationFailure: the store refused it.
    """
    client = database.client
    server = _known_primary(client)
    if server is None:
        server = await client._select_server(ReadPreference.PRIMARY, None, next(iter(command)))
    async with client._checkout(server, None) as connection:
        number, message, _, _ = _op_msg(0, command, database.name, ReadPreference.PRIMARY, options)
        line, said = connection.conn.get_conn, _Said(database, connection, number, command)
        # Less than a timeout around each step, and to the reading end the same.
        silence = TimeoutError("no answer")
        given_up = asyncio.get_running_loop().call_later(ANSWER_SECONDS, line.close, silence)
        said.sent()
        try:
            await line.write(message)
            content, _ = await line.read(number, connection.max_message_size)
        # Whatever ended the wait, a cancellation too: the next command would meet that answer.
        except BaseException as error:  # noqa: BLE001 - raised again once the connection is closed
            said.failed({"errmsg": repr(error)})
            await connection._raise_connection_failure(error)
        finally:
            given_up.cancel()
        [answer] = _OpMsg.unpack(content).unpack_response(codec_options=options)
        said.answered(answer)
        _check_command_response(answer, connection.max_wire_version)
    return answer


class _Said:
    """Tells the driver's command monitoring, if anybody listens, as the driver itself does."""

    __slots__ = ("_about", "_began", "_command", "_database", "_listeners", "_number")

    def __init__(
        self,
        database: AsyncDatabase[dict[str, Any]],
        connection: AsyncConnection,
        number: int,
        command: MutableMapping[str, Any],
    ) -> None:
        listeners = database.client._event_listeners
        heard = listeners is not None and listeners.enabled_for_commands
        self._listeners = listeners if heard else None
        self._about = (number, connection.address, connection.server_connection_id)
        self._database, self._command, self._began = database.name, command, 0.0

    def sent(self) -> None:
        """Tell that the command goes out now."""
        if self._listeners is not None:
            self._began = asyncio.get_running_loop().time()
            self._listeners.publish_command_start(self._command, self._database, *self._about)

    def answered(self, answer: dict[str, Any]) -> None:
        """Tell what came back, a refusal of the store being no success."""
        if self._listeners is not None and answer.get("ok") != 1:
            self.failed(answer)
        elif self._listeners is not None:
            self._listeners.publish_command_success(self._took(), answer, *self._named())

    def failed(self, failure: dict[str, Any]) -> None:
        """Tell that no answer came, or a refusal."""
        if self._listeners is not None:
            self._listeners.publish_command_failure(self._took(), failure, *self._named())

    def _took(self) -> timedelta:
        return timedelta(seconds=asyncio.get_running_loop().time() - self._began)

    def _named(self) -> tuple[Any, ...]:
        return next(iter(self._command)), *self._about


def _known_primary(client: AsyncMongoClient[dict[str, Any]]) -> Server | None:
    """Return the primary that is known by now; who knows none, has one selected and waits for it.

    What a failure or the monitor says of a server is in its description at once.
    """
    for server in client._topology._servers.values():
        if server.description.server_type == SERVER_TYPE.RSPrimary:
            return server
    return None
