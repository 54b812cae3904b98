"""A journal that leaves by a file and its receipts that come back: both programs, no network."""

import asyncio
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
import pytest_asyncio
from litestar import Litestar

from backend.foundation.access import Caller, Role
from backend.foundation.audit import AuditRow, Organisation
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.foundation.refusals import Refusal
from backend.readers.carried_journals import CarriedJournals as BackendJournals
from backend.readers.carried_journals import TakenIn
from backend.readers.documents import Scan
from backend.readers.documents import Terminal as StoredTerminal
from backend.settings import Settings
from reader_service.sync.by_hand import CarriedJournals, NoJournalKey
from reader_service.sync.uploads import KEPT
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.localized_text import LocalizedText
from shared.trust.trust_list import Untrusted
from shared.wire import carried_journal
from shared.wire.carried_journal import encode_journal, encode_receipts, split_receipts
from shared.wire.scan_receipt import JournalPart, ScanUpload
from shared.wire.scans import ScanRecord
from tests.backend.accounts.actors import People
from tests.backend.actors import City
from tests.backend.lane import VenueLane, Wire, reader_at, wired


@dataclass
class Island:
    """A venue whose reader was enrolled and then lost its network for good."""

    city: City
    keys: Keys
    wire: Wire
    reader: VenueLane
    file: Path

    @property
    def by_hand(self) -> CarriedJournals:
        reader = self.reader
        return CarriedJournals(reader.journal, reader.snapshot, reader.key, self.city.clock)

    def scans(self, count: int) -> list[str]:
        at = int(self.city.clock.now().timestamp() * 1000)
        made = [ScanRecord(token_hex(16), 1, at, Medium.ECODE, Verdict.ADMIT) for _ in range(count)]
        self.reader.journal.append(*made)
        return [one.scan_id for one in made]

    async def take(self, data: bytes | None = None) -> TakenIn | Refusal:
        data = self.file.read_bytes() if data is None else data
        return await self.journals.take_in(data)

    @property
    def journals(self) -> BackendJournals:
        return self.city.house.services[BackendJournals]

    async def taken(self) -> TakenIn:
        found = await self.take()
        assert isinstance(found, TakenIn), found
        return found

    async def stored(self) -> list[str]:
        return [scan.id for scan in await Scan.find_all().to_list()]


@pytest_asyncio.fixture
async def island(
    city: City,
    app: Litestar,
    settings: Settings,
    keys: Keys,
    mongod: RunningMongod,
    tmp_path: Path,
) -> AsyncIterator[Island]:
    await city.venue(1)
    async with (
        wired(app) as wire,
        reader_at(wire.url, city, settings, keys, mongod.uri, tmp_path) as reader,
    ):
        await reader.sync.round()
        await wire.cut()
        yield Island(city, keys, wire, reader, tmp_path / "stick.ykj")


