"""The update code 更新码: what was stopped in the last two days, in one QR code shown to a reader.

It adds to the status list that a reader without a network holds: cards suspended or ended since
`since`, and of the phones that were unbound and the representatives' codes 代办码 that were stopped
as many as there is room for, the newest first. Physical cards are not in it (they would not fit)
and wait for a whole list, and it lengthens no list's time.

Bytes, between the head and the signature of `signed_digits`: since (4), then the revoked and the
suspended card indexes and the unbound phones' `device_number`s, each a length (2) and `pack_sorted`
bytes. With indexes spread over all 32 bits one code holds 910 cards, or the 548 that ten million
holders stop in two days and 200 phones; more where they lie closer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.ecode.algorithms import SigningKey
from shared.trust.signed_digits import (
    MOST_DIGITS,
    SignedBody,
    looks_like,
    read_digits,
    sign_digits,
)
from shared.trust.sorted_numbers import pack_sorted, unpack_sorted
from shared.trust.trust_list import TrustList, Untrusted

MAGIC = b"YLU2"
_SINCE_BYTES = 4


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
    parts = [int(update.since.timestamp()).to_bytes(4)]
    for section in (update.revoked, update.suspended, update.unbound):
        packed = pack_sorted(section)
        if len(packed) >= 2**16:
            raise TooMany
        parts += [len(packed).to_bytes(2), packed]
    body = SignedBody(update.region, update.issued_at, update.valid_until, b"".join(parts))
    digits = sign_digits(MAGIC, body, key, key_id)
    if len(digits) > MOST_DIGITS:
        raise TooMany
    return digits


def is_list_update(text: str) -> bool:
    """Tell whether a text looks like an update code; nothing is verified."""
    return looks_like(MAGIC, text)


def read_list_update(text: str, trust: TrustList, now: datetime) -> ListUpdate:
    """Verify and read an update code; the signature is checked before any section is unpacked.

    Raises:
        Untrusted: see its codes.
    """
    body = read_digits(MAGIC, text, trust, now)
    if len(body.rest) < _SINCE_BYTES:
        raise Untrusted("malformed")
    since = datetime.fromtimestamp(int.from_bytes(body.rest[:_SINCE_BYTES]), UTC)
    sections = _sections(body.rest[_SINCE_BYTES:])
    return ListUpdate(body.region, body.issued_at, body.valid_until, since, *sections)


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
