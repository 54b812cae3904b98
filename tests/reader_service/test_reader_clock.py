"""The reader's own clock: learnt, shown, corrected within bounds, and safe from jumps."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typing_extensions import override

from reader_service.journal import Journal
from reader_service.lane.gatekeeper import Gatekeeper, Outcome
from reader_service.reader_clock import CROWD_BOUND, QUORUM, ReaderClock, TimeSource
from reader_service.snapshot import Snapshot
from shared.admission.answer import Verdict
from shared.clock import ManualClock
from shared.ecode.reasons import Reason
from tests.reader_service.city import NOON, City, Phone

DAY = 86_400.0


class Machine(ManualClock):
    """A machine whose wall clock is off by `off` seconds, whenever a test says so."""

    def __init__(self, start: datetime, off: float = 0.0) -> None:
        super().__init__(start)
        self.off = off

    @override
    def now(self) -> datetime:
        return self.right() + timedelta(seconds=self.off)

    def right(self) -> datetime:
        return super().now()


def _phones(clock: ReaderClock, machine: Machine, count: int, late: float = 2.0) -> None:
    """Let phones with the right time show codes that are `late` seconds old."""
    seconds = int(machine.right().timestamp() - late)
    for number in range(count):
        clock.hear_phone((number, 1), seconds)


def _off(clock: ReaderClock, machine: Machine) -> float:
    return (clock.now() - machine.right()).total_seconds()


def test_before_anybody_told_the_machine_is_believed() -> None:
    clock = ReaderClock(machine := Machine(NOON, 50.0))

    assert clock.error() is None
    assert clock.now() == machine.now()


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_clock_that_jumps_by_a_day_moves_nothing_once_the_backend_was_heard(jump: float) -> None:
    clock = ReaderClock(machine := Machine(NOON))
    clock.hear_backend(machine.right())
    machine.advance(3600)

    machine.off = jump

    assert abs(_off(clock, machine)) < 0.01
    error = clock.error()
    assert error is not None
    assert (error.source, round(error.ahead), round(error.corrected)) == (
        TimeSource.BACKEND,
        jump,
        jump,
    )
    machine.off = 0.0
    assert clock.now() == machine.now()


@pytest.mark.parametrize("off", [60.0, -60.0])
def test_the_crowd_tells_what_no_backend_did(off: float) -> None:
    clock = ReaderClock(machine := Machine(NOON, off))
    _phones(clock, machine, QUORUM - 1)
    assert clock.error() is None, "too few to be asked"

    _phones(clock, machine, QUORUM)

    error = clock.error()
    assert error is not None
    assert error.source is TimeSource.PHONES
    assert abs(_off(clock, machine)) < 1.5


@pytest.mark.parametrize("off", [CROWD_BOUND + 60, -CROWD_BOUND - 60, DAY, -DAY])
def test_what_the_crowd_alone_may_correct_is_bounded_and_shown_beyond(off: float) -> None:
    clock = ReaderClock(machine := Machine(NOON, off))

    _phones(clock, machine, QUORUM)

    error = clock.error()
    assert error is not None
    assert (abs(error.ahead - off) < 1.5, error.corrected) == (True, 0.0)
    assert clock.now() == machine.now()


@pytest.mark.parametrize("off", [DAY, -DAY])
def test_a_day_off_at_the_start_takes_the_backend_and_the_phones_together(off: float) -> None:
    clock = ReaderClock(machine := Machine(NOON, off))
    assert clock.hear_backend(machine.right()) == pytest.approx(off)
    error = clock.error()
    assert error is not None
    assert error.ahead == pytest.approx(off)
    assert error.corrected == 0.0

    _phones(clock, machine, QUORUM)

    assert abs(_off(clock, machine)) < 0.01


def test_a_backend_that_lies_of_the_time_is_not_followed() -> None:
    clock = ReaderClock(machine := Machine(NOON))
    clock.hear_backend(machine.right())
    _phones(clock, machine, QUORUM)

    clock.hear_backend(machine.right() - timedelta(days=1))

    assert clock.now() == machine.now()


def test_copies_of_old_codes_do_not_hold_the_clock_back() -> None:
    clock = ReaderClock(machine := Machine(NOON))
    _phones(clock, machine, QUORUM)

    machine.advance(100)
    _phones(clock, machine, QUORUM, late=102)  # the same phones' codes, shown again

    assert clock.now() == machine.now()


def test_after_the_backend_the_crowd_moves_the_clock_no_further_than_a_quartz_drifts() -> None:
    clock = ReaderClock(machine := Machine(NOON))
    clock.hear_backend(machine.right())
    _phones(clock, machine, QUORUM, late=90)

    assert abs(_off(clock, machine)) <= 1.5


def test_a_phone_counts_once_and_the_memory_is_bounded() -> None:
    clock = ReaderClock(machine := Machine(NOON, 60.0))
    for _ in range(100):
        _phones(clock, machine, 1)
    assert clock.error() is None

    _phones(clock, machine, 5000)

    assert len(clock._phones) <= 101


class Gate:
    """A gatekeeper on a reader's own clock."""

    def __init__(self, city: City, folder: Path, off: float) -> None:
        self.city, self.machine = city, Machine(city.now, off)
        self.clock = ReaderClock(self.machine)
        snapshot = Snapshot(folder / "snapshot.sqlite", city.enrolment)
        city.fill(snapshot)
        self.journal = Journal(folder / "journal.sqlite")
        self.keeper = Gatekeeper(snapshot, self.journal, self.clock)
        self.keeper.phone_times = self.clock

    def judge(self, phone: Phone | None = None) -> Outcome:
        phone = phone or self.city.phone()
        return self.keeper.judge_code(phone.code(self.machine.right()), 1)


