"""Identifiers that leave a program: random, so that they say nothing and cannot be guessed."""

import base64
import secrets


def random_identifier(prefix: str) -> str:
    """Return `prefix`, an underscore and 128 random bits in lower-case base32 (26 characters)."""
    return f"{prefix}_{base64.b32encode(secrets.token_bytes(16)).decode().rstrip('=').lower()}"