async def test_the_journal_goes_out_is_booked_once_and_pruned_by_the_receipt_alone(
    island: Island, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reader_service.sync.by_hand.UPLOAD_LIMIT", 3)
    journal, sent = island.reader.journal, island.scans(7)
    assert not await island.reader.sync.round(), "the network is gone"

    assert island.by_hand.write(island.file) == 7
    whole = island.file.read_bytes()
    assert not any(scan_id.encode() in whole for scan_id in sent), "sealed"
    island.city.clock.advance(KEPT.total_seconds() + 1)
    assert journal.prune(island.city.clock.now()) == 0, "nothing goes without a receipt"

    first = await island.taken()
    again = await island.taken()

    assert (first.recorded, first.duplicate, first.rejected) == (7, 0, 0)
    assert (again.recorded, again.duplicate, again.rejected) == (0, 7, 0)
    assert sorted(await island.stored()) == sorted(sent)
    later = island.scans(1)
    assert island.by_hand.take_receipts(first.receipts) == 7
    assert [scan.scan_id for scan in journal.unsent(10)] == later
    assert island.by_hand.take_receipts(again.receipts) == 7, "the second file changes nothing"
    assert [scan.scan_id for scan in journal.unsent(10)] == later
    island.city.clock.advance(KEPT.total_seconds() + 1)
    island.by_hand.take_receipts(first.receipts)
    assert len(journal.since(island.city.clock.now() - timedelta(days=60))) == 1
    assert journal.check() == []


async def test_what_left_by_hand_and_by_the_network_is_booked_once_and_is_no_rollback(
    island: Island,
) -> None:
    sent = island.scans(3)
    island.by_hand.write(island.file)
    await island.wire.mend()
    sent += island.scans(2)
    await island.reader.sync.round()
    assert island.reader.journal.count_unsent() == 0

    taken = await island.taken()

    assert (taken.recorded, taken.duplicate) == (0, 3)
    assert sorted(await island.stored()) == sorted(sent)
    [stored] = await StoredTerminal.find_all().to_list()
    assert (stored.journal_faults or [], stored.journal_last) == ([], 5)
    assert island.by_hand.take_receipts(taken.receipts) == 3


async def test_a_bad_row_is_answered_and_the_rest_is_booked(
    island: Island, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = island.scans(2)
    at = int(island.city.clock.now().timestamp() * 1000)
    bad = ScanRecord(token_hex(16), 1, at, Medium.ECODE, Verdict.ADMIT)
    island.reader.journal.append(bad)
    whole = ScanRecord.to_wire

    def broken(scan: ScanRecord) -> dict[str, Any]:
        return {**whole(scan), **({"lane": -4} if scan.scan_id == bad.scan_id else {})}

    monkeypatch.setattr(ScanRecord, "to_wire", broken)
    island.by_hand.write(island.file)

    taken = await island.taken()

    assert (taken.recorded, taken.rejected) == (2, 1)
    assert sorted(await island.stored()) == sorted(good)
    island.by_hand.take_receipts(taken.receipts)
    assert island.reader.journal.count_unsent() == 0
    assert set(island.reader.journal.booked([*good, bad.scan_id])) == set(good)


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _signature_end(data: bytes) -> int:
    return 8 + int.from_bytes(data[4:8])


def _resigned(data: bytes) -> bytes:
    """Change a letter of the signature into another that it may hold."""
    at = _signature_end(data) - 20
    return data[:at] + (b"B" if data[at : at + 1] == b"A" else b"A") + data[at + 1 :]


CHANGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "sealed part changed": (lambda whole: _flipped(whole, len(whole) - 1), "journal_forged"),
    "cut": (lambda whole: whole[:-7], "journal_forged"),
    "cut in the statement": (lambda whole: whole[:60], "journal_malformed"),
    "signature changed": (_resigned, "journal_forged"),
    "nothing": (lambda _: b"", "journal_malformed"),
    "another file": (lambda _: b"YKB1" + bytes(400), "journal_malformed"),
}


@pytest.fixture
def sealed_for(keys: Keys) -> bytes:
    return keys.journals.public_key().public_bytes_raw()


async def test_a_file_that_is_not_to_be_believed_books_nothing(
    island: Island, sealed_for: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    island.scans(2)
    island.by_hand.write(island.file)
    whole, now = island.file.read_bytes(), island.city.clock.now()
    [stored] = await StoredTerminal.find_all().to_list()
    stranger = SoftwareKey.generate(Algorithm.ED25519)
    elsewhere = SoftwareKey.generate(Algorithm.ED25519).public.raw
    own = island.reader.key
    cases = [(name, change(whole), code) for name, (change, code) in CHANGES.items()]
    cases += [
        (
            "a stranger",
            encode_journal([], stored.id, stranger, sealed_for, now),
            "terminal_unknown",
        ),
        ("another name", encode_journal([], "trm_x", own, sealed_for, now), "terminal_unknown"),
        (
            "sealed for another",
            encode_journal([], stored.id, own, elsewhere, now),
            "journal_sealed_for_another",
        ),
    ]
    odd = ScanUpload(JournalPart(token_hex(16), (1,)), ())
    cases.append(
        ("no such row", encode_journal([odd], stored.id, own, sealed_for, now), "journal_malformed")
    )

    for name, data, code in cases:
        refused = await island.take(data)
        assert isinstance(refused, Refusal), name
        assert refused.code == code, name
    monkeypatch.setattr(carried_journal, "_MOST_PLAIN", 100)
    bomb = await island.take(whole)
    assert isinstance(bomb, Refusal)
    assert bomb.code == "journal_malformed"
    assert await island.stored() == []


async def test_receipts_of_others_changed_or_cut_prune_nothing(island: Island) -> None:
    island.scans(2)
    island.by_hand.write(island.file)
    taken = await island.taken()
    own, carried = split_receipts(taken.receipts), island.by_hand
    [text] = own
    head, body, signature = text.split(".")
    forged = ".".join([head, body, "AAAA" + signature[4:]])
    another = replace(island.by_hand, snapshot=_OtherReader(island.reader.snapshot))  # type: ignore[arg-type]
    never = ScanUpload(JournalPart(token_hex(16), ()), ())
    foreign = encode_journal(
        [never],
        island.reader.snapshot.terminal_id,
        island.reader.key,
        island.keys.journals.public_key().public_bytes_raw(),
        island.city.clock.now(),
    )
    unasked = await island.take(foreign)
    assert isinstance(unasked, TakenIn)

    for reader, data, code in [
        (carried, encode_receipts([text, forged]), "forged"),
        (carried, taken.receipts[:-1], "malformed"),
        # Of a length that base64url never has: some of the others would be read, and forged.
        (carried, taken.receipts[:-10] + b"\n", "malformed"),
        (carried, b"", "malformed"),
        (carried, encode_receipts([text, *split_receipts(unasked.receipts)]), "replayed"),
        (another, taken.receipts, "not_for_this_reader"),
    ]:
        with pytest.raises(Untrusted) as caught:
            reader.take_receipts(data)
        assert caught.value.code == code, data[-40:]
        assert island.reader.journal.count_unsent() == 2

    assert carried.take_receipts(taken.receipts) == 2
    assert island.reader.journal.count_unsent() == 0


@dataclass
class _OtherReader:
    """The same lists on a reader of another name."""

    lists_of: Any
    terminal_id: str = "trm_other"

    def read_receipt(self, *asked: Any) -> Any:
        return self.lists_of.read_receipt(*asked)


async def test_two_programs_that_take_one_file_in_at_once_book_each_scan_once(
    island: Island,
) -> None:
    sent = island.scans(20)
    island.by_hand.write(island.file)

    taken = await asyncio.gather(*(island.take() for _ in range(4)))

    counts = [(one.recorded, one.duplicate) for one in taken if isinstance(one, TakenIn)]
    assert [sum(pair) for pair in counts] == [20] * 4
    assert sorted(await island.stored()) == sorted(sent)


async def test_a_reader_that_was_told_no_key_writes_nothing(island: Island) -> None:
    standing = island.reader.snapshot.lists.standing
    assert standing is not None
    lists = replace(island.reader.snapshot.lists, standing=replace(standing, journal_key=None))
    island.reader.snapshot.lists = lists
    island.scans(1)

    with pytest.raises(NoJournalKey):
        island.by_hand.write(island.file)

    assert not island.file.exists()


def _staff(role: Role, venue: int = 1) -> Caller:
    here = Organisation(f"venue-{venue}", LocalizedText("场馆", "Venue"))
    return Caller(staff_id="stf_a", roles=frozenset({role}), thumbprint="t", organisation=here)


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (None, "sign_in_needed"),
        (_staff(Role.OUTLET_CLERK), "not_permitted"),
        (_staff(Role.AUDITOR), "not_permitted"),
        (_staff(Role.VENUE_STAFF, venue=2), "venue_of_others"),
    ],
    ids=["nobody", "clerk", "auditor", "another venue's"],
)
async def test_who_may_not_bring_a_journal_books_nothing(
    island: Island, caller: Caller | None, code: str
) -> None:
    island.scans(2)
    island.by_hand.write(island.file)

    refused = await island.journals.bring(caller, island.file.read_bytes())

    assert isinstance(refused, Refusal)
    assert refused.code == code
    assert await island.stored() == []


