"""What is shown of personal information by default."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.masking import card_tail, mask_id_number, mask_name, mask_phone


@pytest.mark.feature("L23")
@pytest.mark.parametrize(
    ("name", "mask"),
    [
        ("", "*"),
        ("王", "*"),
        ("王明", "王*"),
        ("王小明", "王*明"),
        ("王 明", "王*"),
        ("王　明 ", "王*"),
        ("王小小明", "王**明"),
        ("欧阳", "欧*"),
        ("欧阳修", "欧阳*"),
        ("欧阳小明", "欧阳*明"),
        ("阿卜杜拉·买买提", "阿**提"),
        ("阿·里", "阿*"),
        ("Anna Smith", "A**h"),
        ("𬱖䶮", "𬱖*"),
        ("葛\U000e0100小明", "葛\U000e0100*明"),
    ],
)
def test_names(name: str, mask: str) -> None:
    assert mask_name(name) == mask


def test_numbers() -> None:
    assert mask_id_number("330106198001011234") == "3301**********1234"
    assert mask_id_number("330106800101123") == "*" * 15
    assert mask_phone("13812345678") == "138****5678"
    assert mask_phone("+8613812345678") == "*" * 12 + "78"
    assert mask_phone("110") == "***"
    assert card_tail("6217000010001235341") == "5341"
    assert card_tail("5341") == "****"


def longest_shared_run(original: str, mask: str) -> int:
    runs = (
        length
        for start in range(len(original))
        for length in range(1, len(original) - start + 1)
        if original[start : start + length] in mask
    )
    return max(runs, default=0)


@pytest.mark.feature("L23", "S121")
@given(st.text(string.digits + "X", max_size=30))
def test_no_mask_of_a_number_keeps_more_than_four_characters_in_a_row(number: str) -> None:
    starless = [mask_id_number(number), mask_phone(number), card_tail(number)]

    assert all(longest_shared_run(number, mask) <= 4 for mask in starless)
    assert all(len(mask.replace("*", "")) <= 8 for mask in starless)


@given(st.text(st.characters(categories=["Lo", "Lu", "Ll"]), min_size=1, max_size=20))
def test_a_masked_name_hides_something_and_never_repeats_the_name(name: str) -> None:
    mask = mask_name(name)

    assert "*" in mask
    assert mask != name
    assert len(mask.replace("*", "")) < len(name)


@given(st.text())
def test_any_text_has_a_mask(text: str) -> None:
    assert "*" in mask_name(text)
