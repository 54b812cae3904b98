import asyncio
from collections.abc import Sequence

import pytest

from backend.foundation.gathering import AT_ONCE, Gathering


class _Desk:
    """Answers a question with its double, when it is let; remembers what came together."""

    def __init__(self) -> None:
        self.together: list[list[int]] = []
        self.open = asyncio.Event()

    async def ask(self, questions: Sequence[int]) -> list[int]:
        self.together.append(list(questions))
        await self.open.wait()
        if 13 in questions:
            raise LookupError("13")
        return [2 * one for one in questions]


async def _asked(gathering: Gathering[int, int], *questions: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(gathering.answer(one)) for one in questions]
    await asyncio.sleep(0)
    return tasks


async def test_who_asks_meanwhile_is_answered_together() -> None:
    desk = _Desk()
    tasks = await _asked(Gathering(desk.ask), 1, 2, 3, 4)
    desk.open.set()

    assert await asyncio.gather(*tasks) == [2, 4, 6, 8]
    assert desk.together == [[1], [2, 3, 4]]


async def test_who_asks_alone_does_not_wait() -> None:
    desk = _Desk()
    desk.open.set()
    gathering = Gathering(desk.ask)

    assert [await gathering.answer(1), await gathering.answer(2)] == [2, 4]
    assert desk.together == [[1], [2]]


async def test_no_more_than_so_many_go_together() -> None:
    desk = _Desk()
    tasks = await _asked(Gathering(desk.ask), *range(100, 102 + AT_ONCE))
    desk.open.set()
    await asyncio.gather(*tasks)

    assert [len(some) for some in desk.together] == [1, AT_ONCE, 1]


async def test_what_is_raised_is_for_those_of_that_time_alone() -> None:
    desk = _Desk()
    gathering = Gathering(desk.ask)
    tasks = await _asked(gathering, 1, 13, 2)
    desk.open.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert answers[0] == 2
    assert [type(one) for one in answers[1:]] == [LookupError, LookupError]
    assert await gathering.answer(3) == 6


@pytest.mark.parametrize("gone", [0, 1])
async def test_who_goes_away_leaves_the_others_their_answers(gone: int) -> None:
    desk = _Desk()
    tasks = await _asked(Gathering(desk.ask), 1, 2, 3)
    tasks[gone].cancel()
    await asyncio.sleep(0)
    desk.open.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)

    assert [one for one in answers if isinstance(one, int)] == [
        2 * number for number in (1, 2, 3) if number != gone + 1
    ]
