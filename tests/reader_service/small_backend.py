"""A small backend for the reader's tests, on a real socket, that can be made to misbehave.

It shares no code with the product's backend: it keeps the contract's promises itself, and each
attribute is a way to break one.
"""

import hashlib
import json
import struct
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from typing_extensions import override

from shared.ecode.algorithms import PublicKey, SoftwareKey
from shared.wire.request_proof import HEADER, RequestRefused, read_request, thumbprint
from tests.reader_service.city import LIST_KEY_ID, TERMINAL, City

_SAID = ("heartbeats", "wipe-acknowledgements")


class SmallBackend:
    """Serves one city; `scans` are the booked ones by id, in the order they came."""

    def __init__(self, city: City, port: int = 0) -> None:
        self.city = city
        self.token = "TOKEN234"  # noqa: S105 - a test's
        self.terminal: str | None = None
        self.scans: dict[str, dict[str, Any]] = {}
        self.booked = Counter[str]()
        self.rejected: set[str] = set()
        self.uploads: list[int] = []
        self.reports: list[dict[str, Any]] = []
        self.lies: dict[str, Any] = {}
        self.signer: SoftwareKey | None = None
        self.documents = {
            "trust-list": city.trust_list(),
            "terminal-standing": city.terminal_standing(),
            "manifest": city.manifest(),
            "status-list": city.status_list(),
        }
        self.flow: dict[str, Any] = {"areas": [], "hours": []}
        self.conflicts: list[dict[str, Any]] = []
        self.beats: list[dict[str, Any]] = []
        self.wiped: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.queues: dict[str, Any] = {}
        self.nonsense: bytes | None = None
        self.lose_answers = False
        self.etag: str | None = None
        self.closed = False
        self.requests: list[tuple[str, str, int]] = []
        backend = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                backend.answer(self, b"")

            def do_POST(self) -> None:
                backend.answer(self, self.rfile.read(int(self.headers["Content-Length"])))

            @override
            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.closed = True
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> "SmallBackend":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        if self.closed:
            request.close_connection = True
            return
        status, content, headers = self._routed(request, body)
        self.requests.append((request.command, request.path, status))
        if self.nonsense is not None:
            status, content, headers = 200, self.nonsense, {}
        if self.lose_answers:
            request.close_connection = True
            return
        request.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(content)

    def _routed(
        self, request: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, bytes, dict[str, str]]:
        name = request.path.removeprefix("/readers/v1/")
        if name == "enrolments":
            return self._enrol(json.loads(body))
        if name not in {"trust-list", "status-list"}:
            try:
                proven = read_request(
                    request.headers.get(HEADER), request.command, request.path, body, self.city.now
                )
            except RequestRefused as error:
                return _problem(401, error.code)
            if proven.thumbprint != self.terminal:
                return _problem(401, "unknown_terminal")
        if name == "scans":
            return self._book(json.loads(body))
        if name.startswith(("visit-queues", "queue-")):
            return self._queues(name, body)
        if name in {"flow", "conflicts", "conflict-acknowledgements", "look-ups", *_SAID}:
            return 200, json.dumps(self._venue(name, body)).encode(), {}
        return self._document(name, request.headers.get("If-None-Match"))

    def _enrol(self, asked: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        key = thumbprint(PublicKey.of_pem(asked["public_key"]))
        if asked["token"] != self.token:
            return _problem(404, "token_unknown")
        if self.terminal not in {None, key}:
            return _problem(409, "token_used")
        self.terminal = key
        return 201, json.dumps(self.city.enrolment.to_wire()).encode(), {}

    def _book(self, upload: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        self.uploads.append(len(upload["scans"]))
        receipts = []
        for scan in upload["scans"]:
            known = scan["scan_id"] in self.scans
            outcome = "duplicate" if known else "recorded"
            if scan["scan_id"] in self.rejected:
                outcome = "rejected"
            else:
                self.scans.setdefault(scan["scan_id"], scan)
                self.booked[scan["scan_id"]] += outcome == "recorded"
            receipts.append({"scan_id": scan["scan_id"], "outcome": outcome, "code": None})
        answer = {"receipts": receipts, "receipt": self.receipt(upload, receipts)}
        return 200, json.dumps(answer).encode(), {}

    def receipt(self, upload: dict[str, Any], receipts: list[dict[str, Any]], **told: Any) -> str:
        """Return the signed receipt of an upload; keywords tell something else."""
        numbers, whole = upload["journal"]["numbers"], hashlib.sha256()
        for number, scan in zip(numbers, upload["scans"], strict=True):
            text = json.dumps(scan, sort_keys=True, separators=(",", ":"))
            whole.update(struct.pack(">Q", number) + hashlib.sha256(text.encode()).digest())
        now = int(self.city.now.timestamp())
        claims = {
            "iat": now,
            "exp": now + 7 * 86400,
            "terminal": TERMINAL,
            "request": upload["journal"]["request"],
            "digest": whole.hexdigest(),
            "rows": [{"number": n, **one} for n, one in zip(numbers, receipts, strict=True)],
        }
        self.reports.append(upload["journal"])
        header = {"typ": "yikatong-scan-receipt+jwt", "kid": str(LIST_KEY_ID)}
        key = self.signer or self.city.list_key
        return jwt.encode({**claims, **self.lies, **told}, key.private, "EdDSA", headers=header)

    def _venue(self, name: str, body: bytes) -> dict[str, Any]:
        if name == "flow":
            return self.flow
        if name == "conflicts":
            return {"conflicts": self.conflicts}
        asked = json.loads(body)
        if name in _SAID:
            (self.beats if name == "heartbeats" else self.wiped).append(asked)
            return {}
        self.asked.append(asked)
        if name == "look-ups":
            return {"expected": []}
        [found] = [one for one in self.conflicts if one["id"] == asked["conflict"]]
        found |= {"note": asked["note"], "acknowledged_at": self.city.now.isoformat()}
        return found

    def _queues(self, name: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        if body:
            self.asked.append(json.loads(body))
        if name not in self.queues:
            return _problem(404, "queue_unknown")
        return 200, json.dumps(self.queues[name]).encode(), {}

    def _document(self, name: str, held: str | None) -> tuple[int, bytes, dict[str, str]]:
        body = self.documents.get(name)
        if body is None:
            return _problem(404, "not_found")
        if self.etag is not None:
            return 200, body, {"ETag": self.etag}
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        return (304, b"", {"ETag": etag}) if held == etag else (200, body, {"ETag": etag})


def _problem(status: int, code: str) -> tuple[int, bytes, dict[str, str]]:
    words = {"zh": "不行。", "en": "No."}
    content = {"status": status, "code": code, "detail": words, "next_step": words}
    return status, json.dumps(content).encode(), {"Content-Type": "application/problem+json"}