@pytest.fixture
def off() -> float:
    return 0.0


@pytest.fixture
def gate(city: City, tmp_path: Path, off: float) -> Gate:
    return Gate(city, tmp_path, off)


@pytest.mark.parametrize("off", [60.0, -60.0])
def test_a_lane_whose_clock_is_wrong_refuses_says_by_how_much_and_learns(gate: Gate) -> None:
    reasons = []
    for _ in range(QUORUM):
        outcome = gate.judge()
        reasons.append((outcome.answer.reason, outcome.answer.detail.get("seconds")))
        gate.machine.advance(1.0)

    wrong = Reason.STALE if gate.machine.off > 0 else Reason.CLOCK_AHEAD
    assert set(reasons) == {(wrong, 60)}
    assert gate.judge().answer.verdict.opens
    gate.journal.close()


def test_forged_codes_teach_a_clock_nothing(gate: Gate, city: City) -> None:
    gate.machine.off = 60.0
    stranger = City(now=city.now)
    for _ in range(QUORUM + 5):
        assert gate.judge(stranger.phone()).answer.reason is Reason.STALE
        gate.machine.advance(1.0)

    assert gate.clock.error() is None
    gate.journal.close()


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_jump_by_a_day_lets_nobody_in_twice_and_keeps_nobody_out(gate: Gate, jump: float) -> None:
    gate.clock.hear_backend(gate.machine.right())
    seen, phone = gate.city.phone(), gate.city.phone()
    code = seen.code(gate.machine.right())
    assert gate.keeper.judge_code(code, 1).answer.verdict.opens

    gate.machine.off = jump

    assert gate.judge(phone).answer.verdict.opens
    assert gate.keeper.judge_code(code, 2).answer.reason is Reason.REPLAYED
    gate.machine.off = 0.0
    assert gate.keeper.judge_code(code, 2).answer.reason is Reason.REPLAYED
    gate.journal.close()


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_before_any_backend_a_jump_by_a_day_lets_nobody_in_and_heals_with_it(
    gate: Gate, jump: float
) -> None:
    gate.machine.off = jump
    refused = gate.judge().answer
    assert refused.reason in {
        Reason.STALE,
        Reason.CLOCK_AHEAD,
        Reason.CERTIFICATE_NOT_YET_VALID,
        Reason.LISTS_TOO_OLD,
    }

    gate.machine.off = 0.0

    assert gate.judge().answer.verdict.opens
    gate.journal.close()


@pytest.mark.parametrize("off", [CROWD_BOUND + 60, -CROWD_BOUND - 60, DAY - 3600])
def test_a_phone_is_not_blamed_for_this_readers_clock(gate: Gate) -> None:
    for _ in range(QUORUM):
        gate.judge()
        gate.machine.advance(1.0)

    answer = gate.judge().answer

    assert answer.verdict is Verdict.SYSTEM
    assert abs(int(answer.detail["reader_off"]) - abs(gate.machine.off)) <= 2
    assert answer.headline.zh.startswith("本机时间差")
    old, phone = gate.machine.right() - timedelta(seconds=60), gate.city.phone()
    really_old = gate.keeper.judge_code(phone.code(old), 1).answer
    assert "reader_off" not in really_old.detail, "a screenshot is one by any clock"
    gate.journal.close()
