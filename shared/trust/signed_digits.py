"""What a city shows its readers as a QR code: bytes signed by the key of its lists, as digits.

Bytes: four that name the kind, region (3), key id (1), issued at (4), valid until (4), the kind's
own, last the signature (64) over all of it. Shown as digits (`shared.ecode.digits`), which every
scanner reads and types.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.ecode.algorithms import SigningKey
from shared.ecode.digits import from_digits, to_digits
from shared.ecode.layout import Malformed
from shared.trust.trust_list import MAX_CLOCK_LEAD_SECONDS, TrustList, Untrusted

MOST_DIGITS = 7089
"""What a QR code of version 40 holds at level L."""
_HEAD_BYTES = 16
_SIGNATURE_BYTES = 64
_FIRST_GROUP = 17


@dataclass(frozen=True, slots=True)
class SignedBody:
    """What was signed, for which region, from when to when; `rest` is the kind's own."""

    region: int
    issued_at: datetime
    valid_until: datetime
    rest: bytes


def sign_digits(kind: bytes, body: SignedBody, key: SigningKey, key_id: int) -> str:
    """Return the digits of `body`, signed as `kind`."""
    parts = [kind, body.region.to_bytes(3), key_id.to_bytes(1)]
    parts += [int(at.timestamp()).to_bytes(4) for at in (body.issued_at, body.valid_until)]
    signed = b"".join((*parts, body.rest))
    return to_digits(signed + key.sign(signed))


def looks_like(kind: bytes, text: str) -> bool:
    """Tell whether a text claims to be of a kind; nothing is verified."""
    if len(text) > MOST_DIGITS or not (text.isascii() and text.isdigit()):
        return False
    first = int(text[:_FIRST_GROUP] or "0")
    return first < 2**56 and first.to_bytes(7)[: len(kind)] == kind


def read_digits(kind: bytes, text: str, trust: TrustList, now: datetime) -> SignedBody:
    """Verify a code and return what was signed.

    Raises:
        Untrusted: see its codes.
    """
    try:
        data = from_digits(text)
    except Malformed as error:
        raise Untrusted("malformed") from error
    signed, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
    if len(signed) < _HEAD_BYTES or signed[:4] != kind:
        raise Untrusted("malformed")
    region, key_id = int.from_bytes(signed[4:7]), signed[7]
    if not trust.list_key(region, key_id, now).verify(signature, signed):
        raise Untrusted("forged")
    body = SignedBody(region, _at(signed[8:12]), _at(signed[12:16]), signed[_HEAD_BYTES:])
    if now >= body.valid_until:
        raise Untrusted("expired")
    if (body.issued_at - now).total_seconds() > MAX_CLOCK_LEAD_SECONDS:
        raise Untrusted("not_yet_valid")
    return body


def _at(seconds: bytes) -> datetime:
    return datetime.fromtimestamp(int.from_bytes(seconds), UTC)
