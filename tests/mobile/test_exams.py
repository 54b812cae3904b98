"""S8, the candidate's side: the seats, the soonest first, when to come, the code, no network."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mobile.core.exam import ExamSeat, ExamsSeen, Standing
from mobile.core.exam_opening import Registered
from mobile.ui.gallery.exams import EXAMS, OPEN
from mobile.viewmodels.exam_lines import exam_lines, offered, opening_row, opening_view
from tests.mobile.booking_desk import both, refused, venue
from tests.mobile.card_office import CardOffice
from tests.support.ui import UI, Phone, running

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Nine o'clock on a Monday, in the city."""


def seat(name: str, start: datetime, number: int = 12, **changes: Any) -> dict[str, Any]:
    """Return a seat of two hours, for which the doors open an hour before and close 15 min late."""
    return {
        "session": f"s{start:%Y%m%d%H}",
        "name": both(name),
        "venue": 71,
        "seat": number,
        "startsAt": start.isoformat(),
        "endsAt": (start + timedelta(hours=2)).isoformat(),
        "earlyMinutes": 60,
        "lateMinutes": 15,
        "enteredAt": None,
        **changes,
    }


@pytest.fixture
def office(office: CardOffice) -> CardOffice:
    """Somebody with an examination in two hours, one in a month and one long ago."""
    now = office.clock.now()
    office.booking.venues = [venue(71, "赣州三中")]
    office.exams = [
        seat("英语等级考试", now + timedelta(days=30), 108),
        seat("养老护理员考试", now + timedelta(hours=2)),
        seat("驾驶员考试", now - timedelta(days=300)),
    ]
    return office


def open_exams(ui: UI) -> None:
    """Come there by the search, as somebody does who only knows what it is called."""
    ui.go("services")
    ui.app.models.services.query = "kaoshi"
    ui.frames()
    ui.tap("我的考试")


def test_the_soonest_stands_first_with_all_that_is_needed_and_the_code_a_touch_away(
    enrolled: Phone, office: CardOffice
) -> None:
    with running(enrolled) as ui:
        open_exams(ui)
        ui.wait(lambda: ui.shows("赣州三中路 1 号"))
        texts = ui.texts()
        assert texts.index("养老护理员考试") < texts.index("英语等级考试")
        assert texts.index("英语等级考试") < texts.index("驾驶员考试")
        assert ui.shows("12 号")
        assert ui.shows("社会保障卡，或者手机上的码")
        assert texts.count("已结束") == 1
        assert texts.count("出示我的码") == 1
        ui.tap("出示我的码")
        assert ui.code() is not None
        ui.press(27)
        assert ui.app.models.place.name == "exams"
        assert office.asked.count("Venue") == 1, "three seats, one venue"


def test_it_is_there_without_a_network_with_its_age_sealed_and_gone_with_the_card(
    enrolled: Phone, office: CardOffice
) -> None:
    with running(enrolled) as ui:
        open_exams(ui)
        ui.wait(lambda: ui.shows("赣州三中路 1 号"))
    assert office.exams
    stored = b"".join(path.read_bytes() for path in enrolled.folder.rglob("*") if path.is_file())
    assert "养老护理员".encode() not in stored
    enrolled.online = False
    enrolled.clock.advance(70 * 60)
    with running(enrolled) as ui:
        open_exams(ui)
        assert ui.shows("现在可以进场")
        assert ui.shows("赣州三中")
        assert ui.shows("更新")
        store = ui.app._services.session._store
        assert store.exams() is not None
        store.forget()
        assert store.exams() is None


def test_none_says_what_to_do_and_a_refusal_says_what_to_do_and_keeps_what_is_known(
    enrolled: Phone, office: CardOffice
) -> None:
    kept, office.exams = office.exams, []
    with running(enrolled) as ui:
        open_exams(ui)
        ui.wait(lambda: ui.shows("还没有考试安排"))
        assert ui.shows("有考试开放报名时会显示在这里")
        office.exams, office.booking.venues = kept, []
        ui.go("services")
        ui.go("exams")
        ui.wait(lambda: ui.shows("71 号考点"))
        assert ui.shows("联网后会显示考点的名称和地址")
        office.refuse_exams = refused("card_suspended", "这张卡已临时挂失。", "请先解除挂失。")

        def come_again() -> bool:
            # Whoever comes while the page is still being read gets what that reading brings.
            ui.go("services")
            ui.go("exams")
            return ui.shows("请先解除挂失。")

        ui.wait(come_again)
        assert ui.shows("养老护理员考试")


def test_where_one_stands_follows_the_clock_to_the_second() -> None:
    one = ExamSeat.of_wire(seat("考试", START))
    second = timedelta(seconds=1)
    opens, shut, ends = START - timedelta(hours=1), START + timedelta(minutes=15), one.ends_at
    stands = [
        one.standing(at) for at in (opens - second, opens, shut - second, shut, ends - second, ends)
    ]
    assert stands == [
        Standing.AHEAD,
        *(Standing.OPEN, Standing.OPEN),
        *(Standing.SHUT, Standing.SHUT),
        Standing.OVER,
    ]
    entered = ExamSeat.of_wire(seat("考试", START, enteredAt=opens.isoformat()))
    assert entered.standing(shut) is Standing.CHECKED_IN
    assert entered.standing(ends) is Standing.OVER


