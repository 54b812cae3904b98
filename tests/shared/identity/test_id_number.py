"""Citizen numbers of GB 11643-1999 and the numbers built like them."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity.id_number import (
    IdNumber,
    IdNumberFault,
    IdNumberKind,
    InvalidIdNumber,
    Sex,
    check_character,
    parse_id_number,
)

TODAY = date(2025, 11, 22)


def number(division: str, birth: str, sequence: str) -> str:
    body = division + birth + sequence
    return body + check_character(body)


def parsed(text: str) -> IdNumber:
    result = parse_id_number(text, TODAY)
    assert isinstance(result, IdNumber)
    return result


def test_the_standards_own_example_is_read() -> None:
    result = parsed("11010519491231002X")

    assert result.birth == date(1949, 12, 31)
    assert (result.division, result.division_known) == (110105, True)
    assert result.sex is Sex.FEMALE
    assert result.kind is IdNumberKind.CITIZEN


def test_lower_case_x_and_spaces_around_are_accepted() -> None:
    assert parsed(" 11010519491231002x\n").value == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", IdNumberFault.LENGTH),
        ("110105491231002", IdNumberFault.LENGTH),
        ("11010519491231002X0", IdNumberFault.LENGTH),
        ("1101051949123100X2", IdNumberFault.CHARACTER),
        ("11010519491231002Y", IdNumberFault.CHARACTER),
        ("１1010519491231002X", IdNumberFault.CHARACTER),
        ("110105194912310٢2X", IdNumberFault.CHARACTER),
        ("110105194912310021", IdNumberFault.CHECK_CHARACTER),
        (number("110105", "19490229", "002"), IdNumberFault.BIRTH_DATE),
        (number("110105", "00000101", "002"), IdNumberFault.BIRTH_DATE),
        (number("110105", "20251123", "002"), IdNumberFault.BIRTH_IN_FUTURE),
        (number("110105", "18791231", "002"), IdNumberFault.BIRTH_TOO_EARLY),
    ],
)
def test_a_text_that_is_no_number_is_refused_with_its_reason(
    text: str, fault: IdNumberFault
) -> None:
    result = parse_id_number(text, TODAY)

    assert result == InvalidIdNumber(fault)
    assert result.text.zh
    assert result.text.en


def test_every_fault_has_words() -> None:
    assert all(fault.text.zh and fault.text.en for fault in IdNumberFault)


@pytest.mark.parametrize(
    ("division", "kind", "known"),
    [
        ("810000", IdNumberKind.RESIDENCE_PERMIT, True),
        ("820000", IdNumberKind.RESIDENCE_PERMIT, True),
        ("830000", IdNumberKind.RESIDENCE_PERMIT, True),
        ("936156", IdNumberKind.FOREIGN_PERMANENT_RESIDENT, False),
        ("362121", IdNumberKind.CITIZEN, True),
        ("999999", IdNumberKind.FOREIGN_PERMANENT_RESIDENT, False),
        ("369999", IdNumberKind.CITIZEN, False),
    ],
)
def test_an_unknown_division_is_a_flag_and_never_a_refusal(
    division: str, kind: IdNumberKind, known: bool
) -> None:
    result = parsed(number(division, "19800101", "123"))

    assert (result.kind, result.division_known) == (kind, known)


def test_neither_number_nor_birth_date_is_in_the_repr() -> None:
    shown = repr(parsed("11010519491231002X"))

    assert "19491231" not in shown
    assert "1949" not in shown


digits = st.text(string.digits, min_size=3, max_size=3)
births = st.dates(date(1880, 1, 1), TODAY)
divisions = st.integers(100_000, 999_999).map(str)


@given(divisions, births, digits)
def test_any_real_birth_date_is_accepted_and_comes_back(
    division: str, birth: date, sequence: str
) -> None:
    result = parsed(number(division, f"{birth:%Y%m%d}", sequence))

    assert result.birth == birth
    assert result.sex == (Sex.MALE if int(sequence) % 2 else Sex.FEMALE)


@given(births, digits, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(birth: date, sequence: str, place: int, offset: int) -> None:
    good = number("360702", f"{birth:%Y%m%d}", sequence)
    wrong = str((int(good[place]) + offset) % 10)

    result = parse_id_number(good[:place] + wrong + good[place + 1 :], TODAY)

    assert isinstance(result, InvalidIdNumber)


@given(births, digits, st.integers(0, 15))
def test_two_neighbours_swapped_never_pass(birth: date, sequence: str, place: int) -> None:
    good = number("360702", f"{birth:%Y%m%d}", sequence)
    swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]

    assert swapped == good or isinstance(parse_id_number(swapped, TODAY), InvalidIdNumber)


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert isinstance(parse_id_number(text, TODAY), IdNumber | InvalidIdNumber)
