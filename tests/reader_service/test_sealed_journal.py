"""The journal at rest: nobody reads it without its key, and nobody changes it unnoticed."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from reader_service.journal import Journal, JournalLocked
from reader_service.journal_file import set_aside
from reader_service.journal_rows import FaultKind
from reader_service.storage_keys import (
    CREDENTIAL,
    CredentialKeyStore,
    FileKeyStore,
    KeyNotMade,
    key_store,
)
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason
from shared.wire.scans import ReceiptOutcome, ScanReceipt, ScanRecord
from tests.reader_service.city import NOON
from tests.reader_service.conftest import VenueMaker

AT = int(NOON.timestamp() * 1000)
INDEX, DIGEST = 3_141_592_653, "5e" * 16


def _scan(number: int, **parts: object) -> ScanRecord:
    told = {"card_index": INDEX, "card_digest": DIGEST, **parts}
    scan_id, at = f"{number:032x}", AT + number
    return ScanRecord(scan_id, 1, at, Medium.ECODE, Verdict.ADMIT, **told)  # type: ignore[arg-type]


def _filled(path: Path, count: int = 6) -> Journal:
    journal = Journal(path)
    for number in range(1, count + 1):
        journal.append(_scan(number))
    return journal


def _change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        for statement in statements:
            file.execute(statement)


def _everything_on_disk(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in folder.glob("journal.sqlite*"))


def test_who_has_the_file_alone_learns_of_nobody(tmp_path: Path) -> None:
    journal = _filled(tmp_path / "journal.sqlite")

    stored = _everything_on_disk(tmp_path)
    assert str(INDEX).encode() not in stored
    assert DIGEST.encode() not in stored
    assert (tmp_path / CREDENTIAL).stat().st_mode & 0o777 == 0o600
    journal.close()


TAMPERING: dict[str, tuple[tuple[str, ...], list[tuple[int, FaultKind]]]] = {
    "a row changed": (
        ("UPDATE records SET came = 9 WHERE position = 3",),
        [(3, FaultKind.CHANGED)],
    ),
    "a sealed scan changed": (
        ("UPDATE records SET sealed = randomblob(200) WHERE position = 3",),
        [(3, FaultKind.CHANGED)],
    ),
    "a row in the middle removed": (
        ("DELETE FROM records WHERE position = 3",),
        [(3, FaultKind.REMOVED)],
    ),
    "the last rows removed": (
        ("DELETE FROM records WHERE position > 4",),
        [(5, FaultKind.REMOVED), (6, FaultKind.REMOVED)],
    ),
    "a row removed and the others moved up": (
        (
            "DELETE FROM records WHERE position = 5",
            "UPDATE records SET position = 5 WHERE position = 6",
        ),
        [(5, FaultKind.MOVED), (6, FaultKind.REMOVED)],
    ),
    "two rows exchanged": (
        (
            "UPDATE records SET position = 99 WHERE position = 3",
            "UPDATE records SET position = 3 WHERE position = 4",
            "UPDATE records SET position = 4 WHERE position = 99",
        ),
        [(3, FaultKind.MOVED), (4, FaultKind.MOVED), (5, FaultKind.CHANGED)],
    ),
    "a row said to be booked": (
        ("UPDATE records SET outcome = 'recorded', booked_at = 1 WHERE position = 2",),
        [(2, FaultKind.RECEIPT_CHANGED)],
    ),
    "the end rewritten": (
        ("DELETE FROM records WHERE position > 4", "UPDATE chain SET head = 4"),
        [(4, FaultKind.END_CHANGED)],
    ),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_what_was_tampered_with_is_found_and_named(tmp_path: Path, how: str) -> None:
    path = tmp_path / "journal.sqlite"
    journal = _filled(path)
    assert journal.check() == []
    journal.close()
    statements, expected = TAMPERING[how]
    _change(path, *statements)

    again = Journal(path)
    found = [(fault.position, fault.kind) for fault in again.check()]

    assert found == expected
    again.append(_scan(50))
    again.close()
    later = Journal(path)
    assert [(fault.position, fault.kind) for fault in later.check()] == expected
    assert later.unsent(100)[-1] == _scan(50)
    later.close()


def test_an_earlier_end_put_back_is_found(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = _filled(path, 4)
    with closing(sqlite3.connect(path)) as file:
        [earlier] = file.execute("SELECT * FROM chain").fetchall()
    for number in (5, 6):
        journal.append(_scan(number))
    journal.close()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("REPLACE INTO chain VALUES (?, ?, ?, ?, ?, ?, ?)", earlier)

    again = Journal(path)

    assert [(one.position, one.kind) for one in again.check()] == [(6, FaultKind.END_CHANGED)]
    again.append(_scan(7))
    assert again.unsent(9)[-1] == _scan(7), "and the gates go on"
    assert len(again.check()) == 1
    again.close()


def test_rows_in_anothers_place_are_kept_aside_and_not_sent(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = _filled(path)
    _change(path, *TAMPERING["two rows exchanged"][0])

    assert journal.unsent(9) == [_scan(one) for one in (1, 2, 5, 6)]

    assert journal.count_aside() == 2
    journal.close()


def test_pruning_stops_at_a_row_that_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = _filled(path)
    receipts = [ScanReceipt(f"{one:032x}", ReceiptOutcome.RECORDED) for one in range(1, 7)]
    journal.book(receipts, NOON)
    _change(path, TAMPERING["a row changed"][0][0])

    assert [journal.prune(NOON + timedelta(days=8)) for _ in range(2)] == [2, 0]

    assert [(one.position, one.kind) for one in journal.check()] == [(3, FaultKind.CHANGED)]
    journal.close()


def test_the_first_receipt_of_a_scan_stands(tmp_path: Path) -> None:
    journal = _filled(tmp_path / "journal.sqlite", 1)
    scan_id = _scan(1).scan_id
    journal.book([ScanReceipt(scan_id, ReceiptOutcome.RECORDED)], NOON)

    late = NOON + timedelta(hours=1)
    journal.book([ScanReceipt(scan_id, ReceiptOutcome.REJECTED, "later")], late)

    assert journal.booked([scan_id]) == {scan_id: NOON}
    assert journal.check() == []
    journal.close()


def test_a_scan_falsely_said_to_be_booked_is_sent_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    journal = _filled(path, 2)
    _change(path, TAMPERING["a row said to be booked"][0][0])
    assert journal.prune(NOON + timedelta(days=1)) == 0

    journal.check()

    assert journal.unsent(9) == [_scan(1), _scan(2)]
    journal.close()


def test_only_what_has_its_receipt_is_pruned_and_the_chain_goes_on(tmp_path: Path) -> None:
    journal = _filled(tmp_path / "journal.sqlite")
    booked = [ScanReceipt(f"{n:032x}", ReceiptOutcome.RECORDED) for n in (1, 2, 4)]
    journal.book(booked, NOON)

    assert journal.prune(NOON) == 0
    assert journal.prune(NOON + timedelta(days=8)) == 2
    assert journal.since(NOON) == [_scan(number) for number in (3, 4, 5, 6)]
    journal.append(_scan(7))
    assert journal.check() == []
    journal.close()


def test_a_turned_key_seals_what_comes_and_still_opens_what_was(tmp_path: Path) -> None:
    path, store = tmp_path / "journal.sqlite", FileKeyStore(tmp_path / CREDENTIAL)
    first = _filled(path, 2)
    first.close()
    store.make()

    turned = Journal(path, store)
    turned.append(_scan(3))

    assert turned.unsent(9) == [_scan(1), _scan(2), _scan(3)]
    assert turned.check() == []
    with closing(sqlite3.connect(path)) as file:
        [(keys,)] = file.execute("SELECT count(DISTINCT key_id) FROM records")
    assert keys == 2
    turned.close()


def _lose(path: Path) -> None:
    path.unlink()


def _exchange(path: Path) -> None:
    path.write_text("ab" * 32)


def _spoil(path: Path) -> None:
    path.write_text("not a key")


def _open_to_all(path: Path) -> None:
    path.chmod(0o644)


@pytest.mark.parametrize("harm", [_lose, _exchange, _spoil, _open_to_all])
def test_without_its_key_the_gate_says_so_and_nothing_is_forgotten(
    make_venue: VenueMaker, harm: Callable[[Path], None]
) -> None:
    venue = make_venue()
    venue.city.fill(venue.snapshot)
    key = venue.folder / CREDENTIAL
    code = venue.city.phone().code(venue.clock.now())
    assert venue.lanes[1].present_code(code).answer.verdict is Verdict.ADMIT
    kept = key.read_bytes()
    venue.journal.close()
    harm(key)

    later = venue.city.phone()
    refused = venue.lanes[1].present_code(later.code(venue.clock.now())).answer

    assert (refused.verdict, refused.reason) == (Verdict.SYSTEM, Reason.JOURNAL_LOCKED)
    assert refused.next_step is not None
    assert "密钥" in refused.next_step.zh
    assert "key" in refused.next_step.en
    assert Reason.JOURNAL_LOCKED in venue.board.lanes()[0].faults
    with pytest.raises(JournalLocked):
        venue.journal.unsent(1)
    key.write_bytes(kept)
    key.chmod(0o600)
    assert venue.lanes[1].present_code(later.code(venue.clock.now())).answer.verdict.opens
    assert not venue.board.lanes()[0].faults
    assert venue.reasons() == [None, Reason.JOURNAL_LOCKED, None]


def test_a_journal_whose_key_is_lost_is_kept_and_another_begins(tmp_path: Path) -> None:
    path, store = tmp_path / "journal.sqlite", FileKeyStore(tmp_path / CREDENTIAL)
    _filled(path, 2).close()
    assert set_aside(path, store, NOON) is None
    kept = (tmp_path / CREDENTIAL).read_bytes()
    _spoil(tmp_path / CREDENTIAL)

    aside = set_aside(path, store, NOON)

    assert aside is not None
    journal = Journal(path)
    journal.append(_scan(9))
    assert journal.unsent(9) == [_scan(9)]
    journal.close()
    # Whoever finds the key again reads what was kept.
    (tmp_path / CREDENTIAL).write_bytes(kept)
    old = Journal(aside)
    assert old.unsent(9) == [_scan(1), _scan(2)]
    old.close()


def test_a_journal_of_before_is_moved_over_and_wiped(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    statements = [
        "CREATE TABLE scans (position INTEGER PRIMARY KEY AUTOINCREMENT, scan_id TEXT,"
        " scanned_at INTEGER, scan TEXT, outcome TEXT, code TEXT, booked_at INTEGER)"
    ]
    for number, outcome in ((1, "'recorded'"), (2, "NULL")):
        scan = json.dumps(_scan(number).to_wire())
        statements.append(
            f"INSERT INTO scans (scan_id, scanned_at, scan, outcome, booked_at)"  # noqa: S608
            f" VALUES ('{number:032x}', {AT + number}, '{scan}', {outcome}, {AT})"
        )
    _change(path, *statements)
    assert str(INDEX).encode() in _everything_on_disk(tmp_path)

    journal = Journal(path)

    assert journal.since(NOON) == [_scan(1), _scan(2)]
    assert journal.unsent(9) == [_scan(2)]
    assert journal.check() == []
    assert str(INDEX).encode() not in _everything_on_disk(tmp_path)
    journal.close()


def test_in_production_the_key_is_the_services_credential(tmp_path: Path) -> None:
    given = tmp_path / "credentials"
    given.mkdir()
    (given / CREDENTIAL).write_text("cd" * 32 + "\n")
    store = key_store(tmp_path, {"CREDENTIALS_DIRECTORY": str(given)})

    journal = Journal(tmp_path / "journal.sqlite", store)
    journal.append(_scan(1))

    assert isinstance(store, CredentialKeyStore)
    assert journal.unsent(1) == [_scan(1)]
    assert not (tmp_path / CREDENTIAL).exists()
    with pytest.raises(KeyNotMade):
        store.make()
    journal.close()


def test_lists_on_the_disk_are_sealed_too(make_venue: VenueMaker) -> None:
    venue = make_venue()
    venue.city.fill(venue.snapshot)
    manifest = venue.city.manifest()[:40]

    stored = b"".join(one.read_bytes() for one in venue.folder.glob("snapshot.sqlite*"))
    assert manifest not in stored
    again = make_venue().snapshot
    assert again.held == venue.snapshot.held
    assert again.unusable == {}
