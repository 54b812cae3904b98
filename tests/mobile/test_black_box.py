"""The app as a stranger meets it: its command, a screen, a mouse and a keyboard, no more."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageGrab
from pyzbar.pyzbar import ZBarSymbol, decode

from shared.clock import SystemClock
from shared.ecode.verify import PresentationContext, VerifiedCode
from tests.mobile.card_office import CODE, CardOffice

_WIDTH, _HEIGHT = 412, 860  # the app's window, which is the whole screen
_BIND = (206, 532)
_WALLET_TAB = (154, 830)
_ALL_SERVICES = (206, 582)  # with the page scrolled to its end
_FIRST_SERVICE = (110, 222)
_PATIENCE_SECONDS = 20
_GATE = PresentationContext(venue=1)


class Display:
    """An X server of its own, what is seen on it, and a hand before it."""

    def __init__(self, name: str) -> None:
        self.environment = {
            **{key: value for key, value in os.environ.items() if key != "SDL_VIDEODRIVER"},
            "DISPLAY": name,
        }
        self._name = name

    def seen(self) -> Image.Image:
        """Return the pixels of the screen."""
        return ImageGrab.grab(xdisplay=self._name).convert("L")

    def code(self) -> str:
        """Return what a scanner reads off the screen; empty where there is no code."""
        symbols = decode(self.seen(), symbols=[ZBarSymbol.QRCODE])
        return symbols[0].data.decode() if symbols else ""

    def is_lit(self) -> bool:
        """Tell whether something light has been drawn over the black of an empty screen."""
        return self.seen().resize((1, 1)).getpixel((0, 0)) > 100  # type: ignore[operator]

    def type(self, text: str) -> None:
        """Type on the keyboard."""
        self._do("type", "--delay", "30", text)

    def press(self, key: str) -> None:
        """Press one key."""
        self._do("key", key)

    def click(self, place: tuple[int, int]) -> None:
        """Click with the mouse."""
        self._do("mousemove", str(place[0]), str(place[1]), "click", "1")

    def scroll_down(self) -> None:
        """Turn the wheel until the page is at its end."""
        self._do("mousemove", "206", "500")
        self._do("click", "--repeat", "40", "--delay", "20", "5")

    def _do(self, *act: str) -> None:
        subprocess.run(["xdotool", *act], env=self.environment, check=True, timeout=10)


@pytest.fixture
def display() -> Iterator[Display]:
    missing = [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} missing: apt-get install xvfb xdotool")
    told, tells = os.pipe()
    screen = f"{_WIDTH}x{_HEIGHT}x24"
    # It must not reset when the first look at it goes away before the app is there.
    arguments = ["-displayfd", str(tells), "-noreset", "-nolisten", "tcp", "-screen", "0", screen]
    server = subprocess.Popen(["Xvfb", *arguments], pass_fds=[tells], stderr=subprocess.DEVNULL)
    os.close(tells)
    try:
        with os.fdopen(told) as reading:
            yield Display(f":{reading.readline().strip()}")
    finally:
        server.kill()
        server.wait()


@contextmanager
def started(display: Display, folder: Path, office: CardOffice) -> Iterator[None]:
    """Start the app by its command; told to end, it ends without a word."""
    environment = {
        **display.environment,
        "YIKATONG_APP_DATA_DIR": str(folder / "store"),
        "YIKATONG_APP_BACKEND_URL": office.url,
        "YIKATONG_APP_MIRROR_DIR": str(folder / "seen"),
    }
    app = subprocess.Popen([sys.executable, "-m", "mobile"], env=environment)
    try:
        until(display.is_lit)
        yield
        app.send_signal(signal.SIGTERM)
        assert app.wait(10) == 0
    finally:
        app.kill()
        app.wait()


def words(folder: Path) -> str:
    """Return the words on the screen, as the app writes them down for who develops it."""
    spoken = folder / "seen" / "screen.txt"
    return spoken.read_text("utf-8") if spoken.is_file() else ""


def until(condition: Callable[[], object]) -> None:
    """Look again and again until `condition` holds."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


@pytest.mark.feature("S113", "U8")
def test_a_stranger_binds_a_card_shows_the_code_and_comes_back_without_a_network(
    display: Display, tmp_path: Path
) -> None:
    office = CardOffice(SystemClock())
    try:
        with started(display, tmp_path, office):
            display.type(CODE)
            until(lambda: display.seen().getpixel((30, _BIND[1])) < 128)  # type: ignore[operator]
            display.click(_BIND)
            until(display.code)
            digits = display.code()
            answer = office.verifier().verify(digits, office.clock.now(), _GATE)
            assert isinstance(answer, VerifiedCode), answer
            until(lambda: display.code() not in {"", digits})

            display.click(_WALLET_TAB)
            until(lambda: not display.code())
            display.press("Escape")
            until(display.code)

            display.scroll_down()
            until(lambda: "服务指南：出示码" in words(tmp_path))
            display.click(_ALL_SERVICES)
            until(lambda: "一卡通办" in words(tmp_path))
            display.click(_FIRST_SERVICE)
            until(lambda: "一卡通办" not in words(tmp_path) and "挂失" in words(tmp_path))
        verifier = office.verifier()
    finally:
        office.close()

    with started(display, tmp_path, office):
        until(display.code)
        assert isinstance(verifier.verify(display.code(), office.clock.now(), _GATE), VerifiedCode)
