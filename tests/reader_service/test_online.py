"""A lane that asks the backend: it waits while the line is quick, and goes on without it else."""

import itertools
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reader_service.journal import Journal
from reader_service.lane import online
from reader_service.lane.gatekeeper import Gatekeeper, Outcome
from reader_service.lane.online import LineQuality, OnlineChecks, joined
from reader_service.snapshot import Snapshot
from shared.admission.answer import Verdict, admit, refuse
from shared.admission.entitlement_conditions import BookingHeld
from shared.admission.evidence import Evidence, Medium
from shared.clock import ManualClock, SystemClock
from shared.ecode.reasons import Reason
from shared.wire.admission_check import AdmissionAnswer, AdmissionCheck
from shared.wire.scans import ScanRecord
from tests.reader_service.city import NOON, OPEN_RULES, REGION, City

BOOKED = AdmissionAnswer(admit(), 1, ("bkg_now",))
FULL = AdmissionAnswer(refuse(Reason.AREA_FULL, {"inside": 9, "capacity": 9}))
ASKING = replace(OPEN_RULES, ask_online=True)


class Line:
    """A backend that answers each time as it is told to: an answer, none at all, or never."""

    def __init__(self, *answers: AdmissionAnswer | None) -> None:
        self.answers = list(answers)
        self.asked: list[AdmissionCheck] = []
        self.silent = False

    def ask(self, asked: AdmissionCheck, told: Callable[[AdmissionAnswer | None], None]) -> None:
        self.asked.append(asked)
        if not self.silent:
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            threading.Thread(target=told, args=(answer,)).start()


def _judged(tmp_path: Path, line: Line | None, rules: Any, *, twice: bool = False) -> Outcome:
    city, clock = City(), ManualClock(NOON)
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        snapshot = Snapshot(tmp_path / "snapshot.sqlite", city.enrolment)
        city.fill(snapshot, rules)
        gatekeeper = Gatekeeper(snapshot, journal, clock)
        if line is not None:
            gatekeeper.online = OnlineChecks(line, SystemClock())
        phone = city.phone()
        outcome = gatekeeper.judge_code(phone.code(NOON), 1)
        if twice:
            clock.advance(60)
            outcome = gatekeeper.judge_code(phone.code(clock.now()), 2)
    return outcome


def test_a_lane_asks_only_where_the_rules_say_so(tmp_path: Path) -> None:
    line = Line(FULL)
    assert _judged(tmp_path, line, OPEN_RULES).answer.verdict is Verdict.ADMIT
    assert line.asked == []


def test_the_backend_may_refuse_and_may_know_what_this_reader_does_not(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    full = _judged(tmp_path / "a", line := Line(FULL), ASKING)
    assert (full.answer.reason, full.record.persons) == (Reason.AREA_FULL, 0)
    assert full.record.scan_id == line.asked[0].check_id

    rules = replace(ASKING, conditions=(BookingHeld(),))
    booked = _judged(tmp_path / "b", Line(BOOKED), rules)
    assert (booked.record.persons, booked.record.counted_on) == (1, ("bkg_now",))


def test_a_reader_never_admits_whom_its_own_rule_refuses() -> None:
    used = refuse(Reason.ALREADY_USED)
    record = ScanRecord("0" * 32, 1, 0, Medium.ECODE, Verdict.REFUSE, Reason.ALREADY_USED)
    answer, kept = joined(used, record, online.Heard("1" * 32, BOOKED))
    assert (answer, kept.persons, kept.scan_id) == (used, 0, "1" * 32)


def test_fewer_of_a_party_are_let_in_where_the_backend_knows_of_fewer() -> None:
    record = ScanRecord("0" * 32, 1, 0, Medium.ECODE, Verdict.ADMIT, party=3, admits=3)
    _, kept = joined(admit(), record, online.Heard("1" * 32, BOOKED))
    assert (kept.admits, kept.counted_on) == (1, ("bkg_now",))


@pytest.mark.parametrize("answers", [(None,), (BOOKED, None)])
def test_without_an_answer_the_lane_s_own_rule_stands(tmp_path: Path, answers: Any) -> None:
    outcome = _judged(tmp_path, Line(*answers), ASKING, twice=True)
    assert outcome.answer.verdict is Verdict.ADMIT


def test_nobody_waits_for_a_dead_line_but_for_the_first_two(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(online, "WAIT_SECONDS", 0.05)
    clock = ManualClock(NOON)
    line = Line(BOOKED)
    checks = OnlineChecks(line, clock)
    record = ScanRecord("0" * 32, 1, 0, Medium.ECODE, Verdict.ADMIT, card_index=1, device_serial=1)
    shown = Evidence(Medium.ECODE, REGION, authenticated=True)

    def ask() -> online.Heard | None:
        return checks.ask(admit(), record, shown)

    def waits() -> bool:
        return checks.waits

    line.silent = True
    assert [ask() for _ in range(2)] == [None, None]
    assert not waits()
    began = time.perf_counter()
    for _ in range(50):
        assert ask() is None
    assert len(line.asked) == 3, "one of them found out how the line is"
    assert time.perf_counter() - began < 1

    line.silent = False
    for _ in range(3):
        clock.advance(online.PROBE_SECONDS)
        assert ask() is None
    _until(waits)
    assert ask() is not None


def test_a_line_at_the_limit_does_not_go_back_and_forth() -> None:
    quality = LineQuality()

    def waits_after(*seconds: float | None) -> bool:
        for one in seconds:
            quality.note(one)
        return quality.waits

    limit = online.WAIT_SECONDS
    told = [waits_after(limit * (1.1 if number % 2 else 0.9)) for number in range(60)]
    assert sum(one is not other for one, other in itertools.pairwise(told)) == 1
    assert not told[-1]
    assert waits_after(*[online.QUICK_SECONDS / 2] * 3)
    assert waits_after(None), "one lost answer is no bad line"


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
