"""An upload of a reader's journal, and the backend's signed receipt for it.

The receipt names the terminal, the upload that it answers, the number of each row, and a digest of
exactly what was taken: only with it a reader prunes. An upload's name is used once.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any

from shared.ecode.algorithms import SoftwareKey
from shared.trust.trust_list import TrustList, Untrusted, read_statement, sign_statement
from shared.wire.scans import WIRE_VERSION, InvalidScan, ScanReceipt, ScanRecord

TYPE = "yikatong-scan-receipt+jwt"
MOST_FAULTS = 20
_REQUEST = re.compile(r"[0-9a-f]{32}")
_KIND = re.compile(r"[a-z_]{1,32}")
_MOST = 2**53


@dataclass(frozen=True, slots=True)
class JournalReport:
    """How a journal stands: its last number, what is wrong with it (number, kind), rows aside."""

    last: int = 0
    faults: tuple[tuple[int, str], ...] = ()
    aside: int = 0


@dataclass(frozen=True, slots=True)
class JournalPart:
    """What an upload says of the journal that its scans are from; `numbers` are theirs."""

    request: str
    numbers: tuple[int, ...]
    report: JournalReport = JournalReport()

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "request": self.request,
            "numbers": list(self.numbers),
            "last": self.report.last,
            "faults": [list(one) for one in self.report.faults[:MOST_FAULTS]],
            "aside": self.report.aside,
        }

    @classmethod
    def of_wire(cls, values: Any) -> "JournalPart":
        """Read it as `to_wire` wrote it.

        Raises:
            InvalidScan: it is not understood.
        """
        try:
            request, numbers, faults = values["request"], values["numbers"], values["faults"]
            sound = isinstance(request, str) and _REQUEST.fullmatch(request)
            rising = all(a < b for a, b in pairwise(numbers))
            if not (sound and rising and all(map(_is_number, numbers))):
                raise InvalidScan("journal")
            if len(faults) > MOST_FAULTS or not all(_is_fault(*one) for one in faults):
                raise InvalidScan("journal")
            last, aside = values["last"], values["aside"]
            if not (_is_number(last) and _is_number(aside)):
                raise InvalidScan("journal")
            report = JournalReport(last, tuple((at, kind) for at, kind in faults), aside)
            return cls(request, tuple(numbers), report)
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidScan("journal") from error


@dataclass(frozen=True, slots=True)
class ScanUpload:
    """Scans with their numbers, oldest first, as a reader sends them."""

    part: JournalPart
    scans: tuple[ScanRecord, ...]

    def to_wire(self) -> dict[str, Any]:
        """Return it as JSON values."""
        scans = [scan.to_wire() for scan in self.scans]
        return {"version": WIRE_VERSION, "scans": scans, "journal": self.part.to_wire()}

    @property
    def digest(self) -> str:
        """The digest that its receipt must have."""
        return upload_digest(self.part.numbers, [scan.to_wire() for scan in self.scans])


@dataclass(frozen=True, slots=True)
class SignedReceipt:
    """The backend's word on an upload: what became of each numbered row."""

    terminal_id: str
    request: str
    digest: str
    rows: tuple[tuple[int, ScanReceipt], ...]
    issued_at: datetime
    valid_until: datetime


def upload_digest(numbers: Sequence[int], rows: Iterable[Any]) -> str:
    """Return the SHA-256 over numbers and rows, each row as canonical JSON, in hex."""
    whole = sha256()
    for number, row in zip(numbers, rows, strict=True):
        text = json.dumps(row, sort_keys=True, separators=(",", ":")).encode()
        whole.update(number.to_bytes(8) + sha256(text).digest())
    return whole.hexdigest()


def sign_scan_receipt(receipt: SignedReceipt, key: SoftwareKey, key_id: int) -> str:
    """Return the receipt as a JWT signed by the region's list key."""
    payload = {
        "iat": int(receipt.issued_at.timestamp()),
        "exp": int(receipt.valid_until.timestamp()),
        "terminal": receipt.terminal_id,
        "request": receipt.request,
        "digest": receipt.digest,
        "rows": [{"number": number, **one.to_wire()} for number, one in receipt.rows],
    }
    return sign_statement(payload, key, TYPE, {"kid": str(key_id)})


def read_scan_receipt(
    text: str, trust: TrustList, region: int, key_id: int, now: datetime
) -> SignedReceipt:
    """Verify and read a receipt signed by key `key_id` of `region`.

    Raises:
        Untrusted: see its codes.
    """
    payload = read_statement(text, trust.list_key(region, key_id, now), TYPE, now)
    try:
        rows = tuple((int(row["number"]), ScanReceipt.of_wire(row)) for row in payload["rows"])
        return SignedReceipt(
            terminal_id=str(payload["terminal"]),
            request=str(payload["request"]),
            digest=str(payload["digest"]),
            rows=rows,
            issued_at=datetime.fromtimestamp(payload["iat"], UTC),
            valid_until=datetime.fromtimestamp(payload["exp"], UTC),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Untrusted("malformed") from error


def check_receipt(receipt: SignedReceipt, terminal_id: str, upload: ScanUpload) -> None:
    """Raise `Untrusted` unless a receipt is this terminal's, for this upload and all of it.

    Codes: `not_for_this_reader`, `replayed` (another upload's), `other_rows`.
    """
    if receipt.terminal_id != terminal_id:
        raise Untrusted("not_for_this_reader")
    if receipt.request != upload.part.request:
        raise Untrusted("replayed")
    named = tuple((number, one.scan_id) for number, one in receipt.rows)
    sent = tuple((n, s.scan_id) for n, s in zip(upload.part.numbers, upload.scans, strict=True))
    if receipt.digest != upload.digest or named != sent:
        raise Untrusted("other_rows")


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value < _MOST


def _is_fault(at: Any, kind: Any) -> bool:
    return _is_number(at) and isinstance(kind, str) and _KIND.fullmatch(kind) is not None
