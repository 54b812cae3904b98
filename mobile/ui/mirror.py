"""Development aid: the window's own pixels as picture files, for a camera to look at.

Files appear whole, named in order, at most some a second and only when something changed. Beside
them `screen.txt` holds the words on the screen, a line for each label that can be seen.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from mobile.ui.icons import ICON_FONT
from mobile.ui.picture import Picture, read_window

_INTERVAL_SECONDS = 0.25
_KEPT = 50


def visible_texts(widgets: Iterable[Widget]) -> Iterator[str]:
    """Yield the texts of labels that are drawn, from the top down; icons are left out."""
    for widget in widgets:
        if widget.opacity == 0:
            continue
        if isinstance(widget, Label) and widget.text.strip() and widget.font_name != ICON_FONT:
            yield widget.text
        yield from visible_texts(reversed(widget.children))


class Mirror:
    """Writes frame-000001.png, … into `folder`, and keeps the newest of them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._count = 0
        self._last = b""
        self._words = ""
        self._due = True
        for left in folder.glob("frame-*.png"):
            left.unlink()
        self._timer = Clock.schedule_interval(self._fall_due, _INTERVAL_SECONDS)
        # Before the window's own handler, which swaps the finished picture away.
        Window.bind(on_flip=self._on_flip)

    def close(self) -> None:
        """Stop writing."""
        self._timer.cancel()
        Window.unbind(on_flip=self._on_flip)

    def _fall_due(self, _passed: float) -> None:
        self._due = True

    def _on_flip(self, *_: object) -> None:
        if not self._due:
            return
        self._due = False
        picture = read_window()
        digest = hashlib.blake2b(picture.pixels, digest_size=16).digest()
        if digest != self._last:
            self._last = digest
            self._write(picture)
            self._write_words()

    def _write(self, picture: Picture) -> None:
        self._count += 1
        unfinished = self._folder / f".{self._count:06}.png"
        picture.save(unfinished)
        unfinished.replace(self._frame(self._count))
        self._frame(self._count - _KEPT).unlink(missing_ok=True)

    def _write_words(self) -> None:
        words = "\n".join(visible_texts(Window.children)) + "\n"
        if words != self._words:
            self._words = words
            unfinished = self._folder / ".screen.txt"
            unfinished.write_text(words, encoding="utf-8")
            unfinished.replace(self._folder / "screen.txt")

    def _frame(self, number: int) -> Path:
        return self._folder / f"frame-{number:06}.png"
