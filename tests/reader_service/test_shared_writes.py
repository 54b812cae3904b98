"""Lanes share one durable write; what waits for it counts already, and no more if it fails."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from reader_service.journal import JournalFull
from reader_service.lane.gatekeeper import Outcome
from reader_service.lane.ledger import Ledger
from reader_service.lane.records import Passing
from reader_service.passed import Passed
from reader_service.snapshot import Kind
from shared.admission.evidence import Medium
from shared.admission.time_conditions import EntriesToday
from shared.ecode.reasons import Reason
from shared.wire.scans import Direction, ScanRecord
from tests.reader_service.city import OPEN_RULES, Phone
from tests.reader_service.conftest import Venue

LANES = 8


@pytest.fixture
def slow_disk(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A disk that takes its time; tells how many rows went with each write."""
    written, write = list[int](), venue.journal._write

    def slowly(scans: Sequence[ScanRecord]) -> None:
        time.sleep(0.05)
        write(scans)
        written.append(len(scans))

    monkeypatch.setattr(venue.journal._commits, "_write", slowly)
    return written


def _at_once(asks: list[Callable[[], Outcome]]) -> list[Outcome]:
    start = threading.Barrier(len(asks))

    def begin(ask: Callable[[], Outcome]) -> Outcome:
        start.wait()
        return ask()

    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(begin, asks))


def _shown(venue: Venue, codes: list[str]) -> list[Outcome]:
    """Show each code at a lane of its own, all at once."""
    judge = venue.gatekeeper.judge_code
    return _at_once(
        [lambda text=text, lane=lane: judge(text, lane) for lane, text in enumerate(codes, 1)]  # type: ignore[misc]
    )


def _admitted(outcomes: list[Outcome]) -> int:
    return sum(one.answer.verdict.opens for one in outcomes)


def _two_phones_of_one_card(venue: Venue) -> list[str]:
    first = venue.city.phone(device_serial=1)
    index = first.certificate.claims.card_index
    second = venue.city.phone(card_index=index, device_serial=2)
    return [phone.code(venue.clock.now()) for phone in (first, second)]


def test_lanes_that_come_together_wait_for_few_writes_and_all_are_durable(
    venue: Venue, slow_disk: list[int]
) -> None:
    codes = [venue.city.phone().code(venue.clock.now()) for _ in range(LANES)]

    begun = time.monotonic()
    outcomes = _shown(venue, codes)

    assert _admitted(outcomes) == LANES
    assert sum(slow_disk) == LANES
    assert len(slow_disk) <= 3, "not one write a lane"
    assert time.monotonic() - begun < LANES * 0.05
    scans = {scan.scan_id for scan in venue.journal.unsent(100)}
    assert scans == {one.record.scan_id for one in outcomes}


@pytest.mark.usefixtures("slow_disk")
def test_of_copies_shown_at_once_one_is_let_in(venue: Venue) -> None:
    code = venue.city.phone().code(venue.clock.now())

    outcomes = _shown(venue, [code] * LANES)

    assert _admitted(outcomes) == 1
    refused = {one.answer.reason for one in outcomes if not one.answer.verdict.opens}
    assert refused == {Reason.REPLAYED}


