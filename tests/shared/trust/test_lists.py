"""Trust lists and status lists: what is signed, what is refused."""

from array import array
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.verify import NoIssuerKey
from shared.trust.sorted_numbers import pack_sorted, unpack_sorted
from shared.trust.status_list import (
    StatusList,
    StatusSections,
    card_digest,
    card_number_of,
    decode_status_list,
    device_number,
    encode_status_list,
)
from shared.trust.trust_list import (
    KeyUse,
    TrustedKey,
    TrustList,
    Untrusted,
    read_trust_list,
    sign_trust_list,
)

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ROOT = SoftwareKey.generate(Algorithm.ED25519)
CITY = SoftwareKey.generate(Algorithm.ES256)
LISTER = SoftwareKey.generate(Algorithm.ED25519)
KEYS = (
    TrustedKey(360700, 1, KeyUse.CERTIFICATE, CITY.public, NOW - DAY, NOW + DAY),
    TrustedKey(360700, 1, KeyUse.LIST, LISTER.public, NOW - DAY, NOW + DAY),
    TrustedKey(360700, 2, KeyUse.CERTIFICATE, CITY.public, NOW - 2 * DAY, NOW - DAY),
)
TRUST = TrustList(KEYS, NOW, NOW + DAY)
LIST = StatusList(
    region=360700,
    epoch=7,
    base_epoch=0,
    issued_at=NOW,
    valid_until=NOW + DAY,
    sections=StatusSections(
        revoked=[3, 5, 2**32 - 1],
        suspended=[4],
        unbound_devices=[device_number(9, 2)],
        revoked_cards=[card_number_of(card_digest(b"a card"))],
    ),
)


def _code(action: Callable[[], object]) -> str:
    with pytest.raises(Untrusted) as refused:
        action()
    return refused.value.code


@given(st.sets(st.integers(0, 2**64 - 1), max_size=300))
def test_sorted_numbers_read_back(numbers: set[int]) -> None:
    ordered = sorted(numbers)

    assert list(unpack_sorted(pack_sorted(ordered))) == ordered


@given(st.binary(max_size=64))
def test_no_bytes_make_sorted_numbers_do_anything_but_answer(data: bytes) -> None:
    try:
        numbers = unpack_sorted(data)
    except ValueError:
        return
    assert list(numbers) == sorted(set(numbers))


def test_one_percent_of_ten_million_takes_about_100_kb() -> None:
    """A deterministic scatter with the mean gap of 1 %."""
    numbers = array("Q", sorted({index * 2_654_435_761 % 10_000_000 for index in range(100_000)}))

    assert len(pack_sorted(numbers)) < 130_000


def test_numbers_that_do_not_increase_are_refused() -> None:
    with pytest.raises(ValueError, match="increase"):
        pack_sorted([2, 2])


def test_a_trust_list_reads_back() -> None:
    found = read_trust_list(sign_trust_list(TRUST, ROOT), ROOT.public, NOW)

    assert found.keys == KEYS
    assert (found.issued_at, found.valid_until) == (NOW, NOW + DAY)
    assert found.certificate_key(360700, 1, NOW) == CITY.public
    assert found.certificate_key(360700, 2, NOW) == NoIssuerKey(known=True)
    assert found.certificate_key(320700, 1, NOW) == NoIssuerKey(known=False)


def test_a_list_key_certifies_nobody_and_a_certificate_key_signs_no_list() -> None:
    only_lists = TrustList(KEYS[1:2], NOW, NOW + DAY)
    only_certificates = TrustList(KEYS[:1], NOW, NOW + DAY)

    assert only_lists.certificate_key(360700, 1, NOW) == NoIssuerKey(known=False)
    assert _code(lambda: only_certificates.list_key(360700, 1, NOW)) == "unknown_key"


def test_a_trust_list_of_another_root_is_forged() -> None:
    assert _code(lambda: read_trust_list(sign_trust_list(TRUST, LISTER), ROOT.public, NOW)) == (
        "forged"
    )


def test_an_old_trust_list_is_expired_and_one_from_the_future_waits() -> None:
    text = sign_trust_list(TRUST, ROOT)

    assert _code(lambda: read_trust_list(text, ROOT.public, NOW + DAY)) == "expired"
    assert _code(lambda: read_trust_list(text, ROOT.public, NOW - DAY)) == "not_yet_valid"


@pytest.mark.parametrize(
    "text", ["", "junk", "a.b.c", "{}", "é" * 10, jwt.encode({"iat": 0}, "k" * 32)]
)
def test_junk_is_no_trust_list(text: str) -> None:
    assert _code(lambda: read_trust_list(text, ROOT.public, NOW)) in {"malformed", "forged"}


def test_a_trust_list_without_a_signature_is_refused() -> None:
    payload = {"iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 60, "keys": []}
    text = jwt.encode(payload, "", algorithm="none")

    assert _code(lambda: read_trust_list(text, ROOT.public, NOW)) == "malformed"


def test_another_statement_of_root_is_no_trust_list() -> None:
    """The `typ` keeps one kind of statement from being taken for another."""
    payload = {"iat": int(NOW.timestamp()), "exp": int(NOW.timestamp()) + 60, "keys": []}
    text = jwt.encode(payload, ROOT.private, algorithm="EdDSA", headers={"typ": "other"})

    assert _code(lambda: read_trust_list(text, ROOT.public, NOW)) == "malformed"


def test_a_status_list_reads_back() -> None:
    found = decode_status_list(encode_status_list(LIST, LISTER, 1), TRUST, NOW)

    assert list(found.sections.revoked) == [3, 5, 2**32 - 1]
    assert list(found.sections.suspended) == [4]
    assert list(found.sections.unbound_devices) == [9 << 16 | 2]
    assert list(found.sections.suspended_cards) == []
    assert replace(found, sections=LIST.sections) == LIST


def test_each_changed_bit_of_a_status_list_is_found() -> None:
    data = encode_status_list(LIST, LISTER, 1)
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8

        assert _code(lambda changed=changed: decode_status_list(bytes(changed), TRUST, NOW))  # type: ignore[misc]


def test_an_ended_status_list_is_expired() -> None:
    data = encode_status_list(LIST, LISTER, 1)

    assert _code(lambda: decode_status_list(data, TRUST, NOW + 0.5 * DAY + 0.5 * DAY)) == "expired"


@pytest.mark.parametrize("data", [b"", b"YSL1", b"x" * 100, b"YSL1" + b"\0" * 84])
def test_junk_is_no_status_list(data: bytes) -> None:
    assert _code(lambda: decode_status_list(data, TRUST, NOW)) in {"malformed", "unknown_key"}


def test_a_card_digest_hides_the_code_and_tells_cards_apart() -> None:
    assert card_digest(b"one") != card_digest(b"two")
    assert len(card_digest(b"one")) == 16