def test_the_times_are_told_in_words_of_the_citys_own_day() -> None:
    known = ExamsSeen((ExamSeat.of_wire(seat("考试", START)),), {}, START)
    line = exam_lines(known, START - timedelta(hours=20), "zh")[0]
    assert line.start == "明天 11月23日 周一 09:00"
    assert line.end == "到 11:00 结束"
    assert line.entry == "08:00 开门，09:15 以前到"
    late = START.replace(hour=15)
    night = ExamsSeen((ExamSeat.of_wire(seat("考试", late)),), {}, START)
    assert exam_lines(night, START, "en")[0].end == "Ends at Tue 24 Nov 01:00"


def test_what_ends_before_it_begins_is_not_guessed_and_what_is_kept_is_read_as_it_was() -> None:
    with pytest.raises(ValueError, match="after it begins"):
        ExamSeat.of_wire(seat("考试", START, endsAt=START.isoformat()))
    assert ExamsSeen.of_wire(EXAMS.to_wire()) == EXAMS


def touch_offer(ui: UI, name: str) -> None:
    """Open a session to register for by its row."""

    def found() -> list[object]:
        rows = (one for one in ui.widgets() if type(one).__name__ == "OfferRow")
        return [one for one in rows if name in str(getattr(one, "line", ""))]

    ui.wait(found)
    ui.touch(found()[0])


def test_one_registers_once_though_the_answer_is_lost_and_withdraws(
    enrolled: Phone, office: CardOffice
) -> None:
    offered = office.exam.offer("教师资格考试", fen=9_000)
    with running(enrolled) as ui:
        open_exams(ui)
        touch_offer(ui, "教师资格考试")
        assert ui.shows("年满 18 周岁")
        assert ui.shows("¥90.00")
        ui.tap("我要报名")
        assert ui.shows("按考试部门的通知交费")
        office.loses_answers = True
        ui.tap("确定报名")
        ui.wait(lambda: ui.shows("不会重复办理"))
    office.loses_answers = False
    with running(enrolled) as ui:
        open_exams(ui)
        ui.wait(lambda: ui.shows("有一次办理没有收到回音"))
        ui.tap("再问一次")
        ui.wait(lambda: ui.shows("报名好了"))
        assert ui.shows("已报名，等待排座")
        assert (offered["left"], len(set(office.exam.keys))) == (7, 1)
        touch_offer(ui, "教师资格考试")
        ui.tap("退出报名")
        ui.tap("继续参加")
        ui.tap("退出报名")
        ui.tap("确定退出")
        ui.wait(lambda: ui.shows("已退出报名"))
        assert offered["left"] == 8
        ui.press(27)
        ui.wait(lambda: ui.shows("可以报名，还有 8 个名额"))


def test_who_cannot_register_is_told_why_and_a_full_session_what_to_do(
    enrolled: Phone, office: CardOffice
) -> None:
    young = refused("exam_requirement", "须年满60周岁。", "如情况有变，请先更新登记信息。")
    office.exam.offer("老年大学入学考试", youngest=60, refused=young)
    full = office.exam.offer("驾驶员考试")
    with running(enrolled) as ui:
        open_exams(ui)
        touch_offer(ui, "老年大学入学考试")
        assert ui.shows("须年满60周岁。")
        assert ui.shows("请先更新登记信息")
        assert not ui.shows("我要报名")
        ui.press(27)
        touch_offer(ui, "驾驶员考试")
        full["left"] = 0  # somebody else took the last place meanwhile
        ui.tap("我要报名")
        ui.tap("确定报名")
        ui.wait(lambda: ui.shows("该场次名额已满。"))
        assert ui.shows("请选择其他场次。")
    enrolled.online = False
    with running(enrolled) as ui:
        open_exams(ui)
        assert ui.shows("老年大学入学考试")
        assert ui.shows("更新")


def test_an_offer_follows_the_clock_and_a_seated_one_is_no_offer_any_more() -> None:
    def state(at: datetime) -> str:
        return opening_row(OPEN, at, "zh").state

    assert state(OPEN.opens_at - timedelta(seconds=1)) == "还没开始报名"
    assert state(OPEN.opens_at) == "可以报名，还有 12 个名额"
    assert state(OPEN.closes_at) == "报名已结束"
    assert opening_view(OPEN, OPEN.closes_at, "zh").act == ""
    mine = replace(OPEN, registered=Registered.REGISTERED)
    assert opening_view(mine, OPEN.closes_at - timedelta(seconds=1), "zh").act == "退出报名"
    assert opening_view(mine, OPEN.closes_at, "zh").act == ""
    seated = replace(OPEN, registered=Registered.SEATED)
    assert offered(replace(EXAMS, openings=(OPEN, seated, mine))) == (mine, OPEN)
