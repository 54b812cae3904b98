"""The app in use: scrolling a long life, frames while the server is slow, memory after an hour.

Offscreen and in a process of its own, which draws what a phone would. The list is of the timeline's
own rows; beside it stands bare Kivy's RecycleView with as many rows of one label, nothing filled
behind it. The goal is for that one. A second one, told beside it and without a goal, fills each row
and writes two labels in it, as any list of the app has to.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from typing_extensions import override

import tests.support.kivy_environment  # noqa: F401, for this process and those it starts
from tests.bench.measure import Row, table

_ROOT = Path(__file__).parents[2]
_ROWS, _PAGE, _FRAMES, _ROUNDS = 1_000, 20, 240, 5
_SCROLL_GOAL, _BLOCKED_GOAL, _GROWTH_GOAL = 1.3, 100.0, 1.05
_DELAY = 1.5
_PAGES = ("home", "wallet", "bookings", "venues", "timeline", "services", "me", "code")


def run() -> Iterator[Row]:
    """Measure each in a process of its own."""
    for part in _PARTS:
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench.bench_app_use", part],
            cwd=_ROOT,
            env={**os.environ, "SDL_VIDEODRIVER": "offscreen"},
            stdout=subprocess.PIPE,
            check=True,
        )
        yield Row(**json.loads(told.stdout.splitlines()[-1]))


def _scroll() -> Row:
    """Scroll through 1,000 rows of the one and of the other in turn, some rounds.

    What else the machine does comes and goes: told are the middle ones of the rounds' figures.
    """
    from kivy.uix.scrollview import ScrollView  # noqa: PLC0415, after Kivy is prepared

    from mobile.core.timeline import TimelineRow  # noqa: PLC0415
    from shared.localized_text import LocalizedText  # noqa: PLC0415

    with _app() as ui:
        ui.go("timeline")
        model, now = ui.app.models.timeline, ui.phone.clock.now()
        words = LocalizedText("已进入 · 主入口", "Admitted")
        life = tuple(
            TimelineRow(
                str(number),
                now - timedelta(hours=4 * number),
                "VISIT",
                LocalizedText(f"赣州市图书馆 {number}", f"Library {number}"),
                words,
            )
            for number in range(_ROWS)
        )
        ui.wait(lambda: not model._reading.going_on)
        [view] = list(ui.widgets(ScrollView))[:1]
        pages, longest = [], 0.0
        for known in range(_PAGE, _ROWS + 1, _PAGE):
            model._known = life[:known]
            begun = time.perf_counter()
            model._show()
            longest = _until_placed(ui, known)
            pages.append((time.perf_counter() - begun) * 1000)
        bare, filled = _bare_list("BareRow", _BARE_ROW), _bare_list("FilledRow", _FILLED_ROW)
        shown = [(view, ui.app.root.children[::-1]), (bare, [bare]), (filled, [filled])]
        rounds = [[_scrolled(ui, one, around) for one, around in shown] for _ in range(_ROUNDS)]
    ours, theirs, full = (
        _Frames(
            *(median(getattr(done[place], part) for done in rounds) for part in _Frames._fields)
        )
        for place in range(3)
    )
    ratio = median(done[0].wall / done[1].wall for done in rounds)
    cpu_ratio = median(done[0].cpu / done[1].cpu for done in rounds)
    return Row(
        f"scrolling {_ROWS:,} rows of the timeline",
        f"frame p95 {ours.wall:.1f} ms, of it {ours.own:.1f} the app's own, and "
        f"{ours.cpu:.1f} ms CPU of all threads; "
        f"its last page of {_PAGE} shown in {pages[-1]:,.0f} ms, "
        f"the longest frame {longest:,.0f} ms",
        f"bare RecycleView's p95, {theirs.wall:.1f} ms ({theirs.own:.1f} its own, "
        f"{theirs.cpu:.1f} ms CPU: {cpu_ratio:.2f} × that); with rows filled and of two labels "
        f"{full.wall:.1f} ms, of which it is {ours.wall / full.wall:.2f} ×",
        ratio,
        f"≤ {_SCROLL_GOAL} ×",
        ratio <= _SCROLL_GOAL,
    )


def _until_placed(ui: Any, rows: int) -> float:
    """Let frames pass until all rows have their place: a few are measured a frame.

    Returns the milliseconds of the longest.
    """
    from mobile.ui.screens.timeline.screen import TimelineRows  # noqa: PLC0415

    [there] = ui.widgets(TimelineRows)
    taken: list[float] = []
    while sum(not isinstance(line, str) for line in there.placed) < rows:
        begun = time.perf_counter()
        ui.frames(1)
        taken.append((time.perf_counter() - begun) * 1000)
    for _ in range(5):
        begun = time.perf_counter()
        ui.frames(1)
        taken.append((time.perf_counter() - begun) * 1000)
    return max(taken)


class _Frames(NamedTuple):
    """95 of 100 frames took no more milliseconds; `own` is the CPU time of the app's own thread."""

    wall: float
    own: float
    cpu: float


