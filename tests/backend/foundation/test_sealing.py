"""Sealing by both suites: what is sealed opens in its place alone (L19, L20, L24)."""

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from backend.foundation.sealing import IndexKey, Keyring, SealBroken, Sealer, SealingKey
from backend.foundation.suites import (
    NEW_INDEX,
    NEW_SEALING,
    IndexAlgorithm,
    SealingAlgorithm,
    aead,
    keyed_hash,
)
from backend.settings import Suite

PLACE = {"collection": "residents", "field": "name_sealed", "document": "res_1"}
BOUND = b"residents\0name_sealed\0res_1"
INDEX = IndexKey(IndexAlgorithm.HMAC_SHA256, bytes(32))


def _key(suite: Suite, first: int = 0) -> SealingKey:
    algorithm = NEW_SEALING[suite]
    return SealingKey(algorithm, bytes(range(first, first + algorithm.key_bytes)))


def _sealer(suite: Suite) -> Sealer:
    return Sealer(Keyring({1: _key(suite)}, 1, IndexKey(NEW_INDEX[suite], bytes(32))))


SEALERS = {suite: _sealer(suite) for suite in Suite}


@pytest.fixture(params=list(Suite))
def sealer(request: pytest.FixtureRequest) -> Sealer:
    return SEALERS[request.param]


@pytest.mark.feature("L20")
@given(st.text(max_size=60), st.sampled_from(Suite))
def test_what_is_sealed_opens_to_the_same_text(value: str, suite: Suite) -> None:
    sealed = SEALERS[suite].seal(value, **PLACE)

    assert SEALERS[suite].open(sealed, **PLACE) == value
    assert len(value) < 4 or value.encode() not in sealed


@pytest.mark.feature("L19")
def test_algorithm_and_key_stand_with_each_value() -> None:
    heads = {suite: tuple(SEALERS[suite].seal("钟小明", **PLACE)[:2]) for suite in Suite}

    assert heads == {Suite.INTL: (1, 1), Suite.SM: (2, 1)}


@pytest.mark.feature("L24")
def test_sealing_twice_gives_different_bytes_and_the_index_stays_the_same(sealer: Sealer) -> None:
    assert sealer.seal("钟小明", **PLACE) != sealer.seal("钟小明", **PLACE)
    assert sealer.blind_index("x", purpose="a") == sealer.blind_index("x", purpose="a")
    assert sealer.blind_index("x", purpose="a") != sealer.blind_index("x", purpose="b")
    assert len(sealer.blind_index("x", purpose="a")) == 32


@pytest.mark.parametrize("part", list(PLACE))
def test_a_value_opens_only_in_its_place(sealer: Sealer, part: str) -> None:
    sealed = sealer.seal("钟小明", **PLACE)

    with pytest.raises(SealBroken):
        sealer.open(sealed, **{**PLACE, part: "elsewhere"})


@pytest.mark.feature("L19")
def test_each_flipped_bit_is_noticed(sealer: Sealer) -> None:
    """L19: no byte of a stored value can be changed unseen."""
    sealed = sealer.seal("钟小明", **PLACE)

    for bit in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            sealer.open(bytes(altered), **PLACE)


@pytest.mark.parametrize("algorithm", [0, 1, 2, 3, 255])
@pytest.mark.parametrize("length", [0, 1, 2, 29, 30, 42])
def test_junk_does_not_open(sealer: Sealer, algorithm: int, length: int) -> None:
    with pytest.raises(SealBroken):
        sealer.open(bytes([algorithm, 1, *bytes(40)])[:length], **PLACE)


@pytest.mark.feature("L20")
@pytest.mark.parametrize("old", list(Suite))
@pytest.mark.parametrize("new", list(Suite))
def test_values_of_an_older_key_open_after_key_and_suite_changed(old: Suite, new: Suite) -> None:
    """L20: a suite is changed by making a key of the other one; nothing is written again."""
    ring = Keyring({1: _key(old)}, 1, INDEX)
    sealer = Sealer(ring)
    before = sealer.seal("钟小明", **PLACE)

    ring.take({2: _key(new, 100)}, 2)

    after = sealer.seal("钟小明", **PLACE)
    assert tuple(after[:2]) == (NEW_SEALING[new], 2)
    assert sealer.open(before, **PLACE) == sealer.open(after, **PLACE) == "钟小明"
    with pytest.raises(SealBroken):
        Sealer(Keyring({2: _key(new, 100)}, 2, INDEX)).open(before, **PLACE)


def test_values_sealed_before_there_were_suites_open() -> None:
    """The format is the one of the first release: 1, key 1, nonce, AES-256-GCM over the place."""
    nonce = bytes(range(12))
    old = b"\x01\x01" + nonce + AESGCM(bytes(range(32))).encrypt(nonce, "赖秀英".encode(), BOUND)

    assert SEALERS[Suite.INTL].open(old, **PLACE) == "赖秀英"


def test_a_ring_needs_the_key_it_shall_seal_with() -> None:
    key = _key(Suite.INTL)
    for keys, current in (({1: key}, 2), ({0: key}, 0), ({256: key}, 256)):
        with pytest.raises(ValueError, match="no such key"):
            Keyring(keys, current, INDEX)
    with pytest.raises(ValueError, match="16 bytes"):
        Keyring({1: SealingKey(SealingAlgorithm.SM4_GCM, bytes(32))}, 1, INDEX)


def test_keys_are_not_shown() -> None:
    assert "key" not in repr(_key(Suite.INTL)).replace("SealingKey", "")
    assert "\\x00" not in repr(INDEX)


def test_the_international_index_is_hmac_sha256() -> None:
    expected = hmac.new(bytes(32), b"a\0x", hashlib.sha256).digest()

    assert SEALERS[Suite.INTL].blind_index("x", purpose="a") == expected


def test_the_chinese_index_is_hmac_sm3() -> None:
    """By the definition of HMAC (RFC 2104) over hashlib's own SM3, blocks of 64 bytes."""
    inner = hashlib.new("sm3", bytes([0x36] * 64) + b"a\0x").digest()
    expected = hashlib.new("sm3", bytes([0x5C] * 64) + inner).digest()

    assert SEALERS[Suite.SM].blind_index("x", purpose="a") == expected


def test_sm4_gcm_gives_the_published_ciphertext() -> None:
    """RFC 8998, appendix A.2."""

    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    bound = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = bytes.fromhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    expected = bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    cipher = aead(SealingAlgorithm.SM4_GCM, key)

    assert cipher.encrypt(nonce, plain, bound) == expected
    assert cipher.decrypt(nonce, expected, bound) == plain


def test_a_keyed_hash_can_be_used_again() -> None:
    hashed = keyed_hash(IndexAlgorithm.HMAC_SM3, bytes(32))

    assert hashed(b"a") == hashed(b"a") != hashed(b"b")
