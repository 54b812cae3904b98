"""A request proven by the sender's own key: a DPoP proof (RFC 9449) bound to the body.

The header ``DPoP`` holds a JWT signed by the key it names (`jwk`), for one method and path, made
within a minute. One private claim, `bsh`, is the SHA-256 of the body: whoever replays a captured
proof can only repeat the same request, and every write carries an idempotency key, so repeating
it changes nothing. The key's thumbprint (RFC 7638) names the sender.

Another private claim, `afo`, is there when the sender acts for another person 代办: it names the
mandate. Being signed with the rest it cannot be put into a captured request, nor changed in one.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

import jwt

from shared.ecode.algorithms import InvalidKey, PublicKey, SoftwareKey
from shared.trust.trust_list import JWT_ALGORITHMS

HEADER = "DPoP"
TYPE = "dpop+jwt"
MAX_SKEW = timedelta(seconds=60)
MAX_LENGTH = 2048
MAX_MANDATE = 64
_HEADERS_KEPT = 4_096


class RequestRefused(Exception):
    """A proof that does not prove its request; `code` names why.

    Codes: `missing`, `malformed`, `forged`, `wrong_request` (method, path or body), `clock_off`
    (`seconds` then says by how much the sender's clock is ahead).
    """

    def __init__(self, code: str, seconds: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class ProvenKey:
    """The key that made a request, and the mandate it was made under, if any."""

    public: PublicKey
    thumbprint: str
    acting_for: str = ""


def sign_request(
    key: SoftwareKey, method: str, path: str, body: bytes, now: datetime, acting_for: str = ""
) -> str:
    """Return the header value for one request; `path` is without host and query.

    `acting_for` is the id of the mandate that the request is made under, if it is for another.
    """
    algorithm = JWT_ALGORITHMS[key.public.algorithm]
    claims = {
        "jti": secrets.token_urlsafe(12),
        "htm": method,
        "htu": path,
        "iat": int(now.timestamp()),
        "bsh": _body_hash(body),
        **({"afo": acting_for} if acting_for else {}),
    }
    headers = {"typ": TYPE, "jwk": public_jwk(key.public)}
    return jwt.encode(claims, key.private, algorithm=algorithm, headers=headers)


def read_request(
    proof: str | None, method: str, path: str, body: bytes, now: datetime
) -> ProvenKey:
    """Verify a request's proof and return the key that made it.

    Raises:
        RequestRefused: see its codes.
    """
    if not proof:
        raise RequestRefused("missing")
    key = key_in_header(proof, TYPE)
    claims = _claims(proof, key)
    if (claims.get("htm"), claims.get("htu"), claims.get("bsh")) != (
        method,
        path,
        _body_hash(body),
    ):
        raise RequestRefused("wrong_request")
    issued = claims["iat"]
    if not isinstance(issued, int) or not 0 <= issued < 2**32:
        raise RequestRefused("malformed")
    ahead = datetime.fromtimestamp(issued, UTC) - now
    if abs(ahead) > MAX_SKEW:
        raise RequestRefused("clock_off", int(ahead.total_seconds()))
    acting_for = claims.get("afo", "")
    if not isinstance(acting_for, str) or len(acting_for) > MAX_MANDATE:
        raise RequestRefused("malformed")
    return ProvenKey(key, thumbprint(key), acting_for)


def public_jwk(key: PublicKey) -> dict[str, str]:
    """Return the required members of the key's JWK (RFC 7517, RFC 8037)."""
    algorithm = jwt.get_algorithm_by_name(JWT_ALGORITHMS[key.algorithm])
    members = json.loads(algorithm.to_jwk(key.to_cryptography()))
    return {name: members[name] for name in ("crv", "kty", "x", "y") if name in members}


@lru_cache(_HEADERS_KEPT)
def thumbprint(key: PublicKey) -> str:
    """Return the key's SHA-256 JWK thumbprint (RFC 7638), base64url."""
    members = json.dumps(public_jwk(key), separators=(",", ":"), sort_keys=True)
    return _base64url(hashlib.sha256(members.encode()).digest())


def key_in_header(text: str, kind: str) -> PublicKey:
    """Return the key that a JWT of type `kind` names in its header; nothing is verified yet.

    Raises:
        RequestRefused: `malformed`.
    """
    if len(text) > MAX_LENGTH:
        raise RequestRefused("malformed")
    return _key_of(text.partition(".")[0], kind)


@lru_cache(_HEADERS_KEPT)
def _key_of(header_part: str, kind: str) -> PublicKey:
    """Return the key of a header; who asks often sends the same one each time."""
    try:
        # Whole in form, and empty but for the header, which is all that is read of it.
        header = jwt.get_unverified_header(f"{header_part}..")
        jwk, name = header["jwk"], header["alg"]
        known = isinstance(jwk, dict) and name in JWT_ALGORITHMS.values()
        # No extension is understood here, so none may be critical (RFC 7515, 4.1.11; RFC 7797).
        if not known or header["typ"] != kind or "d" in jwk or header.keys() & {"crit", "b64"}:
            raise RequestRefused("malformed")
        key = PublicKey.of_cryptography(jwt.PyJWK(jwk, name).key)
        if JWT_ALGORITHMS[key.algorithm] != name:
            raise RequestRefused("malformed")
    except (jwt.PyJWTError, InvalidKey, KeyError, TypeError, ValueError) as error:
        raise RequestRefused("malformed") from error
    return key


def _claims(proof: str, key: PublicKey) -> dict[str, Any]:
    try:
        return jwt.decode(
            proof,
            cast("Any", key.to_cryptography()),
            algorithms=[JWT_ALGORITHMS[key.algorithm]],
            # The caller's `now` decides about time, in `read_request`.
            options={"verify_exp": False, "verify_iat": False, "require": ["iat", "jti"]},
        )
    except jwt.InvalidSignatureError as error:
        raise RequestRefused("forged") from error
    except (jwt.PyJWTError, ValueError) as error:
        raise RequestRefused("malformed") from error


def _body_hash(body: bytes) -> str:
    return _base64url(hashlib.sha256(body).digest())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
