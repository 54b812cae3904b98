"""好差评: from a visit one touch to its question, one more to answer; a lost answer counts once."""

from datetime import timedelta
from typing import Any

import pytest

from mobile.core.preferences import Preferences
from mobile.core.rating import GRADES
from tests.mobile.booking_desk import both
from tests.mobile.card_office import SCHEMA, CardOffice
from tests.support.ui import UI, Phone, running


def waits(office: CardOffice, visit: str, zh: str) -> None:
    at = office.clock.now() - timedelta(minutes=5)
    name = {"zh": zh, "en": f"{zh} in English"}
    office.waiting.append({"visit": visit, "venueName": name, "at": at.isoformat()})


@pytest.fixture
def office(office: CardOffice) -> CardOffice:
    office.add_visit("章江公园", "REFUSED", "动态码已过期")
    office.add_visit("赣州市图书馆")
    waits(office, "visit_1", "赣州市图书馆")
    return office


def pick(ui: UI, words: str) -> None:
    """Touch the row that says so."""
    rows: Any = [one for one in ui.widgets() if type(one).__name__ in {"GradeRow", "RatableRow"}]
    ui.touch(
        next(
            row
            for row in rows
            if words in {getattr(row.line, "text", ""), getattr(row.line, "venue", "")}
        )
    )


def open_question(ui: UI) -> None:
    ui.go("wallet")
    ui.wait(lambda: ui.shows("评价"))
    ui.tap("rate")
    assert ui.app.models.place.name == "rating"
    ui.wait(lambda: ui.shows("这次怎么样"))


@pytest.mark.feature("S141")
def test_a_visit_is_rated_with_one_touch_and_thanked_for(
    enrolled: Phone, office: CardOffice
) -> None:
    with running(enrolled) as ui:
        open_question(ui)
        assert ui.shows("赣州市图书馆")
        for grade in ("非常满意", "满意", "基本满意", "不满意", "非常不满意"):
            assert ui.shows(grade)
        ui.app.read_aloud()
        assert "基本满意" in ui.phone.speech.said[-1][0]
        before = ui.touches
        pick(ui, "基本满意")
        ui.wait(lambda: ui.shows("谢谢您的评价"))
        assert ui.touches == before + 1
        assert ui.shows("没有记您的名字")
        assert office.rated == [("visit_1", "FAIRLY_SATISFIED")]
        ui.tap("visits")
        assert ui.app.models.place.name == "wallet"
        assert ui.shows("动态码已过期")
        assert not ui.shows("评价"), "neither the rated visit nor the refused one asks"
    kept = b"".join(one.read_bytes() for one in enrolled.folder.rglob("*") if one.is_file())
    assert b"SATISFIED" not in kept


@pytest.mark.feature("S141")
def test_a_visit_of_the_history_is_rated_as_well(enrolled: Phone, office: CardOffice) -> None:
    for number in range(3):
        at = office.clock.now() - timedelta(hours=number)
        what = {"category": "VISIT", "title": both("赣州市图书馆"), "detail": both("已进入")}
        office.life.append({"id": f"visit_{number}", "at": at.isoformat(), **what})
    with running(enrolled) as ui:
        ui.go("timeline")
        ui.wait(lambda: ui.shows("评价"))
        assert ui.texts().count("评价") == 1, "the visit that may be rated, and no other"
        ui.tap("评价")
        ui.wait(lambda: ui.shows("这次怎么样"))
        pick(ui, "满意")
        ui.wait(lambda: ui.shows("谢谢您的评价"))
        assert office.rated == [("visit_1", "SATISFIED")]
        ui.tap("back")
        assert ui.app.models.place.name == "timeline"
        assert not ui.shows("评价")


@pytest.mark.feature("S141")
def test_a_lost_answer_counts_once_and_another_grade_is_told_so(
    enrolled: Phone, office: CardOffice
) -> None:
    with running(enrolled) as ui:
        open_question(ui)
        office.loses_answers = True
        pick(ui, "满意")
        ui.wait(lambda: ui.shows("不会重复办理"))
        office.loses_answers = False
        pick(ui, "不满意")
        ui.wait(lambda: ui.shows("已评价过"))
        assert ui.shows("不用再评")
        assert office.rated == [("visit_1", "SATISFIED")]
        waits(office, "visit_9", "客家博物馆")
        ui.app.models.rating.begin()
        ui.go("code")
        ui.go("rating")
        ui.wait(lambda: ui.shows("客家博物馆"))
        pick(ui, "客家博物馆")
        office.loses_answers = True
        pick(ui, "满意")
        ui.wait(lambda: ui.shows("不会重复办理"))
        office.loses_answers = False
        pick(ui, "满意")
        ui.wait(lambda: ui.shows("谢谢您的评价"))
        assert office.rated[1:] == [("visit_9", "SATISFIED")]


def test_with_large_letters_it_is_one_question_a_page(enrolled: Phone, office: CardOffice) -> None:
    waits(office, "visit_9", "客家博物馆")
    with running(enrolled) as ui:
        ui.app.models.preferences.value = Preferences(elder=True)
        ui.app.models.rating.begin()
        ui.go("rating")
        ui.wait(lambda: ui.shows("您想评价哪一次"))
        assert not ui.shows("非常满意")
        pick(ui, "客家博物馆")
        assert ui.shows("非常满意")
        assert not ui.shows("您想评价哪一次")
        rows: Any = [one for one in ui.widgets() if type(one).__name__ == "GradeRow"]
        assert len(rows) == 5
        assert min(one.height for one in rows) >= ui.app.theme.touch
        ui.tap("back")
        assert ui.shows("您想评价哪一次")


def test_the_grades_are_the_servers() -> None:
    told: Any = SCHEMA.type_map["Satisfaction"]
    assert tuple(told.values) == GRADES
