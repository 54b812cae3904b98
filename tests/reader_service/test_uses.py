"""Passes and bookings at a venue's lanes: what one lane counts, the next lane knows at once."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reader_service.journal import Journal
from reader_service.lane.board import LaneAnswer
from reader_service.lane.uses import Uses
from reader_service.offline_holdings import OfferedSet
from reader_service.snapshot import Kind
from shared.admission.answer import Verdict
from shared.admission.circumstances import DayRange, HeldPass
from shared.admission.entitlement_conditions import PassHeld
from shared.admission.prices import PriceList, Product
from shared.ecode.reasons import Reason
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from shared.wire.offline_set import (
    Holdings,
    OfflineSet,
    encode_offline_set,
    phone_secret,
    record_content,
    record_key,
    seal_record,
)
from shared.wire.scans import ReceiptOutcome, ScanReceipt, ScanRecord
from tests.reader_service.city import LIST_KEY_ID, OPEN_RULES, REGION, VENUE, Phone
from tests.reader_service.conftest import Venue, VenueMaker

PASS_RULES = replace(OPEN_RULES, conditions=(PassHeld(),))
SALT = bytes(range(16))


def _give(venue: Venue, epoch: int, held: dict[str, tuple[Phone, Holdings]]) -> None:
    """Give the reader a whole set that tells what some phones' holders have."""
    city, now = venue.city, venue.clock.now()
    records = {}
    for phone, holdings in held.values():
        claims = phone.certificate.claims
        secret = phone_secret(REGION, claims.card_index, claims.device_serial, claims.device_key)
        key = record_key(SALT, VENUE, secret)
        records[key.locator] = seal_record(key, record_content(holdings))
    made = OfflineSet(REGION, VENUE, SALT, epoch, 0, now, now + timedelta(days=2), records)
    body = encode_offline_set(made, city.list_key, LIST_KEY_ID)
    venue.snapshot.offer_holdings(OfferedSet(body, f'"{epoch}"', None, now, now))


def _passes(venue: Venue, **more: Any) -> HeldPass:
    today = DayRange(local_day(venue.clock.now()), None)
    return replace(HeldPass("pas_one", "city", today, uses=2), **more)


def _show(venue: Venue, phone: Phone, lane: int = 1) -> LaneAnswer:
    venue.clock.advance(60)
    return venue.lanes[lane].present_code(phone.code(venue.clock.now()))


@pytest.fixture
def pass_venue(venue: Venue) -> Venue:
    rules = venue.city.manifest(PASS_RULES, offline_set=True)
    venue.snapshot.offer(Kind.MANIFEST, rules, None, venue.clock.now())
    return venue


def test_a_pass_of_two_uses_admits_twice_at_all_lanes_together(
    pass_venue: Venue, make_venue: VenueMaker
) -> None:
    phone = pass_venue.city.phone()
    _give(pass_venue, 1, {"": (phone, Holdings(passes=(_passes(pass_venue),)))})

    first, second = _show(pass_venue, phone).answer, _show(pass_venue, phone, 2).answer
    third = _show(pass_venue, phone).answer

    assert [first.headline.zh, second.headline.zh] == ["请进 · 通票余 1 次", "请进 · 通票余 0 次"]
    assert (third.verdict, third.reason) == (Verdict.REFUSE, Reason.PASS_USED_UP)
    counted = [scan.counted_on for scan in pass_venue.journal.unsent(9)]
    assert counted == [("pas_one",), ("pas_one",), ()]
    again = make_venue(clock=pass_venue.clock)
    assert _show(again, phone).answer.reason is Reason.PASS_USED_UP


def test_the_same_code_still_in_view_uses_nothing_more(pass_venue: Venue) -> None:
    phone = pass_venue.city.phone()
    held = Holdings(passes=(_passes(pass_venue, uses=1),))
    _give(pass_venue, 1, {"": (phone, held)})
    first = _show(pass_venue, phone)

    for _ in range(4):
        pass_venue.clock.advance(1)
        same = pass_venue.lanes[1].present_code(phone.code(pass_venue.clock.now()))
        assert (same.answer, same.again) == (first.answer, True)
    assert pass_venue.opened() == 1


def test_a_set_that_lags_behind_does_not_give_uses_back(pass_venue: Venue) -> None:
    """The backend said it has the entry; a set that does not count it yet changes nothing."""
    phone = pass_venue.city.phone()
    held = {"": (phone, Holdings(passes=(_passes(pass_venue, uses=1),)))}
    _give(pass_venue, 1, held)
    assert _show(pass_venue, phone).answer.verdict is Verdict.ADMIT
    [scan] = pass_venue.journal.unsent(9)
    receipt = ScanReceipt(scan.scan_id, ReceiptOutcome.RECORDED)
    pass_venue.journal.book([receipt], pass_venue.clock.now())
    pass_venue.clock.advance(60)
    _give(pass_venue, 2, held)

    assert _show(pass_venue, phone).answer.reason is Reason.PASS_USED_UP


