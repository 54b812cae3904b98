"""A turnstile that takes commands over HTTP.

``PUT {url}/commands/{id}`` with ``{"open": "once" | "held" | "shut"}`` is answered with 200 once it
is done; the same id again is the same command, so one whose answer was lost is sent again.
``GET {url}/commands/{id}`` tells ``{"state": "waiting" | "turned" | "did_not_turn"}``.

Each request has ``X-Yikatong-Time`` (unix seconds) and ``X-Yikatong-Signature``, the HMAC-SHA256
in hex, under the shared secret, of method, path, time and body, each ended by a line feed. The
turnstile refuses a wrong one and a time that is more than a minute off.
"""

import hashlib
import hmac
import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from reader_service.devices.relay import GateFailed
from shared.clock import Clock

TIME_HEADER = "X-Yikatong-Time"
SIGNATURE_HEADER = "X-Yikatong-Signature"
_KEPT_COMMANDS = 256
_MOST_BYTES = 4096


def signature(secret: bytes, method: str, path: str, seconds: int, body: bytes) -> str:
    """Return a request's signature in hex."""
    signed = f"{method}\n{path}\n{seconds}\n".encode() + body + b"\n"
    return hmac.new(secret, signed, hashlib.sha256).hexdigest()


class HttpTurnstile:
    """One turnstile; may be used from any thread."""

    def __init__(
        self,
        url: str,
        secret_file: Path,
        timeout_seconds: float,
        passage_seconds: float,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self.passage_seconds = passage_seconds
        self._path = urlsplit(url).path.rstrip("/")
        self._secret_file = secret_file
        self._lock = threading.Lock()
        self._commands: OrderedDict[int, str] = OrderedDict()
        self._next = 0
        self._held = False
        self._client = httpx.Client(
            base_url=url.removesuffix("/").removesuffix(self._path),
            timeout=timeout_seconds,
            # A venue's proxy would be given the commands, and keep a person waiting.
            trust_env=False,
        )

    def open_once(self, _now: datetime) -> None:
        """Have it open for one passage."""
        if self._held:
            return
        command = self._command("once")
        with self._lock:
            self._commands[self._next] = command
            self._next += 1
            while len(self._commands) > _KEPT_COMMANDS:
                self._commands.popitem(last=False)

    def hold_open(self, *, held: bool) -> None:
        """Have it stay open, or shut."""
        self._command("held" if held else "shut")
        self._held = held

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def mark(self) -> int:
        """Return the number of the next command."""
        with self._lock:
            return self._next

    def turned_since(self, mark: int) -> bool | None:
        """Ask what became of the commands since."""
        with self._lock:
            commands = [name for number, name in self._commands.items() if number >= mark]
        return _turned(self._state(one) for one in commands)

    def _command(self, how: str) -> str:
        name = secrets.token_hex(16)
        body = json.dumps({"open": how}).encode()
        for last in (False, True):
            try:
                answer = self._ask("PUT", f"{self._path}/commands/{name}", body)
            except httpx.TransportError as error:
                # The answer may be lost and the command done: the same id asks for nothing twice.
                if last:
                    raise GateFailed from error
                continue
            if answer.status_code != httpx.codes.OK:
                raise GateFailed(f"turnstile: {answer.status_code}")
            break
        return name

    def _state(self, name: str) -> Any:
        try:
            answer = self._ask("GET", f"{self._path}/commands/{name}", b"")
            return json.loads(answer.content[:_MOST_BYTES])["state"]
        except (httpx.TransportError, GateFailed, ValueError, KeyError, TypeError):
            return None

    def _ask(self, method: str, path: str, body: bytes) -> httpx.Response:
        seconds = int(self._clock.now().timestamp())
        headers = {
            TIME_HEADER: str(seconds),
            SIGNATURE_HEADER: signature(self._secret(), method, path, seconds, body),
            "Content-Type": "application/json",
        }
        return self._client.request(method, path, headers=headers, content=body)

    def _secret(self) -> bytes:
        """Return the secret as it is now: it may be changed while the gate works."""
        try:
            secret = self._secret_file.read_bytes().strip()
        except OSError as error:
            raise GateFailed from error
        if not secret:
            raise GateFailed("no secret")
        return secret


def _turned(states: Iterable[Any]) -> bool | None:
    found = list(states)
    if "turned" in found:
        return True
    return False if found and all(one == "did_not_turn" for one in found) else None
