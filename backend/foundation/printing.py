"""What documents on paper are made with: the font, and a thread beside the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

FONT = Path(__file__).with_name("fonts") / "NotoSansSC-Regular.ttf"


class Printer:
    """Makes documents one after another; reading the font alone takes half a second of a core."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "printing")

    async def print(self, make: Callable[[], bytes]) -> bytes:
        """Return the document that `make` makes."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, make)
