from datetime import UTC, date, datetime

import pytest

from backend.cards.lifecycle import CardState
from backend.cards.policy import DEFAULT
from backend.cards.rules import (
    DeviceState,
    Standing,
    age_band,
    code_of,
    may_be_certified,
    may_enrol,
    renew_after,
)
from backend.figures import CardFigures
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


_ACTIVE, _SUSPENDED, _LOST = CardState.ACTIVE, CardState.SUSPENDED, CardState.LOST


@pytest.mark.parametrize(
    ("standing", "code"),
    [
        (Standing(_ACTIVE, holder_present=True), None),
        (Standing(_SUSPENDED, holder_present=True), "card_suspended"),
        (Standing(_LOST, holder_present=False), "card_lost"),
        (Standing(_ACTIVE, holder_present=False), "holder_not_resident"),
        (Standing(_ACTIVE, True, DeviceState.UNBOUND), "device_unbound"),
        (Standing(_ACTIVE, True, DeviceState.AWAITING_VERIFICATION), "device_unverified"),
        (Standing(_ACTIVE, True, None), None),
    ],
)
def test_who_is_certified(standing: Standing, code: str | None) -> None:
    refused = may_be_certified(standing, DEFAULT)

    assert (refused and refused.code) == code


def test_one_phone_more_than_the_city_allows_is_refused() -> None:
    figures = CardFigures(bound_devices=2)
    second, third = (Standing(_ACTIVE, True, None, bound_devices=n) for n in (1, 2))

    assert may_enrol(second, DEFAULT, figures) is None
    refused = may_enrol(third, DEFAULT, figures)
    assert refused is not None
    assert refused.code == "too_many_devices"


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

    assert renew_after(start, end, CardFigures()) == datetime(2026, 1, 2, tzinfo=UTC)


def test_a_certificate_cut_short_is_renewed_at_its_end() -> None:
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 5, tzinfo=UTC)

    assert renew_after(start, end, CardFigures()) == end