def test_what_other_readers_counted_adds_up_with_what_is_not_uploaded(pass_venue: Venue) -> None:
    phone = pass_venue.city.phone()
    _give(pass_venue, 1, {"": (phone, Holdings(passes=(_passes(pass_venue, uses=3),)))})
    assert _show(pass_venue, phone).answer.verdict is Verdict.ADMIT
    used = _passes(pass_venue, uses=3, used=2)  # by others: ours has no receipt
    _give(pass_venue, 2, {"": (phone, Holdings(passes=(used,)))})

    assert _show(pass_venue, phone).answer.reason is Reason.PASS_USED_UP


def test_a_pass_is_no_pass_of_another_phone(pass_venue: Venue) -> None:
    phone, other = pass_venue.city.phone(), pass_venue.city.phone()
    _give(pass_venue, 1, {"": (phone, Holdings(passes=(_passes(pass_venue),)))})
    twin = pass_venue.city.phone(card_index=phone.holder[0])  # the same card, another key

    assert _show(pass_venue, other).answer.reason is Reason.PASS_NEEDED
    assert _show(pass_venue, twin).answer.reason is Reason.PASS_NEEDED
    assert _show(pass_venue, phone).answer.verdict is Verdict.ADMIT


def test_an_annulled_entry_gives_its_use_back_also_after_a_restart(
    pass_venue: Venue, make_venue: VenueMaker
) -> None:
    phone = pass_venue.city.phone()
    _give(pass_venue, 1, {"": (phone, Holdings(passes=(_passes(pass_venue, uses=1),)))})
    assert _show(pass_venue, phone).answer.verdict is Verdict.ADMIT
    [entry] = pass_venue.journal.unsent(9)
    annulled = replace(entry, scan_id="a" * 32, annuls=entry.scan_id, counted_on=(), admits=None)
    pass_venue.journal.append(annulled)

    again = make_venue(clock=pass_venue.clock)

    assert _show(again, phone).answer.verdict is Verdict.ADMIT


def test_uses_are_forgotten_when_no_set_can_tell_of_them_any_more(
    pass_venue: Venue, journal_scan: ScanRecord
) -> None:
    journal: Journal = pass_venue.journal
    uses, now = Uses(journal.booked), pass_venue.clock.now()
    held = Holdings(passes=(_passes(pass_venue),))
    uses.note(journal_scan)
    assert uses.taken_off(held, now).passes[0].used == 1
    later = int((now + timedelta(days=6)).timestamp() * 1000)
    uses.note(replace(journal_scan, scan_id="c" * 32, scanned_at=later, counted_on=("pas_other",)))
    assert uses.taken_off(held, now) == held


@pytest.fixture
def journal_scan(pass_venue: Venue) -> ScanRecord:
    """An entry on the pass, as the journal has it."""
    phone = pass_venue.city.phone()
    _give(pass_venue, 1, {"": (phone, Holdings(passes=(_passes(pass_venue),)))})
    assert _show(pass_venue, phone).answer.verdict is Verdict.ADMIT
    return pass_venue.journal.unsent(9)[0]


def test_a_price_due_at_the_gate_is_in_the_answer_and_the_journal(venue: Venue) -> None:
    ticket = Product("entry", LocalizedText("门票", "Ticket"), 3_000)
    rules = replace(OPEN_RULES, prices=PriceList((ticket,)), entry_product="entry")
    venue.snapshot.offer(Kind.MANIFEST, venue.city.manifest(rules), None, venue.clock.now())

    answer = _show(venue, venue.city.phone()).answer

    assert answer.detail == {"price_fen": 3_000}
    [scan] = venue.journal.unsent(9)
    assert (dict(scan.detail), scan.counted_on, scan.admits) == ({"price_fen": 3_000}, (), 1)


def test_a_set_on_a_disk_that_was_changed_is_not_used(
    pass_venue: Venue, make_venue: VenueMaker
) -> None:
    phone = pass_venue.city.phone()
    _give(pass_venue, 1, {"": (phone, Holdings(passes=(_passes(pass_venue),)))})
    with sqlite3.connect(pass_venue.folder / "snapshot.sqlite") as connection:
        connection.execute("UPDATE offline_parts SET body = CAST(substr(body, 1, 200) AS BLOB)")
    connection.close()

    again = make_venue(clock=pass_venue.clock)

    assert again.snapshot.unusable == {Kind.OFFLINE_SET: "unreadable"}
    assert _show(again, phone).answer.reason is Reason.LISTS_MISSING
