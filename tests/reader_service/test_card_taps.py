"""Physical cards at a lane, over a real pcscd: read once, answered, recorded; faults told."""

import logging
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from reader_service.card_sources import open_sources
from reader_service.console.views import answer_view
from reader_service.device_settings import IssuerKey, PsamCards
from reader_service.devices.card_channel import CardBusy
from reader_service.devices.pcsc import CardReader
from reader_service.lane.board import LaneAnswer
from reader_service.lane.card_taps import CardTaps
from reader_service.settings import LaneSettings
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.admission.rules import AdmissionRules
from shared.ecode.reasons import Reason
from shared.trust.status_list import card_digest
from shared.wire.scans import ScanRecord
from tests.reader_service.conftest import Venue
from tests.reader_service.waiting import until
from tests.support.pcscd import PcscDaemon
from tests.support.sandbox_psam import (
    INTERNAL,
    INTERNAL_KEY,
    INTERNAL_USAGE,
    TERMINAL_NUMBER,
    SandboxIssuer,
    SandboxPsam,
)
from tests.support.virtual_card import (
    Card,
    Fault,
    FaultKind,
    Holder,
    LaidCard,
    OtherCard,
    SocialSecurityCard,
    TransitCard,
)

LANE_1, LANE_2 = "Gate 3", "Gate 4"


@pytest.fixture
def taps(venue: Venue, card_readers: PcscDaemon) -> Iterator[CardTaps]:
    assert {LANE_1, LANE_2} <= set(card_readers.readers)
    with closing(CardTaps({LANE_1: venue.lanes[1], LANE_2: venue.lanes[2]})) as started:
        started.start()
        yield started


def _answers(venue: Venue) -> list[LaneAnswer]:
    return [told for told in venue.told if isinstance(told, LaneAnswer)]


def _lay(
    card_readers: PcscDaemon, card: Card, fault: Fault | None = None, reader: str = LANE_1
) -> LaidCard:
    return LaidCard(card_readers.reader_socket(reader), card, fault)


