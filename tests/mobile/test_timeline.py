"""我的一卡通记录: read in pages, of one kind or of all."""

from datetime import timedelta
from typing import Any

import pytest

from mobile.core.preferences import Preferences
from mobile.core.timeline import TimelineRow, as_file
from shared.localized_text import LocalizedText
from tests.mobile.booking_desk import both
from tests.mobile.card_office import CardOffice
from tests.support.ui import START, UI, Phone, running


def row(office: CardOffice, number: int, category: str, title: str) -> dict[str, Any]:
    return {
        "id": f"row_{number}",
        "at": (office.clock.now() - timedelta(hours=number)).isoformat(),
        "category": category,
        "title": both(title),
        "detail": both("已进入"),
    }


def listed(ui: UI) -> list[str]:
    """Return the headings and titles of the list, also of what is out of sight."""
    from mobile.ui.screens.timeline.screen import TimelineRows  # noqa: PLC0415, needs a window

    lines = next(ui.widgets(TimelineRows)).placed
    return [line if isinstance(line, str) else line.title for line in lines]


def test_a_life_is_read_in_pages_and_filtered(ui: UI, office: CardOffice) -> None:
    office.life = [row(office, n, "VISIT", f"图书馆 {n} 号") for n in range(22)]
    office.life.append(row(office, 30, "BOOKING", "博物馆"))
    ui.go("timeline")
    ui.wait(lambda: ui.shows("图书馆 0 号"))
    ui.wait(lambda: "图书馆 19 号" in listed(ui))
    assert "图书馆 20 号" not in listed(ui)
    assert any("昨天" in heading for heading in listed(ui))
    ui.tap("more")
    assert ui.shows("昨天")
    ui.wait(lambda: "博物馆" in listed(ui))
    assert not ui.shows("看更早的")
    ui.reveal(ui.target("export"))
    assert ui.shows("博物馆")

    ui.tap("预约")
    ui.wait(lambda: not ui.shows("图书馆 0 号") and ui.shows("博物馆"))
    ui.tap("票券")
    ui.wait(lambda: ui.shows("这里还没有记录"))

    ui.tap("全部")
    ui.wait(lambda: ui.shows("图书馆 0 号"))
    office.broken = b"no JSON"
    ui.tap("wallet")
    # Its trouble comes in above what is tapped next.
    ui.wait(lambda: ui.shows("服务器暂时出错"))
    ui.tap("timeline")
    ui.wait(lambda: ui.app.models.timeline.state.problem is not None)
    assert ui.shows("图书馆 0 号"), "what was seen stays"


@pytest.mark.feature("S38")
def test_what_was_seen_stays_without_a_network_and_says_how_old_it_is(
    enrolled: Phone, office: CardOffice
) -> None:
    office.life = [row(office, 1, "LOAN", "西游记"), row(office, 2, "CARD", "解挂")]
    with running(enrolled) as ui:
        ui.go("timeline")
        ui.wait(lambda: ui.shows("西游记") and ui.shows("解挂"))
    enrolled.online = False
    enrolled.clock.advance(3 * 3600)
    with running(enrolled) as ui:
        ui.go("timeline")
        ui.wait(lambda: ui.app.models.timeline.state.problem is not None)
        assert ui.shows("西游记")
        assert ui.shows("今天 14:30 更新")
        ui.tap("办卡")
        assert ui.shows("解挂")
        assert not ui.shows("西游记")
        ui.tap("票券")
        assert not ui.shows("这里还没有记录"), "what was not read may exist"
        ui.run(forget(ui))
        assert ui.app.models.timeline.state.days is None


async def forget(ui: UI) -> None:
    ui.app.models.me.forget()


@pytest.mark.feature("S38")
def test_a_kind_is_saved_to_its_end_as_a_table(ui: UI, office: CardOffice) -> None:
    office.life = [row(office, n, "VISIT", f"图书馆 {n} 号") for n in range(53)]
    office.life.append(row(office, 60, "BOOKING", "博物馆"))
    ui.go("timeline")
    ui.wait(lambda: "图书馆 19 号" in listed(ui))
    ui.tap("到访")
    model = ui.app.models.timeline
    ui.wait(lambda: not model._reading.going_on and "图书馆 19 号" in listed(ui))
    ui.tap("export")
    ui.wait(lambda: ui.shows("记录已保存"))
    [file] = ui.phone.documents.glob("*.csv")
    lines = file.read_text("utf-8-sig").splitlines()
    assert lines[0] == "时间,种类,内容,情况"
    assert len(lines) == 54
    assert lines[-1].endswith(",到访,图书馆 52 号,已进入")
    assert ui.shows(str(file))

    office.broken = b"no JSON"
    ui.tap("export")
    ui.wait(lambda: ui.app.models.timeline.state.problem is not None)
    assert [file] == list(ui.phone.documents.glob("*")), "nothing is saved in part"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_of_the_table_is_a_formula(text: str) -> None:
    hostile = LocalizedText(text, text)
    made = as_file([TimelineRow("1", START, "LATER", hostile, hostile)], "en").decode("utf-8-sig")

    assert f"'{text}" in made
    assert "LATER" in made


def test_with_large_letters_the_kinds_stand_behind_one_line(ui: UI, office: CardOffice) -> None:
    office.life = [row(office, 1, "LOAN", "西游记"), row(office, 2, "CARD", "解挂")]
    ui.run(double(ui))
    ui.go("timeline")
    ui.wait(lambda: ui.shows("西游记"))
    assert not ui.shows("借书"), "the kinds do not fill the screen"
    ui.tap("种类：全部")
    ui.tap("办卡")
    ui.wait(lambda: not ui.shows("西游记"))
    assert ui.shows("解挂")
    assert ui.shows("种类：办卡")
    assert not ui.shows("借书")


async def double(ui: UI) -> None:
    ui.app.models.preferences.choose_text_scale(2.0)


def test_older_rows_are_put_in_words_alone_and_join_the_day_that_they_go_on(ui: UI) -> None:
    model, now = ui.app.models.timeline, ui.phone.clock.now()
    both_words = LocalizedText("馆", "Library")
    life = tuple(
        TimelineRow(f"row_{n}", now - timedelta(hours=5 * n), "VISIT", both_words, both_words)
        for n in range(40)
    )
    ui.go("timeline")
    ui.wait(lambda: not model._reading.going_on)

    async def know(rows: tuple[TimelineRow, ...]) -> Any:
        model._known = rows
        model._show()
        return model.state.days

    ui.run(know(()))
    parts = [ui.run(know(life[:count])) for count in (3, 17, 17, 18, 40)]
    assert parts[1][0].rows[:2] == parts[0][0].rows[:2]
    assert parts[2] is parts[1]
    assert parts[4][0].rows[0] is parts[1][0].rows[0], "what was put in words stays"
    ui.run(know(()))
    assert ui.run(know(life)) == parts[4], "as if read at once"
    ui.run(_in_english(ui))
    assert model.state.days[0].heading == "Today"


async def _in_english(ui: UI) -> None:
    ui.app.models.preferences.value = Preferences(language="en")
