"""Bytes of the e-card code, versions 1 and 2. Every integer is big-endian.

========================  =====  =========================================================
certificate               1      version (high nibble), issuer algorithm (bits 3-2),
                                 device algorithm (bits 1-0)
                          3      issuing region, GB/T 2260 as a number
                          1      issuer key id
                          4      card index
                          2      device serial
                          2      concession: age band (bits 3-0), level (bits 5-4)
                          1      flags: bit 0 shown by a representative, bit 1 on paper
                          3      not before, hours since 2020-01-01T00:00Z
                          1      lifetime, hours
                          32/33  device public key: Ed25519 raw / compressed point
                          64     issuer signature over ``SSC1c`` + the bytes above
proof                     4      issued at, unix seconds
                          3      counter
                          1      purpose
                          2      venue
                          4      challenge
                          64     device signature over ``SSC1p`` + certificate + proof
========================  =====  =========================================================

A reserved bit that is set or a wrong length makes a code malformed before any signature is looked
at, so that every code has exactly one writing.

Version 1 is a phone's code. Version 2 is a code on paper 纸质码: its flags are bit 1 alone, and its
proof was signed once, when it was made. Readers of before refuse a version that they do not know.
"""

from datetime import UTC, datetime

VERSION = 1
PAPER_VERSION = 2
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
CERTIFICATE_CONTEXT = b"SSC1c"
PROOF_CONTEXT = b"SSC1p"

HEAD_BYTES = 18
SIGNATURE_BYTES = 64
PROOF_HEAD_BYTES = 14
PROOF_BYTES = PROOF_HEAD_BYTES + SIGNATURE_BYTES
CHALLENGE_BYTES = 4

MAX_REGION = 999_999
MAX_CARD_INDEX = 2**32 - 1
MAX_DEVICE_SERIAL = 2**16 - 1
MAX_COUNTER = 2**24 - 1
MAX_VENUE = 2**16 - 1
MAX_PURPOSE = 2**8 - 1


class Malformed(ValueError):
    """The text or bytes are not an e-card code of a known writing.

    `foreign` is true when nothing shows that it was meant to be one (another product's QR): staff
    then read "not our code" rather than "damaged". `version` is set when only the version is
    unknown.
    """

    def __init__(self, message: str, *, foreign: bool = False, version: int | None = None) -> None:
        super().__init__(message)
        self.foreign = foreign
        self.version = version