async def test_what_staff_bring_is_booked_once_and_each_time_stands_in_the_audit_log(
    island: Island,
) -> None:
    sent, staff = island.scans(3), _staff(Role.VENUE_STAFF)
    island.by_hand.write(island.file)

    first = await island.journals.bring(staff, island.file.read_bytes())
    again = await island.journals.bring(_staff(Role.SYSTEM_ADMINISTRATOR), island.file.read_bytes())

    assert isinstance(first, TakenIn)
    assert isinstance(again, TakenIn)
    assert (first.recorded, again.recorded, again.duplicate) == (3, 0, 3)
    assert sorted(await island.stored()) == sorted(sent)
    assert island.by_hand.take_receipts(again.receipts) == 3
    rows = await AuditRow.find({"action": "readers.journal_taken_in"}).sort("at").to_list()
    assert [(one.actor["id"], one.origin) for one in rows] == [("stf_a", first.terminal_id)] * 2


async def test_the_mutation_takes_the_file_as_the_reader_wrote_it(
    island: Island,
) -> None:
    """By GraphQL, signed in; what is no base64 is a refusal like any other file that is none."""
    officer = await People(island.city).staff("guanli", Role.SYSTEM_ADMINISTRATOR)
    await officer.sign_in()
    island.scans(2)
    island.by_hand.write(island.file)
    document = """mutation ($input: TakeJournalInput!) { takeJournal(input: $input) {
        __typename ... on JournalTaken { recorded receipts } ... on Refusal { code } } }"""

    async def take(file: str) -> Any:
        answer = await officer.device.post(document, {"input": {"file": file}})
        return answer.json()["data"]["takeJournal"]

    taken = await take(b64encode(island.file.read_bytes()).decode())
    assert (taken["__typename"], taken["recorded"]) == ("JournalTaken", 2)
    assert island.by_hand.take_receipts(b64decode(taken["receipts"])) == 2
    for wrong in ("", "§", "QUJD"):
        assert (await take(wrong)).get("code") == "journal_malformed"
