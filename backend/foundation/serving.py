"""Serving an application on one port until told to stop, then letting running requests finish."""

import asyncio
import gc
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from litestar.types import ASGIApp
from typing_extensions import override

from backend.settings import StartRefused
from shared.localized_text import LocalizedText

GRACE_SECONDS = 5
_BACKLOG = 2048


class _Server(uvicorn.Server):
    @contextmanager
    @override
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal anew when it is done, which would end us before mongod.
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stop)
        yield

    def _stop(self) -> None:
        self.should_exit = True


def bind(host: str, port: int) -> socket.socket:
    """Take the port, before anything else is started.

    Raises:
        StartRefused: it cannot be had.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StartRefused(
            LocalizedText(
                f"无法监听 {host}:{port}（{error.strerror}）。请停止占用它的程序，"
                "或改用 YIKATONG_HOST、YIKATONG_PORT。",
                f"Cannot listen on {host}:{port} ({error.strerror}). Stop what uses it, or set "
                "YIKATONG_HOST or YIKATONG_PORT.",
            )
        ) from error
    return listener


async def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve `app` until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app,
        backlog=_BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    # What stands by now stays to the end: looked through at each full collection, it takes an
    # uploaded batch a fifth of its CPU.
    gc.collect()
    gc.freeze()
    try:
        await _Server(config).serve(sockets=[listener])
    finally:
        gc.unfreeze()
