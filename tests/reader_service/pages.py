"""The staff page, served for a browser."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, ConsoleMessage, Error, Page, ViewportSize, expect

from reader_service.app import tell_pages
from reader_service.console.desk import StaffDesk
from reader_service.console.feed import Event, Feed
from reader_service.console.sessions import Sessions
from reader_service.console.site import make_site
from reader_service.console.staff_register import StaffRegister
from reader_service.console.views import StaffView
from reader_service.lane.board import LaneAnswer
from reader_service.sync.rounds import SyncState
from shared.admission.answer import Answer, Verdict, admit, look, refuse
from shared.admission.evidence import Medium
from shared.ecode.reasons import Reason
from shared.localized_text import LocalizedText
from tests.reader_service.conftest import Venue

SCREENSHOTS = os.environ.get("YIKATONG_SCREENSHOTS", "")
"""The folder that pictures for people to look at go to; none are taken without it."""

TABLET: ViewportSize = {"width": 1280, "height": 800}
AXE = Axe()
WCAG = {
    "resultTypes": ["violations"],  # what passed would be told element by element
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
}

ANSWERS: dict[Verdict, Answer] = {
    Verdict.ADMIT: admit(LocalizedText("免费", "free")),
    Verdict.LOOK: look(
        LocalizedText("请进 · 卡未认证", "Come in · card not authenticated"),
        LocalizedText("请核对卡面照片与本人", "Compare the photo on the card with the holder"),
        Reason.CARD_NOT_AUTHENTICATED,
    ),
    Verdict.REFUSE: refuse(Reason.STALE, {"seconds": 23}),
    Verdict.AGAIN: refuse(Reason.DAMAGED),
    Verdict.SYSTEM: refuse(Reason.JOURNAL_FULL),
}


@dataclass
class Site:
    """A served page and what feeds it."""

    url: str
    venue: Venue
    view: StaffView
    feed: Feed
    desk: StaffDesk
    register: StaffRegister

    def answer(self, verdict: Verdict, lane: int = 1, identifier: str = "") -> LaneAnswer:
        answer = LaneAnswer(
            identifier or f"{verdict}-{lane}",
            lane,
            self.venue.clock.now(),
            Medium.CARD if verdict is Verdict.LOOK else Medium.ECODE,
            ANSWERS[verdict],
        )
        self.venue.board.show(answer)
        return answer

    def show(self, answer: Answer) -> None:
        now = self.venue.clock.now()
        self.venue.board.show(LaneAnswer(token_hex(8), 1, now, Medium.ECODE, answer))

    def sync(self, state: SyncState) -> None:
        self.view.sync_state = state
        self.feed.publish(Event("status", self.view.status()))


@contextlib.asynccontextmanager
async def serving_site(venue: Venue) -> AsyncIterator[Site]:
    """Serve the page of a reader on a real socket."""
    view = StaffView(venue.board, venue.snapshot, venue.journal, venue.clock)
    feed = Feed()
    register = StaffRegister(venue.folder / "staff.json")
    sessions = Sessions(register, venue.clock)
    desk = StaffDesk(
        sessions, venue.lanes, venue.gatekeeper, venue.journal, venue.folder, venue.clock
    )
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    configuration = uvicorn.Config(
        make_site(view, feed, desk, ["*"]), log_config=None, lifespan="off", ws="none"
    )
    server = uvicorn.Server(configuration)
    with tell_pages(venue.board, view, feed), contextlib.closing(listening):
        serving = asyncio.create_task(server._serve([listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn offers no event for it
            await asyncio.sleep(0.01)
        yield Site(url, venue, view, feed, desk, register)
        feed.close()
        server.should_exit = True
        await serving


@contextlib.asynccontextmanager
async def opened_page(
    browser: Browser, site: Site, *, may_be_refused: bool = False
) -> AsyncIterator[Page]:
    """The page on a tablet, in Chinese; an error in its script fails the test.

    Chromium writes of each answer of 400 and above, which `may_be_refused` takes for no error.
    """
    opened = await _blank_page(browser)
    errors: list[str] = []

    def failed(error: Error) -> None:
        errors.append(str(error))

    def wrote(line: ConsoleMessage) -> None:
        if line.type == "error":
            errors.append(line.text)

    opened.on("pageerror", failed)
    opened.on("console", wrote)
    await opened.goto(site.url)
    await expect(opened.locator(".lane-panel")).to_have_count(2)
    try:
        yield opened
    except BaseException:
        await opened.context.close()
        raise
    opened.remove_listener("pageerror", failed)
    opened.remove_listener("console", wrote)
    await _leave(opened)

    if may_be_refused:
        errors = [one for one in errors if not one.startswith("Failed to load resource")]
    assert errors == []


_blank: dict[Browser, Page] = {}
"""The page that the last test left as it found it; one that fails leaves none."""


async def _blank_page(browser: Browser) -> Page:
    """Take over the last test's page: a new one takes Chromium four times as long."""
    left = _blank.pop(browser, None)
    if left is not None:
        return left
    context = await browser.new_context(viewport=TABLET, locale="zh-CN")
    return await context.new_page()


async def _leave(page: Page) -> None:
    """Leave nothing on a page that the next test could find."""
    await page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    await page.goto("about:blank")
    await page.unroute_all()
    await page.emulate_media(reduced_motion="null")
    await page.set_viewport_size(TABLET)
    await page.context.clear_cookies()
    browser = page.context.browser
    assert browser is not None
    _blank[browser] = page


async def keep(page: Page, name: str) -> None:
    """Keep a picture of the page, if they are asked for."""
    if SCREENSHOTS:
        path = Path(SCREENSHOTS) / f"staff-{name}.png"
        await page.screenshot(path=path, animations="disabled")


async def checked(page: Page, name: str) -> None:
    """Keep a picture, and let axe look for what keeps somebody out."""
    await keep(page, name)
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(AXE.axe_script)
    found = (await page.evaluate("options => axe.run(options)", WCAG))["violations"]
    problems = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    assert problems == [], name
