import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest

from backend.foundation.access_token import AUDIENCE, ISSUER, TYPE, AccessRefused, AccessTokens
from shared.clock import ManualClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.wire.request_proof import thumbprint

JKT = "a" * 43
KEY = SoftwareKey.generate(Algorithm.ED25519)
OTHER = SoftwareKey.generate(Algorithm.ED25519)
TOKENS = AccessTokens(KEY, timedelta(minutes=10))


@pytest.fixture
def now(clock: ManualClock) -> datetime:
    return clock.now()


def _claims(now: datetime, **changed: Any) -> dict[str, Any]:
    plain = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "res_one",
        "sid": "ses_one",
        "roles": [],
        "cnf": {"jkt": JKT},
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + 600,
        "jti": "jti_one",
    }
    return {name: value for name, value in {**plain, **changed}.items() if value is not None}


def _signed(claims: dict[str, Any], key: SoftwareKey = KEY, **headers: Any) -> str:
    named = {"typ": TYPE, "kid": thumbprint(KEY.public), **headers}
    return jwt.encode(claims, key.private, algorithm="EdDSA", headers=named)


def _refused(token: str, now: datetime, jkt: str = JKT) -> str:
    with pytest.raises(AccessRefused) as refused:
        TOKENS.read(token, jkt, now)
    return refused.value.code


def test_a_token_says_who_by_which_session_in_which_posts(now: datetime) -> None:
    token = TOKENS.issue("stf_one", "ses_one", ["auditor"], JKT, now)

    read = TOKENS.read(token, JKT, now)

    assert (read.subject, read.session_id, read.roles) == ("stf_one", "ses_one", ("auditor",))
    header = jwt.get_unverified_header(token)
    assert (header["alg"], header["typ"]) == ("EdDSA", "at+jwt")


def test_the_hand_made_token_of_these_tests_would_be_taken(now: datetime) -> None:
    """The control: what is refused below is refused for what was changed."""
    assert TOKENS.read(_signed(_claims(now)), JKT, now).subject == "res_one"


def test_no_token_lives_longer_than_ten_minutes(now: datetime) -> None:
    tokens = AccessTokens(KEY, timedelta(hours=5))
    token = tokens.issue("res_one", "ses_one", [], JKT, now)

    assert tokens.read(token, JKT, now + timedelta(seconds=599)).subject == "res_one"
    with pytest.raises(AccessRefused, match="expired"):
        tokens.read(token, JKT, now + timedelta(seconds=600))


def test_a_token_from_the_far_future_is_refused(now: datetime) -> None:
    token = TOKENS.issue("res_one", "ses_one", [], JKT, now + timedelta(minutes=11))

    assert _refused(token, now) == "expired"


def test_a_token_works_with_the_key_it_is_bound_to_only(now: datetime) -> None:
    assert _refused(_signed(_claims(now)), now, jkt="b" * 43) == "invalid"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "someone"},
        {"aud": "yikatong-readers"},
        {"aud": ["x"]},
        {"cnf": {}},
        {"cnf": None},
        {"cnf": {"jkt": JKT, "x5t": "y"}},
        {"sub": None},
        {"sid": None},
        {"jti": None},
        {"iat": None},
        {"exp": None},
        {"roles": None},
    ],
    ids=repr,
)
def test_a_claim_that_is_wrong_or_missing(now: datetime, changed: dict[str, Any]) -> None:
    assert _refused(_signed(_claims(now, **changed)), now) == "invalid"


@pytest.mark.parametrize(
    "headers", [{"typ": "JWT"}, {"typ": "dpop+jwt"}, {"kid": "unknown"}, {"kid": ""}], ids=repr
)
def test_a_header_that_is_wrong(now: datetime, headers: dict[str, Any]) -> None:
    assert _refused(_signed(_claims(now), **headers), now) == "invalid"


def test_another_key_under_our_name(now: datetime) -> None:
    assert _refused(_signed(_claims(now), OTHER), now) == "invalid"


def test_a_key_of_its_own_in_the_header_changes_nothing(now: datetime) -> None:
    jwk = json.loads(jwt.get_algorithm_by_name("EdDSA").to_jwk(OTHER.public.to_cryptography()))

    assert _refused(_signed(_claims(now), OTHER, jwk=jwk), now) == "invalid"


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE"])
def test_algorithm_none(now: datetime, algorithm: str) -> None:
    header = {"alg": algorithm, "typ": TYPE, "kid": thumbprint(KEY.public)}
    parts = (json.dumps(part).encode() for part in (header, _claims(now)))
    text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)

    assert _refused(f"{text}.", now) == "invalid"
    signature = _signed(_claims(now)).rpartition(".")[2]
    assert _refused(f"{text}.{signature}", now) == "invalid"


def test_our_public_key_as_a_secret(now: datetime) -> None:
    """The swap of an asymmetric algorithm for HMAC with what everybody may know."""
    header = {"alg": "HS256", "typ": TYPE, "kid": thumbprint(KEY.public)}
    parts = (json.dumps(part).encode() for part in (header, _claims(now)))
    text = ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
    for secret in (KEY.public.to_pem().encode(), KEY.public.raw):
        mac = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        signed = f"{text}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        assert _refused(signed, now) == "invalid"


def test_another_algorithm_of_ours(now: datetime) -> None:
    key = SoftwareKey.generate(Algorithm.ES256)
    headers = {"typ": TYPE, "kid": thumbprint(KEY.public)}
    token = jwt.encode(_claims(now), key.private, algorithm="ES256", headers=headers)

    assert _refused(token, now) == "invalid"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_letter_anywhere(now: datetime, place: int) -> None:
    parts = _signed(_claims(now)).split(".")
    middle = len(parts[place]) // 2
    other = "A" if parts[place][middle] != "A" else "B"
    parts[place] = parts[place][:middle] + other + parts[place][middle + 1 :]

    assert _refused(".".join(parts), now) == "invalid"


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "x" * 3000, "\u0000", "钥匙", "😀.😀.😀", "e30.e30.", "null"]
)
def test_what_is_no_token(now: datetime, token: str) -> None:
    assert _refused(token, now) == "invalid"
