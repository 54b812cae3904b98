"""A scanner on the network that hands in each code over HTTP, as access terminals with a QR do.

``POST`` to any path with ``Authorization: Bearer SECRET`` and the code's text as the body is
answered with 202 once the lane has it; what became of it the lane shows, for such a device has
neither a screen nor a loudspeaker of ours. A code proves itself, so the secret keeps out junk only.
"""

import hmac
import queue
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer
from typing import Any

from typing_extensions import override

from reader_service.devices.scanner_lost import MAX_LINE, ScannerLost

_WAIT_SECONDS = 0.2
_REQUEST_WITHIN_SECONDS = 2.0
_WAITING = 8


class _Server(TCPServer):
    allow_reuse_address = True

    @override
    def handle_error(self, *_: Any) -> None:
        """Say nothing of a device that hung up: it sends again."""


class HttpGun:
    """The address that one device sends to; its requests are taken one after another."""

    def __init__(self, address: str, port: int, secret_file: str) -> None:
        self._texts: queue.Queue[str] = queue.Queue(_WAITING)
        try:
            secret = Path(secret_file).read_bytes().strip()
            self._server = _Server((address, port), _handler(secret, self._texts))
        except OSError as error:
            raise ScannerLost(type(error).__name__) from error
        if not secret:
            self._server.server_close()
            raise ScannerLost("its secret is empty")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    def read(self) -> str | None:
        """Return the next text; see `Scanner`."""
        try:
            return self._texts.get(timeout=_WAIT_SECONDS)
        except queue.Empty:
            return None

    def close(self) -> None:
        """Free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    """One request; made into a class of its device's secret and texts by `_handler`."""

    timeout = _REQUEST_WITHIN_SECONDS
    expected: bytes
    texts: "queue.Queue[str]"

    def do_POST(self) -> None:
        """Take a text in."""
        self.close_connection = True
        self.send_response(self._taken())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _taken(self) -> HTTPStatus:
        said = self.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(said, self.expected):
            return HTTPStatus.UNAUTHORIZED
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) <= 9):
            return HTTPStatus.LENGTH_REQUIRED
        if int(length) > MAX_LINE:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        text = self.rfile.read(int(length)).decode("utf-8", "replace").strip()
        if not text:
            return HTTPStatus.BAD_REQUEST
        try:
            self.texts.put_nowait(text)
        except queue.Full:
            return HTTPStatus.TOO_MANY_REQUESTS
        return HTTPStatus.ACCEPTED

    @override
    def log_message(self, *_: Any) -> None:
        """Log nothing: a path or a code may tell of a person."""


def _handler(secret: bytes, texts: "queue.Queue[str]") -> type[BaseHTTPRequestHandler]:
    return type("Handler", (_Handler,), {"expected": b"Bearer " + secret, "texts": texts})
