"""What is told to open pages, as it happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

_MOST_WAITING = 64
_KEEP_ALIVE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Event:
    """One thing told: `name` is `state`, `answer`, `lane` or `status`; None data keeps alive."""

    name: str
    data: dict[str, Any] | None

    def encode(self) -> str:
        """Return the data as JSON."""
        return json.dumps(self.data, ensure_ascii=False)


class Feed:
    """Hands events to every open page; one that does not keep up is let go and comes again."""

    def __init__(self) -> None:
        self._pages: set[asyncio.Queue[Event | None]] = set()
        self._closed = False

    def publish(self, event: Event) -> None:
        """Tell every open page; called on the event loop."""
        for page in tuple(self._pages):
            if page.qsize() >= _MOST_WAITING:
                self._let_go(page)
            else:
                page.put_nowait(event)

    def close(self) -> None:
        """Let every page go, now and from now on."""
        self._closed = True
        for page in tuple(self._pages):
            self._let_go(page)

    async def listen(self, first: Event) -> AsyncIterator[Event]:
        """Yield `first`, then events until the page is let go; `keep-alive` in between."""
        page: asyncio.Queue[Event | None] = asyncio.Queue()
        self._pages.add(page)
        try:
            yield first
            while not self._closed:
                try:
                    event = await asyncio.wait_for(page.get(), _KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    event = Event("keep-alive", None)
                if event is None:
                    return
                yield event
        finally:
            self._pages.discard(page)

    def _let_go(self, page: asyncio.Queue[Event | None]) -> None:
        self._pages.discard(page)
        while not page.empty():
            page.get_nowait()
        page.put_nowait(None)
