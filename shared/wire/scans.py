"""Scans as a reader uploads them and the receipts it gets.

A scan names a card by its random index or by a digest, never a person. `scan_id` is the scan's
idempotency key: uploaded twice, it is booked once. A record without a version is of version 1,
which knew one person at a time, coming in; journals keep such records, so they are read for ever.
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

WIRE_VERSION = 2
READABLE_VERSIONS = frozenset({1, WIRE_VERSION})
UPLOAD_LIMIT = 500
"""Scans in one upload at most."""
MAX_PARTY = 99
MAX_COUNTED_ON = 8
CHECKED = "checked_by"
"""In a record's detail: the staff number of who checked what was shown at a helpdesk 咨询台; such a
record answers `again` and lets nobody through."""

_SCAN_ID = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"[0-9a-f]{32}")
_REFERENCE = re.compile(r"[0-9A-Za-z_.-]{1,64}")
_STAFF = re.compile(r"[0-9A-Za-z_.-]{1,64}")
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


class Direction(StrEnum):
    """Which way somebody went through the gate."""

    IN = "in"
    OUT = "out"


class OverrideReason(StrEnum):
    """Why staff opened the gate by hand 人工放行 against the lane's answer."""

    EQUIPMENT_FAULT = "equipment_fault"  # 设备故障
    CARD_WORN = "card_worn"  # 卡片磨损，已核对本人
    IDENTITY_CHECKED = "identity_checked"  # 未带卡，已核验有效证件
    LISTS_OUTDATED = "lists_outdated"  # 名单过旧，已电话核实
    MEDICAL_EMERGENCY = "medical_emergency"  # 医疗急救
    OFFICIAL_DUTY = "official_duty"  # 执行公务


@dataclass(frozen=True, slots=True)
class Override:
    """Staff let somebody in by hand: why, who did it, and who stood by as the second person."""

    reason: OverrideReason
    staff: str
    second_staff: str

    def to_wire(self) -> dict[str, str]:
        """Return it as JSON values."""
        return {
            "reason": self.reason.value,
            "staff": self.staff,
            "second_staff": self.second_staff,
        }

    @classmethod
    def of_wire(cls, values: Any) -> "Override":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidScan: it is not understood, or both persons are one.
        """
        if not isinstance(values, Mapping) or values.keys() != _OVERRIDE_FIELDS:
            raise InvalidScan("override")
        try:
            override = cls(
                _member(values, "reason", _OVERRIDE_REASONS),
                _text(values, "staff", _STAFF),
                _text(values, "second_staff", _STAFF),
            )
        except InvalidScan as error:
            raise InvalidScan("override") from error
        if override.staff == override.second_staff:
            raise InvalidScan("override")
        return override


_OVERRIDE_FIELDS = {"reason", "staff", "second_staff"}
# Members by their values: uploads come in hundreds, and a look-up is cheaper than a conversion.
_MEDIA = {one.value: one for one in Medium}
_VERDICTS = {one.value: one for one in Verdict}
_REASONS = {one.value: one for one in Reason}
_DIRECTIONS = {one.value: one for one in Direction}
_OVERRIDE_REASONS = {one.value: one for one in OverrideReason}
_OUTCOMES = {one.value: one for one in ReceiptOutcome}


@dataclass(frozen=True, slots=True)
class ScanRecord:
    """One answer a lane gave, and what followed at the gate.

    `scanned_at` is unix milliseconds by the reader's clock. A code's `card_index`,
    `device_serial` and `counter` are what it claimed when the refusal came before its signatures
    were checked. `card_digest` is 32 hex digits (see `shared.trust.status_list.card_digest`).

    `party` stood before the gate, `admits` of them were let through: None is all of them where
    the gate opened, else nobody. `counted_on` are the references of the bookings and passes that
    the decision counted the entry on. A record that `annuls` another says that its turnstile did
    not turn; it lets nobody through itself. With an `override` the gate was opened by hand;
    `reason` is then the refusal that was overridden.
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
    direction: Direction = Direction.IN
    party: int = 1
    admits: int | None = None
    counted_on: tuple[str, ...] = ()
    annuls: str | None = None
    override: Override | None = None

    @property
    def persons(self) -> int:
        """How many went through the gate."""
        if not self.verdict.opens or self.annuls is not None:
            return 0
        return self.party if self.admits is None else self.admits

    @property
    def is_check(self) -> bool:
        """Whether a helpdesk asked what the lane would answer, for whoever showed it."""
        return CHECKED in self.detail and self.verdict is Verdict.AGAIN and self.annuls is None

    def to_wire(self) -> dict[str, Any]:
        """Return the scan as JSON values."""
        return {
            "version": WIRE_VERSION,
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
            "direction": self.direction.value,
            "party": self.party,
            "admits": self.admits,
            "counted_on": list(self.counted_on),
            "annuls": self.annuls,
            "override": None if self.override is None else self.override.to_wire(),
        }

    @classmethod
    def of_wire(cls, values: Any) -> "ScanRecord":
        """Read a scan as `to_wire` wrote it; nothing outside its ranges gets through.

        Of version 2 every name must be known. What version 1 had is read from it and nothing
        else: a name it did not have meant nothing then.

        Raises:
            InvalidScan: names the first part that is not understood, or that contradicts another.
        """
        if not isinstance(values, Mapping):
            raise InvalidScan("scan")
        version = values.get("version", 1)
        if type(version) is not int or version not in READABLE_VERSIONS:
            raise InvalidScan("version")
        if version == 1:
            values = {name: values[name] for name in _VERSION_1 if name in values}
        elif not values.keys() <= _FIELDS:
            raise InvalidScan("scan")
        record = cls(
            scan_id=_text(values, "scan_id", _SCAN_ID),
            lane=_number(values, "lane", MAX_VENUE),
            scanned_at=_number(values, "scanned_at", _MAX_MILLISECONDS),
            medium=_member(values, "medium", _MEDIA),
            verdict=_member(values, "verdict", _VERDICTS),
            reason=_optional(values, "reason", _member, _REASONS),
            region=_optional(values, "region", _number, MAX_REGION),
            card_index=_optional(values, "card_index", _number, MAX_CARD_INDEX),
            device_serial=_optional(values, "device_serial", _number, MAX_DEVICE_SERIAL),
            counter=_optional(values, "counter", _number, MAX_COUNTER),
            card_digest=_optional(values, "card_digest", _text, _DIGEST),
            detail=read_detail(values.get("detail")),
            direction=_optional(values, "direction", _member, _DIRECTIONS) or Direction.IN,
            party=_optional(values, "party", _number, MAX_PARTY, 1) or 1,
            admits=_optional(values, "admits", _number, MAX_PARTY),
            counted_on=read_references(values.get("counted_on")),
            annuls=_optional(values, "annuls", _text, _SCAN_ID),
            override=_optional(values, "override", _override),
        )
        _check_whole(record)
        return record


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
            outcome=_member(values, "outcome", _OUTCOMES),
            code=code if isinstance(code, str) else None,
        )


