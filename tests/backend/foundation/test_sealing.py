import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.foundation.sealing import SealBroken, Sealer

PLACE = {"collection": "residents", "field": "name_sealed", "document": "res_1"}
KEYS = {1: bytes(range(32)), 2: bytes(range(1, 33))}
SEALER = Sealer(KEYS, 1, bytes(32))


@given(st.text(max_size=60))
def test_what_is_sealed_opens_to_the_same_text(value: str) -> None:
    sealed = SEALER.seal(value, **PLACE)

    assert SEALER.open(sealed, **PLACE) == value
    assert len(value) < 4 or value.encode() not in sealed


def test_sealing_twice_gives_different_bytes_and_the_index_stays_the_same() -> None:
    assert SEALER.seal("钟小明", **PLACE) != SEALER.seal("钟小明", **PLACE)
    assert SEALER.blind_index("x", purpose="a") == SEALER.blind_index("x", purpose="a")
    assert SEALER.blind_index("x", purpose="a") != SEALER.blind_index("x", purpose="b")


@pytest.mark.parametrize("part", list(PLACE))
def test_a_value_opens_only_in_its_place(part: str) -> None:
    sealed = SEALER.seal("钟小明", **PLACE)

    with pytest.raises(SealBroken):
        SEALER.open(sealed, **{**PLACE, part: "elsewhere"})


def test_each_flipped_bit_is_noticed() -> None:
    sealed = SEALER.seal("钟小明", **PLACE)

    for bit in range(len(sealed) * 8):
        altered = bytearray(sealed)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBroken):
            SEALER.open(bytes(altered), **PLACE)


@pytest.mark.parametrize(
    "sealed",
    [b"", b"\x01", b"\x01\x01" + bytes(27), b"\x01\x09" + bytes(40), b"\x02\x01" + bytes(40)],
)
def test_junk_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SealBroken):
        SEALER.open(sealed, **PLACE)


def test_values_of_an_older_key_open_after_the_key_changed() -> None:
    old = SEALER.seal("钟小明", **PLACE)
    turned = Sealer(KEYS, 2, bytes(32))

    assert turned.open(old, **PLACE) == "钟小明"
    assert turned.seal("x", **PLACE)[1] == 2
    with pytest.raises(SealBroken):
        Sealer({2: KEYS[2]}, 2, bytes(32)).open(old, **PLACE)
