"""Doing together what several requests ask at the same time, so that they share round trips.

Whoever asks alone is served at once. Whoever asks while that goes on waits for its end and is then
served with all the others who waited: the busier the server, the more one round trip does.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

AT_ONCE = 64
Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Gathering(Generic[Question, Answer]):
    """Asks one question at a time, made of all that wait.

    Args:
        ask: answers some questions, in their order. What it raises, all of them get.
    """

    def __init__(self, ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]]) -> None:
        self._ask = ask
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._going_on = False
        self._rest: asyncio.Task[None] | None = None

    async def answer(self, question: Question) -> Answer:
        """Return the answer to one question."""
        if self._going_on:
            place: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
            self._waiting.append((question, place))
            return await place
        self._going_on = True
        try:
            [found] = await self._ask([question])
        finally:
            self._go_on()
        return found

    def _go_on(self) -> None:
        self._going_on = bool(self._waiting)
        self._rest = asyncio.create_task(self._answer_waiting()) if self._going_on else None

    async def _answer_waiting(self) -> None:
        some, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
        try:
            answers = await self._ask([question for question, _ in some])
        except BaseException as error:
            for _, place in some:
                if not place.done():
                    place.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for (_, place), answer in zip(some, answers, strict=True):
                if not place.done():  # who asked may have gone away
                    place.set_result(answer)
        finally:
            self._go_on()
