"""The proof: the device's word that it holds the key now.

A phone makes a new one every `SLOT_SECONDS`, with or without a network. Everything in it derives
from the time, so an app that was asleep or killed goes on where the clock stands.
"""

from dataclasses import dataclass

from shared.ecode.algorithms import SigningKey
from shared.ecode.certificate import Certificate, certificate_bytes, parse_certificate
from shared.ecode.layout import (
    CHALLENGE_BYTES,
    MAX_COUNTER,
    MAX_PURPOSE,
    MAX_VENUE,
    PROOF_BYTES,
    PROOF_CONTEXT,
    PROOF_HEAD_BYTES,
    SIGNATURE_BYTES,
    Malformed,
)

SLOT_SECONDS = 5
ANY = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """One moment's claim.

    `issued_at` is unix seconds UTC, `purpose` and `venue` are 0 for any, `challenge` is four bytes
    given by the venue or random.
    """

    issued_at: int
    counter: int
    purpose: int
    venue: int
    challenge: bytes
    signature: bytes


def counter_at(unix_seconds: float) -> int:
    """Return the counter of a moment: the number of its slot, kept to 24 bits (2.6 years)."""
    return int(unix_seconds) // SLOT_SECONDS & MAX_COUNTER


def present(
    certificate: Certificate,
    device_key: SigningKey,
    *,
    issued_at: int,
    counter: int,
    challenge: bytes,
    purpose: int = ANY,
    venue: int = ANY,
) -> bytes:
    """Return the whole code's bytes: certificate and a proof signed by `device_key`.

    Raises:
        ValueError: a field does not fit; the message names it.
    """
    within = {
        "issued_at": 0 <= issued_at < 2**32,
        "counter": 0 <= counter <= MAX_COUNTER,
        "purpose": 0 <= purpose <= MAX_PURPOSE,
        "venue": 0 <= venue <= MAX_VENUE,
        "challenge": len(challenge) == CHALLENGE_BYTES,
    }
    for name, fits in within.items():
        if not fits:
            raise ValueError(f"{name} does not fit the proof")
    head = b"".join(
        (
            issued_at.to_bytes(4),
            counter.to_bytes(3),
            purpose.to_bytes(1),
            venue.to_bytes(2),
            challenge,
        )
    )
    return certificate.raw + head + device_key.sign(PROOF_CONTEXT + certificate.raw + head)


def split_code(raw: bytes) -> tuple[bytes, bytes]:
    """Return a code's certificate bytes and proof bytes.

    Raises:
        Malformed: wrong length, unknown version, refused algorithm.
    """
    if not raw:
        raise Malformed("an empty code", foreign=True)
    length = certificate_bytes(raw[0])
    if len(raw) != length + PROOF_BYTES:
        raise Malformed(f"a code of {len(raw)} bytes")
    return raw[:length], raw[length:]


def parse_proof(raw: bytes) -> Proof:
    """Read a proof's bytes; its signature is not checked here.

    Raises:
        Malformed: wrong length.
    """
    if len(raw) != PROOF_BYTES:
        raise Malformed(f"a proof of {len(raw)} bytes")
    return Proof(
        issued_at=int.from_bytes(raw[:4]),
        counter=int.from_bytes(raw[4:7]),
        purpose=raw[7],
        venue=int.from_bytes(raw[8:10]),
        challenge=raw[10:PROOF_HEAD_BYTES],
        signature=raw[-SIGNATURE_BYTES:],
    )


def parse_code(raw: bytes) -> tuple[Certificate, Proof]:
    """Read a whole code; no signature is checked here.

    Raises:
        Malformed: see `split_code` and `parse_certificate`.
    """
    certificate, proof = split_code(raw)
    return parse_certificate(certificate), parse_proof(proof)


def signed_part(certificate_raw: bytes, proof_raw: bytes) -> bytes:
    """Return the bytes the device signed, context included."""
    return PROOF_CONTEXT + certificate_raw + proof_raw[:PROOF_HEAD_BYTES]
