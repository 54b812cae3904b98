"""The second factor of staff: time-based codes (TOTP, RFC 6238) and recovery codes."""

import base64
import hashlib
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
DIGITS = 6
WINDOW = 1
"""Steps a phone's clock may be off, either way (RFC 6238 §5.2)."""
RECOVERY_CODES = 8
_RECOVERY_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are taken for another
_RECOVERY_LENGTH = 10
_ISSUER = "Yikatong"


def secret_of(seed: bytes) -> str:
    """Return a secret of 160 bits in base32, made from 32 secret random bytes."""
    return base64.b32encode(hashlib.sha256(b"totp\0" + seed).digest()[:20]).decode()


def provisioning_uri(secret: str, login: str) -> str:
    """Return what an authenticator app reads as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=_ISSUER)


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code it is, or None; the caller sees that a step counts once."""
    if not (len(code) == DIGITS and code.isascii() and code.isdigit()):
        return None
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    for step in range(present - WINDOW, present + WINDOW + 1):
        if secrets.compare_digest(totp.at(step * STEP_SECONDS), code):
            return step
    return None


def code_at(secret: str, now: datetime) -> str:
    """Return the code of an instant, as the authenticator app shows it."""
    return pyotp.TOTP(secret).at(int(now.timestamp()))


def recovery_codes_of(seed: bytes) -> tuple[str, ...]:
    """Return codes for a lost authenticator, made from 32 secret random bytes; each counts once."""
    return tuple(_recovery_code(seed, number) for number in range(RECOVERY_CODES))


def _recovery_code(seed: bytes, number: int) -> str:
    left = int.from_bytes(hashlib.sha256(b"recovery\0%d\0" % number + seed).digest(), "big")
    signs = []
    for _ in range(_RECOVERY_LENGTH):
        left, place = divmod(left, len(_RECOVERY_SIGNS))
        signs.append(_RECOVERY_SIGNS[place])
    return "".join(signs)


def plain_recovery_code(text: str) -> str:
    """Return a recovery code as typed, without what people add."""
    return text[:32].strip().replace("-", "").replace(" ", "").lower()
