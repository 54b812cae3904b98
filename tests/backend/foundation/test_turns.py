"""Who waits for the same thing waits in order; who wants something else does not wait."""

import asyncio
import gc

from backend.foundation.turns import Turns


async def test_turns_at_one_name_follow_one_another() -> None:
    turns, story = Turns(), list[str]()

    async def act(name: str, who: str) -> None:
        async with turns.at(name):
            story.append(f"{who} begins")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            story.append(f"{who} ends")

    await asyncio.gather(act("a", "1"), act("a", "2"), act("b", "3"))

    ours = [line for line in story if line[0] in "12"]
    assert ours == ["1 begins", "1 ends", "2 begins", "2 ends"]
    assert story.index("3 begins") < story.index("1 ends")
    gc.collect()
    assert not turns._locks
