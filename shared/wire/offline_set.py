"""The offline set: what cards hold at a venue, for its readers without a network.

A record for each phone and each physical card, sealed under a key that only what it shows yields.
Who has the set and not the phone's code cannot open a record, nor tell whose it is: it is found by
a locator that the same secret yields. What that protects, and what not, stands in the decision on
offline sets (`infra/decisions`).

Bytes: ``YOS1``, region (3), key id (1), venue (2), salt (16), epoch (4), base epoch (4), issued at
(4), valid until (4), number of records (4), number of removed (4); each record as locator (16),
length (2) and sealed bytes; each removed locator (16); last the signature (64) over all of it. The
epoch only grows; `base_epoch` 0 means that the set is whole. All records of a salt are a series.
"""

import json
import secrets
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.admission.circumstances import HeldBooking, HeldPass
from shared.admission.wire_form import InvalidRules, read_list, read_object
from shared.ecode.algorithms import PublicKey, SigningKey
from shared.trust.trust_list import TrustList, Untrusted

MAGIC = b"YOS1"
SALT_BYTES = 16
CARD_KEY_BYTES = 32
LOCATOR_BYTES = 16
MOST_RECORDS = 50_000
"""Records in one set at most: some 9 MB."""
MOST_HELD = 100
"""Bookings and passes of one card in its record at most, each."""
CARD_KEY_HEADER = "Yikatong-Card-Key"
"""The response header that brings `card_key` (hex digits), which a reader keeps off its disk."""
DELTA = "yikatong-offline-set"
"""The instance manipulation (RFC 3229) by which a reader asks for a delta."""

_HEAD_BYTES = 50
_SIGNATURE_BYTES = 64
_KEY_BYTES = 32
_NONCE_BYTES = 12
_BUCKET_BYTES = 128
_CONTEXT = b"SSC1o"
_MOST_CONTENT_BYTES = 2**16 - 1 - _NONCE_BYTES - 16 - _BUCKET_BYTES
_USUAL = (
    b'"pass_id":"pas_","product":"","days":{"first":"2026-01-01","last":"2026-12-31"},'
    b'"venues":null,"uses":null,"used":0,"blackouts":[],"personal":true}],"passes":[{'
    b'"bookings":[],"passes":[]}{"bookings":[{"booking_id":"bkg_","venue":1,"starts_at":"2026-'
    b'T00:00:00+00:00","ends_at":"2026-T30:00:00+00:00","quantity":1,"entered":0,"area":"main"}'
)
"""What records are likely to hold, for their compression; part of the format."""


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the holder of one card has at a venue."""

    bookings: tuple[HeldBooking, ...] = ()
    passes: tuple[HeldPass, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordKey:
    """Where a record is found and what opens it."""

    locator: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfflineSet:
    """A set, or what changed since `base_epoch`: sealed records by locator, and removed ones."""

    region: int
    venue: int
    salt: bytes
    epoch: int
    base_epoch: int
    issued_at: datetime
    valid_until: datetime
    records: Mapping[bytes, bytes]
    removed: frozenset[bytes] = frozenset()


def phone_secret(region: int, card_index: int, device_serial: int, device_key: PublicKey) -> bytes:
    """Return what a phone's code yields: its key, which stands in no list and no journal."""
    named = region.to_bytes(3) + card_index.to_bytes(4) + device_serial.to_bytes(2)
    return b"\1" + named + device_key.algorithm.to_bytes(1) + device_key.raw


def card_secret(digest: bytes, card_key: bytes) -> bytes:
    """Return what a physical card yields, with the key of the series.

    Its identification code alone can be guessed, so `card_key` must never rest beside the set.
    """
    return b"\2" + digest + card_key


def record_key(salt: bytes, venue: int, secret: bytes) -> RecordKey:
    """Derive a record's locator and key (HKDF-SHA-256, RFC 5869)."""
    kdf = HKDF(SHA256(), LOCATOR_BYTES + _KEY_BYTES, salt, _CONTEXT + venue.to_bytes(2))
    derived = kdf.derive(secret)
    return RecordKey(derived[:LOCATOR_BYTES], derived[LOCATOR_BYTES:])


def record_content(holdings: Holdings) -> bytes:
    """Return holdings as the content of a record.

    Raises:
        ValueError: more than a record can hold.
    """
    if max(len(holdings.bookings), len(holdings.passes)) > MOST_HELD:
        raise ValueError("more than a record can hold")
    content = {
        "bookings": [booking.to_wire() for booking in holdings.bookings],
        "passes": [held.to_wire() for held in holdings.passes],
    }
    return json.dumps(content, separators=(",", ":")).encode()


