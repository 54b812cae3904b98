"""What a reader without a network needs, in one signed file: lists, rules, standing, offline set.

Bytes: ``YKB1``, length of the statement (4), the statement, then the parts one after another. The
statement is a JWT signed by the region's list key; it names the terminal and each part's digest, so
that the file is taken whole or not at all, by nobody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import jwt

from shared.ecode.algorithms import SoftwareKey
from shared.trust.trust_list import TrustList, Untrusted, read_statement, sign_statement

MAGIC = b"YKB1"
TYPE = "yikatong-venue-bundle+jwt"
MOST_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class VenueBundle:
    """The parts by the name of their endpoint (`trust-list`, `manifest`, …)."""

    terminal_id: str
    venue_number: int
    parts: Mapping[str, bytes]
    issued_at: datetime
    valid_until: datetime


def encode_bundle(bundle: VenueBundle, key: SoftwareKey, key_id: int) -> bytes:
    """Return the signed file."""
    named = [[name, len(part), sha256(part).hexdigest()] for name, part in bundle.parts.items()]
    payload = {
        "iat": int(bundle.issued_at.timestamp()),
        "exp": int(bundle.valid_until.timestamp()),
        "terminal": bundle.terminal_id,
        "venue": bundle.venue_number,
        "parts": named,
    }
    statement = sign_statement(payload, key, TYPE, {"kid": str(key_id)}).encode()
    return b"".join([MAGIC, len(statement).to_bytes(4), statement, *bundle.parts.values()])


def split_bundle(data: bytes) -> tuple[str, bytes]:
    """Return a file's statement and its parts' bytes, neither believed yet.

    Raises:
        Untrusted: `malformed`.
    """
    end = 8 + int.from_bytes(data[4:8])
    if data[:4] != MAGIC or not 8 < end <= len(data) <= MOST_BYTES or not data[8:end].isascii():
        raise Untrusted("malformed")
    return data[8:end].decode("ascii"), data[end:]


def read_bundle(
    data: bytes, trust: TrustList, region: int, key_id: int, now: datetime
) -> VenueBundle:
    """Verify and read a file signed by key `key_id` of `region`; each part has its own signature.

    Raises:
        Untrusted: see its codes.
    """
    statement, rest = split_bundle(data)
    payload = read_statement(statement, trust.list_key(region, key_id, now), TYPE, now)
    try:
        return VenueBundle(
            terminal_id=str(payload["terminal"]),
            venue_number=int(payload["venue"]),
            parts=_parts(payload["parts"], rest),
            issued_at=datetime.fromtimestamp(payload["iat"], UTC),
            valid_until=datetime.fromtimestamp(payload["exp"], UTC),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Untrusted("malformed") from error


def part_of(statement: str, rest: bytes, name: str) -> bytes | None:
    """Return a part whose own signature is checked next: the file's is not yet.

    Raises:
        Untrusted: `malformed`.
    """
    try:
        claims = jwt.decode(statement, options={"verify_signature": False})
        return _parts(claims["parts"], rest).get(name)
    except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
        raise Untrusted("malformed") from error


def _parts(named: Any, rest: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name, size, digest in named:
        part, rest = rest[: int(size)], rest[int(size) :]
        if sha256(part).hexdigest() != digest:
            raise Untrusted("forged")
        found[str(name)] = part
    if rest:
        raise Untrusted("malformed")
    return found
