"""The library area's commands: machines, and the port they speak SIP2 to."""

import argparse
import asyncio
import signal
import socket
import ssl
from collections.abc import Callable

from backend.figures import Sip2Figures
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.library.demo_catalogue import COPIES, LIBRARIES, TITLES
from backend.library.network import LibraryNetwork
from backend.library.sip2_server import Sip2Server
from backend.library.sip2_terminals import Sip2Terminals
from backend.settings import Settings, StartRefused
from shared.localized_text import LocalizedText

_BACKLOG = 64


async def seed_library(services: Services) -> None:
    """Put the demonstration city's libraries and their small catalogue in place."""
    operator = Caller(roles=frozenset({Role.SYSTEM_ADMINISTRATOR}))
    await services[LibraryNetwork].put(operator, LIBRARIES, TITLES, COPIES)


def add_terminal_options(parser: argparse.ArgumentParser) -> None:
    """Add what `sip2_terminal` is told."""
    parser.add_argument("--name", required=True, help="the machine's login name")
    parser.add_argument("--library", default="", help="the code of the library it stands in")
    parser.add_argument(
        "--checks-codes", action="store_true", help="it checks e-card codes itself / 终端自行验码"
    )
    parser.add_argument("--block", action="store_true", help="let it in no longer / 停用")


async def sip2_terminal(services: Services, options: argparse.Namespace) -> str | Refusal:
    """Register a machine and return its secret, or block it."""
    terminals = services[Sip2Terminals]
    if options.block:
        return await terminals.block(OPERATOR, options.name) or "blocked"
    return await terminals.register(
        OPERATOR, options.name, options.library, checks_codes=options.checks_codes
    )


async def serve_sip2(services: Services, settings: Settings, tell: Callable[[str], None]) -> None:
    """Answer machines until SIGINT or SIGTERM; `tell` is told where, once it listens.

    Raises:
        StartRefused: the port cannot be had, the certificate is not good, or production would
            speak in the clear beyond the machine.
    """
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    tls = _tls(settings.sip2, production=settings.production)
    server = services[Sip2Server]
    listening = await server.listen(_bound(settings.sip2), tls)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    tell(f"sip2 {settings.sip2.host}:{settings.sip2.port}")
    await stopped.wait()
    listening.close()
    await server.hang_up()


def _tls(figures: Sip2Figures, *, production: bool) -> ssl.SSLContext | None:
    if figures.certificate is None or figures.key is None:
        if production and figures.host not in {"127.0.0.1", "::1"}:
            raise StartRefused(
                LocalizedText(
                    "生产环境的 SIP2 端口须加密：请设置 YIKATONG_SIP2_CERTIFICATE 和 "
                    "YIKATONG_SIP2_KEY，或只监听 127.0.0.1 并由 TLS 代理转发。",
                    "In production SIP2 is encrypted: set YIKATONG_SIP2_CERTIFICATE and "
                    "YIKATONG_SIP2_KEY, or listen on 127.0.0.1 behind a TLS proxy.",
                )
            )
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(figures.certificate, figures.key)
    except (OSError, ssl.SSLError) as error:
        raise StartRefused(
            LocalizedText(
                "读不出 YIKATONG_SIP2_CERTIFICATE 或 YIKATONG_SIP2_KEY 指向的证书。",
                "The certificate of YIKATONG_SIP2_CERTIFICATE and YIKATONG_SIP2_KEY is not good.",
            )
        ) from error
    return context


def _bound(figures: Sip2Figures) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in figures.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((figures.host, figures.port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        place = f"{figures.host}:{figures.port}"
        raise StartRefused(
            LocalizedText(
                f"无法监听 {place}。请改用 YIKATONG_SIP2_HOST、YIKATONG_SIP2_PORT。",
                f"Cannot listen on {place}. Set YIKATONG_SIP2_HOST or YIKATONG_SIP2_PORT.",
            )
        ) from error
    listener.setblocking(False)
    return listener
