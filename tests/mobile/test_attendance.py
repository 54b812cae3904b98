"""S84 in the app: one's own days at buildings, by month, in words; nothing of them is stored."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mobile.core.attendance import months_until
from mobile.core.trouble import UNREACHABLE
from mobile.ui.gallery import looked_after
from mobile.ui.gallery.attendance import scenes
from mobile.ui.gallery.stage import Stage
from mobile.viewmodels.attendance import AttendanceModel
from shared.localized_text import Language
from tests.support.ui import UI

HALL = {
    "venue": 41,
    "venueName": {"zh": "政务大楼", "en": "Services building"},
    "lastIn": "2026-11-20T00:31:00+00:00",
}
LIBRARY = {**HALL, "venue": 1, "venueName": {"zh": "图书馆", "en": "Library"}}
NIGHT = {
    "day": "2026-11-19",
    "firstIn": "2026-11-19T14:00:00+00:00",
    "lastOut": "2026-11-19T22:05:00+00:00",
    "minutesInside": 485,
    "unpaired": 0,
}
FORGOTTEN = {**NIGHT, "day": "2026-11-20", "lastOut": None, "minutesInside": 0, "unpaired": 2}


def _page(*nodes: Any, more: str | None = None) -> dict[str, Any]:
    info = {"hasNextPage": more is not None, "endCursor": more}
    return {"attendanceVenues": {"nodes": list(nodes), "pageInfo": info}}


class Server:
    """Answers in turn, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[Any] = []
        self.meanwhile: Callable[[], None] | None = None

    async def ask(self, operation: str, variables: dict[str, Any]) -> Any:
        if not operation.startswith("Attendance"):
            return UNREACHABLE
        self.asked.append((operation, variables))
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return self.answers.pop(0)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def server(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(stage.services.attendance._holder, "ask", server.ask)
    return server


async def _read(model: AttendanceModel) -> None:
    model._reading.trouble = await model._read()
    model._show()


def _act_for_mother(stage: Stage) -> None:
    dict(looked_after.scenes(stage))["acting-records"]()


def _row() -> type:
    from mobile.ui.screens.attendance.screen import AttendanceVenueRow  # noqa: PLC0415, a window

    return AttendanceVenueRow


def _kept(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def _scene(stage: Stage, name: str) -> AttendanceModel:
    dict(scenes(stage))[name]()
    return stage.models.attendance


@pytest.mark.feature("S84")
async def test_buildings_of_a_month_lead_to_their_days_in_words(
    stage: Stage, server: Server, tmp_path: Path
) -> None:
    model = _scene(stage, "attendance-none")
    server.answers = [_page(HALL, more="c1"), _page(LIBRARY), {"attendance": {"nodes": [NIGHT]}}]
    await _read(model)
    assert model.state.more
    await model._read_older()
    model._show()
    assert model.state.venues is not None
    assert [one.name for one in model.state.venues] == ["政务大楼", "图书馆"]
    assert not model.state.more
    model.choose(41)
    await _read(model)
    assert model.state.days is not None
    [day] = model.state.days
    assert (day.day, day.times, day.inside, day.missing) == (
        "11月19日 周四",
        "22:00 进，次日 06:05 出",
        "在内 8 小时 5 分",
        "",
    )
    assert "1 天有记录" in model.state.total
    assert "22:00 进" in model.reading()
    assert "迟到、缺勤由单位" in model.state.lead, "a tap says nothing of shifts"
    assert [(name, asked.get("after"), asked.get("venue")) for name, asked in server.asked] == [
        ("AttendanceVenues", None, None),
        ("AttendanceVenues", "c1", None),
        ("Attendance", None, 41),
    ]
    assert "政务大楼".encode() not in _kept(tmp_path)
    assert model.step_back()
    assert not model.step_back()


async def test_a_forgotten_tap_is_told_and_today_s_is_none_yet(
    stage: Stage, server: Server
) -> None:
    model = _scene(stage, "attendance-days")
    assert model.state.days is not None
    assert model.state.days[0].missing == "还没有刷出"
    server.answers = [{"attendance": {"nodes": [NIGHT, FORGOTTEN]}}]
    await _read(model)
    assert [one.missing for one in model.state.days] == ["2 次进门没有刷出，没有计时", ""]
    assert model.state.days[0].times == "22:00 进"


async def test_another_month_touched_meanwhile_is_what_is_shown(
    stage: Stage, server: Server
) -> None:
    model = _scene(stage, "attendance")
    server.answers = [_page(HALL), _page(LIBRARY)]
    server.meanwhile = lambda: model.choose_month("2026-10")
    await _read(model)
    assert [asked["month"] for _, asked in server.asked] == ["2026-11", "2026-10"]
    assert model.state.venues is not None
    assert [one.name for one in model.state.venues] == ["图书馆"]
    model.choose_month("1999-01")
    assert model.state.month == "2026-10"


async def test_days_are_ones_own_and_gone_with_who_is_in_front(
    stage: Stage, server: Server
) -> None:
    model = _scene(stage, "attendance-days")
    server.answers = [{"attendance": {"nodes": [NIGHT]}}]
    server.meanwhile = lambda: _act_for_mother(stage)
    await _read(model)
    assert (model.state.venues, model.state.days, model.state.chosen) == (None, None, "")
    assert not model._may_read()
    stage.models.place.go("attendance")
    assert stage.models.place.name == "family"


def test_months_go_back_over_a_new_year_as_far_as_records_are_kept() -> None:
    assert months_until(date(2027, 2, 1)) == (
        *("2027-02", "2027-01"),
        *("2026-12", "2026-11", "2026-10", "2026-09"),
    )


@pytest.mark.feature("S84")
def test_a_hand_goes_from_the_months_to_the_days_and_back(
    ui: UI, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, model = Server(), ui.app.models.attendance
    monkeypatch.setattr(model._attendance._holder, "ask", server.ask)
    server.answers = [
        _page(HALL, more="c1"),
        _page(LIBRARY),
        {"attendance": {"nodes": [NIGHT, FORGOTTEN]}},
        _page(),
    ]
    ui.go("attendance")
    ui.wait(lambda: ui.shows("政务大楼"))
    ui.tap("更多地方")
    ui.wait(lambda: ui.shows("图书馆"))
    ui.touch(next(ui.widgets(_row())))
    ui.wait(lambda: ui.shows("次日 06:05 出"))
    ui.tap("返回")
    ui.wait(lambda: ui.shows("最近进门"))
    ui.tap("月份：2026年11月")
    ui.tap("2026年10月")
    ui.wait(lambda: ui.shows("这个月没有进出记录"))
    assert model.state.month == "2026-10"
    assert server.asked[-1][1] == {"month": "2026-10", "after": None}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_state_can_be_said(stage: Stage, language: Language) -> None:
    for name, scene in scenes(stage):
        scene()
        stage.preferences.choose_language(language)
        assert stage.models.attendance.reading(), name
    model = _scene(stage, "attendance-days")
    short = stage.models.attendance._days or ()
    assert short[-1].inside < timedelta(hours=1)
    assert model.state.days is not None
    assert ("min" if language == "en" else "分钟") in model.state.days[-1].inside
