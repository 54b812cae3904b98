"""A second writing of the e-card code, from the format's page alone.

On paper: version 2, flags 2; everything else stands where it stood.

It shares no line with `shared.ecode`, so that the two agreeing means something.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ED25519, ES256, SM2 = 0, 1, 2
_P256_ORDER = int("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", 16)


@dataclass(frozen=True)
class VectorKey:
    """A key made from a name; signatures are deterministic, so the file never changes by itself."""

    name: str
    algorithm: int

    def _seed(self) -> bytes:
        return hashlib.sha256(b"yikatong vector key " + self.name.encode()).digest()

    def _private(self) -> Any:
        if self.algorithm == ED25519:
            return ed25519.Ed25519PrivateKey.from_private_bytes(self._seed())
        scalar = int.from_bytes(self._seed(), "big") % (_P256_ORDER - 1) + 1
        return ec.derive_private_key(scalar, ec.SECP256R1())

    @property
    def public(self) -> bytes:
        key = self._private().public_key()
        if self.algorithm == ED25519:
            raw: bytes = key.public_bytes_raw()
            return raw
        point: bytes = key.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
        )
        return point

    def pem(self) -> bytes:
        pem: bytes = self._private().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return pem

    def sign(self, message: bytes) -> bytes:
        if self.algorithm == ED25519:
            signature: bytes = self._private().sign(message)
            return signature
        scheme = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        r, s = decode_dss_signature(self._private().sign(message, scheme))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def pack_certificate(fields: dict[str, Any], device_key: bytes) -> bytes:
    """Return the certificate's bytes before its signature."""
    out = bytearray()
    out.append(fields["version"] * 16 + fields["issuer_algorithm"] * 4 + fields["device_algorithm"])
    out += fields["region"].to_bytes(3, "big")
    out += fields["issuer_key_id"].to_bytes(1, "big")
    out += fields["card_index"].to_bytes(4, "big")
    out += fields["device_serial"].to_bytes(2, "big")
    out += (fields["age_band"] + 16 * fields["concession"] + 64 * fields["reserved"]).to_bytes(
        2, "big"
    )
    out.append(fields["flags"])
    out += fields["not_before_hour"].to_bytes(3, "big")
    out.append(fields["lifetime_hours"])
    out += device_key
    return bytes(out)


def pack_proof(fields: dict[str, Any]) -> bytes:
    """Return the proof's bytes before its signature."""
    packed: bytes = (
        fields["issued_at"].to_bytes(4, "big")
        + fields["counter"].to_bytes(3, "big")
        + fields["purpose"].to_bytes(1, "big")
        + fields["venue"].to_bytes(2, "big")
        + bytes.fromhex(fields["challenge"])
    )
    return packed


def digits_of(raw: bytes) -> str:
    """Return the decimal carrier, group by group."""
    widths = (0, 3, 5, 8, 10, 13, 15, 17)
    text = ""
    while raw:
        group, raw = raw[:7], raw[7:]
        text += str(int.from_bytes(group, "big")).rjust(widths[len(group)], "0")
    return text
