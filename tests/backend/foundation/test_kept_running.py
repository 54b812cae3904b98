"""Work beside the application goes on whatever one round of it raises, and ends with it."""

import asyncio
import json
import logging

import pytest

from backend.foundation.kept_running import kept_running
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
