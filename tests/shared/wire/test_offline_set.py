"""The offline set as bytes: sealed, padded, signed, and exact whatever changed in between."""

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.admission.circumstances import DayRange, HeldBooking, HeldPass
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.trust.trust_list import KeyUse, TrustedKey, TrustList, Untrusted
from shared.wire.offline_set import (
    MOST_HELD,
    Holdings,
    OfflineSet,
    applied,
    card_secret,
    decode_offline_set,
    encode_offline_set,
    open_record,
    phone_secret,
    record_content,
    record_key,
    seal_record,
)

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
KEY = SoftwareKey.generate(Algorithm.ED25519)
REGION, KEY_ID, VENUE = 360700, 9, 7
TRUST = TrustList(
    (TrustedKey(REGION, KEY_ID, KeyUse.LIST, KEY.public, NOW, NOW + timedelta(days=30)),),
    NOW,
    NOW + timedelta(days=30),
)
SALT = secrets.token_bytes(16)
BOOKING = HeldBooking("bkg_x", VENUE, NOW, NOW + timedelta(hours=1), 4, 1, "main")
PASS = HeldPass("pas_x", "city", DayRange(date(2026, 1, 1), None), frozenset({7, 8}), 5, 2)
HOLDINGS = Holdings((BOOKING,), (PASS,))


def _set(**changed: object) -> OfflineSet:
    plain = OfflineSet(REGION, VENUE, SALT, 5, 0, NOW, NOW + timedelta(days=2), {})
    return replace(plain, **changed)  # type: ignore[arg-type]


def _read(data: bytes) -> OfflineSet:
    return decode_offline_set(data, TRUST, NOW)


def _encoded(made: OfflineSet, key: SoftwareKey = KEY) -> bytes:
    return encode_offline_set(made, key, KEY_ID)


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.ES256])
def test_a_record_opens_by_what_the_phone_shows_and_by_nothing_less(algorithm: Algorithm) -> None:
    device = SoftwareKey.generate(algorithm).public
    secret = phone_secret(REGION, 5, 1, device)
    key = record_key(SALT, VENUE, secret)
    sealed = seal_record(key, record_content(HOLDINGS))

    assert open_record(key, sealed) == HOLDINGS
    assert sealed != seal_record(key, record_content(HOLDINGS))
    others = (
        record_key(SALT, VENUE, phone_secret(REGION, 6, 1, device)),
        record_key(SALT, VENUE, phone_secret(REGION, 5, 2, device)),
        record_key(SALT, 8, secret),
        record_key(secrets.token_bytes(16), VENUE, secret),
        record_key(SALT, VENUE, secret[:-1]),
        replace(key, locator=bytes(16)),  # moved to another place of the set
    )
    for other in others:
        assert other.locator != key.locator
        with pytest.raises(Untrusted):
            open_record(other, sealed)
    for place in range(len(sealed)):
        with pytest.raises(Untrusted):
            open_record(key, sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :])


def test_a_physical_cards_code_is_not_enough_without_the_series_key() -> None:
    digest, card_key = secrets.token_bytes(16), secrets.token_bytes(32)
    real = record_key(SALT, VENUE, card_secret(digest, card_key))
    for guess in (digest, card_secret(digest, b""), card_secret(digest, bytes(32))):
        assert record_key(SALT, VENUE, guess).locator != real.locator


def test_the_length_of_a_record_tells_little() -> None:
    key = record_key(SALT, VENUE, b"secret")

    def length(*bookings: HeldBooking) -> int:
        return len(seal_record(key, record_content(Holdings(bookings)))) - 28

    alone = length(BOOKING)
    assert alone == 128
    assert {length(replace(BOOKING, quantity=n, entered=m)) for n in (1, 99) for m in (0, 7)} == {
        alone
    }
    ids = [secrets.token_urlsafe(24) for _ in range(50)]
    assert {length(replace(BOOKING, booking_id=one)) for one in ids} == {alone}
    assert length(BOOKING, replace(BOOKING, area=None)) % 128 == 0


def test_more_than_a_record_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        record_content(Holdings((BOOKING,) * (MOST_HELD + 1)))


def test_a_set_is_read_as_it_was_written_and_no_changed_byte_gets_through() -> None:
    key = record_key(SALT, VENUE, b"secret")
    made = _set(
        records={key.locator: seal_record(key, record_content(HOLDINGS))},
        removed=frozenset({secrets.token_bytes(16)}),
        base_epoch=4,
    )
    data = _encoded(made)

    assert _read(data) == made
    for place in range(len(data)):
        with pytest.raises(Untrusted):
            _read(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    for length in range(len(data)):
        with pytest.raises(Untrusted):
            _read(data[:length])
    with pytest.raises(Untrusted, match="forged"):
        _read(_encoded(made, SoftwareKey.generate(Algorithm.ED25519)))
    with pytest.raises(Untrusted, match="expired"):
        decode_offline_set(data, TRUST, NOW + timedelta(days=2))


def test_an_older_set_and_a_delta_of_another_are_refused() -> None:
    in_use = _set()
    with pytest.raises(Untrusted, match="older"):
        applied(in_use, _set(epoch=4))
    with pytest.raises(Untrusted, match="older"):
        applied(in_use, _set(salt=bytes(16), epoch=4))
    for base in (3, 4, 6):
        with pytest.raises(Untrusted, match="base_missing"):
            applied(in_use, _set(epoch=7, base_epoch=base))
    with pytest.raises(Untrusted, match="base_missing"):
        applied(in_use, _set(epoch=7, base_epoch=5, salt=bytes(16)))
    with pytest.raises(Untrusted, match="base_missing"):
        applied(None, _set(base_epoch=4))
    assert applied(in_use, _set(epoch=7, base_epoch=5)).epoch == 7


_LOCATORS = st.integers(0, 5).map(lambda number: bytes([number]) * 16)
_STATES = st.dictionaries(_LOCATORS, st.binary(min_size=1, max_size=3))


@given(st.lists(_STATES, min_size=1, max_size=8))
def test_deltas_lead_to_the_whole_set_of_now(states: list[dict[bytes, bytes]]) -> None:
    known = _read(_encoded(_set(epoch=1, records=states[0])))
    for epoch, (before, after) in enumerate(pairwise(states), start=2):
        changed = {at: sealed for at, sealed in after.items() if before.get(at) != sealed}
        delta = _set(
            epoch=epoch,
            base_epoch=epoch - 1,
            records=changed,
            removed=frozenset(before.keys() - after.keys()),
        )
        known = applied(known, _read(_encoded(delta)))
        assert known == _set(epoch=epoch, records=after)