@pytest.mark.usefixtures("taps")
def test_a_card_is_held_until_its_answer_and_no_longer(
    venue: Venue, card_readers: PcscDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Powering it off is not waited for; till then nobody else can speak to it."""
    held: list[bool] = []
    opened = venue.gates[1].open_once

    def look_and_open(*args: Any) -> None:
        held.append(_is_held(LANE_1))
        opened(*args)

    monkeypatch.setattr(venue.gates[1], "open_once", look_and_open)
    with _lay(card_readers, SocialSecurityCard()):
        until(lambda: _answers(venue))
        until(lambda: not _is_held(LANE_1))

    assert held == [True]


def _is_held(name: str) -> bool:
    with closing(CardReader(name)) as reader:
        try:
            with reader.open_card():
                return False
        except CardBusy:
            return True


@pytest.mark.usefixtures("taps")
@pytest.mark.parametrize("version", ["1.00", "2.00", "3.00"])
def test_a_card_of_every_generation_is_admitted_with_a_look(
    venue: Venue, card_readers: PcscDaemon, version: str
) -> None:
    card = SocialSecurityCard(version)
    with _lay(card_readers, card, reader=LANE_2):
        [answer] = until(lambda: _answers(venue))

    assert answer.answer.verdict is Verdict.LOOK
    assert answer.took_ms is not None
    assert len(venue.gates[2].openings) == 1
    [scan] = venue.journal.unsent(10)
    assert (scan.lane, scan.medium) == (2, Medium.CARD)
    assert scan.card_digest == card_digest(card.identification_code).hex()


@pytest.mark.usefixtures("taps")
@pytest.mark.parametrize(
    ("card", "fault", "reason"),
    [
        (OtherCard(), None, Reason.UNKNOWN_CARD_TYPE),
        (TransitCard(), None, Reason.TRANSIT_CARD),
        (SocialSecurityCard("9.00"), None, Reason.UNKNOWN_CARD_TYPE),
        (SocialSecurityCard(expires_on="20261121"), None, Reason.CARD_EXPIRED),
        (SocialSecurityCard(division="110000"), None, Reason.REGION_NOT_ACCEPTED),
        (SocialSecurityCard(), Fault(FaultKind.REMOVED, after=2), Reason.CARD_REMOVED),
        (SocialSecurityCard(), Fault(FaultKind.GARBAGE, after=3), Reason.CARD_UNREADABLE),
        (SocialSecurityCard(), Fault(FaultKind.MUTE, after=2), Reason.CARD_MUTE),
    ],
    ids=[
        "other card",
        "bus card",
        "unknown version",
        "expired",
        "other region",
        "pulled",
        "garbage",
        "mute",
    ],
)
def test_each_card_that_is_not_admitted_has_its_reason(
    venue: Venue, card_readers: PcscDaemon, card: Card, fault: Fault | None, reason: Reason
) -> None:
    with _lay(card_readers, card, fault):
        [answer] = until(lambda: _answers(venue))

    assert answer.answer.reason is reason
    assert venue.reasons() == [reason]
    assert venue.opened() == 0


@pytest.mark.usefixtures("taps")
def test_what_a_transit_card_says_is_shown_to_staff_and_recorded_nowhere(
    venue: Venue, card_readers: PcscDaemon
) -> None:
    with _lay(card_readers, TransitCard()):
        [answer] = until(lambda: _answers(venue))

    shown = answer_view(answer)["note"]
    assert "7984" in shown["zh"]
    assert "senior card" in shown["en"]
    [scan] = venue.journal.unsent(10)
    assert "7984" not in str(scan.to_wire())
    assert scan.detail == {}


@pytest.mark.usefixtures("taps")
def test_a_pulled_card_laid_again_is_admitted(venue: Venue, card_readers: PcscDaemon) -> None:
    with _lay(card_readers, SocialSecurityCard(), Fault(FaultKind.REMOVED, after=2)):
        until(lambda: _answers(venue))
    with _lay(card_readers, SocialSecurityCard()):
        until(venue.opened)

    assert venue.reasons() == [Reason.CARD_REMOVED, Reason.CARD_NOT_AUTHENTICATED]


@pytest.mark.usefixtures("taps")
def test_a_card_that_stays_is_read_once(venue: Venue, card_readers: PcscDaemon) -> None:
    with _lay(card_readers, SocialSecurityCard()):
        until(venue.opened)
        venue.lanes[2].present_code("junk")
        until(lambda: len(_answers(venue)) == 2)

    assert venue.opened() == 1


@pytest.mark.usefixtures("taps")
def test_nothing_of_the_holder_is_logged_or_recorded(
    venue: Venue, card_readers: PcscDaemon, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    holder = Holder()
    with _lay(card_readers, SocialSecurityCard("2.00", holder=holder)):
        until(venue.opened)
    venue.journal.close()
    stored = b"".join(path.read_bytes() for path in venue.folder.glob("journal*"))

    for value in (holder.citizen_number, holder.name, "D58009678", "D156000005"):
        assert value not in caplog.text
        assert value.encode() not in stored


def test_a_reader_that_is_missing_is_told_and_its_lane_goes_on(
    venue: Venue, card_readers: PcscDaemon
) -> None:
    with closing(CardTaps({"Gate 99": venue.lanes[1], LANE_2: venue.lanes[2]})) as taps:
        taps.start()
        until(lambda: venue.board.lanes()[0].faults)
        with _lay(card_readers, SocialSecurityCard(), reader=LANE_2):
            until(venue.opened)

    assert list(venue.board.lanes()[0].faults) == [Reason.READER_SERVICE_DOWN]
    assert Reason.READER_SERVICE_DOWN in venue.reasons()


@pytest.mark.usefixtures("taps")
def test_a_service_that_dies_is_told_and_back_it_reads_again(
    venue: Venue, card_readers: PcscDaemon
) -> None:
    card_readers.kill()
    try:
        until(lambda: venue.board.lanes()[0].faults)
    finally:
        card_readers.start()
    until(lambda: not venue.board.lanes()[0].faults)

    with _lay(card_readers, SocialSecurityCard()):
        until(venue.opened)
    assert venue.reasons().count(Reason.READER_SERVICE_DOWN) == 2  # one of each lane


SLOT = "Gate 10"
PROVEN = PsamCards(SLOT, IssuerKey(INTERNAL, INTERNAL_USAGE, INTERNAL_KEY))


@pytest.fixture
def proving(venue: Venue) -> Iterator[CardTaps]:
    """Lane 1 with a PSAM slot, empty at first."""
    sources = open_sources([LaneSettings(1, card_reader=LANE_1, cards=PROVEN)])
    with closing(CardTaps({LANE_1: venue.lanes[1]}, sources)) as started:
        started.start()
        yield started


def _faults(venue: Venue) -> list[Reason]:
    return list(venue.board.lanes()[0].faults)


def _genuine(serial: str = "00000001") -> SocialSecurityCard:
    return SandboxIssuer().personalise(SocialSecurityCard(serial=serial, personal_atr=True))


@pytest.mark.usefixtures("proving")
def test_the_answer_the_journal_and_the_page_say_how_far_a_card_was_proven(
    venue: Venue, card_readers: PcscDaemon
) -> None:
    venue.city.fill(venue.snapshot, AdmissionRules(regions=frozenset({360000})))  # no unproven card
    until(lambda: _faults(venue) == [Reason.SECURITY_MODULE_LOST])
    cards = [_genuine(), _genuine("00000002"), SocialSecurityCard(serial="00000003")]
    until(lambda: len(_answers(venue)) == 1)  # the fault's own
    with _lay(card_readers, cards[0]):
        until(lambda: len(_answers(venue)) == 2)
    with LaidCard(card_readers.reader_socket(SLOT), SandboxPsam()):
        until(lambda: not _faults(venue))  # before any card is laid
        for number, card in enumerate(cards[1:], start=3):
            with _lay(card_readers, card):
                until(lambda wanted=number: len(_answers(venue)) == wanted)  # type: ignore[misc]
    until(lambda: len(_answers(venue)) == 5)  # pulled, and told at once

    _, without, proven, unkeyed, _ = _answers(venue)
    told = [(one.answer.verdict, one.answer.reason) for one in (without, proven, unkeyed)]
    refused = (Verdict.REFUSE, Reason.CARD_NOT_AUTHENTICATED)
    assert told == [refused, (Verdict.ADMIT, None), refused]
    proofs = ["not_authenticated", "authenticated", "not_authenticated"]
    assert [
        answer_view(one)["detail"]["card_proof"] for one in (without, proven, unkeyed)
    ] == proofs
    scans = [scan for scan in venue.journal.unsent(10) if scan.card_digest]
    assert [scan.detail["card_proof"] for scan in scans] == proofs
    assert scans[1].detail["terminal_number"] == TERMINAL_NUMBER
    assert [ScanRecord.of_wire(scan.to_wire()) for scan in scans] == scans
    assert venue.opened() == 1


@pytest.mark.usefixtures("proving")
def test_a_copied_card_is_refused_though_the_venue_takes_unproven_ones(
    venue: Venue, card_readers: PcscDaemon
) -> None:
    copied = SocialSecurityCard(personal_atr=True)
    SandboxIssuer("a forger").personalise(copied)
    with LaidCard(card_readers.reader_socket(SLOT), SandboxPsam()), _lay(card_readers, copied):
        until(lambda: Reason.CARD_FORGED in venue.reasons())

    assert venue.opened() == 0
