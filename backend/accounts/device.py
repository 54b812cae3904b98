"""The device that asks to sign in."""

import hashlib
from dataclasses import dataclass

from shared.wire.request_proof import ProvenKey


@dataclass(frozen=True, slots=True)
class Device:
    """Who asks to sign in: the device's key and name, its request's key, its network address."""

    key: ProvenKey
    name: str
    idempotency_key: str
    address: str


def request_id(device: Device) -> bytes:
    """Return what one request to sign in is remembered by, so that it may come again."""
    request = f"{device.key.thumbprint}\0{device.idempotency_key}"
    return hashlib.sha256(request.encode()).digest()
