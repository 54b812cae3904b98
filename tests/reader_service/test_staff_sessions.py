"""Who has unlocked the page: how often a PIN is tried, how long it counts, who is second."""

from dataclasses import dataclass

import pytest
from typing_extensions import override

from reader_service.console.sessions import (
    IDLE_SECONDS,
    LOCKED_SECONDS,
    MOST_TRIES,
    SAME_PERSON,
    TOO_MANY,
    WRONG_PIN,
    Sessions,
)
from reader_service.console.staff_register import Staff, StaffRegister
from shared.clock import ManualClock
from tests.reader_service.city import NOON

ANN, BO = Staff("u01", "安"), Staff("u02", "波")


@dataclass
class Register(StaffRegister):
    """The staff without their file, whose digests are slow by design."""

    pins: dict[Staff, str]

    @override
    def everybody(self) -> list[Staff]:
        return list(self.pins)

    @override
    def of_pin(self, staff_id: str, pin: str) -> Staff | None:
        known = {one.staff_id: (one, kept) for one, kept in self.pins.items()}
        one, kept = known.get(staff_id, (None, None))
        return one if kept == pin else None


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
def register() -> Register:
    return Register({ANN: "135790", BO: "246801"})


@pytest.fixture
def sessions(register: Register, clock: ManualClock) -> Sessions:
    return Sessions(register, clock)


def test_a_number_is_locked_after_so_many_wrong_tries_and_no_longer_than_said(
    sessions: Sessions, clock: ManualClock
) -> None:
    for _ in range(MOST_TRIES):
        assert sessions.check("u01", "000000") is WRONG_PIN
    assert sessions.check("u01", "135790") is TOO_MANY, "the right one tells nothing now"
    assert sessions.check("u02", "246801") == BO, "others work on"

    clock.advance(LOCKED_SECONDS - 1)
    assert sessions.check("u01", "135790") is TOO_MANY
    clock.advance(1)
    assert sessions.check("u01", "135790") == ANN


def test_the_right_pin_begins_the_count_anew(sessions: Sessions) -> None:
    for _ in range(3):
        for _ in range(MOST_TRIES - 1):
            assert sessions.check("u01", "000000") is WRONG_PIN
        assert sessions.check("u01", "135790") == ANN


def test_the_second_person_is_another_with_a_pin_of_their_own(sessions: Sessions) -> None:
    assert sessions.second(ANN, "u01", "135790") is SAME_PERSON
    assert sessions.second(ANN, "u02", "135790") is WRONG_PIN
    assert sessions.second(ANN, "u02", "246801") == BO


def test_looking_on_keeps_no_page_unlocked_and_acting_does(
    sessions: Sessions, clock: ManualClock
) -> None:
    token = sessions.begin(ANN)

    clock.advance(IDLE_SECONDS - 1)
    assert sessions.staff(token, renew=True) == ANN
    clock.advance(IDLE_SECONDS - 1)
    assert sessions.staff(token) == ANN
    clock.advance(1)
    assert sessions.staff(token) is None
    assert sessions.staff(token, renew=True) is None, "once locked, it stays so"


def test_who_is_let_go_or_renamed_is_out_at_once(sessions: Sessions, register: Register) -> None:
    token, other = sessions.begin(ANN), sessions.begin(BO)

    del register.pins[ANN]

    assert sessions.staff(token, renew=True) is None
    assert sessions.staff(other) == BO
    sessions.end(other)
    assert sessions.staff(other) is None
    assert sessions.staff("made up") is None
