"""The history of a long life: widgets for what is in sight alone, and nobody notices."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from kivy.uix.scrollview import ScrollView

from mobile.core.preferences import Preferences
from mobile.core.rating import RatableVisit
from mobile.core.timeline import TimelineRow
from mobile.ui.focus import spoken
from shared.localized_text import LocalizedText
from tests.mobile.test_focus import TAB, in_focus, press
from tests.mobile.test_touched_lists import _dispatch
from tests.support.ui import UI, Touch

ROWS = 60
LONG = "江西省赣州市章贡区客家文化和非物质文化遗产保护中心展览馆东侧分馆"


def life(ui: UI, begins: int = 0) -> tuple[TimelineRow, ...]:
    """Return rows of which each seventh has a title of more than one line."""
    now, words = ui.phone.clock.now(), LocalizedText("已进入 · 主入口", "Admitted")
    titles = [
        f"{number} 号" + (LONG if number % 7 == 0 else "馆") for number in range(begins, ROWS)
    ]
    return tuple(
        TimelineRow(
            f"visit_{begins + place}",
            now - timedelta(hours=4 * (begins + place)),
            "VISIT",
            LocalizedText(title, title),
            words,
        )
        for place, title in enumerate(titles)
    )


async def _show(ui: UI, known: tuple[TimelineRow, ...]) -> None:
    ui.app.models.timeline._known = known
    ui.app.models.timeline._show()


async def _prefer(ui: UI, preferences: Preferences) -> None:
    ui.app.models.preferences.value = preferences


def _list(ui: UI) -> Any:
    from mobile.ui.screens.timeline.screen import TimelineRows  # noqa: PLC0415, needs a window

    return next(ui.widgets(TimelineRows))


def opened(ui: UI) -> Any:
    """Show the long life; return its list."""
    ui.go("timeline")
    ui.wait(lambda: not ui.app.models.timeline._reading.going_on)
    ui.run(_show(ui, life(ui)))
    _until_placed(ui)
    return _list(ui)


def _until_placed(ui: UI) -> None:
    for _ in range(100):
        ui.frames(1)
        if sum(not isinstance(line, str) for line in _list(ui).placed) == ROWS:
            break
    ui.frames(3)


def _in_sight(ui: UI, lines: Any) -> list[Any]:
    view = next(ui.widgets(ScrollView))
    low = view.to_local(0, view.y)[1]
    return [one for one in lines.children[::-1] if one.top > low and one.y < low + view.height]


def _check_filled(ui: UI, lines: Any, rows: list[Any]) -> None:
    """What of the list is in sight has rows from its first line to its last."""
    view = next(ui.widgets(ScrollView))
    low = view.to_local(0, view.y)[1]
    highest, lowest = min(lines.top, low + view.height), max(lines.y, low)
    if highest > lowest:
        assert rows[0].top > highest - 1
        assert rows[-1].y < lowest + 1


LOOKS = (
    Preferences(),
    Preferences(elder=True),
    Preferences(text_scale=2.0),
    Preferences(language="en"),
)


def test_whatever_the_look_each_row_in_sight_has_its_widget_and_its_own_height(ui: UI) -> None:
    lines = opened(ui)
    view = next(ui.widgets(ScrollView))
    for looks in LOOKS:
        ui.run(_prefer(ui, looks))
        _until_placed(ui)
        seen: set[object] = set()
        for place in [*(1 - step / 40 for step in range(41)), 0.5, 1]:
            view.scroll_y = place
            ui.frames(1)
            rows = _in_sight(ui, lines)
            shown = [row.line for row in rows]
            seen.update(shown)
            first = lines.placed.index(shown[0]) if shown else 0
            _check_filled(ui, lines, rows)
            assert shown == list(lines.placed[first : first + len(shown)]), (
                "in order, none left out"
            )
            for above, below in pairwise(rows):
                assert above.y == pytest.approx(below.top, abs=1)
            for row in rows:
                assert row.height == pytest.approx(lines._measures[row.line].height, abs=1)
                assert row.children[0].width <= lines.width
            assert len(lines.children) < ROWS / 2
        assert seen == set(lines.placed), looks
        assert lines.height == pytest.approx(
            sum(measure.height for measure in lines._measures.values()), abs=1
        )


def test_only_what_changed_is_shown_by_another_widget(ui: UI) -> None:
    lines = opened(ui)
    before = {row.line: row for row in lines.children}
    first = ui.app.models.timeline.state.days[0].rows[0]
    ui.run(_show(ui, life(ui, begins=1)))
    ui.frames(4)
    after = {row.line: row for row in lines.children}
    assert first in before
    assert first not in after
    stayed = before.keys() & after.keys()
    assert len(stayed) >= len(before) - 1
    assert all(before[line] is after[line] for line in stayed)


async def _ratable(ui: UI, *numbers: int) -> None:
    """Let these visits be such as may be rated."""
    at, venue = ui.phone.clock.now(), LocalizedText("馆", "Library")
    visits = (RatableVisit(f"visit_{number}", venue, at) for number in numbers)
    ui.app.models.timeline._ratings._hold(tuple(visits))


def _row_of(control: Any) -> Any:
    while not hasattr(control, "line"):
        control = control.parent
    return control


def test_by_keys_one_comes_to_the_buttons_of_rows_out_of_sight_and_back(ui: UI) -> None:
    opened(ui)
    ui.run(_ratable(ui, 2, 30, 55))
    ui.frames(4)
    reached = []
    for _ in range(60):
        press(ui, TAB)
        ui.frames(2)
        control = in_focus(ui)
        if spoken(control, "zh") == "评价":
            row = _row_of(control)
            assert row in _in_sight(ui, _list(ui))
            low, high = control.to_window(*control.pos)[1], control.to_window(0, control.top)[1]
            view = next(ui.widgets(ScrollView))
            assert view.y <= low
            assert high <= view.top
            reached.append(row.line.identifier)
        if len(reached) == 3:
            break
    assert reached == ["visit_2", "visit_30", "visit_55"]
    press(ui, TAB, ("shift",))
    assert _row_of(in_focus(ui)).line.identifier == "visit_30"
    press(ui, TAB, ("shift",))
    assert _row_of(in_focus(ui)).line.identifier == "visit_2"


def test_a_focus_or_a_finger_is_never_handed_on_to_another_row(ui: UI) -> None:
    lines = opened(ui)
    ui.run(_ratable(ui, 2, 30, 31, 32))
    ui.frames(4)
    [row] = [one for one in lines.children if getattr(one.line, "ratable", False)]
    button = row.ids.rate
    ui.app._focus._take(button)
    lines.bring(lines.placed.index(life_line(lines, "visit_31")))
    ui.frames(3)
    assert in_focus(ui) is None, "what had the focus is out of sight"
    assert button.get_root_window() is None
    assert row.line.identifier == "visit_2"


def life_line(lines: Any, identifier: str) -> object:
    return next(line for line in lines.placed if getattr(line, "identifier", "") == identifier)


@pytest.mark.feature("S141")
def test_a_touch_on_a_row_that_changes_meanwhile_counts_for_what_was_touched(ui: UI) -> None:
    lines = opened(ui)
    ui.run(_ratable(ui, 2, 3))
    ui.frames(4)
    row = next(one for one in lines.children[::-1] if getattr(one.line, "ratable", False))
    placed = lines.placed
    finger = Touch(*row.ids.rate.to_window(*row.ids.rate.center))
    ui.run(_dispatch("begin", finger))
    ui.frames(1)
    ui.run(_show(ui, life(ui, begins=2)))
    ui.frames(5)
    assert lines.placed is placed, "what is touched stays where it is"
    ui.run(_dispatch("end", finger))
    ui.later(0.3)
    assert ui.app.models.place.name == "rating"
    assert ui.app.models.rating._chosen == "visit_2"
    assert lines.placed is not placed
