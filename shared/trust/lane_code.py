"""The configuration code 配置码: staff show it to a lane, which then lets people the other way.

It says which way and never "turn": shown twice, it changes nothing the second time. It holds for
one venue (for one lane of it, where it names one) and a few hours, and until the venue's codes are
revoked (`shared.wire.manifest`): a photo of it does nothing elsewhere or afterwards.

Bytes, between the head and the signature of `signed_digits`: venue (2), lane (2, 0 for every lane),
direction (1: 0 in, 1 out), then who made it, by the id that the city's log knows them by.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from shared.ecode.algorithms import SigningKey
from shared.trust.signed_digits import SignedBody, looks_like, read_digits, sign_digits
from shared.trust.trust_list import TrustList, Untrusted

KIND = b"YLC1"
_MAKER = re.compile(r"[0-9A-Za-z_.:-]{1,32}")
_FIXED_BYTES = 5
_OUT = 1


@dataclass(frozen=True, slots=True)
class LaneCode:
    """Which way a venue's lane is to let people, by whose word; `lane` None is any of its lanes."""

    region: int
    venue: int
    lane: int | None
    out: bool
    made_by: str
    issued_at: datetime
    valid_until: datetime


def encode_lane_code(code: LaneCode, key: SigningKey, key_id: int) -> str:
    """Return the digits of the signed code.

    Raises:
        ValueError: who made it has no id that a record can hold.
    """
    if not _MAKER.fullmatch(code.made_by):
        raise ValueError("made_by")
    fixed = code.venue.to_bytes(2) + (code.lane or 0).to_bytes(2) + int(code.out).to_bytes(1)
    rest = fixed + code.made_by.encode("ascii")
    body = SignedBody(code.region, code.issued_at, code.valid_until, rest)
    return sign_digits(KIND, body, key, key_id)


def is_lane_code(text: str) -> bool:
    """Tell whether a text looks like a configuration code; nothing is verified."""
    return looks_like(KIND, text)


def read_lane_code(text: str, trust: TrustList, now: datetime) -> LaneCode:
    """Verify and read a configuration code.

    Raises:
        Untrusted: see its codes.
    """
    body = read_digits(KIND, text, trust, now)
    fixed, maker = body.rest[:_FIXED_BYTES], body.rest[_FIXED_BYTES:].decode("ascii", "replace")
    if len(fixed) < _FIXED_BYTES or fixed[4] > _OUT or not _MAKER.fullmatch(maker):
        raise Untrusted("malformed")
    venue, lane = int.from_bytes(fixed[:2]), int.from_bytes(fixed[2:4])
    times = (body.issued_at, body.valid_until)
    return LaneCode(body.region, venue, lane or None, fixed[4] == _OUT, maker, *times)