async def _shown(root: Any, widgets: list[Any]) -> None:
    root.clear_widgets()
    for widget in widgets:
        root.add_widget(widget)


_BARE_ROW = """
<BareRow@Label>:
"""
_FILLED_ROW = """
<FilledRow@BoxLayout>:
    orientation: 'vertical'
    text: ''
    canvas.before:
        Color:
            rgba: 1, 1, 1, 1
        Rectangle:
            pos: self.pos
            size: self.size
    Label:
        text: root.text
        color: 0, 0, 0, 1
    Label:
        text: root.text
        color: .3, .3, .3, 1
"""


def _bare_list(name: str, rule: str) -> Any:
    """Return bare Kivy's list of rows of the class `name`, which `rule` makes."""
    from kivy.lang import Builder  # noqa: PLC0415
    from kivy.uix.recycleview import RecycleView  # noqa: F401, PLC0415

    Builder.load_string(rule)
    return Builder.load_string(
        f"""
RecycleView:
    viewclass: '{name}'
    data: [{{'text': f'赣州市图书馆 {{number}}'}} for number in range({_ROWS})]
    RecycleBoxLayout:
        orientation: 'vertical'
        default_size: None, dp(56)
        default_size_hint: 1, None
        size_hint_y: None
        height: self.minimum_height
"""
    )


def _scrolled(ui: Any, view: Any, around: list[Any]) -> _Frames:
    """Return what a frame takes on one way through a list, shown by what is `around` it.

    As time passes, the CPU time of the app's own thread, and that of all threads: OpenGL draws in
    its own here, which wait for whatever else the machine does.
    """
    from kivy.graphics.opengl import glFinish  # noqa: PLC0415

    async def to(share: float) -> None:
        view.scroll_y = share

    ui.run(_shown(ui.app.root, around))
    ui.frames(5)
    ui.draw()
    taken, drawn, used = [], [], []
    for frame in range(_FRAMES):
        ui.run(to(1 - frame / _FRAMES * 0.5))
        begun, alone, whole = time.perf_counter(), time.thread_time(), time.process_time()
        ui.draw()
        drawn.append((time.thread_time() - alone) * 1000)
        glFinish()
        taken.append((time.perf_counter() - begun) * 1000)
        used.append((time.process_time() - whole) * 1000)
    return _Frames(*map(_p95, (taken, drawn, used)))


def _slow_server() -> Row:
    """Go from page to page while each answer takes 1.5 s, once every page has been built."""
    from tests.mobile.card_office import CardOffice  # noqa: PLC0415

    class SlowOffice(CardOffice):
        @override
        def answer(self, *given: Any) -> tuple[int, bytes]:
            time.sleep(_DELAY)
            return super().answer(*given)

    with _enrolled(CardOffice) as (phone, office), _running(phone) as ui:
        for page in _PAGES:
            ui.go(page)
            ui.later(0.5)
        office.__class__ = SlowOffice
        gaps = []
        asked = len(office.asked)
        for page in _PAGES:
            gaps += _gaps(ui, lambda page=page: ui.app.models.place.go(page), 2.0)  # type: ignore[misc]
        answered = len(office.asked) - asked
    longest = max(gaps)
    return Row(
        f"frames while the server takes {_DELAY} s",
        f"longest {longest:.0f} ms, p99 {_p99(gaps):.0f} ms of {len(gaps)}; "
        f"{answered} answers came",
        goal=f"≤ {_BLOCKED_GOAL:.0f} ms",
        met=longest <= _BLOCKED_GOAL and answered > 0,
    )


