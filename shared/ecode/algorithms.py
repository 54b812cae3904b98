"""Signature algorithms of the e-card code and their keys.

The two bits of a code's first byte name the algorithm. SM2 has its number and its place; a build
without an SM2 provider answers `UnsupportedAlgorithm`, never "bad signature".
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Protocol, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

_SHA256 = ec.ECDSA(hashes.SHA256())
_HALF = 32

type_private = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
type_public = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey


class Algorithm(IntEnum):
    """Numbers of the code's first byte; 3 stays refused."""

    ED25519 = 0
    ES256 = 1
    SM2 = 2


PUBLIC_KEY_BYTES = {Algorithm.ED25519: 32, Algorithm.ES256: 33, Algorithm.SM2: 33}


class UnsupportedAlgorithm(ValueError):
    """This build has no provider for the algorithm (today: SM2)."""


class InvalidKey(ValueError):
    """The bytes are not a public key of the algorithm."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key as the code carries it: Ed25519 raw, P-256 as a compressed point."""

    algorithm: Algorithm
    raw: bytes

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Tell whether `signature` (64 bytes: raw, or r‖s) is this key's over `message`.

        Raises:
            UnsupportedAlgorithm: there is no provider for the key's algorithm.
            InvalidKey: the key's bytes are not on the curve.
        """
        return len(signature) == 2 * _HALF and _loaded(self)(signature, message)

    def to_cryptography(self) -> type_public:
        """Return the key as an object of `cryptography` (for JWK and PEM)."""
        return _public_object(self.algorithm, self.raw)

    def to_pem(self) -> str:
        """Return the key as SubjectPublicKeyInfo PEM."""
        return (
            self.to_cryptography()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )

    @classmethod
    def of_cryptography(cls, key: object) -> Self:
        """Return the key of a `cryptography` object.

        Raises:
            InvalidKey: it is neither Ed25519 nor on P-256.
        """
        if isinstance(key, ed25519.Ed25519PublicKey):
            return cls(Algorithm.ED25519, key.public_bytes_raw())
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            point = key.public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
            )
            return cls(Algorithm.ES256, point)
        raise InvalidKey("neither an Ed25519 nor a P-256 key")

    @classmethod
    def of_pem(cls, pem: str | bytes) -> Self:
        """Return the key of a SubjectPublicKeyInfo PEM.

        Raises:
            InvalidKey: not a PEM, or a key of another kind.
        """
        data = pem.encode() if isinstance(pem, str) else pem
        try:
            key = serialization.load_pem_public_key(data)
        except ValueError as error:
            raise InvalidKey("not a public key in PEM") from error
        return cls.of_cryptography(key)


class SigningKey(Protocol):
    """A key that signs; where its secret half lives is its own matter (file, keystore, HSM)."""

    @property
    def public(self) -> PublicKey:
        """The public half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return 64 bytes: the raw Ed25519 signature, or r‖s."""
        ...


class SoftwareKey:
    """A signing key held in this process's memory."""

    def __init__(self, private: type_private) -> None:
        self.private = private
        self.public = PublicKey.of_cryptography(private.public_key())

    @classmethod
    def generate(cls, algorithm: Algorithm) -> Self:
        """Make a new key.

        Raises:
            UnsupportedAlgorithm: there is no provider for it.
        """
        if algorithm is Algorithm.ED25519:
            return cls(ed25519.Ed25519PrivateKey.generate())
        if algorithm is Algorithm.ES256:
            return cls(ec.generate_private_key(ec.SECP256R1()))
        raise UnsupportedAlgorithm(algorithm.name)

    @classmethod
    def of_pem(cls, pem: bytes) -> Self:
        """Load an unencrypted PKCS #8 PEM.

        Raises:
            InvalidKey: not such a PEM, or a key of another kind.
        """
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError) as error:
            raise InvalidKey("not an unencrypted private key in PEM") from error
        if not isinstance(key, ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
            raise InvalidKey("neither an Ed25519 nor a P-256 key")
        return cls(key)

    def to_pem(self) -> bytes:
        """Return the key as unencrypted PKCS #8 PEM; the caller guards the file."""
        return self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def sign(self, message: bytes) -> bytes:
        """Return 64 bytes over `message`."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(message)
        r, s = decode_dss_signature(self.private.sign(message, _SHA256))
        return r.to_bytes(_HALF) + s.to_bytes(_HALF)


def _public_object(algorithm: Algorithm, raw: bytes) -> type_public:
    try:
        if algorithm is Algorithm.ED25519:
            return ed25519.Ed25519PublicKey.from_public_bytes(raw)
        if algorithm is Algorithm.ES256:
            return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError as error:
        raise InvalidKey(f"not a public key of {algorithm.name}") from error
    raise UnsupportedAlgorithm(algorithm.name)


@lru_cache(maxsize=64)
def _loaded(key: PublicKey) -> Callable[[bytes, bytes], bool]:
    """Return the check of one key; issuer keys repeat, so loading them is paid once."""
    loaded = key.to_cryptography()
    if isinstance(loaded, ed25519.Ed25519PublicKey):
        return lambda signature, message: _holds(loaded.verify, signature, message)
    return lambda signature, message: _holds(
        lambda der, data: loaded.verify(der, data, _SHA256),
        encode_dss_signature(int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:])),
        message,
    )


def _holds(verify: Callable[[bytes, bytes], None], signature: bytes, message: bytes) -> bool:
    try:
        verify(signature, message)
    except InvalidSignature:
        return False
    return True
