"""Listens to a whole test run: every HTTP answer and every log line, for people's data in clear.

What counts is learned, not listed: whatever was sealed during the run (numbers, names, phones) must
not come out; numbers and phones that nobody sealed are known by their form.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

import httpx
from typing_extensions import override

from backend.accounts.endpoints import INBOX_PATH
from backend.foundation.logs import EventFormatter
from backend.foundation.person_keys import PersonSealer
from backend.foundation.sealing import Sealer
from backend.rights.endpoints import JSON_PATH, PDF_PATH
from backend.sharing.endpoints import PATH as SHARING_PATH
from shared.identity.id_number import check_character

_NUMBER = re.compile(r"(?<![0-9A-Za-z_-])[1-9]\d{5}(?:19|20)\d{9}[0-9Xx](?![0-9A-Za-z_-])")
_PHONE = re.compile(r"(?<![0-9A-Za-z_.-])(?:\+86|0086)?1[3-9]\d{9}(?![0-9A-Za-z_-])")
_PERSONAL = {"number_sealed", "name_sealed", "phone_sealed"}
_SEALERS = (Sealer, PersonSealer)

_JSON = "application/json"

TOLD_PATHS = (INBOX_PATH, JSON_PATH, PDF_PATH)  # the phones, in development; one's own copy
TOLD: dict[str, set[str]] = {
    # One field of one resident to a clerk who says why; each look is a row the resident reads.
    "revealResident": {"value"},
    # Both writings of a field, to the clerk who compares them with the document; recorded as well.
    "correctionValues": {"present", "wanted"},
    # What an item at the counter declares of who showed their code there; told to them as well.
    "assertIdentity": {"value"},
    # All of a deceased person's data, to a close relative at the counter (PIPL 49); recorded.
    "copyForRelative": {"copy"},
    # The holder's own name on the holder's own phone, which its eye asks for.
    "cardFace": {"holderName"},
}
"""What answers tell in clear by design, field by field: the operation, and its members that do."""


class Leaks(logging.Handler):
    """What was found, as (where, what kind); never the value itself."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.found: list[tuple[str, str]] = []
        self.heard = 0
        self._sealed: set[str] = set()
        self.setFormatter(EventFormatter())

    def learn(self, field: str, value: str) -> None:
        """Remember a value that is personal, because it was sealed as such."""
        long_enough = len(value) >= (2 if not value.isascii() else 8)
        if field in _PERSONAL and long_enough:
            self._sealed.add(value)

    def judge(self, where: str, text: str) -> None:
        """Look for people's data in what came out."""
        self.heard += 1
        for match in _NUMBER.findall(text):
            if check_character(match[:17]) == match[17].upper():
                self.found.append((where, "a valid citizen number"))
        if _PHONE.search(text):
            self.found.append((where, "a phone"))
        if any(value in text for value in self._sealed):
            self.found.append((where, "a sealed value"))

    def judge_answer(self, request: httpx.Request, answer: httpx.Response) -> None:
        """Look for people's data in an answer, but for what `TOLD` says is told by design."""
        path = request.url.path
        if any(path.startswith(told) for told in TOLD_PATHS):
            return
        text, where = answer.text, f"answer {request.method} {path}"
        content = answer.json() if answer.headers.get("Content-Type") == _JSON else None
        if path == "/graphql" and isinstance(content, dict):
            where = f"answer {', '.join(content.get('data') or ())}"
            text = json.dumps(_without_told(content), ensure_ascii=False)
        if path == SHARING_PATH and isinstance(content, dict):
            # What an agreement gives, written down for the person before it leaves.
            text = json.dumps(_cut(content, {"values"}), ensure_ascii=False)
        self.judge(where, f"{text}\n{answer.headers}")

    def begin(self) -> None:
        """Forget what was found and learned: the next test has people of its own."""
        self.found.clear()
        self._sealed.clear()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith("yikatong"):
            self.judge(f"log {record.name}", self.format(record))


def _without_told(content: Any) -> Any:
    """Return a GraphQL answer without what it tells by design."""
    data = content.get("data") or {}
    return {
        **content,
        "data": {name: _cut(value, TOLD.get(name, set())) for name, value in data.items()},
    }


def _cut(value: Any, told: set[str]) -> Any:
    if isinstance(value, list):
        return [_cut(one, told) for one in value]
    if not isinstance(value, dict):
        return value
    return {name: _cut(one, told) for name, one in value.items() if name not in told}


@contextmanager
def listening() -> Iterator[Leaks]:
    """Listen to answers, log lines and what is sealed, until the end of the block."""
    leaks, log = Leaks(), logging.getLogger("yikatong")
    send = httpx.AsyncClient.send

    def listens(seal: Callable[..., bytes]) -> Callable[..., bytes]:
        def sealing(self: Sealer, value: str, **place: str) -> bytes:
            leaks.learn(place["field"], value)
            return seal(self, value, **place)

        return sealing

    async def sending(self: httpx.AsyncClient, request: httpx.Request, **how: Any) -> Any:
        answer = await send(self, request, **how)
        leaks.judge(f"url {request.url.path}", str(request.url))
        if not how.get("stream"):  # status lists and the like, read by their own tests
            leaks.judge_answer(request, answer)
        return answer

    level = log.level
    log.addHandler(leaks)
    log.setLevel(logging.INFO)
    try:
        with ExitStack() as patches:
            patches.enter_context(patch.object(httpx.AsyncClient, "send", sending))
            for kind in _SEALERS:
                patches.enter_context(patch.object(kind, "seal", listens(kind.seal)))
            yield leaks
    finally:
        log.removeHandler(leaks)
        log.setLevel(level)
