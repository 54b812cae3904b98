"""A reader's journal carried out by hand 离线带出, and the receipts carried back.

The journal: ``YKJ1``, length of the statement (4), the statement, the sealed part. The statement is
a JWT signed by the reader's own key, which its header names; it tells the terminal and the digest
of the sealed part. That is sealed for the region (HPKE, RFC 9180) and holds the uploads that the
network would have taken, with their names and numbers, so that either way books each scan once.

The receipts: ``YKR1``, then one signed receipt a line, each for one of those uploads.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, cast

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shared.ecode.algorithms import PublicKey, SoftwareKey
from shared.trust.trust_list import JWT_ALGORITHMS, Untrusted, sign_statement
from shared.wire.request_proof import RequestRefused, key_in_header, public_jwk
from shared.wire.scan_receipt import ScanUpload

JOURNAL_MAGIC = b"YKJ1"
RECEIPTS_MAGIC = b"YKR1"
TYPE = "yikatong-journal+jwt"
MOST_BYTES = 64_000_000
MOST_UPLOADS = 1000
"""Uploads in one file at most: half a million scans."""
_MOST_STATEMENT = 4096
_MOST_PLAIN = 512_000_000
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class CarriedJournal:
    """A file whose signature is right; whose reader `key` is, is not known yet, nor what it says.

    `terminal_id` is what the reader calls itself.
    """

    key: PublicKey
    terminal_id: str
    sealed: bytes


def encode_journal(
    uploads: Sequence[ScanUpload],
    terminal_id: str,
    key: SoftwareKey,
    sealed_for: bytes,
    now: datetime,
) -> bytes:
    """Return the file; `sealed_for` is the region's X25519 key, 32 bytes."""
    plain = json.dumps([upload.to_wire() for upload in uploads], separators=(",", ":")).encode()
    whom = X25519PublicKey.from_public_bytes(sealed_for)
    sealed = _SUITE.encrypt(zlib.compress(plain), whom, _bound(terminal_id))
    payload = {
        "iat": int(now.timestamp()),
        "terminal": terminal_id,
        "digest": sha256(sealed).hexdigest(),
    }
    statement = sign_statement(payload, key, TYPE, {"jwk": public_jwk(key.public)}).encode()
    return b"".join([JOURNAL_MAGIC, len(statement).to_bytes(4), statement, sealed])


def read_journal(data: bytes) -> CarriedJournal:
    """Verify a file by the key that it names.

    The reader's clock is not asked: it may be wrong for want of the very network.

    Raises:
        Untrusted: `malformed`, or `forged` where signature or sealed part are not what was signed.
    """
    end = 8 + int.from_bytes(data[4:8])
    whole = 8 < end <= min(len(data), _MOST_STATEMENT) and len(data) <= MOST_BYTES
    if data[:4] != JOURNAL_MAGIC or not whole or not data[8:end].isascii():
        raise Untrusted("malformed")
    statement, sealed = data[8:end].decode("ascii"), data[end:]
    try:
        key = key_in_header(statement, TYPE)
        claims = jwt.decode(
            statement,
            cast("Any", key.to_cryptography()),
            algorithms=[JWT_ALGORITHMS[key.algorithm]],
            options={"verify_exp": False, "verify_iat": False},
        )
    except jwt.InvalidSignatureError as error:
        raise Untrusted("forged") from error
    except (RequestRefused, jwt.PyJWTError, ValueError) as error:
        raise Untrusted("malformed") from error
    terminal_id = claims.get("terminal")
    if not isinstance(terminal_id, str):
        raise Untrusted("malformed")
    if claims.get("digest") != sha256(sealed).hexdigest():
        raise Untrusted("forged")
    return CarriedJournal(key, terminal_id, sealed)


def open_journal(carried: CarriedJournal, key: X25519PrivateKey) -> list[Any]:
    """Return the uploads of a file as JSON values, none of them looked at yet.

    Raises:
        Untrusted: `sealed_for_another`, or `malformed`.
    """
    try:
        packed = _SUITE.decrypt(carried.sealed, key, _bound(carried.terminal_id))
    except (InvalidTag, ValueError) as error:
        raise Untrusted("sealed_for_another") from error
    try:
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(packed, _MOST_PLAIN)
        uploads = json.loads(plain) if unpacking.eof else None
    except (zlib.error, ValueError, RecursionError) as error:
        raise Untrusted("malformed") from error
    if not isinstance(uploads, list) or len(uploads) > MOST_UPLOADS:
        raise Untrusted("malformed")
    return uploads


def encode_receipts(receipts: Sequence[str]) -> bytes:
    """Return the file that goes back to the reader."""
    return b"\n".join([RECEIPTS_MAGIC, *(one.encode("ascii") for one in receipts), b""])


def split_receipts(data: bytes) -> list[str]:
    """Return a file's receipts, none of them believed yet.

    Raises:
        Untrusted: `malformed`, as where its end is cut off.
    """
    head, *lines = data.split(b"\n")
    if head != RECEIPTS_MAGIC or len(data) > MOST_BYTES or not data.isascii():
        raise Untrusted("malformed")
    if not lines or lines.pop() or len(lines) > MOST_UPLOADS or not all(lines):
        raise Untrusted("malformed")
    return [line.decode("ascii") for line in lines]


def _bound(terminal_id: str) -> bytes:
    return b"yikatong journal\0" + terminal_id.encode()
