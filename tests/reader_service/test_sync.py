"""Enrolment and synchronising against a backend on a real socket, well-behaved and not."""

import asyncio
import contextlib
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from reader_service.app import enrol
from reader_service.journal import JournalFull
from reader_service.lane.entries import REMEMBERED
from reader_service.lane.uses import USES_REMEMBERED
from reader_service.settings import Settings
from reader_service.snapshot import Kind
from reader_service.sync.backend import Backend, SyncProblem
from reader_service.sync.rounds import NEWS_SECONDS, Sync, SyncState
from reader_service.sync.terminal import (
    NotEnrolled,
    Terminal,
    load_or_make_terminal,
    load_terminal,
    save_terminal,
)
from reader_service.sync.uploads import KEPT
from reader_service.sync.venue_news import VenueNews
from shared.admission.answer import Verdict
from shared.clock import SystemClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.reasons import Reason
from tests.reader_service.city import City, Phone
from tests.reader_service.conftest import Venue, VenueMaker
from tests.reader_service.small_backend import SmallBackend
from tests.reader_service.waiting import until_async


@pytest.fixture
def server(city: City) -> Iterator[SmallBackend]:
    with SmallBackend(city) as started:
        yield started


@pytest.fixture
def empty(make_venue: VenueMaker) -> Venue:
    """A reader that has not downloaded anything yet."""
    return make_venue()


@pytest_asyncio.fixture
async def sync(server: SmallBackend, empty: Venue) -> AsyncIterator[Sync]:
    key = SoftwareKey.generate(Algorithm.ED25519)
    terminal = Terminal(key, server.city.enrolment)
    async with Backend(server.url, terminal, empty.clock) as backend:
        await backend.enrol(server.token)
        yield Sync(backend, empty.journal, empty.snapshot, empty.clock, lambda _: None)


def _settings(folder: Path, url: str) -> Settings:
    return Settings(data_dir=folder, backend_url=url)


@pytest.fixture
def real_time(city: City) -> City:
    """Enrolling signs with the machine's clock."""
    city.now = SystemClock().now()
    return city


async def test_enrolling_keeps_a_key_that_only_this_user_can_read(
    real_time: City, tmp_path: Path
) -> None:
    with SmallBackend(real_time) as server:
        enrolment = await enrol(_settings(tmp_path, server.url), server.token)

    path = tmp_path / "terminal.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_terminal(path).enrolment == enrolment == real_time.enrolment


async def test_an_enrolment_whose_answer_was_lost_is_repeated_with_the_same_key(
    real_time: City, tmp_path: Path
) -> None:
    with SmallBackend(real_time) as server:
        settings = _settings(tmp_path, server.url)
        server.lose_answers = True
        with pytest.raises(SyncProblem, match="unreachable"):
            await enrol(settings, server.token)
        server.lose_answers = False

        assert await enrol(settings, server.token) == real_time.enrolment


async def test_a_token_used_by_another_reader_is_refused_in_the_backends_words(
    real_time: City, tmp_path: Path
) -> None:
    with SmallBackend(real_time) as server:
        await enrol(_settings(tmp_path / "one", server.url), server.token)
        with pytest.raises(SyncProblem) as caught:
            await enrol(_settings(tmp_path / "two", server.url), server.token)

    assert caught.value.code == "token_used"
    assert caught.value.text.zh == "不行。不行。"


def test_a_damaged_identity_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "terminal.json"
    path.write_text('{"key": "x"}')

    with pytest.raises(NotEnrolled):
        load_terminal(path)


def test_a_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "terminal.json"
    first = load_or_make_terminal(path)
    save_terminal(first, path)

    assert load_or_make_terminal(path).key.public == first.key.public


