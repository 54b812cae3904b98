"""推荐: off at first, one touch either way, and on the start screen only while it is on."""

from typing import Any

import pytest

from mobile.core.recommendation import RecommendationsSeen
from mobile.ui.gallery.recommendations import ON
from tests.mobile.booking_desk import venue
from tests.mobile.card_office import CardOffice
from tests.mobile.test_sign_in import sign_in
from tests.support.ui import UI, Phone, running


@pytest.fixture
def office(office: CardOffice) -> CardOffice:
    office.booking.venues = [venue(1, "长征纪念馆"), venue(2, "章江公园")]
    return office


def open_switch(ui: UI) -> None:
    ui.tap("我的")
    ui.tap("推荐去哪儿")
    if ui.app.models.place.name == "sign_in":
        sign_in(ui)
    ui.wait(lambda: ui.shows("章江公园"))


def touches(ui: UI, done: str) -> int:
    before = ui.touches
    ui.tap("switch")
    ui.wait(lambda: ui.shows(done))
    return ui.touches - before


@pytest.mark.feature("S54")
def test_it_is_off_at_first_and_switched_off_as_easily_as_on(
    enrolled: Phone, office: CardOffice
) -> None:
    with running(enrolled) as ui:
        assert not ui.shows("为您推荐")
        open_switch(ui)
        assert ui.shows("人人一样的名单")
        assert ui.shows("不看医院")
        assert office.chosen == []
        ui.tap("码")
        assert not ui.shows("为您推荐")
        open_switch(ui)
        on = touches(ui, "推荐打开了")
        assert office.chosen == [True]
        assert ui.shows("按您近三个月的到访排的")
        ui.tap("码")
        assert ui.shows("为您推荐")
    enrolled.online = False
    with running(enrolled) as ui:
        assert ui.shows("为您推荐")
    enrolled.online = True
    with running(enrolled) as ui:
        open_switch(ui)
        off = touches(ui, "推荐关掉了")
        assert off <= on
        ui.tap("码")
        assert not ui.shows("为您推荐")
        asked = office.asked.count("Recommendations")
        ui.later(1)
        assert office.asked.count("Recommendations") == asked, "off, nothing is asked"
    assert office.chosen == [True, False]


def test_a_venue_is_found_from_the_list_and_a_lost_answer_switches_once(
    enrolled: Phone, office: CardOffice
) -> None:
    with running(enrolled) as ui:
        open_switch(ui)
        office.loses_answers = True
        ui.tap("switch")
        ui.wait(lambda: ui.shows("这次可能没有办成"))
        office.loses_answers = False
        ui.tap("switch")
        ui.wait(lambda: ui.shows("推荐打开了"))
        assert office.chosen == [True]
        row: Any = next(one for one in ui.widgets() if type(one).__name__ == "RecommendedRow")
        ui.touch(row)
        ui.wait(lambda: ui.app.models.place.name == "venues")
        assert ui.app.models.venues.line == "长征纪念馆"


def test_what_is_kept_is_read_as_it_was() -> None:
    assert RecommendationsSeen.of_wire(ON.to_wire()) == ON
