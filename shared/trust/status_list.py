"""The status list: which cards and phones no longer count, for readers that are offline.

One signed file per region, exact (nobody is refused by chance), small enough for a USB stick or a
thin line. Suspended 临时挂失 (reversible) and revoked 正式挂失 / 注销 (final) are told apart.

Bytes: ``YSL1``, region (3), key id (1), epoch (4), base epoch (4), issued at (4), valid until (4),
then five sections, each a length (4) and `pack_sorted` bytes; last the signature (64) over all of
it. An epoch only grows; `base_epoch` 0 means the list is complete.
"""

import hashlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

from shared.ecode.algorithms import SigningKey
from shared.trust.sorted_numbers import pack_sorted, unpack_sorted
from shared.trust.trust_list import TrustList, Untrusted

MAGIC = b"YSL1"
_HEAD_BYTES = 24
_SIGNATURE_BYTES = 64
_CARD_CONTEXT = b"SSC1k"
DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class StatusSections:
    """The numbers of a list, each section strictly increasing.

    `revoked` and `suspended` hold card indexes, `unbound_devices` holds `device_number`s, and
    `revoked_cards` and `suspended_cards` hold `card_number_of` digests of physical cards.
    """

    revoked: Sequence[int] = ()
    suspended: Sequence[int] = ()
    unbound_devices: Sequence[int] = ()
    revoked_cards: Sequence[int] = ()
    suspended_cards: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class StatusList:
    """A list with its head; times are aware UTC, whole seconds."""

    region: int
    epoch: int
    base_epoch: int
    issued_at: datetime
    valid_until: datetime
    sections: StatusSections


@dataclass(frozen=True, slots=True)
class SignedStatusList:
    """A list whose signature is right, its sections not unpacked yet."""

    region: int
    epoch: int
    base_epoch: int
    issued_at: datetime
    valid_until: datetime
    packed: bytes = field(repr=False)

    def unpacked(self) -> StatusList:
        """Return the list with its numbers.

        Raises:
            Untrusted: `malformed`.
        """
        return StatusList(
            region=self.region,
            epoch=self.epoch,
            base_epoch=self.base_epoch,
            issued_at=self.issued_at,
            valid_until=self.valid_until,
            sections=_sections(self.packed),
        )


def device_number(card_index: int, device_serial: int) -> int:
    """Return the number by which a list names one phone of one card."""
    return card_index << 16 | device_serial


def card_digest(identification_code: bytes) -> bytes:
    """Return 16 bytes that stand for a physical card's 卡识别码 in journals and lists.

    It keeps the code itself out of them; it does not hide a code from someone who can list all
    codes of a city, so it is treated as personal data all the same.
    """
    return hashlib.sha256(_CARD_CONTEXT + identification_code).digest()[:DIGEST_BYTES]


def card_number_of(digest: bytes) -> int:
    """Return the number by which a list names a physical card: its digest's first 8 bytes."""
    return int.from_bytes(digest[:8])


def encode_status_list(status_list: StatusList, key: SigningKey, key_id: int) -> bytes:
    """Return the signed bytes of a list.

    Raises:
        ValueError: a section is not strictly increasing.
        OverflowError: a head field does not fit.
    """
    parts = [
        MAGIC,
        status_list.region.to_bytes(3),
        key_id.to_bytes(1),
        status_list.epoch.to_bytes(4),
        status_list.base_epoch.to_bytes(4),
        int(status_list.issued_at.timestamp()).to_bytes(4),
        int(status_list.valid_until.timestamp()).to_bytes(4),
    ]
    for section in fields(StatusSections):
        packed = pack_sorted(getattr(status_list.sections, section.name))
        parts += [len(packed).to_bytes(4), packed]
    body = b"".join(parts)
    return body + key.sign(body)


def decode_status_list(data: bytes, trust: TrustList, now: datetime) -> StatusList:
    """Verify and read a list; the signature is checked before any section is unpacked.

    Raises:
        Untrusted: see its codes.
    """
    return open_status_list(data, trust, now).unpacked()


def open_status_list(data: bytes, trust: TrustList, now: datetime) -> SignedStatusList:
    """Verify a list and read its head.

    Raises:
        Untrusted: see its codes.
    """
    body, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
    if len(body) < _HEAD_BYTES or body[:4] != MAGIC:
        raise Untrusted("malformed")
    region, key_id = int.from_bytes(body[4:7]), body[7]
    epoch, base_epoch, issued, until = (
        int.from_bytes(body[start : start + 4]) for start in range(8, _HEAD_BYTES, 4)
    )
    if not trust.list_key(region, key_id, now).verify(signature, body):
        raise Untrusted("forged")
    if now.timestamp() >= until:
        raise Untrusted("expired")
    return SignedStatusList(
        region=region,
        epoch=epoch,
        base_epoch=base_epoch,
        issued_at=datetime.fromtimestamp(issued, UTC),
        valid_until=datetime.fromtimestamp(until, UTC),
        packed=body[_HEAD_BYTES:],
    )


def _sections(rest: bytes) -> StatusSections:
    found: list[array[int]] = []
    try:
        for _ in fields(StatusSections):
            length = int.from_bytes(rest[:4])
            found.append(unpack_sorted(rest[4 : 4 + length]))
            rest = rest[4 + length :]
    except ValueError as error:
        raise Untrusted("malformed") from error
    if rest:
        raise Untrusted("malformed")
    return StatusSections(*found)
