"""Chinese as an input method 输入法 brings it: letters composed, then words committed."""

from collections.abc import Callable
from typing import Any

import pytest
from kivy.core.window import Window

from mobile.ui.widgets.typed_field import TypedLine
from tests.support.ui import UI


@pytest.fixture
def line(ui: UI) -> Any:
    """The line of the search for services, with 赣州 in it."""
    ui.go("services")
    line = next(ui.widgets(TypedLine))
    ui.touch(line)
    ui.write("赣州")
    assert line.focus
    return line


def compose(ui: UI, letters: str) -> None:
    async def edit() -> None:
        Window.dispatch("on_textedit", letters)

    ui.run(edit())
    ui.frames(2)


def query(ui: UI) -> str:
    written: str = ui.app.models.services.query
    return written


@pytest.mark.feature("S140")
def test_composed_letters_are_shown_and_only_the_word_is_written(ui: UI, line: Any) -> None:
    heard: list[str] = []
    ui.app.models.services.bind(query=lambda _, words: heard.append(words))
    for letters in ("t", "tu", "tu sh", "tu shu guan"):
        compose(ui, letters)
        assert line.text == f"赣州{letters}"
        assert query(ui) == "赣州"
    compose(ui, "")
    ui.write("图书馆")
    assert line.text == query(ui) == "赣州图书馆"
    assert heard[-1] == "赣州图书馆"
    assert not any(words.isascii() or "t" in words for words in heard)


def test_a_commit_that_says_nothing_of_the_end_is_written_once(ui: UI, line: Any) -> None:
    """Some input methods commit without an empty composition before it."""
    compose(ui, "tu")
    ui.write("图")
    assert line.text == query(ui) == "赣州图"
    compose(ui, "")
    assert line.text == query(ui) == "赣州图"


def leave_by_tab(ui: UI, line: Any) -> None:
    line.keyboard_on_key_down(Window, (9, "tab"), "", [])
    ui.frames()


def leave_by_touch(ui: UI, line: Any) -> None:
    ui.tap_at(Window.width / 2, 4)
    assert not line.focus


def give_up(ui: UI, _: Any) -> None:
    compose(ui, "")


@pytest.mark.parametrize("leave", [give_up, leave_by_tab, leave_by_touch])
def test_giving_up_leaves_what_was_written(
    ui: UI, line: Any, leave: Callable[[UI, Any], None]
) -> None:
    compose(ui, "shu")
    leave(ui, line)
    assert line.text == query(ui) == "赣州"
    assert not line._ime_composition


@pytest.mark.parametrize(("committed", "left"), [("", "赣州"), ("书", "书")])
def test_a_selection_comes_back_unless_something_is_committed(
    ui: UI, line: Any, committed: str, left: str
) -> None:
    line.select_all()
    compose(ui, "sh")
    assert line.text == "sh"
    assert query(ui) == "赣州"
    compose(ui, "")
    ui.write(committed)
    assert line.text == query(ui) == left


def test_in_the_middle_of_a_line_it_composes_where_the_cursor_is(ui: UI, line: Any) -> None:
    line.cursor = (1, 0)
    compose(ui, "shi")
    assert line.text == "赣shi州"
    compose(ui, "")
    ui.write("市")
    assert line.text == query(ui) == "赣市州"


def test_keys_are_the_input_methods_while_it_composes(ui: UI, line: Any) -> None:
    """Its Enter takes a candidate and must not send the form; its deletes take its own letters."""
    sent: list[object] = []
    line.bind(on_text_validate=sent.append)
    compose(ui, "shu")
    for key, name in ((13, "enter"), (8, "backspace"), (27, "escape")):
        assert line.keyboard_on_key_down(Window, (key, name), "", [])
    assert not sent
    assert line.text == "赣州shu"
    compose(ui, "")
    line.keyboard_on_key_down(Window, (13, "enter"), "", [])
    assert len(sent) == 1
