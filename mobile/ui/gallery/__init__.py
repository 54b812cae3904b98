"""Every screen in every look, drawn into a folder, for people to look at.

The models are the app's own on a made-up card and a clock that stands still; nothing is asked of a
server.
"""

import gc
import html
from collections.abc import Iterator
from fnmatch import fnmatch
from itertools import chain, product
from pathlib import Path
from tempfile import TemporaryDirectory

from kivy.animation import Animation
from kivy.base import EventLoop, runTouchApp, stopTouchApp
from kivy.uix.scrollview import ScrollView

from mobile.core.preferences import Preferences
from mobile.ports.screen.desktop import DesktopScreen
from mobile.ports.speech.desktop import DesktopSpeech
from mobile.ui.gallery import (
    account,
    attendance,
    bookings,
    calling,
    card_loss,
    everyday,
    exams,
    family,
    guides,
    library,
    licences,
    looked_after,
    passes,
    payment,
    payout,
    rating,
    recommendations,
    rights,
    stored_value,
    subsidies,
)
from mobile.ui.gallery.stage import Scenes, Stage
from mobile.ui.picture import read_window
from mobile.ui.shell import Shell

SCENES: tuple[Scenes, ...] = (
    everyday.scenes,
    account.scenes,
    card_loss.scenes,
    rights.scenes,
    bookings.scenes,
    passes.scenes,
    family.scenes,
    calling.scenes,
    payout.scenes,
    library.scenes,
    stored_value.scenes,
    subsidies.scenes,
    payment.scenes,
    recommendations.scenes,
    exams.scenes,
    looked_after.scenes,
    licences.scenes,
    attendance.scenes,
    rating.scenes,
    guides.scenes,
)
_CSS = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem;background:#e9eeec;color:#14211f}
h2{margin:2rem 0 .5rem}div{display:flex;flex-wrap:wrap;gap:1rem}
figure{margin:0}img{width:206px;border-radius:12px;border:1px solid #788986}"""


def draw_gallery(folder: Path, only: str = "*") -> None:
    """Draw every screen × {standard, elder} × {zh, en} × {light, contrast}, some darker or larger.

    `only` names the pictures wanted, by a pattern as of file names: `elder-zh-*-loss*`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sections = []
    with TemporaryDirectory() as store:
        stage = Stage(Path(store))
        app = Shell(stage.models, DesktopScreen(), DesktopSpeech())
        app._run_prepare()
        _search_garbage()
        runTouchApp(embedded=True)
        for looks in _looks():
            stage.preferences.value = looks
            title = _title(looks)
            sections.append((title, list(_draw(stage, folder, title, only))))
        app.stop()
        stopTouchApp()
    (folder / "index.html").write_text(_index(sections), encoding="utf-8")


def _search_garbage() -> None:
    """Let pages that were drawn go: widgets hold each other, and `main` switched the search off."""
    gc.freeze()
    gc.enable()


def _looks() -> Iterator[Preferences]:
    for elder, language, contrast in product((False, True), ("zh", "en"), (False, True)):
        yield Preferences("en" if language == "en" else "zh", elder, contrast, ground="light")
    yield Preferences("zh", ground="dark")
    yield Preferences("en", elder=True, ground="dark")
    yield Preferences("zh", elder=True, contrast=True, ground="dark")
    yield Preferences("zh", text_scale=2.0, ground="light")
    yield Preferences("en", text_scale=2.0, ground="light")
    yield Preferences("zh", elder=True, text_scale=2.0, ground="light")


def _title(looks: Preferences) -> str:
    parts = ["elder" if looks.elder else "standard", looks.language]
    ground = "dark" if looks.ground == "dark" else "light"
    parts.append("contrast" if looks.contrast else ground)
    if looks.contrast and looks.ground == "dark":
        parts.append("dark")
    if looks.text_scale != 1.0:
        parts.append(f"{looks.text_scale:.0%}".rstrip("%") + "pc")
    return "-".join(parts)


def _draw(stage: Stage, folder: Path, title: str, only: str) -> Iterator[str]:
    for name, prepare in chain.from_iterable(scenes(stage) for scenes in SCENES):
        if not fnmatch(f"{title}-{name}", only):
            continue
        prepare()
        _frames()
        for part in _parts():
            picture = folder / f"{title}-{name}{part}.png"
            read_window().save(picture)
            yield picture.name


def _parts() -> Iterator[str]:
    """Bring each part of a page that is higher than the window into view."""
    page = EventLoop.window.children[0].page
    scrolls = [widget for widget in page.walk() if isinstance(widget, ScrollView)]
    for scroll in scrolls:
        scroll.scroll_y = 1
    _frames()
    yield ""
    for scroll in scrolls:
        if scroll.children[0].height > scroll.height + 1:
            scroll.scroll_y = 0
            _frames()
            yield "-end"
            scroll.scroll_y = 1


def _frames() -> None:
    """Draw until layout and the fade between screens have come to rest."""
    page = EventLoop.window.children[0].page
    Animation.cancel_all(page)
    page.opacity = 1
    for _ in range(6):
        EventLoop.idle()


def _index(sections: list[tuple[str, list[str]]]) -> str:
    body = "".join(
        f"<h2>{html.escape(title)}</h2><div>"
        + "".join(
            f'<figure><a href="{name}"><img loading="lazy" src="{name}"></a>'
            f"<figcaption>{name.removeprefix(title).strip('-')}</figcaption></figure>"
            for name in names
        )
        + "</div>"
        for title, names in sections
    )
    return f"<!doctype html><meta charset=utf-8><title>一卡通</title><style>{_CSS}</style>{body}"
