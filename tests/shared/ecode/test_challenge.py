"""The challenge 挑战码 between a venue's screen, a hand and the proof."""

import pytest

from shared.ecode.challenge import challenge_bytes, draw_challenge


def test_the_digits_are_one_number_in_the_proof() -> None:
    assert challenge_bytes("000000") == bytes(4)
    assert challenge_bytes("483920") == (483920).to_bytes(4)


@pytest.mark.parametrize("digits", ["", "12345", "1234567", "12345x", "１２３４５６", "-12345"])
def test_anything_else_is_none(digits: str) -> None:
    with pytest.raises(ValueError, match="6 digits"):
        challenge_bytes(digits)


def test_drawn_ones_have_six_digits_and_differ() -> None:
    drawn = [draw_challenge() for _ in range(200)]

    assert {len(challenge_bytes(digits)) for digits in drawn} == {4}
    assert len(set(drawn)) > 190
