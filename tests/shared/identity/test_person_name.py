"""Names as documents print them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.person_name import NameFault, parse_person_name

HAN = st.one_of(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x2A6DF),
    st.characters(min_codepoint=0x30000, max_codepoint=0x3134A),
)
DOTS = "·•‧∙⋅・･．.●"


@pytest.mark.parametrize(
    "name",
    [
        "王明",
        "王",
        "𠮷田㐱",
        "阿依古丽·买买提",
        "葛󠄀小明",
        "〇一",
        "佐々",
        "Anna Maria",
        "O'Neil",
        "Zoë-Ann",
        "赵C",
        "𬱖䶮",
    ],
)
def test_a_name_stays_as_it_is(name: str) -> None:
    assert parse_person_name(f"  {name} ", 50) == name


@pytest.mark.feature("S1")
@pytest.mark.parametrize("dot", DOTS)
def test_every_kind_of_dot_becomes_one(dot: str) -> None:
    """S1: the dot of a minority name, half width, full width or typed as a full stop."""
    assert parse_person_name(f"阿依古丽{dot}买买提", 50) == "阿依古丽·买买提"


@pytest.mark.parametrize(
    "name",
    [
        "王1",
        "王１",
        "王\x00明",
        "王\n明",
        "�",
        "王😀",
        "王\u202e明",
        "王,明",
        "$where",
        "{}",
        "王\u200b明",
        "é",
        "王\ue000",
        "︀王",
        "王\u3000明",
        "王%",
        "<b>",
    ],
)
def test_other_signs_are_refused(name: str) -> None:
    assert parse_person_name(name, 50) is NameFault.CHARACTER


@pytest.mark.parametrize("name", ["·王", "王·", "王··明", "王 ·明", "-Anna", "Anna  Maria", "·"])
def test_joiners_stand_singly_between_parts(name: str) -> None:
    assert parse_person_name(name, 50) is NameFault.JOINER


@pytest.mark.parametrize("name", ["", " ", "\u3000", "王" * 51])
def test_a_name_has_one_to_the_longest_many_characters(name: str) -> None:
    assert parse_person_name(name, 50) is NameFault.LENGTH


def test_the_longest_comes_from_outside_and_variants_do_not_count() -> None:
    assert parse_person_name("王" * 20, 20) == "王" * 20
    assert parse_person_name("王" * 21, 20) is NameFault.LENGTH
    assert parse_person_name("葛\U000e0100" * 20, 20) == "葛\U000e0100" * 20


@given(
    st.lists(st.text(HAN, min_size=1, max_size=6), min_size=1, max_size=4), st.sampled_from(DOTS)
)
def test_hanzi_of_every_plane_make_names(parts: list[str], dot: str) -> None:
    assert parse_person_name(dot.join(parts), 50) == "·".join(parts)


@given(st.text(max_size=80))
def test_whatever_is_typed__a_name_once_parsed_stays(text: str) -> None:
    name = parse_person_name(text, 50)

    if not isinstance(name, NameFault):
        assert parse_person_name(name, 50) == name
        # Unassigned (Cn) may be a hanzi that this Python's tables are too old to know.
        assert not any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co"} for sign in name)
        assert not any(sign.isdigit() for sign in name)
