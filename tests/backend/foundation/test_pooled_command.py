"""A command on a pooled connection: the driver's answers and errors, and no mixed-up answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.pool import AsyncConnection
from pymongo.errors import AutoReconnect, OperationFailure
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)
from typing_extensions import override

from backend.foundation import pooled_command
from backend.foundation.pooled_command import command_once
from tests.backend.actors import City


@pytest.fixture
async def client(city: City) -> AsyncIterator[AsyncMongoClient[dict[str, Any]]]:
    """A client of one connection: whoever leaves it unfit leaves it to the next one."""
    opened = AsyncMongoClient[dict[str, Any]](
        city.house.store.uri, maxPoolSize=1, tz_aware=True, retryReads=False
    )
    yield opened
    await opened.close()


async def _asked(client: AsyncMongoClient[dict[str, Any]], command: dict[str, Any]) -> Any:
    database = client["yikatong_pooled"]
    return await command_once(database, command, database.codec_options)


async def _waiting(
    client: AsyncMongoClient[dict[str, Any]], after_ms: int = 60_000
) -> asyncio.Task[Any]:
    """Send a command that the store answers after a while only; return it once it is under way."""
    told = (await _asked(client, {"hello": 1}))["topologyVersion"]
    held = {"hello": 1, "topologyVersion": told, "maxAwaitTimeMS": after_ms}
    task = asyncio.create_task(_asked(client, held))
    await asyncio.sleep(0.02)
    assert not task.done()
    return task


async def test_it_answers_and_refuses_as_the_drivers_own_command_does(
    client: AsyncMongoClient[dict[str, Any]],
) -> None:
    commands: list[dict[str, Any]] = [
        {"aggregate": 1, "pipeline": [{"$documents": [{"a": 1}]}], "cursor": {}},
        {"count": "nothing"},
        {"no such command": 1},
        {"aggregate": 1, "pipeline": [{"$no": 1}], "cursor": {}},
    ]
    for command in commands:
        told = list[Any]()
        for way in (_asked(client, dict(command)), client["yikatong_pooled"].command(command)):
            try:
                answer = await way
            except OperationFailure as refused:
                told.append((type(refused), refused.code))
            else:
                told.append({name: answer.get(name) for name in ("n", "cursor", "ok")})
        assert told[0] == told[1], command


_AROUND = frozenset({"lsid", "$clusterTime", "$db", "$readPreference"})


class _Heard(CommandListener):
    """Writes down what the driver's command monitoring tells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ...]] = []

    @override
    def started(self, event: CommandStartedEvent) -> None:
        sent = (name for name in event.command if name not in _AROUND)
        self.told.append(("started", event.command_name, event.database_name, *sent))

    @override
    def succeeded(self, event: CommandSucceededEvent) -> None:
        self.told.append(("succeeded", event.command_name, str(event.reply["ok"])))

    @override
    def failed(self, event: CommandFailedEvent) -> None:
        self.told.append(("failed", event.command_name, str(event.failure.get("code"))))


async def test_monitoring_hears_of_it_what_it_hears_of_the_drivers_own(city: City) -> None:
    heard = _Heard()
    async with AsyncMongoClient[dict[str, Any]](
        city.house.store.uri, event_listeners=[heard]
    ) as client:
        database = client["yikatong_pooled"]
        for command in ({"count": "nothing"}, {"no such command": 1}):
            told = list[list[tuple[str, ...]]]()
            for own in (True, False):
                heard.told = []
                with suppress(OperationFailure):
                    if own:
                        await command_once(database, dict(command), database.codec_options)
                    else:
                        await database.command(dict(command))
                told.append(heard.told)
            assert len(told[0]) == 2
            assert told[0] == told[1]
        heard.told = []
        (await _waiting(client)).cancel()
        await asyncio.sleep(0.02)
        assert heard.told[-1] == ("failed", "hello", "None"), "one that was given up"


async def test_an_answer_given_up_is_never_taken_for_the_next_ones(
    client: AsyncMongoClient[dict[str, Any]],
) -> None:
    task = await _waiting(client)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await _asked(client, {"count": "nothing"}))["n"] == 0


async def test_without_giving_the_connection_up_the_next_one_would_be_lost_with_it(
    client: AsyncMongoClient[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await _waiting(client, after_ms=200)

    async def keep(_: AsyncConnection, error: BaseException) -> None:
        raise error

    with monkeypatch.context() as kept:
        kept.setattr(AsyncConnection, "_raise_connection_failure", keep)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    with pytest.raises(AutoReconnect):
        await _asked(client, {"count": "nothing"})


async def test_a_silent_store_is_waited_for_no_longer_than_said(
    client: AsyncMongoClient[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooled_command, "ANSWER_SECONDS", 0.1)
    task = await _waiting(client)
    with pytest.raises(AutoReconnect):
        await task
    monkeypatch.undo()
    assert (await _asked(client, {"count": "nothing"}))["n"] == 0


async def test_many_at_once_each_get_their_own_answer(city: City) -> None:
    database = city.house.store.database

    async def echo(number: int) -> int:
        stages = [{"$documents": [{"number": number}]}]
        command = {"aggregate": 1, "pipeline": stages, "cursor": {}}
        answer = await command_once(database, command, database.codec_options)
        return int(answer["cursor"]["firstBatch"][0]["number"])

    assert await asyncio.gather(*map(echo, range(60))) == list(range(60))
