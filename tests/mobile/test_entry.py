"""现在我能进吗？: the gate's own rule, asked on the phone about what it last read."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from mobile.core.card import IssuedCertificate
from mobile.core.entry import entry_answer, read_rules, said_to_holder
from mobile.core.passes import Pass, PassState, Place
from shared.admission.circumstances import DayRange
from shared.admission.composition import AnyOf
from shared.admission.entitlement_conditions import BookingHeld, PassHeld
from shared.admission.rules import AdmissionRules
from shared.ecode.reasons import Reason
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from tests.mobile.booking_desk import venue
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI, Phone, running

BOOKED_OR_PASS = AdmissionRules(conditions=(AnyOf((BookingHeld(), PassHeld())),))
MUSEUM = LocalizedText("博物馆", "Museum")


@pytest.fixture
def office(office: CardOffice) -> CardOffice:
    rules = json.dumps(BOOKED_OR_PASS.to_wire())
    office.booking.venues = [venue(1, "长征纪念园", admissionRules=rules)]
    return office


@pytest.fixture
def ui(office: CardOffice, enrolled: Phone) -> Iterator[UI]:
    assert office.booking.venues
    with running(enrolled) as ui:
        yield ui


def _open(ui: UI) -> None:
    from mobile.ui.screens.venues.screen import VenueRow  # noqa: PLC0415, needs a window

    ui.go("venues")
    ui.wait(lambda: ui.shows("长征纪念园"))
    ui.touch(next(iter(ui.widgets(VenueRow))))


def test_a_venue_says_why_one_would_be_refused_and_then_that_one_would_not(
    ui: UI, office: CardOffice
) -> None:
    _open(ui)
    ui.wait(lambda: ui.shows("现在我能进吗？"))
    refusal = entry_answer(BOOKED_OR_PASS, 1, _certificate(ui), (), (), office.clock.now())
    words, step = said_to_holder(refusal, office.clock.now())
    assert refusal.reason in {Reason.BOOKING_NEEDED, Reason.PASS_NEEDED}
    assert ui.shows(words.zh)
    assert step is not None
    assert ui.shows(step.zh)

    begun = office.clock.now() - timedelta(minutes=10)
    office.booking.add_booking(office.booking.add_slot("now", begun))
    ui.go("bookings")
    ui.wait(lambda: ui.shows("已预约"))
    ui.go("venues")
    ui.wait(lambda: ui.shows("请进 · 已预约"))


def test_a_venue_that_is_closed_lets_nobody_in_whatever_its_gate_would_say(
    ui: UI, office: CardOffice
) -> None:
    rules = json.dumps(AdmissionRules().to_wire())
    office.booking.venues = [venue(1, "长征纪念园", admissionRules=rules, openNow=False)]
    _open(ui)
    ui.wait(lambda: ui.shows("现在关门。开门的时候：请进"))
    assert not ui.app.models.venues.state.opened.enters


def _certificate(ui: UI) -> IssuedCertificate:
    wallet = ui.app._services.session.wallet
    assert wallet is not None
    return wallet.certificate


def test_passes_count_by_their_product_days_and_uses(ui: UI, office: CardOffice) -> None:
    now, today = office.clock.now(), local_day(office.clock.now())
    rules = AdmissionRules(conditions=(PassHeld(products=frozenset({"year"})),))
    for changes, reason in (
        ({}, None),
        ({"product": "other"}, Reason.PASS_NEEDED),
        ({"uses": 2, "used": 2, "left": 0}, Reason.PASS_USED_UP),
        ({"days": DayRange(today + timedelta(days=1))}, Reason.PASS_NOT_YET),
        ({"places": (Place(2, MUSEUM),)}, Reason.PASS_OTHER_VENUE),
        ({"state": PassState.REFUNDED}, Reason.PASS_NEEDED),
    ):
        held = replace(_year(today), **changes)
        answer = entry_answer(rules, 1, _certificate(ui), (), (held,), now)
        assert answer.reason is reason, changes


def test_rules_this_app_is_too_old_for_say_nothing() -> None:
    wire = BOOKED_OR_PASS.to_wire()
    assert read_rules(json.dumps(wire)) == BOOKED_OR_PASS
    for text in (None, "", "[]", "{", json.dumps({**wire, "version": 99}), "1" * 100_001):
        assert read_rules(text) is None


def _year(today: date) -> Pass:
    return Pass(
        identifier="pas_1",
        kind="PERIOD",
        name=MUSEUM,
        state=PassState.VALID,
        places=(Place(1, MUSEUM),),
        days=DayRange(today, today + timedelta(days=9)),
        blackouts=(),
        uses=None,
        left=None,
        used=0,
        over=0,
        personal=True,
        quantity=1,
        paid_fen=0,
        refund_until=None,
        offered_until=None,
        product="year",
    )
