"""Access tokens: short-lived JWTs (RFC 9068) bound to the caller's key (`cnf.jkt`, RFC 9449)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import jwt

from shared.ecode.algorithms import SoftwareKey
from shared.identifiers import random_identifier
from shared.trust.trust_list import JWT_ALGORITHMS
from shared.wire.request_proof import thumbprint

TYPE = "at+jwt"
ISSUER = "yikatong"
AUDIENCE = "yikatong-apps"
MAX_LIFETIME = timedelta(minutes=10)
MAX_LENGTH = 2048
_CLAIMS = ["iss", "aud", "sub", "sid", "roles", "cnf", "iat", "exp", "jti"]


class AccessRefused(Exception):
    """A token that gives no access; `code` is `invalid` or `expired`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Access:
    """What a token says: for whom, by which session, in which posts."""

    subject: str
    session_id: str
    roles: tuple[str, ...]


class AccessTokens:
    """Issues tokens with one key and reads them back; a restart with another key ends them all."""

    def __init__(self, key: SoftwareKey, lifetime: timedelta) -> None:
        self._key = key
        self._public = cast("Any", key.public.to_cryptography())
        self._algorithm = JWT_ALGORITHMS[key.public.algorithm]
        self._key_id = thumbprint(key.public)
        self.lifetime = min(lifetime, MAX_LIFETIME)

    def issue(
        self, subject: str, session_id: str, roles: Iterable[str], jkt: str, now: datetime
    ) -> str:
        """Return a token that only the holder of the key with thumbprint `jkt` can use."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "sid": session_id,
            "roles": sorted(roles),
            "cnf": {"jkt": jkt},
            "iat": int(now.timestamp()),
            "exp": int((now + self.lifetime).timestamp()),
            "jti": random_identifier("jti"),
        }
        headers = {"typ": TYPE, "kid": self._key_id}
        return jwt.encode(claims, self._key.private, algorithm=self._algorithm, headers=headers)

    def read(self, token: str, jkt: str, now: datetime) -> Access:
        """Return what a token says.

        Raises:
            AccessRefused: it is not one of ours, is bound to another key, or has ended.
        """
        claims = self._claims(token)
        if claims["cnf"] != {"jkt": jkt}:
            raise AccessRefused("invalid")
        issued, expires = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
        if not issued - MAX_LIFETIME <= now < expires:
            raise AccessRefused("expired")
        return Access(claims["sub"], claims["sid"], tuple(claims["roles"]))

    def _claims(self, token: str) -> dict[str, Any]:
        if len(token) > MAX_LENGTH:
            raise AccessRefused("invalid")
        try:
            header = jwt.get_unverified_header(token)
            if (header.get("typ"), header.get("kid")) != (TYPE, self._key_id):
                raise AccessRefused("invalid")
            return jwt.decode(
                token,
                self._public,
                algorithms=[self._algorithm],
                issuer=ISSUER,
                audience=AUDIENCE,
                # The caller's `now` decides about time, in `read`.
                options={"verify_exp": False, "verify_iat": False, "require": _CLAIMS},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise AccessRefused("invalid") from error
