"""The app as a hand and an eye meet it: real touches, real pixels, and time that can be travelled.

Kivy runs in this process on SDL's offscreen driver. Importing this module prepares Kivy, so it
must be imported before anything of Kivy is.
"""
# ruff: noqa: E402, I001, what Kivy reads at its import has to be set before

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import tests.support.kivy_environment  # noqa: F401

from kivy.config import Config

Config.set("graphics", "width", "412")
Config.set("graphics", "height", "860")
Config.set("graphics", "maxfps", "0")
Config.set("graphics", "multisamples", "0")
Config.remove_section("input")
Config.add_section("input")

from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.clock import Clock, ClockBase
from kivy.context import Context
from kivy.core.window import Window
from kivy.input.motionevent import MotionEvent
from kivy.lang import Builder
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget
from PIL import Image
from pyzbar.pyzbar import ZBarSymbol
from pyzbar.pyzbar import decode as decode_symbols

from mobile.app import ResidentApp
from mobile.core.settings import Settings
from mobile.core.venue import Position
from mobile.ports.camera.desktop import DesktopCamera
from mobile.ports.card_reader.desktop import PcscCardReader
from mobile.ports.device import Device
from mobile.ports.dialler.desktop import DesktopDialler
from mobile.ports.documents.desktop import DesktopDocuments
from mobile.ports.location.desktop import DesktopLocation
from mobile.ports.secret_box.desktop import KeyFileCipher
from mobile.services.transport import NoAnswer, Reply, Transport, open_http
from mobile.ui.icons import ICON_FONT
from mobile.ui.picture import read_window
from shared.clock import ManualClock
from shared.localized_text import Language
from tests.support import kv_coverage

Result = TypeVar("Result")
START = datetime(2026, 11, 22, 6, 30, 2, tzinfo=UTC)
kv_coverage.follow()  # before a rule is bound
_RESTLESS_FRAMES = 100
_skipped = 0.0  # Kivy's own clock must never go back, so this holds over the whole session


class NoNetwork:
    """A transport to which nothing answers."""

    async def post(self, *_: object) -> Reply:
        """Never answer."""
        raise NoAnswer("no network")

    async def get(self, *_: object) -> Reply:
        """Never answer."""
        raise NoAnswer("no network")

    async def close(self) -> None:
        """Have nothing to close."""


async def no_network() -> Transport:
    """Open a transport to which nothing answers."""
    return NoNetwork()


@dataclass
class RecordingScreen:
    """Remembers whether the code's brightness is asked for; dark if a test says so."""

    bright: bool = False
    dark: bool = False

    def is_dark(self) -> bool:
        """Tell what the test chose."""
        return self.dark

    def show_code(self) -> None:
        """Be bright."""
        self.bright = True

    def rest(self) -> None:
        """Be as before."""
        self.bright = False


@dataclass
class RecordingSpeech:
    """Remembers what was said."""

    said: list[tuple[str, Language]] = field(default_factory=list)

    def say(self, text: str, language: Language) -> bool:
        """Take note of `text`."""
        self.said.append((text, language))
        return True

    def hush(self) -> None:
        """Say nothing."""


@dataclass
class Phone:
    """A phone in the hand of a test: its clock, its storage, and the network it is in."""

    folder: Path
    backend_url: str = "http://127.0.0.1:9"
    online: bool = False
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    screen: RecordingScreen = field(default_factory=RecordingScreen)
    speech: RecordingSpeech = field(default_factory=RecordingSpeech)

    face: Path | None = None
    position: Position | None = None

    @property
    def documents(self) -> Path:
        """Where files for the phone's owner go."""
        return self.folder / "documents"

    def device(self) -> Device:
        """Return the phone's ports."""
        return Device(
            name="Test phone",
            clock=self.clock,
            cipher=KeyFileCipher(self.folder / "box.key"),
            screen=self.screen,
            speech=self.speech,
            documents=DesktopDocuments(self.documents),
            camera=DesktopCamera(self.face),
            card_reader=PcscCardReader(seconds=0),
            location=DesktopLocation(self.position),
            dialler=DesktopDialler(),
        )

    def app(self, **settings: Any) -> ResidentApp:
        """Return the app as it starts on this phone."""
        given = {"enrolment_code": "", "mirror_dir": None, **settings}
        return ResidentApp(
            Settings(
                data_dir=self.folder,
                documents_dir=self.documents,
                backend_url=self.backend_url,
                **given,
            ),
            self.device(),
            open_http if self.online else no_network,
        )