def _gaps(ui: Any, act: Callable[[], None], seconds: float) -> list[float]:
    """Do `act` and return the milliseconds of the frames that follow, each at its own pace."""
    import asyncio  # noqa: PLC0415

    async def begin() -> None:
        act()

    taken, end = [], time.perf_counter() + seconds
    ui.run(begin())
    while time.perf_counter() < end:
        begun = time.perf_counter()
        ui.phone.clock.advance(0.02)
        ui.frames(1)
        taken.append((time.perf_counter() - begun) * 1000)
        ui.run(asyncio.sleep(0.01))
    return taken


def _hour() -> Row:
    """Use the app for an hour of its time: each half minute another page, twelve a visit."""
    from tests.mobile.card_office import CardOffice  # noqa: PLC0415

    with _enrolled(CardOffice) as (phone, office), _running(phone) as ui:
        sizes = []
        for minute in range(60):
            for page in (_PAGES[minute % len(_PAGES)], _PAGES[(minute + 3) % len(_PAGES)]):
                ui.go(page)
                ui.later(29.5, step=0.5)
                ui.draw()
            if minute % 5 == 0:
                office.add_visit(f"赣州市图书馆 {minute}")
            gc.collect()
            sizes.append(_resident_mb())
    early, late = sizes[19], sizes[-1]
    return Row(
        "memory after an hour of use",
        f"{late:.0f} MB",
        f"after twenty minutes, {early:.0f} MB",
        late / early,
        f"≤ {_GROWTH_GOAL} ×",
        late / early <= _GROWTH_GOAL,
    )


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _p95(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.95)]


def _p99(taken: list[float]) -> float:
    return sorted(taken)[int(len(taken) * 0.99)]


def _app() -> Any:
    from tests.mobile.card_office import CardOffice  # noqa: PLC0415

    return _both(CardOffice)


def _both(kind: Any) -> Any:
    from contextlib import contextmanager  # noqa: PLC0415

    @contextmanager
    def opened() -> Iterator[Any]:
        with _enrolled(kind) as (phone, _), _running(phone) as ui:
            yield ui

    return opened()


def _running(phone: Any) -> Any:
    from tests.support.ui import running  # noqa: PLC0415

    return running(phone)


def _enrolled(kind: Any) -> Any:
    import asyncio  # noqa: PLC0415
    from contextlib import contextmanager  # noqa: PLC0415

    from tests.mobile.card_office import CODE  # noqa: PLC0415
    from tests.support.ui import Phone  # noqa: PLC0415

    @contextmanager
    def opened() -> Iterator[Any]:
        with tempfile.TemporaryDirectory() as folder:
            phone = Phone(Path(folder) / "phone")
            office = kind(phone.clock)
            phone.backend_url, phone.online = office.url, True
            try:
                asyncio.run(asyncio.wait_for(_enrol(phone, CODE), 20))
                yield phone, office
            finally:
                office.close()

    return opened()


async def _enrol(phone: Any, code: str) -> None:
    import asyncio  # noqa: PLC0415

    app, done = phone.app(), asyncio.Event()
    app.models.place.bind(enrolled=lambda *_: done.set())
    app.models.enrol.fill(code)
    app.models.enrol.submit()
    await done.wait()
    await app.close()


_PARTS: dict[str, Callable[[], Row]] = {"scroll": _scroll, "slow": _slow_server, "hour": _hour}

if __name__ == "__main__":
    if sys.argv[1:]:
        row = _PARTS[sys.argv[1]]()
        sys.stdout.write(json.dumps(asdict(row)) + "\n")
    else:
        sys.stdout.write(table(run()) + "\n")
