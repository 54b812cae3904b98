"""Mainland mobile numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.phone import parse_phone


@pytest.mark.parametrize(
    "typed",
    [
        "15400000001",
        " 154 0000 0001 ",
        "154-0000-0001",
        "+8615400000001",
        "+86 154 0000 0001",
        "008615400000001",
        "１５４０００００００１",
        "＋８６15400000001",
    ],
)
def test_a_number_as_people_write_it(typed: str) -> None:
    assert parse_phone(typed) == "15400000001"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1540000000",
        "154000000011",
        "12400000001",
        "25400000001",
        "079712345678",
        "1540000000a",
        "+85215400000001",
        "15400000001\x00",
        "15400000001\n",
        "٠١٢٣٤٥٦٧٨٩٠",
        "+86+8615400000001x",
    ],
)
def test_what_is_none(typed: str) -> None:
    assert parse_phone(typed) is None


@given(st.text(max_size=30))
def test_whatever_is_typed__eleven_digits_or_nothing(text: str) -> None:
    number = parse_phone(text)

    assert number is None or (len(number) == 11 and number.isascii() and number.isdigit())