async def test_a_round_uploads_first_then_downloads_in_the_order_of_trust(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    empty.lanes[1].present_code("junk")

    assert await sync.round()

    paths = [path for _, path, _ in server.requests[1:]]
    assert [path.rpartition("/")[2] for path in paths] == [
        "trust-list",
        "scans",
        "trust-list",
        "terminal-standing",
        "manifest",
        "status-list",
    ]
    assert empty.journal.count_unsent() == 0
    assert [scan["reason"] for scan in server.scans.values()] == ["lists_missing"]
    phone = server.city.phone()
    assert empty.lanes[1].present_code(phone.code(empty.clock.now())).answer.verdict.opens


async def test_unchanged_lists_are_not_sent_again_but_count_as_checked(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    await sync.round()
    empty.clock.advance(30)
    server.city.now = empty.clock.now()
    server.requests.clear()

    assert await sync.round()

    assert [status for _, _, status in server.requests] == [304, 304, 304, 304]
    assert empty.snapshot.held[Kind.STATUS_LIST].confirmed_at == empty.clock.now()


async def test_a_long_journal_goes_up_in_batches(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    for number in range(1201):
        empty.lanes[1].present_code(f"junk {number}")

    assert await sync.round()

    assert server.uploads == [500, 500, 201]
    assert len(server.scans) == 1201


async def test_answers_that_were_lost_book_nothing_twice_and_lose_nothing(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    empty.lanes[1].present_code("junk")
    server.lose_answers = True
    assert not await sync.round()
    assert empty.journal.count_unsent() == 1

    server.lose_answers = False
    assert await sync.round()

    assert len(server.scans) == 1
    assert empty.journal.count_unsent() == 0


async def test_a_scan_the_backend_rejects_does_not_hold_up_the_others(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    for text in ("one", "two", "three"):
        empty.lanes[1].present_code(text)
    server.rejected = {empty.journal.unsent(3)[1].scan_id}

    assert await sync.round()

    assert len(server.scans) == 2
    assert empty.journal.count_unsent() == 0


async def test_a_terminal_the_backend_does_not_know_gets_no_rules(
    server: SmallBackend, empty: Venue
) -> None:
    stranger = Terminal(SoftwareKey.generate(Algorithm.ED25519), server.city.enrolment)
    async with Backend(server.url, stranger, empty.clock) as backend:
        sync = Sync(backend, empty.journal, empty.snapshot, empty.clock, lambda _: None)
        assert not await sync.round()

    assert sync.state.problem is not None
    assert sync.state.problem.code == "unknown_terminal"
    assert empty.snapshot.lists.manifest is None


@pytest.mark.parametrize(
    "nonsense",
    [b"", b"<html>", b"{}", b'{"receipts": [{"scan_id": "x"}]}', b'{"receipts": []}', b"[" * 5000],
)
async def test_nonsense_books_nothing_and_changes_no_list(
    sync: Sync, server: SmallBackend, empty: Venue, nonsense: bytes
) -> None:
    await sync.round()
    empty.lanes[1].present_code("junk")
    lists = empty.snapshot.lists
    server.nonsense = nonsense

    assert not await sync.round()

    assert sync.state.problem is not None
    assert sync.state.problem.code == "nonsense"
    assert empty.journal.count_unsent() == 1
    assert empty.snapshot.lists == lists


async def test_an_older_list_is_refused_and_staff_read_it(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    server.documents["status-list"] = server.city.status_list(epoch=5, sections={"revoked": [1]})
    await sync.round()
    server.documents["status-list"] = server.city.status_list(epoch=4)

    assert not await sync.round()

    assert sync.state.problem is not None
    assert sync.state.problem.code == "untrusted_older"
    assert "比现有的旧" in sync.state.problem.text.zh
    assert empty.snapshot.lists.status is not None
    assert empty.snapshot.lists.status.epoch == 5


async def test_a_forged_trust_list_does_not_keep_the_other_lists_from_coming(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    await sync.round()
    forger = replace(server.city, root=SoftwareKey.generate(Algorithm.ED25519))
    server.documents["trust-list"] = forger.trust_list()
    server.documents["status-list"] = server.city.status_list(epoch=2, sections={"revoked": [1]})

    assert not await sync.round()

    assert sync.state.problem is not None
    assert sync.state.problem.code == "untrusted_forged"
    assert empty.snapshot.lists.status is not None
    assert empty.snapshot.lists.status.epoch == 2


async def test_without_a_backend_the_lane_goes_on_and_all_comes_up_later(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    await sync.round()
    port = server.port
    server.close()
    for _ in range(3):
        phone = server.city.phone()
        assert empty.lanes[1].present_code(phone.code(empty.clock.now())).answer.verdict.opens
    empty.clock.advance(60)
    server.city.now = empty.clock.now()
    assert not await sync.round()
    assert sync.state.problem is not None
    assert sync.state.problem.code == "unreachable"
    since = sync.state.problem.since
    empty.clock.advance(60)
    assert not await sync.round()
    assert sync.state.problem.since == since

    server.city.now = empty.clock.now()
    with SmallBackend(server.city, port) as back:
        back.terminal = server.terminal
        assert await sync.round()

        assert len(back.scans) == 3
    assert sync.state == SyncState(empty.clock.now())


async def test_without_a_backend_for_72_hours_the_lane_admits_till_its_lists_end_and_loses_nothing(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    await sync.round()
    port, begun = server.port, empty.clock.now()
    server.close()
    answers = []
    for hour in range(1, 74):
        empty.clock.advance(3600)
        server.city.now = empty.clock.now()
        phone = server.city.phone()
        answers.append(empty.lanes[1].present_code(phone.code(empty.clock.now())).answer)
        if hour % 12 == 0:
            assert not await sync.round()

    assert all(one.verdict is Verdict.ADMIT for one in answers[:71])
    late = {one.reason for one in answers[71:]}
    assert late == {Reason.LISTS_TOO_OLD}, "no longer than the list's 72 hours"
    assert sync.state.problem is not None
    assert sync.state.problem.since == begun + timedelta(hours=12)
    assert empty.journal.count_unsent() == 73

    with SmallBackend(server.city, port) as back:
        back.terminal = server.terminal
        assert await sync.round()

        assert len(back.scans) == 73
        assert set(back.booked.values()) == {1}
        phone = server.city.phone()
        again = empty.lanes[1].present_code(phone.code(empty.clock.now())).answer
    assert again.verdict is Verdict.ADMIT
    assert empty.journal.check() == []


@pytest.mark.feature("S84")
async def test_a_revoked_badge_is_refused_after_one_round(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    await sync.round()
    badge, other = server.city.phone(), server.city.phone()

    def shown(phone: Phone) -> Reason | None:
        empty.clock.advance(20)
        server.city.now = empty.clock.now()
        return empty.lanes[1].present_code(phone.code(empty.clock.now())).answer.reason

    assert shown(badge) is None
    revoked = {"revoked": [badge.certificate.claims.card_index]}
    server.documents["status-list"] = server.city.status_list(epoch=2, sections=revoked)
    assert shown(badge) is None, "nobody has told the door yet"

    assert await sync.round()

    assert shown(badge) is Reason.CARD_REVOKED
    assert shown(other) is None


async def test_rounds_go_on_by_themselves_until_cancelled(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    running = asyncio.create_task(sync.run(0.02))
    await until_async(lambda: empty.snapshot.lists.status)
    empty.lanes[1].present_code("junk")
    await until_async(lambda: server.scans)

    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_a_journal_that_cannot_be_read_is_told_and_the_lists_still_come(
    sync: Sync, empty: Venue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_: int) -> None:
        raise JournalFull

    monkeypatch.setattr(empty.journal, "unsent_rows", unreadable)

    assert not await sync.round()

    assert sync.state.problem is not None
    assert sync.state.problem.code == "journal_unusable"
    assert empty.snapshot.lists.status is not None


async def test_a_damaged_row_is_kept_aside_and_the_others_go_up(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    empty.lanes[1].present_code("junk")
    empty.lanes[1].present_code("more junk")
    with closing(sqlite3.connect(empty.folder / "journal.sqlite")) as file, file:
        file.execute("UPDATE records SET sealed = zeroblob(40) WHERE position = 1")

    await sync.round()

    assert len(server.scans) == 1
    assert (empty.journal.count_unsent(), empty.journal.count_aside()) == (0, 1)
    assert sync.state.problem is not None
    assert sync.state.problem.code == "journal_tampered"
    [report] = server.reports
    assert (report["faults"], report["aside"]) == ([[1, "unreadable"]], 1)
    empty.lanes[1].present_code("yet more junk")
    await sync.round()
    assert server.reports[-1]["faults"] == [[1, "changed"], [1, "unreadable"]]


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "another reader's": ({"terminal": "ter_other"}, "receipt_not_for_this_reader"),
    "another upload's": ({"request": "0" * 32}, "receipt_replayed"),
    "of other scans": ({"digest": "0" * 64}, "receipt_other_rows"),
    "of no scan": ({"rows": []}, "receipt_other_rows"),
    "run out": ({"exp": 1}, "receipt_expired"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_receipt_that_is_not_the_right_one_books_nothing(
    sync: Sync, server: SmallBackend, empty: Venue, lie: str
) -> None:
    empty.lanes[1].present_code("junk")
    server.lies, code = LIES[lie]

    assert not await sync.round()

    assert sync.state.problem is not None
    assert sync.state.problem.code == code
    assert empty.journal.count_unsent() == 1
    server.lies = {}
    assert await sync.round()
    assert empty.journal.count_unsent() == 0
    assert len(server.scans) == 1


async def test_a_receipt_signed_by_a_stranger_books_nothing(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    empty.lanes[1].present_code("junk")
    server.signer = SoftwareKey.generate(Algorithm.ED25519)

    assert not await sync.round()

    assert sync.state.problem is not None
    assert sync.state.problem.code == "receipt_forged"
    assert empty.journal.count_unsent() == 1


def test_lanes_remember_no_longer_than_the_journal_keeps() -> None:
    assert max(REMEMBERED, USES_REMEMBERED) < KEPT


async def test_what_has_its_receipt_is_pruned_after_a_week(
    sync: Sync, server: SmallBackend, empty: Venue
) -> None:
    empty.lanes[1].present_code("junk")
    await sync.round()
    empty.lanes[1].present_code("more junk")
    server.lies = {"digest": "0" * 64}
    empty.clock.advance(8 * 86400)
    server.city.now = empty.clock.now()
    server.documents["trust-list"] = server.city.trust_list()

    await sync.round()

    assert len(empty.journal.since(server.city.now - timedelta(days=30))) == 1
    assert empty.journal.count_unsent() == 1


@pytest.mark.parametrize("etag", ["", "no quotes", '"' + "x" * 500 + '"', '"中"'])
async def test_an_etag_that_cannot_be_sent_back_is_not_kept(
    sync: Sync, server: SmallBackend, empty: Venue, etag: str
) -> None:
    server.etag = etag.encode().decode("latin-1")

    assert await sync.round()
    assert await sync.round()

    assert empty.snapshot.held[Kind.TRUST_LIST].etag is None


async def test_a_reader_clock_that_is_off_is_told(sync: Sync, server: SmallBackend) -> None:
    server.city.now += timedelta(minutes=10)

    assert not await sync.round()

    assert sync.state.problem is not None
    assert sync.state.problem.code == "clock_off"


async def test_a_round_brings_the_venue_s_counts_and_conflicts_and_doubts_them(
    server: SmallBackend, empty: Venue
) -> None:
    key = SoftwareKey.generate(Algorithm.ED25519)
    words = {"zh": "东门", "en": "East"}
    at = server.city.now.isoformat()
    entry: dict[str, Any] = {"venue_name": words, "lane_name": words, "at": at}
    entry |= {"persons": 1, "flags": ["two_gates"]}
    conflict = {"id": "cfl_1", "kind": "SAME_CODE", "at": at, "entries": [entry]}
    server.conflicts = [{**conflict, "acknowledged_at": None, "note": None}]
    server.flow = {"areas": [{"area": None, "entered": 9, "left": 4}], "hours": []}
    heard: list[VenueNews] = []
    async with Backend(server.url, Terminal(key, server.city.enrolment), empty.clock) as backend:
        await backend.enrol(server.token)
        sync = Sync(
            backend, empty.journal, empty.snapshot, empty.clock, lambda _: None, heard.append
        )
        assert await sync.round()
        [news] = heard
        assert news.flow is not None
        assert [one.inside for one in news.flow.areas] == [5]
        assert [one.conflict_id for one in news.conflicts] == ["cfl_1"]
        done = await backend.acknowledge("k" * 8, "cfl_1", "查过", "u01")
        assert (done.note, server.asked[0]["staff"]) == ("查过", "u01")
        assert await backend.look_up({"name": "王明", "tail": ""}, "没带手机", "u01") == []

        wrongs: tuple[dict[str, Any], ...] = (
            {"id": "../x"},
            {"kind": "<b>"},
            {"entries": [{}]},
            {"at": 5},
        )
        server.requests.clear()
        assert await sync.round()
        assert not any(path.endswith("/flow") for _, path, _ in server.requests)
        for wrong in wrongs:
            empty.clock.advance(NEWS_SECONDS)
            server.city.now = empty.clock.now()
            server.conflicts = [{**conflict, "acknowledged_at": None, "note": None, **wrong}]
            assert not await sync.round()
            assert sync.state.problem is not None
            assert sync.state.problem.code == "nonsense"
        assert len(heard) == 1
        assert backend.clock_ahead is not None
