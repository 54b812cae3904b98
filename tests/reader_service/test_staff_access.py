"""The staff page in a real browser, for every reader: targets, spacing, narrow screens, focus."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from shared.admission.answer import Verdict
from tests.reader_service.conftest import Venue
from tests.reader_service.pages import Site, opened_page, serving_site

SPACED = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important }
* { word-spacing: 0.16em !important }
p { margin-bottom: 2em !important }
"""
"""What a reader may set, of WCAG 2.2, 1.4.12."""
CUT = """() => [...document.querySelectorAll('header *, #lanes *')].filter(part => {
  const style = getComputedStyle(part);
  return part.childElementCount === 0 && part.textContent.trim() && part.offsetParent
    && !part.closest('.spoken') && style.overflow !== 'visible'
    && (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1);
}).map(part => part.textContent)"""
WEAR = """css => { const sheet = new CSSStyleSheet();
  sheet.replaceSync(css); document.adoptedStyleSheets = [sheet]; }"""
WIDER = "() => document.documentElement.scrollWidth > innerWidth"
TARGETS = """() => [...document.querySelectorAll('button, a, input, select')]
  .filter(one => one.offsetParent).map(one => [one.id, one.offsetWidth, one.offsetHeight])"""


@pytest_asyncio.fixture
async def page(browser: Browser, venue: Venue) -> AsyncIterator[Page]:
    async with serving_site(venue) as site, opened_page(browser, site) as opened:
        show_answers(site)
        await expect(opened.locator("#lane-1 li")).to_have_count(3)
        await opened.keyboard.press("Escape")
        yield opened


def show_answers(site: Site) -> None:
    for verdict in (Verdict.ADMIT, Verdict.LOOK, Verdict.REFUSE):
        site.answer(verdict)


@pytest.mark.feature("A14")
async def test_targets_are_large_enough(page: Page) -> None:
    """44 CSS pixels, the enhanced size; 24 would do."""
    for width in (1280, 320):
        await page.set_viewport_size({"width": width, "height": 800})
        targets = await page.evaluate(TARGETS)
        assert len(targets) >= 4
        for name, wide, high in targets:
            assert min(wide, high) >= 44, (name, width)


@pytest.mark.feature("A5")
async def test_text_may_be_spaced_without_loss(page: Page) -> None:
    for language in ("zh", "en"):
        await page.evaluate(WEAR, SPACED)
        for width in (1280, 390):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate(CUT) == [], (language, width)
            assert not await page.evaluate(WIDER), (language, width)
        await page.locator("#language").click()


@pytest.mark.feature("A26")
async def test_a_screen_of_320_pixels_is_read_without_scrolling_aside(page: Page) -> None:
    await page.set_viewport_size({"width": 320, "height": 640})
    for _ in ("zh", "en"):
        assert not await page.evaluate(WIDER)
        assert await page.evaluate(CUT) == []
        await page.locator("#language").click()


@pytest.mark.feature("A28")
async def test_the_focus_is_seen_on_every_control(page: Page) -> None:
    seen = set()
    for _ in range(len(await page.evaluate(TARGETS))):
        await page.keyboard.press("Tab")
        at = await page.evaluate(
            "() => { const one = document.activeElement, style = getComputedStyle(one),"
            " box = one.getBoundingClientRect(),"
            " over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);"
            " return [one.id || one.textContent, style.outlineStyle,"
            " parseFloat(style.outlineWidth), one === over || one.contains(over)]; }"
        )
        name, style, width, uncovered = at
        assert (style, uncovered) == ("solid", True), at
        assert width >= 2, at
        seen.add(name)
    assert {"sound", "language", "lock"} <= seen
