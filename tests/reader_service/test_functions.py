"""Card functions and the terminal's own standing at a lane, with and without a network."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reader_service.card_reading import ReadCard
from reader_service.console.views import StaffView
from reader_service.lane.board import LaneAnswer
from reader_service.snapshot import Kind
from reader_service.sync.backend import Backend
from reader_service.sync.rounds import Sync
from reader_service.sync.terminal import Terminal
from shared.admission.answer import Verdict
from shared.cardfile.identification_code import IdentificationCode
from shared.cardfile.records import CardVersion
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.reasons import Reason
from shared.trust.function_list import FunctionGrant
from shared.trust.status_list import card_digest, card_number_of
from shared.trust.trust_list import Untrusted
from tests.reader_service.city import OPEN_RULES, City, Phone
from tests.reader_service.conftest import Venue, VenueMaker
from tests.reader_service.small_backend import SmallBackend

TRANSIT = replace(OPEN_RULES, required_function="transit")
CODE = IdentificationCode(bytes.fromhex("360700D15600000520260001FFFFFFFF"))
CARD = ReadCard(CODE, CardVersion.V3, None)


def _ask_for(venue: Venue, **function: Any) -> None:
    """Make the venue ask for a function, and give the reader its list."""
    now = venue.clock.now()
    venue.snapshot.offer(Kind.MANIFEST, venue.city.manifest(TRANSIT), None, now)
    venue.snapshot.offer(Kind.FUNCTION_LIST, venue.city.function_list(**function), None, now)


def _show(venue: Venue, phone: Phone) -> LaneAnswer:
    return venue.lanes[1].present_code(phone.code(venue.clock.now()))


def test_a_card_with_the_function_is_admitted_and_one_without_is_refused(venue: Venue) -> None:
    has, has_not = venue.city.phone(), venue.city.phone()
    _ask_for(venue, cards=[has.holder[0]])

    assert _show(venue, has).answer.verdict is Verdict.ADMIT
    refused = _show(venue, has_not).answer

    assert (refused.verdict, refused.reason) == (Verdict.REFUSE, Reason.FUNCTION_DISABLED)
    assert refused.next_step is not None
    assert "开通" in refused.next_step.zh
    assert venue.opened() == 1
    assert venue.reasons() == [None, "function_disabled"]
    assert venue.journal.unsent(2)[1].detail == {"function": "transit"}


def test_where_everybody_has_it_the_list_names_who_switched_it_off(venue: Venue) -> None:
    has, has_not = venue.city.phone(), venue.city.phone()
    _ask_for(venue, grant=FunctionGrant.BY_DEFAULT, cards=[has_not.holder[0]])

    assert _show(venue, has).answer.verdict is Verdict.ADMIT
    assert _show(venue, has_not).answer.reason is Reason.FUNCTION_DISABLED


@pytest.mark.parametrize("grant", FunctionGrant)
def test_a_card_of_another_region_has_no_function_of_this_city(
    venue: Venue, grant: FunctionGrant
) -> None:
    elsewhere = replace(
        venue.city.phone().certificate.claims, region=360100, issuer_key_id=1, card_index=77
    )
    _ask_for(venue, grant=grant, cards=[77] if grant is FunctionGrant.ON_REQUEST else [])

    functions = venue.snapshot.lists.functions
    assert functions is not None
    here = functions.of_code(360700, 77, venue.clock.now())
    there = functions.of_code(elsewhere.region, 77, venue.clock.now())

    assert (here.value, there.value) == ("enabled", "disabled")


def test_a_programme_ends_at_the_offline_reader_at_its_instant(venue: Venue) -> None:
    phone = venue.city.phone()
    until = venue.clock.now() + timedelta(minutes=10)
    _ask_for(venue, cards=[phone.holder[0]], until=until)
    assert _show(venue, phone).answer.verdict is Verdict.ADMIT

    venue.clock.advance(600)

    assert _show(venue, phone).answer.reason is Reason.FUNCTION_CLOSED


def test_a_physical_card_needs_the_function_too(venue: Venue) -> None:
    _ask_for(venue, physical_cards=[])
    assert venue.lanes[2].present_card(CARD).answer.reason is Reason.FUNCTION_DISABLED

    number = card_number_of(card_digest(CODE.raw))
    newer = venue.city.function_list(epoch=2, physical_cards=[number])
    venue.snapshot.offer(Kind.FUNCTION_LIST, newer, None, venue.clock.now())

    assert venue.lanes[2].present_card(CARD).answer.verdict is Verdict.LOOK


def test_without_the_list_the_lane_admits_nobody(venue: Venue) -> None:
    now = venue.clock.now()
    venue.snapshot.offer(Kind.MANIFEST, venue.city.manifest(TRANSIT), None, now)

    assert _show(venue, venue.city.phone()).answer.reason is Reason.LISTS_MISSING


def test_a_list_past_its_date_is_too_old(venue: Venue) -> None:
    phone = venue.city.phone()
    until = venue.clock.now() + timedelta(hours=1)
    _ask_for(venue, cards=[phone.holder[0]], valid_until=until)
    venue.clock.advance(3600)

    assert _show(venue, phone).answer.reason is Reason.LISTS_TOO_OLD


def test_lists_of_another_function_region_or_time_are_refused(venue: Venue) -> None:
    _ask_for(venue, epoch=5)
    now, city = venue.clock.now(), venue.city
    for offered, code in (
        (city.function_list("culture", epoch=9), "not_for_this_reader"),
        (city.function_list(epoch=9, region=360100), "unknown_key"),
        (city.function_list(epoch=4), "older"),
        (city.function_list(epoch=5, issued_at=now - timedelta(hours=1)), "older"),
    ):
        with pytest.raises(Untrusted, match=code):
            venue.snapshot.offer(Kind.FUNCTION_LIST, offered, None, now)


def test_the_function_list_is_back_after_a_restart(venue: Venue, make_venue: VenueMaker) -> None:
    phone = venue.city.phone()
    _ask_for(venue, cards=[phone.holder[0]])

    again = make_venue()

    assert _show(again, phone).answer.verdict is Verdict.ADMIT
    assert _show(again, again.city.phone()).answer.reason is Reason.FUNCTION_DISABLED


def test_a_blocked_reader_admits_nobody_and_says_so_before_anyone_comes(
    venue: Venue, make_venue: VenueMaker
) -> None:
    phone, now = venue.city.phone(), venue.clock.now()
    blocked = venue.city.terminal_standing(blocked=True)
    venue.snapshot.offer(Kind.TERMINAL_STANDING, blocked, None, now)

    for lane in (_show(venue, phone), venue.lanes[2].present_card(CARD)):
        assert (lane.answer.verdict, lane.answer.reason) == (
            Verdict.SYSTEM,
            Reason.TERMINAL_BLOCKED,
        )
    view = StaffView(venue.board, venue.snapshot, venue.journal, venue.clock)
    fault = view.everything()["lists_fault"]
    assert fault["reason"] == "terminal_blocked"
    assert fault["headline"]["zh"] == "本机已被停用"

    again = make_venue()  # restarted, offline, and long after
    again.clock.advance(30 * 24 * 3600)
    assert _show(again, phone).answer.reason is Reason.TERMINAL_BLOCKED
    assert venue.opened() == 0


def test_an_earlier_answer_does_not_lift_the_block(venue: Venue) -> None:
    now, city = venue.clock.now(), venue.city
    venue.snapshot.offer(Kind.TERMINAL_STANDING, city.terminal_standing(blocked=True), None, now)
    before = city.terminal_standing(issued_at=now - timedelta(minutes=1))
    anothers = city.terminal_standing(terminal="ter_other", issued_at=now)
    forger = City()

    for offered, code in (
        (before, "older"),
        (anothers, "not_for_this_reader"),
        (forger.terminal_standing(), "forged"),
        (b'{"blocked": false}', "malformed"),
    ):
        with pytest.raises(Untrusted, match=code):
            venue.snapshot.offer(Kind.TERMINAL_STANDING, offered, None, now)

    lifted = city.terminal_standing(issued_at=now + timedelta(seconds=1))
    venue.snapshot.offer(Kind.TERMINAL_STANDING, lifted, None, now)
    assert _show(venue, city.phone()).answer.verdict is Verdict.ADMIT


def test_without_a_word_about_itself_a_reader_admits_nobody(make_venue: VenueMaker) -> None:
    venue = make_venue()
    now, city = venue.clock.now(), venue.city
    venue.snapshot.offer(Kind.TRUST_LIST, city.trust_list(), None, now)
    venue.snapshot.offer(Kind.MANIFEST, city.manifest(), None, now)
    venue.snapshot.offer(Kind.STATUS_LIST, city.status_list(), None, now)

    assert _show(venue, city.phone()).answer.reason is Reason.LISTS_MISSING


@pytest.fixture
def server(city: City) -> Iterator[SmallBackend]:
    with SmallBackend(city) as started:
        yield started


async def test_a_round_fetches_the_function_list_only_where_it_is_asked_for(
    server: SmallBackend, make_venue: VenueMaker
) -> None:
    venue, city = make_venue(), server.city
    key = SoftwareKey.generate(Algorithm.ED25519)
    async with Backend(server.url, Terminal(key, city.enrolment), venue.clock) as backend:
        await backend.enrol(server.token)
        sync = Sync(backend, venue.journal, venue.snapshot, venue.clock, lambda _: None)
        assert await sync.round()
        assert not [path for _, path, _ in server.requests if path.endswith("function-list")]

        phone = city.phone()
        server.documents["manifest"] = city.manifest(TRANSIT)
        server.documents["function-list"] = city.function_list(cards=[phone.holder[0]])
        assert await sync.round()
        assert _show(venue, phone).answer.verdict is Verdict.ADMIT

        server.documents["terminal-standing"] = city.terminal_standing(
            blocked=True, issued_at=city.now + timedelta(seconds=1)
        )
        assert await sync.round()  # a blocked reader still uploads and hears when it is lifted
        assert _show(venue, city.phone()).answer.reason is Reason.TERMINAL_BLOCKED
