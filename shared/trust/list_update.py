"""The update code 更新码: what was stopped in the last two days, in one QR code shown to a reader.

It adds to the status list that a reader without a network holds: cards suspended or ended since
`since`, and of the phones that were unbound and the representatives' codes 代办码 that were stopped
as many as there is room for, the newest first. Physical cards are not in it (they would not fit)
and wait for a whole list, and it lengthens no list's time.

Bytes: ``YLU2``, region (3), key id (1), issued at (4), valid until (4), since (4), then the revoked
and the suspended card indexes and the unbound phones' `device_number`s, each a length (2) and
`pack_sorted` bytes; last the signature (64) over all of it. Shown as digits
(`shared.ecode.digits`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.ecode.algorithms import SigningKey
from shared.ecode.digits import from_digits, to_digits
from shared.ecode.layout import Malformed
from shared.trust.sorted_numbers import pack_sorted, unpack_sorted
from shared.trust.trust_list import MAX_CLOCK_LEAD_SECONDS, TrustList, Untrusted

MAGIC = b"YLU2"
MOST_DIGITS = 7089
"""What a QR code of version 40 holds at level L. With indexes spread over all 32 bits: 910 cards,
or the 548 that ten million holders stop in two days and 200 phones; more where they lie closer."""
_HEAD_BYTES = 20
_SIGNATURE_BYTES = 64
_FIRST_GROUP = 17


class TooMany(ValueError):
    """More cards were stopped than one code holds."""


@dataclass(frozen=True, slots=True)
class ListUpdate:
    """Card indexes stopped between `since` and `issued_at`, each section strictly increasing."""

    region: int
    issued_at: datetime
    valid_until: datetime
    since: datetime
    revoked: Sequence[int] = ()
    suspended: Sequence[int] = ()
    unbound: Sequence[int] = ()


def encode_list_update(update: ListUpdate, key: SigningKey, key_id: int) -> str:
    """Return the digits of the signed update.

    Raises:
        TooMany: they do not fit one QR code.
    """
    times = (update.issued_at, update.valid_until, update.since)
    parts = [MAGIC, update.region.to_bytes(3), key_id.to_bytes(1)]
    parts += [int(time.timestamp()).to_bytes(4) for time in times]
    for section in (update.revoked, update.suspended, update.unbound):
        packed = pack_sorted(section)
        if len(packed) >= 2**16:
            raise TooMany
        parts += [len(packed).to_bytes(2), packed]
    body = b"".join(parts)
    digits = to_digits(body + key.sign(body))
    if len(digits) > MOST_DIGITS:
        raise TooMany
    return digits


def is_list_update(text: str) -> bool:
    """Tell whether a text looks like an update code; nothing is verified."""
    if len(text) > MOST_DIGITS or not (text.isascii() and text.isdigit()):
        return False
    first = int(text[:_FIRST_GROUP] or "0")
    return first < 2**56 and first.to_bytes(7)[: len(MAGIC)] == MAGIC


def read_list_update(text: str, trust: TrustList, now: datetime) -> ListUpdate:
    """Verify and read an update code; the signature is checked before any section is unpacked.

    Raises:
        Untrusted: see its codes.
    """
    try:
        data = from_digits(text)
    except Malformed as error:
        raise Untrusted("malformed") from error
    body, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
    if len(body) < _HEAD_BYTES or body[:4] != MAGIC:
        raise Untrusted("malformed")
    region, key_id = int.from_bytes(body[4:7]), body[7]
    if not trust.list_key(region, key_id, now).verify(signature, body):
        raise Untrusted("forged")
    issued, until, since = (
        datetime.fromtimestamp(int.from_bytes(body[start : start + 4]), UTC)
        for start in range(8, _HEAD_BYTES, 4)
    )
    if now >= until:
        raise Untrusted("expired")
    if (issued - now).total_seconds() > MAX_CLOCK_LEAD_SECONDS:
        raise Untrusted("not_yet_valid")
    return ListUpdate(region, issued, until, since, *_sections(body[_HEAD_BYTES:]))


def _sections(rest: bytes) -> list[Sequence[int]]:
    found: list[Sequence[int]] = []
    try:
        for _ in range(3):
            length = int.from_bytes(rest[:2])
            found.append(unpack_sorted(rest[2 : 2 + length]))
            rest = rest[2 + length :]
    except ValueError as error:
        raise Untrusted("malformed") from error
    if rest:
        raise Untrusted("malformed")
    return found
