"""A code on paper 纸质当日码 at a reader: static, so it is looked at and counted by the day."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reader_service.snapshot import Kind
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.clock import LOCAL_ZONE
from shared.ecode.reasons import Reason
from shared.trust.status_list import device_number
from tests.reader_service.city import OPEN_RULES, City, Phone
from tests.reader_service.conftest import Venue

SERIAL = 0x7001
HOUR = 3600


def paper(city: City, **claims: Any) -> Phone:
    """Return what is printed for today; `code` of any moment of it makes the sheet."""
    midnight = city.now.astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    day: dict[str, Any] = {
        "paper": True,
        "not_before": midnight.astimezone(city.now.tzinfo),
        "lifetime_hours": 24,
    }
    return city.phone(**{"device_serial": SERIAL, **day, **claims})


@pytest.mark.feature("U8")
def test_paper_is_looked_at_and_recorded_as_paper(venue: Venue) -> None:
    sheet = paper(venue.city)
    printed = sheet.code(venue.clock.now() - timedelta(hours=1))

    answer = venue.lanes[1].present_code(printed)

    assert answer.answer.verdict is Verdict.LOOK
    assert answer.answer.headline.zh == "请进 · 纸质码"
    assert answer.answer.next_step is not None
    assert "核对" in answer.answer.next_step.zh
    assert venue.opened() == 1
    [scan] = venue.journal.unsent(10)
    assert (scan.medium, scan.device_serial) == (Medium.PAPER, SERIAL)


def test_the_second_entry_of_the_day_is_refused_at_any_lane(venue: Venue) -> None:
    printed = paper(venue.city).code(venue.clock.now())
    venue.lanes[1].present_code(printed)
    venue.clock.advance(2 * HOUR)

    answer = venue.lanes[2].present_code(printed)

    assert (answer.answer.verdict, answer.answer.reason) == (Verdict.REFUSE, Reason.ENTRIES_USED_UP)
    assert venue.opened() == 1


def test_an_entry_by_the_phone_counts_for_the_paper_of_the_same_card(venue: Venue) -> None:
    sheet = paper(venue.city)
    phone = venue.city.phone(card_index=sheet.holder[0])
    venue.lanes[1].present_code(phone.code(venue.clock.now()))

    answer = venue.lanes[2].present_code(sheet.code(venue.clock.now()))

    assert answer.answer.reason is Reason.ENTRIES_USED_UP


def test_a_copy_at_another_lane_at_once_is_named_as_one(venue: Venue) -> None:
    rules = replace(OPEN_RULES, paper_entries=5)
    venue.snapshot.offer(Kind.MANIFEST, venue.city.manifest(rules), None, venue.clock.now())
    printed = paper(venue.city).code(venue.clock.now())
    venue.lanes[1].present_code(printed)

    copied = venue.lanes[2].present_code(printed)
    venue.clock.advance(HOUR)
    later = venue.lanes[2].present_code(printed)

    assert copied.answer.reason is Reason.PAPER_SHOWN_TWICE
    assert "1 号通道" in copied.answer.headline.zh
    assert later.answer.verdict is Verdict.LOOK


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (replace(OPEN_RULES, paper_entries=0), Reason.PAPER_NOT_ALLOWED),
        (replace(OPEN_RULES, challenge=True), Reason.PAPER_NOT_ALLOWED),
    ],
    ids=["takes no paper", "asks a challenge"],
)
def test_a_venue_may_refuse_paper(venue: Venue, rules: object, reason: Reason) -> None:
    venue.snapshot.offer(Kind.MANIFEST, venue.city.manifest(rules), None, venue.clock.now())  # type: ignore[arg-type]

    answer = venue.lanes[1].present_code(paper(venue.city).code(venue.clock.now()))

    assert answer.answer.reason is reason
    assert venue.opened() == 0


def test_the_next_day_and_a_void_one_are_refused(venue: Venue) -> None:
    sheet = paper(venue.city)
    printed = sheet.code(venue.clock.now())
    listed = venue.city.status_list(
        epoch=2, sections={"unbound_devices": [device_number(*sheet.holder)]}
    )
    venue.snapshot.offer(Kind.STATUS_LIST, listed, None, venue.clock.now())
    void = venue.lanes[1].present_code(printed)
    venue.clock.advance(20 * HOUR)
    over = venue.lanes[1].present_code(printed)

    assert void.answer.reason is Reason.PAPER_VOID
    assert over.answer.reason is Reason.PAPER_DAY_OVER
    assert venue.opened() == 0


def test_paper_teaches_the_reader_no_time(venue: Venue) -> None:
    """Its proof is hours old by nature: a reader that learned from it would set itself wrong."""
    heard: list[tuple[tuple[int, int], int]] = []

    class Times:
        def wants_evidence(self) -> bool:
            return True

        def hear_phone(self, phone: tuple[int, int], issued_at: int) -> None:
            heard.append((phone, issued_at))

        def uncorrected(self) -> float:
            return 0.0

    venue.gatekeeper.phone_times = Times()
    venue.lanes[1].present_code(paper(venue.city).code(venue.clock.now() - timedelta(hours=1)))
    assert heard == []
    venue.lanes[1].present_code(venue.city.phone().code(venue.clock.now()))
    assert len(heard) == 1
