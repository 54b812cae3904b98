"""Scans as a reader uploads them and the receipts it gets.

A scan names a card by its random index or by a digest, never a person. `scan_id` is the scan's
idempotency key: uploaded twice, it is booked once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.ecode.layout import (
    MAX_CARD_INDEX,
    MAX_COUNTER,
    MAX_DEVICE_SERIAL,
    MAX_REGION,
    MAX_VENUE,
)
from shared.ecode.reasons import Detail, Reason

WIRE_VERSION = 1
UPLOAD_LIMIT = 500
"""Scans in one upload at most."""

_SCAN_ID = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"[0-9a-f]{32}")
_DETAIL_NAME = re.compile(r"[a-z_]{1,24}")
_DETAIL_TEXT = re.compile(r"[0-9A-Za-z_.:-]{0,32}")
_MAX_MILLISECONDS = 2**43
_MAX_DETAILS = 8

E = TypeVar("E", bound=StrEnum)


class InvalidScan(ValueError):
    """A scan as it came over the wire is not understood; `field` names the part."""

    def __init__(self, name: str) -> None:
        super().__init__(f"scan field {name} not understood")
        self.field = name


class ReceiptOutcome(StrEnum):
    """What became of an uploaded scan."""

    RECORDED = "recorded"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """One answer a lane gave.

    `scanned_at` is unix milliseconds by the reader's clock. A code's `card_index`,
    `device_serial` and `counter` are what it claimed when the refusal came before its signatures
    were checked. `card_digest` is 32 hex digits (see `shared.trust.status_list.card_digest`).
    """

    scan_id: str
    lane: int
    scanned_at: int
    medium: Medium
    verdict: Verdict
    reason: Reason | None = None
    region: int | None = None
    card_index: int | None = None
    device_serial: int | None = None
    counter: int | None = None
    card_digest: str | None = None
    detail: Detail = field(default_factory=dict)

    def to_wire(self) -> dict[str, Any]:
        """Return the scan as JSON values."""
        return {
            "scan_id": self.scan_id,
            "lane": self.lane,
            "scanned_at": self.scanned_at,
            "medium": self.medium.value,
            "verdict": self.verdict.value,
            "reason": None if self.reason is None else self.reason.value,
            "region": self.region,
            "card_index": self.card_index,
            "device_serial": self.device_serial,
            "counter": self.counter,
            "card_digest": self.card_digest,
            "detail": dict(self.detail),
        }

    @classmethod
    def of_wire(cls, values: Any) -> "ScanRecord":
        """Read a scan as `to_wire` wrote it; nothing outside its ranges gets through.

        Raises:
            InvalidScan: names the first part that is not understood.
        """
        if not isinstance(values, Mapping):
            raise InvalidScan("scan")
        return cls(
            scan_id=_text(values, "scan_id", _SCAN_ID),
            lane=_number(values, "lane", MAX_VENUE),
            scanned_at=_number(values, "scanned_at", _MAX_MILLISECONDS),
            medium=_member(values, "medium", Medium),
            verdict=_member(values, "verdict", Verdict),
            reason=_optional(values, "reason", lambda v, n: _member(v, n, Reason)),
            region=_optional(values, "region", lambda v, n: _number(v, n, MAX_REGION)),
            card_index=_optional(values, "card_index", lambda v, n: _number(v, n, MAX_CARD_INDEX)),
            device_serial=_optional(
                values, "device_serial", lambda v, n: _number(v, n, MAX_DEVICE_SERIAL)
            ),
            counter=_optional(values, "counter", lambda v, n: _number(v, n, MAX_COUNTER)),
            card_digest=_optional(values, "card_digest", lambda v, n: _text(v, n, _DIGEST)),
            detail=_detail(values.get("detail") or {}),
        )


@dataclass(frozen=True, slots=True)
class ScanReceipt:
    """The backend's word on one uploaded scan; `code` says why one was rejected."""

    scan_id: str
    outcome: ReceiptOutcome
    code: str | None = None

    def to_wire(self) -> dict[str, Any]:
        """Return the receipt as JSON values."""
        return {"scan_id": self.scan_id, "outcome": self.outcome.value, "code": self.code}

    @classmethod
    def of_wire(cls, values: Any) -> "ScanReceipt":
        """Read a receipt.

        Raises:
            InvalidScan: names the part that is not understood.
        """
        if not isinstance(values, Mapping):
            raise InvalidScan("receipt")
        code = values.get("code")
        return cls(
            scan_id=_text(values, "scan_id", _SCAN_ID),
            outcome=_member(values, "outcome", ReceiptOutcome),
            code=code if isinstance(code, str) else None,
        )


def _number(values: Mapping[str, Any], name: str, most: int) -> int:
    value = values.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise InvalidScan(name)
    return value


def _text(values: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InvalidScan(name)
    return value


def _member(values: Mapping[str, Any], name: str, kind: type[E]) -> E:
    try:
        return kind(str(values.get(name)))
    except ValueError as error:
        raise InvalidScan(name) from error


def _optional(values: Mapping[str, Any], name: str, read: Any) -> Any:
    return None if values.get(name) is None else read(values, name)


def _detail(values: Any) -> Detail:
    if not isinstance(values, Mapping) or len(values) > _MAX_DETAILS:
        raise InvalidScan("detail")
    for name, value in values.items():
        plain = isinstance(value, int) and abs(value) < 2**53
        short = isinstance(value, str) and _DETAIL_TEXT.fullmatch(value)
        if not (isinstance(name, str) and _DETAIL_NAME.fullmatch(name) and (plain or short)):
            raise InvalidScan("detail")
    return dict(values)
