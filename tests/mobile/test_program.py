"""The program as it is started: `python -m mobile`."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from pyzbar.pyzbar import ZBarSymbol, decode

from shared.clock import SystemClock
from tests.mobile.card_office import CODE, CardOffice
from tests.support.soak import SOAK


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "SDL_VIDEODRIVER": "offscreen",
        "YIKATONG_APP_DATA_DIR": str(folder / "store"),
        **more,
    }


def test_a_link_enrols_and_the_mirror_shows_the_code_and_the_words(tmp_path: Path) -> None:
    office = CardOffice(SystemClock())
    mirror = tmp_path / "mirror"
    app = subprocess.Popen(
        [sys.executable, "-m", "mobile"],
        env=environment(
            tmp_path,
            YIKATONG_APP_BACKEND_URL=office.url,
            YIKATONG_APP_ENROLMENT_CODE=CODE,
            YIKATONG_APP_MIRROR_DIR=str(mirror),
        ),
        stderr=subprocess.PIPE,
    )
    try:
        deadline = time.monotonic() + 20
        while not (found := newest_code(mirror)):
            assert time.monotonic() < deadline, "no code appeared"
            assert app.poll() is None, app.communicate()[1].decode()
            time.sleep(0.1)
        assert len(found) in {467, 469}
        assert "钟*明" in (mirror / "screen.txt").read_text("utf-8")
        app.send_signal(signal.SIGTERM)
        _, said = app.communicate(timeout=10)
        assert app.returncode == 0, said.decode()
        assert "钟*明" not in said.decode()
    finally:
        app.kill()
        app.wait()
        office.close()


_TOLD_IN_A_FRAME = """
import asyncio, os, signal, sys
from mobile import __main__ as start
start._prepare_kivy(for_pictures=False)
from dataclasses import replace
from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window

def shown(*_):
    Window.unbind(on_flip=shown)
    loop = asyncio.get_running_loop()
    preferences = App.get_running_app().models.preferences

    def told():
        os.kill(os.getpid(), signal.SIGTERM)

    def answered():
        for elder in (True, False):
            preferences.value = replace(preferences.value, elder=elder)

    loop.call_soon(told)
    for turn in range(40):
        loop.call_later(turn / 1000, answered)

Window.bind(on_flip=shown)
sys.exit(start.main())
"""


def test_an_answer_that_comes_while_it_ends_is_no_failure(tmp_path: Path) -> None:
    """What an answer changes is drawn by rules that need the app, until the last frame."""
    done = subprocess.run(
        [sys.executable, "-c", _TOLD_IN_A_FRAME],
        env=environment(tmp_path, YIKATONG_APP_BACKEND_URL="http://127.0.0.1:9"),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert done.returncode == 0, done.stderr


def newest_code(folder: Path) -> str:
    pictures = sorted(folder.glob("frame-*.png"))
    if not pictures:
        return ""
    with Image.open(pictures[-1]) as picture:
        symbols = decode(picture.convert("L"), symbols=[ZBarSymbol.QRCODE])
    return symbols[0].data.decode() if symbols else ""


def test_a_wrong_setting_is_named_and_nothing_starts(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mobile"],
        env=environment(tmp_path, YIKATONG_APP_BACKEND_URL="nowhere"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "YIKATONG_APP_BACKEND_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.soak
def test_the_gallery_draws_the_pages_of_a_look(tmp_path: Path) -> None:
    """Every page and state in `make soak`; else those with names of four letters, of each kind."""
    pages = "*" if SOAK else "????"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "mobile",
            "--gallery",
            tmp_path,
            "--only",
            f"elder-zh-light-{pages}",
        ],
        env=environment(tmp_path),
        check=True,
    )

    names = {path.name for path in tmp_path.glob("*.png")}
    assert {
        f"elder-zh-light-{page}.png" for page in ("home", "code", "loss", "copy", "shop")
    } <= names
    with Image.open(tmp_path / "elder-zh-light-home.png") as picture:
        assert decode(picture.convert("L"), symbols=[ZBarSymbol.QRCODE])
    assert all(name in (tmp_path / "index.html").read_text("utf-8") for name in names)
