"""The states of the newest pages at twice the size of text; in `make soak` those of every page."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import pytest
from kivy.animation import Animation
from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock, ClockBase
from kivy.context import Context
from kivy.core.window import Window
from kivy.lang import Builder

from mobile.core.preferences import Preferences
from mobile.ports.screen.desktop import DesktopScreen
from mobile.ports.speech.desktop import DesktopSpeech
from mobile.ui.gallery import (
    SCENES,
    attendance,
    exams,
    guides,
    licences,
    looked_after,
    subsidies,
)
from mobile.ui.gallery.stage import Stage
from mobile.ui.shell import Shell
from tests.support.looks import check_step
from tests.support.soak import SOAK
from tests.support.ui import drawn_widgets

NEWEST = (
    *(attendance.scenes, exams.scenes, guides.scenes),
    *(licences.scenes, looked_after.scenes, subsidies.scenes),
)
LOOKS = [("en", True), *([("zh", False), ("en", False), ("zh", True)] if SOAK else [])]
"""The longest words in the largest letters; in `make soak` the other looks as well."""


class Showing:
    """The gallery's app in this process, and frames of it that nobody looks at."""

    def __init__(self, app: Shell) -> None:
        self.app = app

    def widgets(self, kind: type[Any]) -> Iterator[Any]:
        """Yield the widgets that are drawn, of one class."""
        return drawn_widgets(self.app.root, kind)

    def frames(self, count: int = 3) -> None:
        """Lay out what changed, in some frames."""
        for _ in range(count):
            Clock.tick()
            Builder.sync()
            Clock.tick_draw()
            Builder.sync()

    def later(self, _seconds: float) -> None:
        """Have the page that came to the front be all there."""
        Animation.cancel_all(self.app.root.page)
        self.app.root.page.opacity = 1
        self.frames()


@contextmanager
def showing(stage: Stage) -> Iterator[Showing]:
    context = Context(init=False)
    context["Clock"] = ClockBase()
    context.push()
    Clock._max_fps = 0
    app = Shell(stage.models, DesktopScreen(), DesktopSpeech())
    app._run_prepare()
    runTouchApp(embedded=True)
    try:
        yield Showing(app)
    finally:
        app.stop()
        for child in Window.children[:]:
            Window.remove_widget(child)
        if EventLoop.status == "started":
            stopTouchApp()
        context.pop()
        if EventLoop.status == "closed":
            EventLoop.status = "idle"


@pytest.mark.soak
@pytest.mark.feature("A25", "A11", "A12")
@pytest.mark.parametrize(("language", "elder"), LOOKS)
def test_each_state_fits_at_twice_the_size(
    tmp_path_factory: pytest.TempPathFactory, language: Any, elder: bool
) -> None:
    stage = Stage(tmp_path_factory.mktemp("stage"))
    with showing(stage) as shown:
        stage.preferences.value = Preferences(language, elder, text_scale=2.0)
        for name, prepare in chain.from_iterable(
            scenes(stage) for scenes in (SCENES if SOAK else NEWEST)
        ):
            prepare()
            check_step(shown, name)