class Touch(MotionEvent):
    """One finger."""

    def __init__(self, x: float, y: float) -> None:
        position = {"x": x / (Window.width - 1), "y": y / (Window.height - 1)}
        super().__init__("test", 1, position, is_touch=True, type_id="touch")
        self.profile = ["pos"]

    def depack(self, args: dict[str, float]) -> None:
        """Take the position."""
        self.sx, self.sy = args["x"], args["y"]
        super().depack(args)


class UI:
    """A running app; everything a person could do to it or see of it."""

    def __init__(self, app: ResidentApp, phone: Phone, loop: asyncio.AbstractEventLoop) -> None:
        self.app = app
        self.phone = phone
        self.touches = 0
        self._loop = loop

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Have a service of the app do something, as a page would."""
        return self._loop.run_until_complete(work)

    def frames(self, count: int = 3) -> None:
        """Let some frames pass, with whatever is due between them, without drawing them.

        Drawing takes most of an app's time here, and nobody looks at most frames: see `picture`.
        """
        for _ in range(count):
            self._loop.run_until_complete(_frame())

    def draw(self) -> None:
        """Draw a frame."""
        self._loop.run_until_complete(_drawn_frame())

    def later(self, seconds: float, step: float = 0.25) -> None:
        """Let time pass without waiting for it."""
        while seconds > 1e-9:
            part = min(step, seconds)
            self.phone.clock.advance(part)
            self._pass(part)
            seconds -= part
        self.frames(2)

    def _pass(self, seconds: float) -> None:
        """Let time pass for what moves on the screen, and not for the phone's clock."""
        global _skipped  # noqa: PLW0603, Kivy's clock is one for the process
        _skipped += seconds
        self.frames(1)

    def _fade_in(self) -> None:
        """Let a page that comes to the front be all there."""
        self.frames(2)
        self._pass(0.3)
        self.frames(2)

    def wait(self, condition: Callable[[], object], seconds: float = 30.0) -> None:
        """Draw frames and let time pass at its own pace until `condition` holds.

        The limit is for what never comes: on a busy machine an answer may take its time.
        """
        end = self._loop.time() + seconds
        while not condition():
            assert self._loop.time() < end, f"it did not happen; the screen says {self.texts()}"
            self.later(0.05)
            self._loop.run_until_complete(asyncio.sleep(0.005))
        self._fade_in()

    def widgets(self, kind: type[Any] = Widget) -> Iterator[Any]:
        """Yield the widgets that are drawn, of one class."""
        return drawn_widgets(self.app.root, kind)

    def texts(self) -> list[str]:
        """Return the words on the screen."""
        return [
            label.text
            for label in self.widgets(Label)
            if label.text and label.font_name != ICON_FONT
        ]

    def shows(self, words: str) -> bool:
        """Tell whether some label holds `words`."""
        return any(words in text for text in self.texts())

    def target(self, name: str) -> Any:
        """Return the touch target of that id, or the one that holds that text.

        Raises:
            AssertionError: there is none on the screen.
        """
        for widget in self.widgets(ButtonBehavior):
            if name in {getattr(widget, "text", None), getattr(widget, "digit", None)}:
                return widget
        found = self._by_id(name)
        assert found is not None, f"no target {name!r}; the screen says {self.texts()}"
        return found

    def tap(self, name: str) -> None:
        """Touch a target in its middle, after scrolling to it if need be."""
        x, y = self._at_rest(lambda: self.target(name), repr(name))
        assert 0 < x < Window.width, f"{name!r} is off the screen"
        assert 0 < y < Window.height, f"{name!r} is off the screen"
        self.tap_at(x, y)

    def tap_at(self, x: float, y: float) -> None:
        """Touch a point."""

        async def dispatch(phase: str) -> None:
            EventLoop.post_dispatch_input(phase, touch)

        touch = Touch(x, y)
        self.touches += 1
        self._loop.run_until_complete(dispatch("begin"))
        self.frames(1)
        self._loop.run_until_complete(dispatch("end"))
        if any(view.do_scroll_y for view in self.widgets(ScrollView)):
            self.later(0.3)  # such a view passes a touch on only when it was no drag
        else:
            self._fade_in()

    def press(self, key: int) -> None:
        """Press a key of a keyboard, by its number."""

        async def dispatch() -> None:
            Window.dispatch("on_keyboard", key, None, None, [])

        self._loop.run_until_complete(dispatch())
        self.frames(1)

    def go(self, name: str) -> None:
        """Bring a page to the front, as a link on another page does."""

        async def go() -> None:
            self.app.models.place.go(name)

        self._loop.run_until_complete(go())
        self.later(0.3)

    def write(self, text: str) -> None:
        """Write with the phone's own keyboard into the line that was touched."""

        async def dispatch(sign: str) -> None:
            Window.dispatch("on_textinput", sign)

        for sign in text:
            self._loop.run_until_complete(dispatch(sign))
        self.frames(2)

    def touch(self, widget: Any) -> None:
        """Touch a widget in its middle, after scrolling to it if need be."""
        self.tap_at(*self._at_rest(lambda: widget, str(widget)))

    def reveal(self, widget: Any) -> None:
        """Scroll until `widget` can be touched."""
        parent = widget.parent
        while parent is not None and parent is not parent.parent:
            if isinstance(parent, ScrollView):
                parent.scroll_to(widget, animate=False)
                self.frames()
            parent = parent.parent

    def _at_rest(self, find: Callable[[], Any], name: str) -> tuple[float, float]:
        """Return the middle of a target that has stood still for two frames, scrolled to.

        What a page gets to know makes it move, and a target made anew is looked for again. A hand
        waits as well.

        Raises:
            AssertionError: it never stands still.
        """
        target, places = find(), deque[tuple[float, float]](maxlen=3)
        self.reveal(target)
        for _ in range(_RESTLESS_FRAMES):
            if target.get_root_window() is None:
                target = find()
                self.reveal(target)
                places.clear()
            places.append(target.to_window(*target.center))
            if len(places) == 3 and len(set(places)) == 1:
                return places[-1]
            if len(set(places)) == 1:
                self.frames(1)
            else:
                self._pass(0.05)
        raise AssertionError(
            f"{name} never stands still, it went {list(places)}; the screen says {self.texts()}"
        )

    def picture(self) -> Image.Image:
        """Return the pixels of the window."""
        self.frames()
        self.draw()
        read = read_window()
        image = Image.frombytes("RGBA", (read.width, read.height), read.pixels)
        return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).convert("L")

    def code(self) -> str | None:
        """Return the digits that a scanner reads from the pixels, if there is a code."""
        symbols = decode_symbols(self.picture(), symbols=[ZBarSymbol.QRCODE])
        return symbols[0].data.decode() if symbols else None

    def _by_id(self, name: str) -> Any:
        for widget in self.widgets():
            found = widget.ids.get(name)
            if found is not None:
                return found
        return None


