"""S8, the candidate's side: the seats, the soonest first, when to come, the code, no network."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mobile.core.exam import ExamSeat, ExamsSeen, Standing
from mobile.ui.gallery.exams import EXAMS
from mobile.viewmodels.exams import exam_lines
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
        assert ui.shows("向考试部门报名")
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
