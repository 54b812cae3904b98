"""Work beside the application goes on whatever one round of it raises, and ends with it."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest
from pymongo.errors import AutoReconnect

from backend.foundation.kept_running import batches, each, kept_running, rounds
from backend.foundation.logs import EventFormatter


async def test_what_no_work_foresaw_is_logged_without_its_value_and_the_work_begins_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    begun, third = 0, asyncio.Event()

    async def work() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise KeyError("360702198803129019")
        third.set()
        await asyncio.Event().wait()

    with caplog.at_level(logging.ERROR):
        async with kept_running(work, again_seconds=0):
            await asyncio.wait_for(third.wait(), 5)
    lines = [EventFormatter().format(one) for one in caplog.records]
    assert [json.loads(line)["event"] for line in lines] == ["work failed and begins again"] * 2
    assert "work" in json.loads(lines[0])["work"]
    assert "360702198803129019" not in "".join(lines)


@pytest.mark.parametrize(("until_idle", "waited_after"), [(True, [1, 4]), (False, [1, 2])])
async def test_a_store_that_does_not_answer_is_asked_again_and_a_round_may_end_when_all_is_done(
    until_idle: bool,
    waited_after: list[int],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left, asked, waited = 3, 0, list[int]()

    async def sweep() -> int:
        nonlocal left, asked
        asked += 1
        if asked == 1:
            raise AutoReconnect("no primary")
        left -= 1
        return left

    async def sleep(seconds: float) -> None:
        assert seconds == 7
        waited.append(asked)
        if len(waited) == 2:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await rounds(sweep, 7, until_idle=until_idle)
    assert waited == waited_after
    assert [one.getMessage() for one in caplog.records] == ["round failed"]


async def test_it_ends_with_the_application() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with kept_running(work):
        await asyncio.wait_for(begun.wait(), 5)
    assert ended.is_set()


async def _names(*names: str) -> AsyncIterator[str]:
    for one in names:
        yield one


async def test_whoever_stands_behind_a_broken_row_has_their_turn_and_it_is_logged_without_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen = []

    async def act(name: str) -> int:
        seen.append(name)
        if name.isdigit():
            raise KeyError(name)
        return 1

    assert await each(_names("a", "360702198803129010", "b"), act) == 2
    assert seen == ["a", "360702198803129010", "b"]
    lines = [EventFormatter().format(one) for one in caplog.records]
    assert [json.loads(line)["event"] for line in lines] == ["left for the next round"]
    assert "36070219880312901" not in "".join(lines)


@pytest.mark.parametrize("error", [AutoReconnect("no primary"), OSError("no gateway")])
async def test_where_nobody_answers_the_round_ends_instead_of_blaming_every_row(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    seen = []

    async def act(name: str) -> int:
        seen.append(name)
        raise error

    with pytest.raises(type(error)):
        await each(_names("a", "b"), act)
    assert (seen, caplog.records) == (["a"], [])


async def test_batches_lose_nothing() -> None:
    assert [one async for one in batches(_names(*"abcde"), 2)] == [["a", "b"], ["c", "d"], ["e"]]
    assert [one async for one in batches(_names(*"ab"), 2)] == [["a", "b"]]
    assert [one async for one in batches(_names(), 2)] == []
