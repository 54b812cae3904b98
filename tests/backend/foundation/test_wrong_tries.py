from datetime import UTC, datetime

from backend.foundation.wrong_tries import ADDRESSES, WrongTries
from shared.clock import ManualClock


def test_an_address_waits_until_its_tries_are_a_minute_old() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    tries = WrongTries(clock, limit=3, seconds=60)
    for _ in range(3):
        assert not tries.too_many("a")
        tries.record("a")
        clock.advance(10)

    assert tries.too_many("a")
    assert not tries.too_many("b")
    clock.advance(31)
    assert not tries.too_many("a")


def test_memory_is_bounded() -> None:
    tries = WrongTries(ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), limit=1, seconds=60)
    for number in range(ADDRESSES + 1):
        tries.record(str(number))

    assert not tries.too_many("0")
    assert tries.too_many("1")
    assert tries.too_many(str(ADDRESSES))
