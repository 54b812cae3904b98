"""What the backend client needs of HTTP."""

import asyncio
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class NoAnswer(Exception):
    """No answer came: no network, no server, or too late."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `date` is the header of that name, may be empty."""

    status: int
    date: str
    body: bytes


Told = Callable[[int, int], None]
"""Is told while an answer comes in how many bytes have come, and of how many; 0 where unknown."""


class Transport(Protocol):
    """Sends a request and returns what came back, whatever its status."""

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Post `body` to `url`.

        Raises:
            NoAnswer: nothing came back.
        """
        ...

    async def get(self, url: str, headers: dict[str, str], told: Told) -> Reply:
        """Get what may be large, telling `told` how far it came.

        Raises:
            NoAnswer: nothing came back, not all of it, or too much.
        """
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...


async def open_http() -> Transport:
    """Return a transport over HTTP; loads its library beside the drawing of frames."""
    module = await asyncio.to_thread(importlib.import_module, "mobile.services.http_transport")
    transport: Transport = module.HttpTransport()
    return transport
