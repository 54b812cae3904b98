"""Function lists: what is signed, what is refused, what they say of a card."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.trust.function_list import (
    FunctionGrant,
    FunctionList,
    FunctionStanding,
    decode_function_list,
    encode_function_list,
)
from shared.trust.trust_list import Untrusted
from tests.shared.trust.test_lists import DAY, LISTER, NOW, TRUST

LIST = FunctionList(
    code="transit",
    region=360700,
    epoch=7,
    issued_at=NOW,
    valid_until=NOW + DAY,
    grant=FunctionGrant.ON_REQUEST,
    open=True,
    since=NOW - DAY,
    cards=[3, 5, 2**32 - 1],
    physical_cards=[2**64 - 1],
)
SECOND = timedelta(seconds=1)


def _code(action: Callable[[], object]) -> str:
    with pytest.raises(Untrusted) as caught:
        action()
    return caught.value.code


@pytest.mark.parametrize("until", [None, NOW + 9 * DAY])
@pytest.mark.parametrize("grant", FunctionGrant)
def test_a_list_is_read_as_it_was_written(grant: FunctionGrant, until: datetime | None) -> None:
    made = replace(LIST, grant=grant, until=until)

    found = decode_function_list(encode_function_list(made, LISTER, 1), TRUST, NOW)

    assert (list(found.cards), list(found.physical_cards)) == ([3, 5, 2**32 - 1], [2**64 - 1])
    assert replace(found, cards=made.cards, physical_cards=made.physical_cards) == made


def test_each_changed_bit_is_found() -> None:
    data = encode_function_list(LIST, LISTER, 1)
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8

        assert _code(lambda changed=changed: decode_function_list(bytes(changed), TRUST, NOW))  # type: ignore[misc]


def test_another_ones_signature_and_an_ended_list_are_refused() -> None:
    forged = encode_function_list(LIST, SoftwareKey.generate(Algorithm.ED25519), 1)
    data = encode_function_list(LIST, LISTER, 1)

    assert _code(lambda: decode_function_list(forged, TRUST, NOW)) == "forged"
    assert _code(lambda: decode_function_list(data, TRUST, NOW + DAY)) == "expired"


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"YFL1" + rest))
def test_junk_is_no_list(data: bytes) -> None:
    assert _code(lambda: decode_function_list(data, TRUST, NOW)) in {"malformed", "unknown_key"}


@pytest.mark.parametrize("body", [b"\x03\x01\x01x", b"\x01\x02\x01x", b"\x01\x01\x07transi"])
def test_a_signed_list_of_another_form_is_refused(body: bytes) -> None:
    """Signed by the right key all the same: a grant, a mark or a code that does not exist."""
    good = encode_function_list(LIST, LISTER, 1)
    signed = good[:28] + body
    data = signed + LISTER.sign(signed)

    assert _code(lambda: decode_function_list(data, TRUST, NOW)) == "malformed"


@pytest.mark.parametrize("code", ["", "Transit", "t", "a b", "交通", "x" * 25, "a\n"])
def test_a_code_of_another_form_is_not_written(code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        encode_function_list(replace(LIST, code=code), LISTER, 1)


@pytest.mark.parametrize(
    ("grant", "listed", "standing"),
    [
        (FunctionGrant.ON_REQUEST, True, FunctionStanding.ENABLED),
        (FunctionGrant.ON_REQUEST, False, FunctionStanding.DISABLED),
        (FunctionGrant.BY_DEFAULT, True, FunctionStanding.DISABLED),
        (FunctionGrant.BY_DEFAULT, False, FunctionStanding.ENABLED),
    ],
)
def test_the_listed_are_the_exceptions(
    grant: FunctionGrant, listed: bool, standing: FunctionStanding
) -> None:
    assert replace(LIST, grant=grant).standing(NOW, listed=listed) is standing


def test_a_programme_runs_from_its_first_to_before_its_last_instant() -> None:
    made = replace(LIST, since=NOW, until=NOW + DAY)
    closed, enabled = FunctionStanding.CLOSED, FunctionStanding.ENABLED

    assert made.standing(NOW - SECOND, listed=True) is closed
    assert made.standing(NOW, listed=True) is enabled
    assert made.standing(NOW + DAY - SECOND, listed=True) is enabled
    assert made.standing(NOW + DAY, listed=True) is closed
    assert replace(made, open=False).standing(NOW, listed=True) is closed
