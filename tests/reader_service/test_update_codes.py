"""An update code 更新码 before a lane's camera: taken once, never older, never forged."""

import io
import random
from collections.abc import Iterable
from datetime import timedelta

import cv2
import numpy as np
import pytest
import segno

from reader_service.decode.code_reader import open_code_reader
from reader_service.decode.decoder import NAMES
from reader_service.lane.lane import UPDATE_OLDER, UPDATE_REFUSED, UPDATE_TAKEN
from reader_service.snapshot import Kind
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.reasons import Reason
from shared.trust.list_update import (
    ListUpdate,
    TooMany,
    encode_list_update,
    is_list_update,
    read_list_update,
)
from shared.trust.signed_digits import MOST_DIGITS
from shared.trust.trust_list import Untrusted
from tests.reader_service.city import LIST_KEY_ID, REGION, City, Phone
from tests.reader_service.conftest import Venue, VenueMaker

TWO_DAYS_OF_TEN_MILLION = 548
"""1 % of ten million cards a year."""


def _update(
    city: City,
    revoked: Iterable[int] = (),
    suspended: Iterable[int] = (),
    *,
    key: SoftwareKey | None = None,
    region: int = REGION,
) -> str:
    until, since = city.now + timedelta(hours=12), city.now - timedelta(hours=49)
    made = ListUpdate(region, city.now, until, since, sorted(revoked), sorted(suspended))
    return encode_list_update(made, key or city.list_key, LIST_KEY_ID)


def _later(venue: Venue, seconds: float = 60) -> None:
    venue.clock.advance(seconds)
    venue.city.now = venue.clock.now()


def _index(phone: Phone) -> int:
    return phone.certificate.claims.card_index


def _reason(venue: Venue, phone: Phone) -> Reason | None:
    return venue.lanes[1].present_code(phone.code(venue.clock.now())).answer.reason


def _draws(count: int) -> set[int]:
    drawn = random.Random(11)  # noqa: S311 - a test's
    return {drawn.randrange(2**32) for _ in range(count)}


def test_a_cameras_picture_of_two_days_of_a_large_city_stops_its_cards(
    venue: Venue, make_venue: VenueMaker
) -> None:
    stopped, suspended, other = (venue.city.phone() for _ in range(3))
    _later(venue)
    text = _update(
        venue.city, {*_draws(TWO_DAYS_OF_TEN_MILLION), _index(stopped)}, [_index(suspended)]
    )
    qr, drawn = segno.make(text, mode="numeric", error="l", boost_error=False), io.BytesIO()
    qr.save(drawn, kind="png", scale=4, border=4)
    shown = cv2.imdecode(np.frombuffer(drawn.getvalue(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert shown is not None
    frame = np.full((720, 1280), 200, np.uint8)
    shown = cv2.resize(shown, (600, 600), interpolation=cv2.INTER_AREA)
    frame[60:660, 340:940] = shown
    frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), 0.7), np.uint8)

    [seen] = open_code_reader(NAMES).read(frame)
    answer = venue.lanes[1].present_code(seen)

    assert (answer.answer.headline, answer.persons) == (UPDATE_TAKEN[0], 0)
    assert venue.lanes[1].present_code(seen).again
    assert (venue.opened(), venue.reasons()) == (0, [])
    assert _reason(venue, stopped) is Reason.CARD_REVOKED
    assert _reason(venue, suspended) is Reason.CARD_SUSPENDED
    assert _reason(venue, other) is None
    again = make_venue(clock=venue.clock)
    assert _reason(again, stopped) is Reason.CARD_REVOKED, "it outlives a restart"


def test_what_is_not_to_be_believed_changes_nothing(venue: Venue) -> None:
    phone, city = venue.city.phone(), venue.city
    old = _update(city, [_index(phone)])
    _later(venue)
    newest = _update(city)
    _later(venue)
    stranger = SoftwareKey.generate(Algorithm.ED25519)
    good = _update(city, [_index(phone)])
    middle = len(good) // 2
    changed = good[:middle] + str((int(good[middle]) + 1) % 10) + good[middle + 1 :]
    assert venue.lanes[1].present_code(newest).answer.headline == UPDATE_TAKEN[0]

    for text, words in [
        (old, UPDATE_OLDER),
        (_update(city, [_index(phone)], key=stranger), UPDATE_REFUSED),
        (_update(city, [_index(phone)], region=110000), UPDATE_REFUSED),
        (changed, UPDATE_REFUSED),
        (good[:-20], UPDATE_REFUSED),
        (good[:17], UPDATE_REFUSED),
    ]:
        answer = venue.lanes[1].present_code(text).answer
        assert (answer.headline, answer.verdict.opens) == (words[0], False)
    assert _reason(venue, phone) is None
    assert venue.lanes[1].present_code(good).answer.headline == UPDATE_TAKEN[0]


def test_it_ends_with_its_time_and_with_a_newer_list(venue: Venue) -> None:
    phone, city = venue.city.phone(), venue.city
    _later(venue)
    text, trust = _update(city, [_index(phone)]), venue.snapshot.lists.trust
    assert trust is not None
    with pytest.raises(Untrusted, match="expired"):
        read_list_update(text, trust, city.now + timedelta(hours=12))
    with pytest.raises(Untrusted, match="not_yet_valid"):
        read_list_update(text, trust, city.now - timedelta(minutes=6))
    venue.snapshot.offer_update(text, city.now)
    assert _reason(venue, phone) is Reason.CARD_REVOKED

    _later(venue)
    venue.snapshot.offer(Kind.STATUS_LIST, city.status_list(epoch=2), None, city.now)
    assert _reason(venue, phone) is None
    with pytest.raises(Untrusted, match="older"):
        venue.snapshot.offer_update(text, city.now)


def test_it_holds_what_a_qr_code_holds_and_no_e_card_code_is_taken_for_one(city: City) -> None:
    assert len(_update(city, _draws(TWO_DAYS_OF_TEN_MILLION))) < MOST_DIGITS
    with pytest.raises(TooMany):
        _update(city, _draws(1_100))
    assert is_list_update(_update(city))
    assert not is_list_update(city.phone().code(city.now))
    assert not any(map(is_list_update, ["", "1", "x" * 500, "9" * 8000, "９" * 17]))
