from datetime import UTC, datetime

from backend.foundation.wrong_tries import ADDRESSES, WrongTries
from shared.clock import ManualClock


def test_an_address_waits_until_its_tries_are_a_minute_old() -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    tries = WrongTries(clock, limit=3, seconds=60)
    for _ in range(3):
        assert tries.take("a")
        clock.advance(10)

    assert not tries.take("a")
    assert tries.take("b")
    clock.advance(31)
    assert tries.take("a")
    assert not tries.take("a")


def test_a_right_try_is_given_back() -> None:
    tries = WrongTries(ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), limit=1, seconds=60)
    for _ in range(3):
        assert tries.take("a")
        tries.give_back("a")

    assert tries.take("a")
    assert not tries.take("a")


def test_memory_is_bounded() -> None:
    tries = WrongTries(ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), limit=1, seconds=60)
    for number in range(ADDRESSES + 1):
        assert tries.take(str(number))

    assert not tries.take("1")
    assert not tries.take(str(ADDRESSES))
    assert tries.take("0")
