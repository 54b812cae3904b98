"""The answer to reset, as ISO 7816-3 builds it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.cardfile.atr import historical_bytes


@pytest.mark.parametrize(
    ("atr", "historical"),
    [
        ("3B6D000053534331323334353637383930", "53534331323334353637383930"),  # T=0
        ("3B8D800153534331323334353637383930AA", "53534331323334353637383930"),  # T=1, check byte
        ("3B9F95803FC7A08031E073FA21106300000083F09000BB", "8031E073FA21106300000083F09000"),
        ("3B00", ""),
        ("3B", ""),
        ("", ""),
        ("3B8F80", ""),  # cut short
        ("3B6500004142", "4142"),
    ],
)
def test_the_historical_bytes_are_found(atr: str, historical: str) -> None:
    assert historical_bytes(bytes.fromhex(atr)).hex().upper() == historical


@given(st.binary(max_size=40))
def test_whatever_a_card_sends_it_ends(atr: bytes) -> None:
    assert len(historical_bytes(atr)) <= 15
