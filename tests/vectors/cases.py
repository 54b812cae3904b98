"""Read `ecode.json` for whoever verifies codes."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from shared.ecode.algorithms import Algorithm, PublicKey
from shared.ecode.verify import CardStatus, PresentationContext
from shared.trust.trust_list import KeyUse, TrustedKey, TrustList

FILE = Path(__file__).with_name("ecode.json")


@dataclass(frozen=True)
class VectorCase:
    """One code with its moment, its place and the reason expected (`verified` when good)."""

    name: str
    expect: str
    detail: dict[str, Any]
    now: datetime
    context: PresentationContext
    text: str
    raw: bytes | None
    certificate: dict[str, Any] | None
    proof: dict[str, Any] | None


class VectorStatuses:
    """The statuses the vectors name."""

    def __init__(self, status: dict[str, Any]) -> None:
        self._revoked = set(status["revoked"])
        self._suspended = set(status["suspended"])
        self._unbound = {tuple(pair) for pair in status["unbound"]}

    def status(self, region: int, card_index: int, device_serial: int) -> CardStatus:
        """Look a card up; the vectors know one region only."""
        del region
        if card_index in self._revoked:
            return CardStatus.REVOKED
        if card_index in self._suspended:
            return CardStatus.SUSPENDED
        if (card_index, device_serial) in self._unbound:
            return CardStatus.DEVICE_UNBOUND
        return CardStatus.ACTIVE


@cache
def _document() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return content


def trust_list() -> TrustList:
    """Return the keys the vectors trust."""
    keys = tuple(
        TrustedKey(
            region=key["region"],
            key_id=key["key_id"],
            use=KeyUse.CERTIFICATE,
            public=PublicKey(Algorithm(key["algorithm"]), bytes.fromhex(key["public"])),
            not_before=datetime.fromtimestamp(key["not_before"], UTC),
            not_after=datetime.fromtimestamp(key["not_after"], UTC),
        )
        for key in _document()["trusted"]
    )
    return TrustList(keys, min(key.not_before for key in keys), max(key.not_after for key in keys))


def statuses() -> VectorStatuses:
    """Return the statuses the vectors name."""
    return VectorStatuses(_document()["status"])


def cases() -> list[VectorCase]:
    """Return every case."""
    return [_case(entry) for entry in _document()["cases"]]


def _case(entry: dict[str, Any]) -> VectorCase:
    context = entry["context"]
    challenge = context["challenge"]
    return VectorCase(
        name=entry["name"],
        expect=entry["expect"],
        detail=entry["detail"],
        now=datetime.fromtimestamp(entry["now"], UTC),
        context=PresentationContext(
            venue=context["venue"],
            purpose=context["purpose"],
            challenge=None if challenge is None else bytes.fromhex(challenge),
            representative_allowed=context["representative_allowed"],
        ),
        text=entry["text"],
        raw=bytes.fromhex(entry["bytes"]) if "bytes" in entry else None,
        certificate=entry.get("certificate"),
        proof=entry.get("proof"),
    )
