"""Identifiers that leave a program: random, so that they say nothing and cannot be guessed."""

import base64
import re
import secrets

_IDENTIFIER = re.compile(r"[0-9a-zA-Z_:]{1,64}")


def random_identifier(prefix: str) -> str:
    """Return `prefix`, an underscore and 128 random bits in lower-case base32 (26 characters)."""
    return f"{prefix}_{base64.b32encode(secrets.token_bytes(16)).decode().rstrip('=').lower()}"


def is_identifier(text: str) -> bool:
    """Tell whether a text from outside can be an id; the store is asked about no other."""
    return _IDENTIFIER.fullmatch(text) is not None
