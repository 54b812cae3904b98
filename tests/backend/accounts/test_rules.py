from datetime import UTC, date, datetime

import pytest

from backend.accounts.rules import (
    OFFICERS,
    Locked,
    device_name_of,
    login_of,
    password_allowed,
    prepared_password,
    roles_conflict,
    staff_login_of,
)
from backend.accounts.tries import address_of
from backend.foundation.access import Role
from backend.foundation.refusals import Refusal

BIRTH = date(1988, 3, 12)


def _refused(password: str) -> str | None:
    refusal = password_allowed(password, login="zhang.wei", birth=BIRTH)
    return refusal.code if refusal else None


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "骑着单车去赣江边的人",
        "zxkqwvbn",  # no rule asks for digits, capitals or signs
        "????....!!!!,,,,",
        "  two  spaces  ",
        "😀👍🏽🚲🌉🎣🍚🍊🐟",
        "👨‍👩‍👧家里有四口人呀",
        "pāsswörter für alle",
        "x" * 64 + "yz",
        "a1" + "b2c3d4e5f6" * 12,
    ],
)
def test_a_password_that_is_long_enough_and_not_common(password: str) -> None:
    assert _refused(password) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_short"),
        ("1234567", "password_short"),
        ("七个汉字不够长", "password_short"),
        ("x" * 129, "password_long"),
        ("y" * 10_240, "password_long"),
        ("abcdefg\u0000h", "password_form"),
        ("abcdefgh\n", "password_form"),
        ("\ud800abcdefgh", "password_form"),
        ("password", "password_common"),
        ("PassWord", "password_common"),
        ("ｐａｓｓｗｏｒｄ", "password_common"),
        ("Woaini1314", "password_common"),
        ("5201314520", "password_common"),
        ("一二三四五六七八", "password_common"),
        ("12345678", "password_common"),
        ("87654321", "password_common"),
        ("abcdefghij", "password_common"),
        ("aaaaaaaaaa", "password_common"),
        ("哈哈哈哈哈哈哈哈", "password_common"),
        ("abababababab", "password_common"),
        ("123412341234", "password_common"),
        ("19880312", "password_personal"),
        ("1988-03-12", "password_personal"),
        ("zhang.wei!", "password_personal"),
    ],
)
def test_a_password_that_is_refused_says_why(password: str, code: str) -> None:
    assert _refused(password) == code


def test_the_same_word_typed_on_two_machines_is_one_password() -> None:
    assert prepared_password("cafe\u0301 au lait") == prepared_password("café au lait")


@pytest.mark.parametrize("password", ["x" * 129, "a\u0000bcdefgh", "\ud800"])
def test_what_no_password_can_be_is_never_hashed(password: str) -> None:
    assert prepared_password(password) is None


@pytest.mark.parametrize("text", ["\ud800", "\u0000", "😀" * 100, "x" * 100_000, "", "钟小明"])
def test_any_text_is_a_login_name_that_can_be_looked_up(text: str) -> None:
    assert len(login_of(text).encode()) <= 64 * 12


def test_a_number_is_looked_up_however_it_is_typed() -> None:
    assert login_of(" 36999919880312901x ") == "36999919880312901X"
    assert login_of("３６９９９９") == "369999"


@pytest.mark.parametrize("text", ["", "ab", "1abc", "-abc", "a b c", "a" * 33, "张伟", "a\u0000bc"])
def test_a_staff_login_of_another_form(text: str) -> None:
    assert isinstance(staff_login_of(text), Refusal)


def test_a_staff_login_has_one_spelling() -> None:
    assert staff_login_of(" Zhang.Wei ") == "zhang.wei"


@pytest.mark.parametrize("name", ["", " ", "x" * 41, "a\u0000", "a\nb", "\ud800"])
def test_a_device_name_that_cannot_be_shown(name: str) -> None:
    assert isinstance(device_name_of(name), Refusal)


@pytest.mark.parametrize("first", Role)
@pytest.mark.parametrize("second", Role)
def test_two_officers_posts_exclude_one_another_and_nothing_else_does(
    first: Role, second: Role
) -> None:
    """三员分立 (L17)."""
    both_officers = first != second and {first, second} <= OFFICERS

    assert (roles_conflict([first, second]) is not None) == both_officers


def test_a_lock_tells_when_it_ends_by_the_citys_clock() -> None:
    locked = Locked(datetime(2026, 5, 1, 7, 41, 20, tzinfo=UTC)).refusal("locked", "锁", "lock")

    assert "15:42" in locked.next_step.zh
    assert "15:42" in locked.next_step.en


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("testclient", "unknown"),
    ],
)
def test_tries_are_counted_by_address_or_by_site(address: str, counted: str) -> None:
    assert address_of(address) == counted
