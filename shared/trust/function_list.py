"""The function list: on which cards one card function 卡功能 is loaded, for readers offline (S15).

One signed file for each function of a region, exact like the status list. It names the exceptions
from what the function grants by itself: where people ask for it, the cards that have it; where
everybody has it, the cards whose holders have switched it off. Either way it is the shorter list.

Bytes: ``YFL1``, region (3), key id (1), epoch (4), issued at (4), valid until (4), since (4), until
(4, 0: without end), grant (1), open (1), code's length (1) and the code in ASCII, then two
sections, each a length (4) and `pack_sorted` bytes; last the signature (64) over all of it.
"""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum

from shared.ecode.algorithms import SigningKey
from shared.trust.sorted_numbers import pack_sorted, unpack_sorted
from shared.trust.trust_list import TrustList, Untrusted

MAGIC = b"YFL1"
FUNCTION_CODE = re.compile(r"[a-z][a-z_]{1,23}")
_SIGNATURE_BYTES = 64
_HEAD_BYTES = 31


class FunctionGrant(IntEnum):
    """Who has a function without having said anything."""

    ON_REQUEST = 1  # 按需开通: nobody; the list names the cards that have it
    BY_DEFAULT = 2  # 默认开通: everybody; the list names the cards that do not


class FunctionStanding(StrEnum):
    """What a list says of one card."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    CLOSED = "closed"  # the programme has not begun, is over, or was closed


@dataclass(frozen=True, slots=True)
class FunctionList:
    """One function of a region; times are aware UTC, whole seconds.

    The programme runs from `since` up to but not including `until`, while it is `open`. `cards` are
    card indexes, `physical_cards` are `card_number_of` digests, each strictly increasing.
    """

    code: str
    region: int
    epoch: int
    issued_at: datetime
    valid_until: datetime
    grant: FunctionGrant
    open: bool
    since: datetime
    until: datetime | None = None
    cards: Sequence[int] = ()
    physical_cards: Sequence[int] = ()

    def runs_at(self, now: datetime) -> bool:
        """Tell whether the programme is open and its time is now."""
        return self.open and self.since <= now and (self.until is None or now < self.until)

    def standing(self, now: datetime, *, listed: bool) -> FunctionStanding:
        """Return what holds for a card of this region that is `listed`, or is not."""
        if not self.runs_at(now):
            return FunctionStanding.CLOSED
        has_it = listed is (self.grant is FunctionGrant.ON_REQUEST)
        return FunctionStanding.ENABLED if has_it else FunctionStanding.DISABLED


def encode_function_list(made: FunctionList, key: SigningKey, key_id: int) -> bytes:
    """Return the signed bytes of a list.

    Raises:
        ValueError: a section is not strictly increasing, or the code has another form.
        OverflowError: a head field does not fit.
    """
    if not FUNCTION_CODE.fullmatch(made.code):
        raise ValueError("not a function's code")
    code = made.code.encode("ascii")
    parts = [
        MAGIC,
        made.region.to_bytes(3),
        key_id.to_bytes(1),
        made.epoch.to_bytes(4),
        *(_seconds(one) for one in (made.issued_at, made.valid_until, made.since)),
        _seconds(made.until) if made.until else bytes(4),
        bytes((made.grant, made.open, len(code))),
        code,
    ]
    for section in (made.cards, made.physical_cards):
        packed = pack_sorted(section)
        parts += [len(packed).to_bytes(4), packed]
    body = b"".join(parts)
    return body + key.sign(body)


def decode_function_list(data: bytes, trust: TrustList, now: datetime) -> FunctionList:
    """Verify and read a list; the signature is checked before any section is unpacked.

    Raises:
        Untrusted: see its codes.
    """
    body, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
    if len(body) < _HEAD_BYTES or body[:4] != MAGIC:
        raise Untrusted("malformed")
    region, key_id = int.from_bytes(body[4:7]), body[7]
    if not trust.list_key(region, key_id, now).verify(signature, body):
        raise Untrusted("forged")
    epoch, issued, valid, since, until = (
        int.from_bytes(body[start : start + 4]) for start in range(8, 28, 4)
    )
    if now.timestamp() >= valid:
        raise Untrusted("expired")
    grant, is_open, length = body[28], body[29], body[30]
    try:
        code = body[_HEAD_BYTES : _HEAD_BYTES + length].decode("ascii")
        cards, physical_cards = _sections(body[_HEAD_BYTES + length :])
        if not FUNCTION_CODE.fullmatch(code) or is_open not in {0, 1}:
            raise Untrusted("malformed")
        known_grant = FunctionGrant(grant)
    except ValueError as error:
        raise Untrusted("malformed") from error
    return FunctionList(
        code=code,
        region=region,
        epoch=epoch,
        issued_at=datetime.fromtimestamp(issued, UTC),
        valid_until=datetime.fromtimestamp(valid, UTC),
        grant=known_grant,
        open=bool(is_open),
        since=datetime.fromtimestamp(since, UTC),
        until=datetime.fromtimestamp(until, UTC) if until else None,
        cards=cards,
        physical_cards=physical_cards,
    )


def _seconds(instant: datetime) -> bytes:
    return int(instant.timestamp()).to_bytes(4)


def _sections(rest: bytes) -> tuple["array[int]", "array[int]"]:
    found: list[array[int]] = []
    for _ in range(2):
        length = int.from_bytes(rest[:4])
        found.append(unpack_sorted(rest[4 : 4 + length]))
        rest = rest[4 + length :]
    if rest:
        raise Untrusted("malformed")
    cards, physical_cards = found
    return cards, physical_cards
