"""A turnstile over HTTP for the tests, on a real socket; it keeps its side of the contract."""

import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

from reader_service.devices.http_turnstile import SIGNATURE_HEADER, TIME_HEADER, signature

SECRET = b"of this turnstile"


class Turnstile:
    """`done` are the commands that it did, in order; `turned` is what it says of them."""

    def __init__(self) -> None:
        self.done: dict[str, str] = {}
        self.requests = 0
        self.turned = "waiting"
        self.lose_answers = 0
        self.silent = False
        turnstile = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                turnstile.answer(self, self.rfile.read(int(self.headers["Content-Length"])))

            def do_GET(self) -> None:
                turnstile.answer(self, b"")

            @override
            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/gate/7"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        self.requests += 1
        if self.silent:
            time.sleep(0.4)
            return
        seconds = int(request.headers[TIME_HEADER])
        good = signature(SECRET, request.command, request.path, seconds, body)
        content = b"{}"
        status = 200
        name = request.path.removeprefix("/gate/7/commands/")
        if (
            not hmac.compare_digest(good, request.headers[SIGNATURE_HEADER])
            or abs(seconds - time.time()) > 60
        ):
            status = 403
        elif request.command == "PUT":
            self.done.setdefault(name, json.loads(body)["open"])
        else:
            content = json.dumps({"state": self.turned}).encode()
        if self.lose_answers:
            self.lose_answers -= 1
            request.close_connection = True
            return
        request.send_response(status)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)