@contextmanager
def running(phone: Phone, **settings: Any) -> Iterator[UI]:
    """Run the app on `phone`, with a Kivy clock and an event loop of its own."""
    context = Context(init=False)
    context["Clock"] = ClockBase()
    context.push()
    real_time = Clock.time
    Clock.time = lambda: real_time() + _skipped
    Clock._max_fps = 0
    loop = asyncio.new_event_loop()
    app = phone.app(**settings)
    ui = UI(app, phone, loop)
    try:
        loop.run_until_complete(_begin(app))
        while not app.begun:
            ui.frames(1)
        ui.frames(4)
        ui.later(0.3)
        yield ui
        ui.draw()  # whatever a test ends with can be drawn
    finally:
        loop.run_until_complete(_end(app))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        if EventLoop.status == "started":
            stopTouchApp()
        context.pop()
        if EventLoop.status == "closed":
            EventLoop.status = "idle"


async def _frame() -> None:
    """Do what `EventLoop.idle` does, except drawing."""
    Clock.tick()
    EventLoop.dispatch_input()
    Builder.sync()
    Clock.tick_draw()
    Builder.sync()
    await asyncio.sleep(0)


async def _drawn_frame() -> None:
    EventLoop.idle()
    await asyncio.sleep(0)


async def _begin(app: ResidentApp) -> None:
    app._run_prepare()
    runTouchApp(embedded=True)


async def _end(app: ResidentApp) -> None:
    await app.close()
    app.stop()
    for child in Window.children[:]:
        Window.remove_widget(child)


def drawn_widgets(widget: Any, kind: type[Any]) -> Iterator[Any]:
    """Yield a widget and those in it, as far as they are drawn and of one class."""
    if widget.opacity == 0:
        return
    if isinstance(widget, kind):
        yield widget
    for child in reversed(widget.children):
        yield from drawn_widgets(child, kind)
