from datetime import UTC, date, datetime

import pytest

from backend.cards.rules import (
    Standing,
    age_band,
    code_of,
    may_be_certified,
    may_change_state,
    may_enrol,
    renew_after,
)
from backend.foundation.refusals import Refusal
from shared.ecode.certificate import AgeBand


@pytest.mark.parametrize(
    ("now", "band"),
    [
        # 60 years are complete at midnight in Ganzhou, which is 16:00 UTC of the day before.
        (datetime(2026, 3, 11, 15, 59, tzinfo=UTC), AgeBand.ADULT),
        (datetime(2026, 3, 11, 16, 0, tzinfo=UTC), AgeBand.FROM_60),
    ],
)
def test_an_age_band_begins_with_the_local_birthday(now: datetime, band: AgeBand) -> None:
    assert age_band(date(1966, 3, 12), now) is band


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (Standing("ACTIVE", holder_present=True), None),
        (Standing("SUSPENDED", holder_present=True), "card_suspended"),
        (Standing("REVOKED", holder_present=False), "card_revoked"),
        (Standing("ACTIVE", holder_present=False), "holder_not_resident"),
        (Standing("ACTIVE", holder_present=True, device_bound=False), "device_unbound"),
    ],
)
def test_who_is_certified(standing: Standing, code: str | None) -> None:
    refused = may_be_certified(standing)

    assert (refused and refused.code) == code


def test_a_sixth_phone_is_one_too_many() -> None:
    assert may_enrol(Standing("ACTIVE", holder_present=True, bound_devices=4)) is None
    refused = may_enrol(Standing("ACTIVE", holder_present=True, bound_devices=5))
    assert refused is not None
    assert refused.code == "too_many_devices"


@pytest.mark.parametrize(
    ("present", "to", "allowed"),
    [
        ("ACTIVE", "SUSPENDED", True),
        ("SUSPENDED", "ACTIVE", True),
        ("SUSPENDED", "REVOKED", True),
        ("REVOKED", "REVOKED", True),
        ("REVOKED", "ACTIVE", False),
        ("REVOKED", "SUSPENDED", False),
    ],
)
def test_revoked_is_final(present: str, to: str, allowed: bool) -> None:
    assert (may_change_state(present, to) is None) is allowed


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0123456789", "0123456789"),
        ("01234 56789", "0123456789"),
        ("0123-456-789", "0123456789"),
        ("012345678", None),
        ("01234567890", None),
        ("012345678x", None),
        ("０１２３４５６７８９", None),
        ("", None),
    ],
)
def test_an_activation_code_has_ten_digits(typed: str, code: str | None) -> None:
    read = code_of(typed)

    assert (None if isinstance(read, Refusal) else read) == code


def test_a_certificate_is_renewed_at_half_of_its_life() -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)

    assert renew_after(start, end) == datetime(2026, 1, 2, tzinfo=UTC)