def seal_record(key: RecordKey, content: bytes) -> bytes:
    """Return the bytes of a record, sealed (AES-256-GCM): nonce, ciphertext and tag.

    Its content is compressed and then padded, so that the length tells little.

    Raises:
        ValueError: more than a record can hold.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=_USUAL)
    packed = packer.compress(content) + packer.flush()
    if len(packed) > _MOST_CONTENT_BYTES:
        raise ValueError("more than a record can hold")
    padding = -(len(packed) + 2) % _BUCKET_BYTES
    plain = len(packed).to_bytes(2) + packed + bytes(padding)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key.key).encrypt(nonce, plain, MAGIC + key.locator)


def open_record(key: RecordKey, sealed: bytes) -> Holdings:
    """Open a record.

    Raises:
        Untrusted: `malformed`; the key is another's, or the record is not one.
    """
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        plain = AESGCM(key.key).decrypt(nonce, rest, MAGIC + key.locator)
        length = int.from_bytes(plain[:2])
        unpacker = zlib.decompressobj(-15, zdict=_USUAL)
        content = unpacker.decompress(plain[2 : 2 + length], 2**20)
        values = read_object(json.loads(content), "record", ("bookings", "passes"))
        return Holdings(
            read_list(values["bookings"], "bookings", HeldBooking.of_wire),
            read_list(values["passes"], "passes", HeldPass.of_wire),
        )
    except (InvalidTag, ValueError, zlib.error, InvalidRules) as error:
        raise Untrusted("malformed") from error


def encode_offline_set(made: OfflineSet, key: SigningKey, key_id: int) -> bytes:
    """Return the signed bytes of a set; records stand in the order of their locators.

    Raises:
        ValueError: it has more than `MOST_RECORDS`.
        OverflowError: a field of the head does not fit.
    """
    if len(made.records) > MOST_RECORDS or len(made.removed) > MOST_RECORDS:
        raise ValueError("too many records")
    parts = [
        MAGIC,
        made.region.to_bytes(3),
        key_id.to_bytes(1),
        made.venue.to_bytes(2),
        made.salt,
        made.epoch.to_bytes(4),
        made.base_epoch.to_bytes(4),
        int(made.issued_at.timestamp()).to_bytes(4),
        int(made.valid_until.timestamp()).to_bytes(4),
        len(made.records).to_bytes(4),
        len(made.removed).to_bytes(4),
    ]
    for locator, sealed in sorted(made.records.items()):
        parts += [locator, len(sealed).to_bytes(2), sealed]
    parts += sorted(made.removed)
    body = b"".join(parts)
    return body + key.sign(body)


def decode_offline_set(data: bytes, trust: TrustList, now: datetime) -> OfflineSet:
    """Verify and read a set or a delta; nothing of it is read before its signature holds.

    Raises:
        Untrusted: see its codes.
    """
    body, signature = data[:-_SIGNATURE_BYTES], data[-_SIGNATURE_BYTES:]
    if len(body) < _HEAD_BYTES or body[:4] != MAGIC:
        raise Untrusted("malformed")
    region, key_id = int.from_bytes(body[4:7]), body[7]
    if not trust.list_key(region, key_id, now).verify(signature, body):
        raise Untrusted("forged")
    epoch, base_epoch, issued, until, count, removed = (
        int.from_bytes(body[start : start + 4]) for start in range(26, _HEAD_BYTES, 4)
    )
    if now.timestamp() >= until:
        raise Untrusted("expired")
    records, rest = _records(memoryview(body)[_HEAD_BYTES:], count)
    if len(rest) != removed * LOCATOR_BYTES:
        raise Untrusted("malformed")
    return OfflineSet(
        region=region,
        venue=int.from_bytes(body[8:10]),
        salt=body[10:26],
        epoch=epoch,
        base_epoch=base_epoch,
        issued_at=datetime.fromtimestamp(issued, UTC),
        valid_until=datetime.fromtimestamp(until, UTC),
        records=records,
        removed=frozenset(
            bytes(rest[start : start + LOCATOR_BYTES])
            for start in range(0, len(rest), LOCATOR_BYTES)
        ),
    )


def applied(in_use: OfflineSet | None, offered: OfflineSet) -> OfflineSet:
    """Return the whole set after an offer: the offer itself, or the one in use with its changes.

    Raises:
        Untrusted: `older`, or `base_missing`: the changes are of a set that is not in use.
    """
    if in_use is not None and (offered.epoch, offered.issued_at) < (in_use.epoch, in_use.issued_at):
        raise Untrusted("older")
    if offered.base_epoch == 0:
        return offered
    if in_use is None or (in_use.salt, in_use.epoch) != (offered.salt, offered.base_epoch):
        raise Untrusted("base_missing")
    kept = {at: sealed for at, sealed in in_use.records.items() if at not in offered.removed}
    records = {**kept, **offered.records}
    return replace(offered, base_epoch=0, records=records, removed=frozenset())


def _records(rest: memoryview, count: int) -> tuple[dict[bytes, bytes], memoryview]:
    if count > MOST_RECORDS:
        raise Untrusted("malformed")
    found: dict[bytes, bytes] = {}
    place = 0
    for _ in range(count):
        start = place + LOCATOR_BYTES + 2
        end = start + int.from_bytes(rest[start - 2 : start])
        if end > len(rest):
            raise Untrusted("malformed")
        found[bytes(rest[place : place + LOCATOR_BYTES])] = bytes(rest[start:end])
        place = end
    return found, rest[place:]
