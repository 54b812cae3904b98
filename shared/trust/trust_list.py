"""The trust list: which keys may sign certificates and lists, for which region, from when to when.

It travels as a JWT signed by the root key that a reader pins when it enrols. Root signs nothing
else, so it can rest in a safe.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

import jwt

from shared.ecode.algorithms import Algorithm, InvalidKey, PublicKey, SoftwareKey
from shared.ecode.verify import NoIssuerKey

TYPE = "yikatong-trust-list+jwt"
JWT_ALGORITHMS = {Algorithm.ED25519: "EdDSA", Algorithm.ES256: "ES256"}


class Untrusted(Exception):
    """A list that must not be used; `code` names why.

    Codes: `malformed`, `forged`, `expired`, `not_yet_valid`, `unknown_key`, `older` (a list older
    than the one in use is offered).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class KeyUse(StrEnum):
    """What a key may sign."""

    CERTIFICATE = "certificate"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """One key of a region; (`region`, `key_id`, `use`) names it."""

    region: int
    key_id: int
    use: KeyUse
    public: PublicKey
    not_before: datetime
    not_after: datetime

    def valid_at(self, now: datetime) -> bool:
        """Tell whether the key may be used at `now`."""
        return self.not_before <= now < self.not_after


class TrustList:
    """Trusted keys, found by name in constant time."""

    def __init__(
        self, keys: tuple[TrustedKey, ...], issued_at: datetime, valid_until: datetime
    ) -> None:
        self.keys = keys
        self.issued_at = issued_at
        self.valid_until = valid_until
        self._by_name = {(key.region, key.key_id, key.use): key for key in keys}

    def certificate_key(self, region: int, key_id: int, now: datetime) -> PublicKey | NoIssuerKey:
        """Return the key that certifies a region's devices (see `IssuerKeys`)."""
        return self._key(region, key_id, KeyUse.CERTIFICATE, now)

    def list_key(self, region: int, key_id: int, now: datetime) -> PublicKey:
        """Return the key that signs a region's lists.

        Raises:
            Untrusted: `unknown_key`, or `expired` when only its time is over.
        """
        found = self._key(region, key_id, KeyUse.LIST, now)
        if isinstance(found, NoIssuerKey):
            raise Untrusted("expired" if found.known else "unknown_key")
        return found

    def _key(self, region: int, key_id: int, use: KeyUse, now: datetime) -> PublicKey | NoIssuerKey:
        key = self._by_name.get((region, key_id, use))
        if key is None:
            return NoIssuerKey(known=False)
        return key.public if key.valid_at(now) else NoIssuerKey(known=True)


def sign_trust_list(trust: TrustList, root: SoftwareKey) -> str:
    """Return the list as a JWT signed by `root`."""
    payload = {
        "iat": int(trust.issued_at.timestamp()),
        "exp": int(trust.valid_until.timestamp()),
        "keys": [
            {
                "region": key.region,
                "kid": key.key_id,
                "use": key.use,
                "alg": int(key.public.algorithm),
                "x": key.public.raw.hex(),
                "nbf": int(key.not_before.timestamp()),
                "exp": int(key.not_after.timestamp()),
            }
            for key in trust.keys
        ],
    }
    return sign_statement(payload, root, TYPE)


def read_trust_list(text: str, root: PublicKey, now: datetime) -> TrustList:
    """Verify and read a trust list.

    Raises:
        Untrusted: see its codes.
    """
    payload = read_statement(text, root, TYPE, now)
    try:
        keys = tuple(_trusted_key(entry) for entry in payload["keys"])
        issued, until = _instant(payload["iat"]), _instant(payload["exp"])
    except (KeyError, TypeError, ValueError, OverflowError, InvalidKey) as error:
        raise Untrusted("malformed") from error
    return TrustList(keys, issued, until)


def sign_statement(
    payload: dict[str, Any], key: SoftwareKey, kind: str, headers: dict[str, Any] | None = None
) -> str:
    """Return `payload` as a JWT of type `kind` signed by `key`."""
    return jwt.encode(
        payload,
        key.private,
        algorithm=JWT_ALGORITHMS[key.public.algorithm],
        headers={"typ": kind, **(headers or {})},
    )


def read_statement(text: str, key: PublicKey, kind: str, now: datetime) -> dict[str, Any]:
    """Verify a JWT of type `kind` and return its payload; `iat` and `exp` are required.

    Raises:
        Untrusted: see its codes.
    """
    try:
        decoded = jwt.decode_complete(
            text,
            cast("Any", key.to_cryptography()),
            algorithms=[JWT_ALGORITHMS[key.algorithm]],
            # `now` is the caller's, so the times are checked below.
            options={"verify_exp": False, "verify_iat": False, "require": ["iat", "exp"]},
        )
    except jwt.InvalidSignatureError as error:
        raise Untrusted("forged") from error
    except (jwt.PyJWTError, ValueError) as error:
        raise Untrusted("malformed") from error
    if decoded["header"].get("typ") != kind:
        raise Untrusted("malformed")
    payload: dict[str, Any] = decoded["payload"]
    try:
        issued, until = _instant(payload["iat"]), _instant(payload["exp"])
    except (TypeError, ValueError, OverflowError) as error:
        raise Untrusted("malformed") from error
    if now >= until:
        raise Untrusted("expired")
    if (issued - now).total_seconds() > MAX_CLOCK_LEAD_SECONDS:
        raise Untrusted("not_yet_valid")
    return payload


MAX_CLOCK_LEAD_SECONDS = 300
"""How far a statement may lie in the future: readers' clocks drift, five minutes is enough."""


def _trusted_key(entry: dict[str, Any]) -> TrustedKey:
    public = PublicKey(Algorithm(entry["alg"]), bytes.fromhex(entry["x"]))
    public.to_cryptography()
    return TrustedKey(
        region=int(entry["region"]),
        key_id=int(entry["kid"]),
        use=KeyUse(entry["use"]),
        public=public,
        not_before=_instant(entry["nbf"]),
        not_after=_instant(entry["exp"]),
    )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