@pytest.mark.usefixtures("slow_disk")
def test_without_the_reservation_copies_are_let_in(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control of the test above."""
    code = venue.city.phone().code(venue.clock.now())
    monkeypatch.setattr(
        Ledger,
        "look",
        lambda ledger, holder, counter, lane, now: ledger.guard.look(*holder, counter, lane, now),
    )
    monkeypatch.setattr(
        Ledger,
        "reserve",
        lambda ledger, record, _, whole=Ledger.reserve: whole(ledger, record, None),
    )

    assert _admitted(_shown(venue, [code] * 2)) == 2


@pytest.mark.usefixtures("slow_disk")
@pytest.mark.parametrize(("reserved", "admitted"), [(True, 1), (False, 2)])
def test_a_limit_a_day_holds_for_two_phones_of_one_card_at_once(
    venue: Venue, monkeypatch: pytest.MonkeyPatch, *, reserved: bool, admitted: int
) -> None:
    """With its negative control: without the reservation both come in."""
    once = replace(OPEN_RULES, conditions=(EntriesToday(1),))
    venue.clock.advance(1)
    now = venue.clock.now()
    manifest = venue.city.manifest(once, issued_at=now)
    venue.snapshot.offer(Kind.MANIFEST, manifest, None, now)
    if not reserved:
        monkeypatch.setattr(Ledger, "_note", lambda *_: None)

    assert _admitted(_shown(venue, _two_phones_of_one_card(venue))) == admitted


def test_what_could_not_be_written_counts_no_more(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = replace(OPEN_RULES, conditions=(EntriesToday(1),))
    venue.clock.advance(1)
    now = venue.clock.now()
    venue.snapshot.offer(Kind.MANIFEST, venue.city.manifest(once, issued_at=now), None, now)
    phones = [venue.city.phone() for _ in range(3)]
    codes = [phone.code(venue.clock.now()) for phone in phones]

    def full(*_: object) -> None:
        raise JournalFull

    with monkeypatch.context() as disk:
        disk.setattr(venue.journal._commits, "_write", full)
        refused = _shown(venue, codes)
    assert {one.answer.reason for one in refused} == {Reason.JOURNAL_FULL}
    assert sum(area.entered for area in venue.gatekeeper.areas()) == 0
    assert venue.opened() == 0

    assert _admitted(_shown(venue, codes)) == 3, "the same codes, as soon as there is room"
    assert sum(area.entered for area in venue.gatekeeper.areas()) == 3
    missed = [scan.detail.get("missed") for scan in venue.journal.unsent(100)]
    assert sorted(one for one in missed if one) == [1, 1, 1]
    again = _again(venue, phones)
    assert {one.answer.reason for one in again} == {Reason.ENTRIES_USED_UP}


class _Others:
    """The venue's other readers, as told; `told` is with how many rows were durable by then."""

    def __init__(self, written: list[int]) -> None:
        self.written = written
        self.told: list[tuple[str, int]] = []

    def seen(self, *_: object) -> None:
        self.told.append(("seen", sum(self.written)))

    def released(self, _: object) -> None:
        self.told.append(("released", sum(self.written)))

    def passed(self, passed: Passed) -> None:
        self.told.append((passed.way.name, sum(self.written)))


def test_other_readers_are_told_of_a_code_before_the_disk_has_it(
    venue: Venue, slow_disk: list[int]
) -> None:
    venue.gatekeeper.ledger.others = others = _Others(slow_disk)

    assert _admitted(_shown(venue, [venue.city.phone().code(venue.clock.now())])) == 1

    assert others.told == [("seen", 0), ("IN", 0)]
    assert slow_disk == [1]


def test_what_could_not_be_written_is_taken_back_at_other_readers(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue.gatekeeper.ledger.others = others = _Others([])

    def full(*_: object) -> None:
        raise JournalFull

    monkeypatch.setattr(venue.journal._commits, "_write", full)
    assert _admitted(_shown(venue, [venue.city.phone().code(venue.clock.now())])) == 0

    assert [what for what, _ in others.told] == ["seen", "IN", "TAKEN_BACK", "released"]


def _again(venue: Venue, phones: list[Phone]) -> list[Outcome]:
    venue.clock.advance(5)
    return _shown(venue, [phone.code(venue.clock.now()) for phone in phones])


def test_a_write_that_breaks_leaves_nobody_waiting_and_nothing_taken_for_durable(
    venue: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        time.sleep(0.02)
        raise RuntimeError

    scans = [
        replace(venue.gatekeeper.note_refusal(Reason.DAMAGED, 1, Medium.ECODE).record, scan_id=one)
        for one in (f"{number:032x}" for number in range(LANES))
    ]
    failures = list[str]()

    def append(scan: ScanRecord) -> None:
        try:
            venue.journal.append(scan)
        except (RuntimeError, JournalFull) as error:
            failures.append(type(error).__name__)

    with monkeypatch.context() as disk:
        disk.setattr(venue.journal._commits, "_write", broken)
        threads = [threading.Thread(target=append, args=(scan,)) for scan in scans]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
    assert len(failures) == LANES
    append(scans[0])
    assert (len(failures), venue.journal.find(scans[0].scan_id)) == (LANES, scans[0])


@pytest.mark.usefixtures("slow_disk")
def test_whoever_goes_out_twice_at_once_goes_out(venue: Venue) -> None:
    code, out = venue.city.phone().code(venue.clock.now()), Passing(Direction.OUT)
    judge = venue.gatekeeper.judge_code

    outcomes = _at_once([lambda lane=lane: judge(code, lane, (), out) for lane in (1, 2)])  # type: ignore[misc]

    assert _admitted(outcomes) == 2