_VERSION_1 = (
    *("scan_id", "lane", "scanned_at", "medium", "verdict", "reason", "region", "card_index"),
    *("device_serial", "counter", "card_digest", "detail"),
)
_FIELDS = frozenset(
    (*_VERSION_1, "version", "direction", "party", "admits", "counted_on", "annuls", "override")
)


def _check_whole(scan: ScanRecord) -> None:
    """Raise `InvalidScan` where the parts of a scan contradict one another."""
    through = scan.admits or 0
    closed = not scan.verdict.opens or scan.annuls is not None
    if through > (0 if closed else scan.party) or (scan.admits == 0 and not closed):
        raise InvalidScan("admits")
    if scan.annuls == scan.scan_id:
        raise InvalidScan("annuls")
    if scan.override is not None and closed:
        raise InvalidScan("override")


def read_references(values: Any) -> tuple[str, ...]:
    """Return what an entry is counted on.

    Raises:
        InvalidScan: too many, twice the same, or none of ours.
    """
    if values is None:
        return ()
    if not isinstance(values, list | tuple) or len(values) > MAX_COUNTED_ON:
        raise InvalidScan("counted_on")
    if not all(isinstance(one, str) and _REFERENCE.fullmatch(one) for one in values):
        raise InvalidScan("counted_on")
    if len(set(values)) != len(values):
        raise InvalidScan("counted_on")
    return tuple(values)


def _number(values: Mapping[str, Any], name: str, most: int, least: int = 0) -> int:
    value = values.get(name)
    if type(value) is not int or not least <= value <= most:  # a bool is no number
        raise InvalidScan(name)
    return value


def _text(values: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InvalidScan(name)
    return value


def _member(values: Mapping[str, Any], name: str, members: Mapping[str, E]) -> E:
    value = values.get(name)
    member = members.get(value) if isinstance(value, str) else None
    if member is None:
        raise InvalidScan(name)
    return member


def _override(values: Mapping[str, Any], name: str) -> Override:
    return Override.of_wire(values[name])


def _optional(values: Mapping[str, Any], name: str, read: Any, *of_what: Any) -> Any:
    return None if values.get(name) is None else read(values, name, *of_what)


def read_detail(values: Any) -> Detail:
    """Return the numbers and short texts that an answer's words need.

    Raises:
        InvalidScan: too many of them, or one that is neither.
    """
    if not values:
        return {}
    if not isinstance(values, Mapping) or len(values) > _MAX_DETAILS:
        raise InvalidScan("detail")
    for name, value in values.items():
        plain = isinstance(value, int) and abs(value) < 2**53
        short = isinstance(value, str) and _DETAIL_TEXT.fullmatch(value)
        if not (isinstance(name, str) and _DETAIL_NAME.fullmatch(name) and (plain or short)):
            raise InvalidScan("detail")
    return dict(values)
