"""Receipts: signed for one upload of one terminal, believed by a reader and by nobody it misses."""

from secrets import token_hex
from typing import Any

import pytest

from backend.cards.documents import StoredStatusList
from backend.foundation.keys import Keys
from backend.foundation.refusals import Refusal
from backend.readers.by_hand import venue_bundle
from backend.readers.documents import Terminal as StoredTerminal
from backend.readers.trust import own_trust_list
from shared.trust.trust_list import Untrusted, read_trust_list
from shared.wire.scan_receipt import (
    JournalPart,
    JournalReport,
    ScanUpload,
    check_receipt,
    read_scan_receipt,
)
from shared.wire.scans import ScanRecord
from shared.wire.venue_bundle import read_bundle
from tests.backend.actors import REGION, City, scan


def _upload(*rows: dict[str, Any], **report: Any) -> ScanUpload:
    numbers = tuple(range(5, 5 + len(rows)))
    part = JournalPart(token_hex(16), numbers, JournalReport(**report))
    return ScanUpload(part, tuple(ScanRecord.of_wire(row) for row in rows))


async def test_a_receipt_covers_its_own_upload_and_no_other(city: City, keys: Keys) -> None:
    await city.venue(1)
    terminal, now = await city.terminal(), city.clock.now()
    upload, other = _upload(scan(now), scan(now)), _upload(scan(now), scan(now))

    answer = (await terminal.upload_body(upload.to_wire())).json()
    again = (await terminal.upload_body(upload.to_wire())).json()

    trust = read_trust_list(own_trust_list(keys, REGION, now), keys.root.public, now)
    receipt = read_scan_receipt(answer["receipt"], trust, REGION, 1, now)
    [stored] = await StoredTerminal.find_all().to_list()
    check_receipt(receipt, stored.id, upload)
    assert [(n, one.outcome.value) for n, one in receipt.rows] == [(5, "recorded"), (6, "recorded")]
    repeated = read_scan_receipt(again["receipt"], trust, REGION, 1, now)
    assert [one.outcome.value for _, one in repeated.rows] == ["duplicate", "duplicate"]
    with pytest.raises(Untrusted, match="replayed"):
        check_receipt(receipt, stored.id, other)
    with pytest.raises(Untrusted, match="not_for_this_reader"):
        check_receipt(receipt, "trm_other", upload)
    changed = ScanUpload(upload.part, upload.scans[::-1])
    with pytest.raises(Untrusted, match="other_rows"):
        check_receipt(receipt, stored.id, changed)


async def test_a_changed_journal_is_written_down_once(city: City) -> None:
    await city.venue(1)
    terminal, now = await city.terminal(), city.clock.now()
    faults = ((3, "removed"),)

    for last in (9, 9, 4):
        upload = _upload(scan(now), last=last, faults=faults)
        assert (await terminal.upload_body(upload.to_wire())).status_code == 200

    [stored] = await StoredTerminal.find_all().to_list()
    assert stored.journal_faults == ["removed:3", "rolled_back:4"]
    assert stored.journal_last == 4
    rows = StoredTerminal.get_pymongo_collection().database["audit_rows"]
    found = await rows.count_documents({"action": "readers.journal_tampered"})
    assert found == 2


@pytest.mark.parametrize(
    "change",
    [
        {"numbers": [2, 1]},
        {"numbers": [1]},
        {"numbers": ["1", "2"]},
        {"request": {"$ne": 1}},
        {"faults": [[1]]},
        {"faults": [[1, "$where"]]},
        {"last": -1},
        {"aside": None},
    ],
    ids=str,
)
async def test_a_journal_that_is_not_understood_is_refused(
    city: City, change: dict[str, Any]
) -> None:
    await city.venue(1)
    body = _upload(scan(city.clock.now()), scan(city.clock.now())).to_wire()
    body["journal"] |= change

    answer = await (await city.terminal()).upload_body(body)

    assert answer.status_code == 400


async def test_a_terminals_bundle_is_what_it_would_download(city: City, keys: Keys) -> None:
    await city.venue(1)
    await city.terminal()
    now = city.clock.now()
    [stored] = await StoredTerminal.find_all().to_list()
    made = await venue_bundle(city.house.services, keys, REGION, stored.id, now)
    assert isinstance(made, Refusal)
    assert made.code == "status_list_not_ready"
    await StoredStatusList(
        id=1, content=b"signed", read_at=now, issued_at=now, valid_until=now
    ).insert()

    made = await venue_bundle(city.house.services, keys, REGION, stored.id, now)

    assert isinstance(made, bytes)
    trust = read_trust_list(own_trust_list(keys, REGION, now), keys.root.public, now)
    bundle = read_bundle(made, trust, REGION, 1, now)
    assert (bundle.terminal_id, bundle.venue_number) == (stored.id, 1)
    expected = ["trust-list", "terminal-standing", "manifest", "status-list"]
    assert list(bundle.parts) == expected
    unknown = await venue_bundle(city.house.services, keys, REGION, "trm_none", now)
    assert isinstance(unknown, Refusal)
    assert unknown.code == "terminal_unknown"
