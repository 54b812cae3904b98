"""The printed card number."""

import pytest

from shared.identity.card_number import InvalidCardNumber, parse_card_number


@pytest.mark.parametrize(
    ("text", "number"),
    [("D58009678", "D58009678"), (" d58009678 ", "D58009678"), ("012345678", "012345678")],
)
def test_nine_digits_or_letters_are_a_card_number(text: str, number: str) -> None:
    assert parse_card_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "D5800967", "D580096789", "D5800 678", "卡58009678", "９" * 9]
)
def test_anything_else_is_refused_without_repeating_it(text: str) -> None:
    result = parse_card_number(text)

    assert isinstance(result, InvalidCardNumber)
    assert result.code == "card_number_form"
    assert not text or text not in repr(result)
