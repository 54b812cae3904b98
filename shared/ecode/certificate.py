"""The certificate: the issuer's word, for some hours, that a device may speak for a card."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from shared.ecode.algorithms import PUBLIC_KEY_BYTES, Algorithm, PublicKey, SigningKey
from shared.ecode.layout import (
    CERTIFICATE_CONTEXT,
    EPOCH,
    HEAD_BYTES,
    MAX_CARD_INDEX,
    MAX_DEVICE_SERIAL,
    MAX_REGION,
    PAPER_VERSION,
    SIGNATURE_BYTES,
    VERSION,
    Malformed,
)

_REPRESENTED = 0b01
_PAPER = 0b10


class AgeBand(IntEnum):
    """Age as far as a gate may know it; numbers of the concession field."""

    ADULT = 0
    UNDER_6 = 1
    FROM_6_TO_17 = 2
    FROM_60 = 3
    FROM_65 = 4
    FROM_70 = 5

    @classmethod
    def of_age(cls, age: int) -> "AgeBand":
        """Return the band of an age in completed years."""
        for threshold, band in ((70, cls.FROM_70), (65, cls.FROM_65), (60, cls.FROM_60)):
            if age >= threshold:
                return band
        if age >= 18:
            return cls.ADULT
        return cls.FROM_6_TO_17 if age >= 6 else cls.UNDER_6


class ConcessionLevel(IntEnum):
    """How much is remitted, without the reason for it."""

    NONE = 0
    REDUCED = 1
    FREE = 2


@dataclass(frozen=True, slots=True)
class CertificateClaims:
    """What the issuer says.

    `region` is a GB/T 2260 number (360700 = Ganzhou 赣州), `card_index` is random per card issue,
    `not_before` is an aware UTC datetime on a whole hour, `represented` marks a code shown by a
    representative 代办, `paper` one that was printed 纸质码 and proves no moment; none is both.
    """

    region: int
    issuer_key_id: int
    card_index: int
    device_serial: int
    age_band: AgeBand
    concession: ConcessionLevel
    represented: bool
    not_before: datetime
    lifetime_hours: int
    device_key: PublicKey
    paper: bool = False

    @property
    def not_after(self) -> datetime:
        """The first instant at which the certificate no longer holds."""
        return self.not_before + timedelta(hours=self.lifetime_hours)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Claims with the issuer's signature; `raw` is the whole of it as it stands in the code."""

    claims: CertificateClaims
    issuer_algorithm: Algorithm
    signature: bytes
    raw: bytes

    @property
    def signed_part(self) -> bytes:
        """The bytes the issuer signed, context included."""
        return CERTIFICATE_CONTEXT + self.raw[:-SIGNATURE_BYTES]

    def holds_at(self, now: datetime) -> bool:
        """Tell whether `now` lies in the certificate's time."""
        return self.claims.not_before <= now < self.claims.not_after


def issue_certificate(claims: CertificateClaims, issuer: SigningKey) -> Certificate:
    """Sign `claims`.

    Raises:
        ValueError: a claim does not fit its field; the message names it.
    """
    body = _pack(claims, issuer.public.algorithm)
    signature = issuer.sign(CERTIFICATE_CONTEXT + body)
    return Certificate(claims, issuer.public.algorithm, signature, body + signature)


def certificate_bytes(first_byte: int) -> int:
    """Return a certificate's whole length, told by its first byte.

    Raises:
        Malformed: unknown version (`version` is set) or the refused algorithm number 3.
    """
    version = first_byte >> 4
    if version not in (VERSION, PAPER_VERSION):
        raise Malformed(f"version {version}", version=version)
    _algorithm(first_byte >> 2 & 0b11)
    return HEAD_BYTES + PUBLIC_KEY_BYTES[_algorithm(first_byte & 0b11)] + SIGNATURE_BYTES


def parse_certificate(raw: bytes) -> Certificate:
    """Read a certificate; its signature is not checked here.

    Raises:
        Malformed: wrong length, unknown version or algorithm, a reserved bit set, a field out of
            its range.
    """
    if len(raw) < HEAD_BYTES or len(raw) != certificate_bytes(raw[0]):
        raise Malformed(f"a certificate of {len(raw)} bytes")
    region = int.from_bytes(raw[1:4])
    concession, flags, lifetime = int.from_bytes(raw[11:13]), raw[13], raw[17]
    if region > MAX_REGION:
        raise Malformed("region out of range")
    paper = raw[0] >> 4 == PAPER_VERSION
    if concession >> 6 or (flags != _PAPER if paper else flags & ~_REPRESENTED):
        raise Malformed("a bit is set that the version reserves")
    if lifetime == 0:
        raise Malformed("lifetime 0")
    try:
        age_band, level = AgeBand(concession & 0b1111), ConcessionLevel(concession >> 4)
    except ValueError as error:
        raise Malformed("unknown age band or concession level") from error
    claims = CertificateClaims(
        region=region,
        issuer_key_id=raw[4],
        card_index=int.from_bytes(raw[5:9]),
        device_serial=int.from_bytes(raw[9:11]),
        age_band=age_band,
        concession=level,
        represented=bool(flags & _REPRESENTED),
        not_before=EPOCH + timedelta(hours=int.from_bytes(raw[14:17])),
        lifetime_hours=lifetime,
        device_key=PublicKey(_algorithm(raw[0] & 0b11), raw[HEAD_BYTES:-SIGNATURE_BYTES]),
        paper=paper,
    )
    return Certificate(claims, _algorithm(raw[0] >> 2 & 0b11), raw[-SIGNATURE_BYTES:], raw)


def _pack(claims: CertificateClaims, issuer_algorithm: Algorithm) -> bytes:
    hours, rest = divmod(claims.not_before - EPOCH, timedelta(hours=1))
    device = claims.device_key
    within = {
        "region": 0 <= claims.region <= MAX_REGION,
        "issuer_key_id": 0 <= claims.issuer_key_id <= 0xFF,
        "card_index": 0 <= claims.card_index <= MAX_CARD_INDEX,
        "device_serial": 0 <= claims.device_serial <= MAX_DEVICE_SERIAL,
        "not_before": not rest and 0 <= hours < 2**24,
        "lifetime_hours": 1 <= claims.lifetime_hours <= 0xFF,
        "device_key": len(device.raw) == PUBLIC_KEY_BYTES[device.algorithm],
        "paper": not (claims.paper and claims.represented),
    }
    for name, fits in within.items():
        if not fits:
            raise ValueError(f"{name} does not fit the certificate")
    version = PAPER_VERSION if claims.paper else VERSION
    return b"".join(
        (
            bytes([version << 4 | issuer_algorithm << 2 | device.algorithm]),
            claims.region.to_bytes(3),
            claims.issuer_key_id.to_bytes(1),
            claims.card_index.to_bytes(4),
            claims.device_serial.to_bytes(2),
            (claims.concession << 4 | claims.age_band).to_bytes(2),
            bytes([claims.paper * _PAPER | claims.represented * _REPRESENTED]),
            hours.to_bytes(3),
            claims.lifetime_hours.to_bytes(1),
            device.raw,
        )
    )


def _algorithm(number: int) -> Algorithm:
    try:
        return Algorithm(number)
    except ValueError as error:
        raise Malformed("algorithm number 3 is refused") from error
