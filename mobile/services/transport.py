"""What the backend client needs of HTTP."""

import asyncio
import importlib
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


class Transport(Protocol):
    """Posts a body and returns what came back, whatever its status."""

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Post `body` to `url`.

        Raises:
            NoAnswer: nothing came back.
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
