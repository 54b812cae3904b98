"""The staff page in a real browser: words, shape and colour of each answer, for every reader."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from reader_service.lane.board import LaneAnswer
from reader_service.reader_clock import ClockError, TimeSource
from reader_service.sync.rounds import Problem, SyncState
from shared.admission.answer import Answer, Verdict, refuse
from shared.admission.evidence import Medium
from shared.admission.opening import Closure, OpeningCalendar
from shared.admission.opening_hours import Hours, Week
from shared.admission.time_conditions import Open
from shared.cardfile.transit import TransitCard
from shared.ecode.reasons import Reason, explain
from shared.identity.age import local_day
from shared.localized_text import Language, LocalizedText
from tests.reader_service.city import OPEN_RULES
from tests.reader_service.conftest import Venue
from tests.reader_service.pages import ANSWERS, Site, checked, keep, opened_page, serving_site

MOMENT = "2027-11-28T10:30"
LONGEST: dict[str, int | str] = {
    "hours": 1200,
    "seconds": 86400,
    "version": 15,
    "region": "360702",
    "date": "2027-11-28",
    **dict.fromkeys(("when", "opens", "begins", "ended"), MOMENT),
    **dict.fromkeys(("entries", "most", "uses", "used", "entered", "quantity"), 100),
    **dict.fromkeys(("inside", "capacity"), 12_000),
    "least": 60,
}

COLOURS = {
    Verdict.ADMIT: ("#00664f", "#ffffff"),
    Verdict.LOOK: ("#005687", "#ffffff"),
    Verdict.REFUSE: ("#a83200", "#ffffff"),
    Verdict.AGAIN: ("#4b5563", "#ffffff"),
    Verdict.SYSTEM: ("#f2b400", "#1b1400"),
}


@pytest_asyncio.fixture
async def site(venue: Venue) -> AsyncIterator[Site]:
    async with serving_site(venue) as served:
        yield served


@pytest_asyncio.fixture
async def page(browser: Browser, site: Site) -> AsyncIterator[Page]:
    async with opened_page(browser, site) as opened:
        yield opened


def _rgb(colour: str) -> str:
    parts = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgb({', '.join(map(str, parts))})"


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_each_answer_fills_the_screen_in_words_shape_and_colour(
    page: Page, site: Site, language: Language
) -> None:
    if language == "en":
        await page.get_by_role("button", name="English").click()
    screen = page.locator("#answer")
    for verdict, words in ANSWERS.items():
        site.answer(verdict)
        await expect(screen.locator("use")).to_have_attribute("href", f"#shape-{verdict}")
        await expect(screen).to_be_visible()
        lines = words.headline.in_language(language).split(" · ")
        await expect(screen.locator(".headline span")).to_have_text(lines)
        step = words.next_step.in_language(language) if words.next_step else ""
        await expect(screen.locator(".next-step")).to_have_text(step)
        background, ink = COLOURS[verdict]
        await expect(screen).to_have_css("background-color", _rgb(background))
        await expect(screen).to_have_css("color", _rgb(ink))
        assert await screen.evaluate("e => [e.offsetWidth, e.offsetHeight]") == [1280, 800]
        await checked(page, f"{verdict}-{language}")


async def test_the_words_are_large_enough_for_three_metres(page: Page, site: Site) -> None:
    site.answer(Verdict.REFUSE)

    size = await page.locator("#answer .headline").evaluate(
        "element => parseFloat(getComputedStyle(element).fontSize)"
    )
    # 20 minutes of arc (ISO 9241-303) at 3 m are 17.5 mm; a 10-inch tablet shows 1280 px on 217.
    assert size >= 17.5 * 1280 / 217


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_no_words_are_cut_off(page: Page, site: Site, language: Language) -> None:
    if language == "en":
        await page.get_by_role("button", name="English").click()
    await page.emulate_media(reduced_motion="reduce")  # frames of a fade are drawn by the CPU
    screen = page.locator("#answer")
    for width, height in ((1280, 800), (800, 1280), (390, 844)):
        await page.set_viewport_size({"width": width, "height": height})
        for reason in Reason:
            site.show(refuse(reason, LONGEST))
            words = explain(reason, LONGEST)
            await expect(screen.locator(".next-step")).to_have_text(
                words.next_step.in_language(language)
            )
            spilt = await screen.evaluate(
                "box => [...box.querySelectorAll('.headline span, .next-step')].filter(part => {"
                " const all = document.createRange(); all.selectNodeContents(part);"
                " const at = all.getBoundingClientRect();"
                " return at.left < 0 || at.right > innerWidth || at.top < 0"
                " || at.bottom > innerHeight; }).map(part => part.textContent)"
            )
            assert spilt == [], (reason, width)


async def test_no_line_of_chinese_ends_within_a_word(page: Page, site: Site) -> None:
    """A line ends after a mark or a space, as whoever writes a sign would have it end."""
    await page.emulate_media(reduced_motion="reduce")
    screen = page.locator("#answer")
    for width, height in ((1280, 800), (390, 844)):
        await page.set_viewport_size({"width": width, "height": height})
        for reason in (Reason.TRANSIT_CARD, Reason.STALE):
            site.show(refuse(reason, LONGEST))
            step = explain(reason, LONGEST).next_step.zh
            await expect(screen.locator(".next-step")).to_have_text(step)
            ends = await screen.evaluate(LINE_ENDS)
            split = [(end, begin) for end, begin in ends if end.isalnum() and begin.isalnum()]
            assert split == [], (reason, width)
            await keep(page, f"lines-{reason}-{width}")


LINE_ENDS = """box => [...box.querySelectorAll('.headline span, .next-step')].flatMap(part => {
  const text = part.firstChild, ends = [], at = document.createRange();
  let last = null;
  for (let place = 0; text && place < text.length; place++) {
    at.setStart(text, place); at.setEnd(text, place + 1);
    const top = at.getBoundingClientRect().top;
    if (last !== null && top > last + 4) ends.push([text.data[place - 1], text.data[place]]);
    last = top;
  }
  return ends;
})"""


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_on_a_telephone_the_head_is_two_rows_and_the_lane_is_read_from_afar(
    page: Page, site: Site, language: Language
) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    if language == "en":
        await page.get_by_role("button", name="English").click()
    await keep(page, f"head-{language}")
    tops = await page.locator("header button:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().top)"
    )
    assert len(set(tops)) == 1
    assert not await page.evaluate("() => document.documentElement.scrollWidth > innerWidth")

    site.answer(Verdict.ADMIT)
    size = await page.locator("#answer .lane").evaluate(
        "element => parseFloat(getComputedStyle(element).fontSize)"
    )
    assert size >= 32


@pytest.mark.feature("S114")
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_venue_that_is_closed_on_purpose_is_not_taken_for_one_that_is_down(
    page: Page, site: Site, language: Language
) -> None:
    now = site.venue.clock.now()
    today, why = local_day(now), LocalizedText("馆内消毒", "Disinfection")
    daily = Week(tuple((Hours(9 * 60, 17 * 60),) for _ in range(7)))
    closed = OpeningCalendar(daily, closures=(Closure(today, today, why),))
    if language == "en":
        await page.get_by_role("button", name="English").click()
    waiting = page.locator("#lane-1 .waiting")
    await expect(waiting).to_have_text("等待出示" if language == "zh" else "Ready")

    site.venue.clock.advance(1)
    site.venue.city.fill(site.venue.snapshot, replace(OPEN_RULES, conditions=(Open(closed),)))
    site.sync(SyncState(now))

    notice = page.locator("#lane-1 .closed")
    zh, en = ("闭馆中", "馆内消毒", "设备正常"), ("Closed now", "Disinfection", "devices are fine")
    for words in zh if language == "zh" else en:
        await expect(notice).to_contain_text(words)
    await expect(notice).to_contain_text("09:00")
    size = await notice.locator("strong").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= 48
    await expect(waiting).to_have_count(0)
    await expect(page.locator("#trouble")).to_be_hidden()
    await checked(page, f"closed-{language}")

    site.venue.lanes[1].report_fault(Reason.CAMERA_LOST, Medium.ECODE)
    await expect(page.locator("#lane-1 .fault")).to_be_visible()
    await expect(notice).to_have_count(0)

    await page.goto(f"{site.url}/?lane=2&visitors&lang={language}")
    seen = page.locator("#lane-2 .closed")
    await expect(seen).to_contain_text("馆内消毒" if language == "zh" else "Disinfection")
    await expect(seen.locator(".fine")).to_have_count(0)
    await checked(page, f"closed-visitors-{language}")


async def test_a_closed_venue_is_said_above_the_days_answers_too(page: Page, site: Site) -> None:
    site.answer(Verdict.ADMIT)
    await expect(page.locator("#lane-1 li")).to_have_count(1)
    always_shut = OpeningCalendar(Week(tuple(() for _ in range(7))))
    site.venue.city.fill(site.venue.snapshot, replace(OPEN_RULES, conditions=(Open(always_shut),)))
    site.sync(SyncState(site.venue.clock.now()))

    await expect(page.locator("#lane-1 .closed")).to_contain_text("开放时间未定")
    await expect(page.locator("#lane-1 li")).to_have_count(1)
    await expect(page.locator("#answer")).to_be_hidden(timeout=4000)
    await checked(page, "closed-after-answers")


async def test_it_shrinks_after_two_seconds_to_the_strip_of_the_last_five(
    page: Page, site: Site
) -> None:
    for number in range(7):
        site.answer(Verdict.ADMIT if number % 2 else Verdict.REFUSE, identifier=str(number))
        site.venue.clock.advance(1)
    screen = page.locator("#answer")
    await expect(screen).to_be_visible()
    await expect(screen).to_be_hidden(timeout=4000)

    answers = page.locator("#lane-1 li")
    await expect(answers).to_have_count(5)
    assert [await item.get_attribute("data-verdict") for item in await answers.all()] == [
        "refuse",
        "admit",
        "refuse",
        "admit",
        "refuse",
    ]
    await expect(page.locator("#lane-2 .waiting")).to_be_visible()
    await checked(page, "strip-zh")


async def test_the_strip_says_how_far_a_card_was_proven_and_what_a_transit_card_holds(
    page: Page, site: Site
) -> None:
    words = {
        "not_authenticated": ("卡未认证", "not authenticated"),
        "authenticated": ("卡已认证", "authenticated"),
        "authenticated_by_driver": ("卡已由驱动认证", "authenticated by its driver"),
    }
    for proof in words:
        site.show(replace(ANSWERS[Verdict.ADMIT], detail={"card_proof": proof}))
    note = TransitCard("7984", None, date(2040, 3, 12), 3, 1234).describe()
    transit, now = refuse(Reason.TRANSIT_CARD), site.venue.clock.now()
    site.venue.board.show(LaneAnswer("t", 1, now, Medium.CARD, transit, note=note))

    whens, said = page.locator("#lane-1 li .when"), page.locator("#lane-1 li .note")
    for place, language in enumerate(("zh", "en")):
        await expect(said).to_have_text(note.zh if language == "zh" else note.en)
        for number, proof in enumerate(reversed(words), start=1):
            await expect(whens.nth(number)).to_contain_text(f" · {words[proof][place]}")
        await checked(page, f"proofs-{language}")
        await page.locator("#language").click()


async def test_what_stays_in_view_stays_on_the_screen_without_a_new_entry(
    page: Page, site: Site
) -> None:
    answer = site.answer(Verdict.ADMIT)
    for _ in range(3):
        await page.wait_for_timeout(900)
        site.venue.board.show(replace(answer, again=True))
        await expect(page.locator("#answer")).to_be_visible()

    await expect(page.locator("#lane-1 li")).to_have_count(1)


async def test_a_tablet_at_one_lane_shows_that_lane_only(page: Page, site: Site) -> None:
    await page.goto(f"{site.url}/?lane=2")
    await expect(page.locator(".lane-panel")).to_have_count(1)
    site.answer(Verdict.ADMIT, lane=1)
    site.answer(Verdict.REFUSE, lane=2)

    await expect(page.locator("#answer .lane")).to_have_text("东门 2 号通道")


async def test_screen_readers_hear_admissions_politely_and_refusals_at_once(
    page: Page, site: Site
) -> None:
    site.answer(Verdict.ADMIT)
    await expect(page.get_by_role("status")).to_contain_text("东门 1 号通道 请进 · 免费")

    site.answer(Verdict.REFUSE)
    await expect(page.get_by_role("alert").filter(has_text="码已过时 23 秒")).to_have_count(1)
    await expect(page.locator("#answer")).to_have_attribute("aria-hidden", "true")


async def test_it_works_from_the_keyboard(page: Page, site: Site) -> None:
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    sound = page.get_by_role("button", name="声音")
    await expect(sound).to_have_attribute("aria-pressed", "true")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    outline = await page.locator("#language").evaluate("e => getComputedStyle(e).outlineStyle")
    assert outline == "solid"

    site.answer(Verdict.ADMIT)
    await expect(page.locator("#answer")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#answer")).to_be_hidden()


async def test_sounds_tell_the_answers_apart(page: Page, site: Site) -> None:
    await page.evaluate(
        "() => { window.tones = [];"
        " const start = OscillatorNode.prototype.start;"
        " OscillatorNode.prototype.start = function (at) {"
        "   window.tones.push(this.frequency.value); return start.call(this, at); }; }"
    )
    await page.get_by_role("button", name="声音").click()
    heard = {}
    for verdict in Verdict:
        await page.evaluate("() => { window.tones = []; }")
        site.answer(verdict)
        await expect(page.locator("#answer")).to_have_attribute("data-verdict", verdict)
        heard[verdict] = [round(tone) for tone in await page.evaluate("() => window.tones")]

    assert heard[Verdict.ADMIT] == sorted(heard[Verdict.ADMIT])
    assert heard[Verdict.REFUSE] == sorted(heard[Verdict.REFUSE], reverse=True)
    assert [len(tones) for tones in heard.values()] == [2, 1, 2, 1, 0]


async def test_reduced_motion_moves_nothing(browser: Browser, site: Site) -> None:
    context = await browser.new_context(reduced_motion="reduce")
    opened = await context.new_page()
    await opened.goto(site.url)
    await expect(opened.locator(".lane-panel")).to_have_count(2)
    site.answer(Verdict.ADMIT)

    await expect(opened.locator("#answer")).to_have_css("animation-name", "none")
    await context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_troubles_stay_on_the_page_until_they_are_over(
    page: Page, site: Site, language: Language
) -> None:
    if language == "en":
        await page.get_by_role("button", name="English").click()
    now = site.venue.clock.now()
    site.venue.lanes[2].report_fault(Reason.CAMERA_LOST, Medium.ECODE)
    site.answer(Verdict.ADMIT)
    unreachable = LocalizedText("连不上后台。", "The backend cannot be reached.")
    site.sync(SyncState(now - timedelta(hours=3), Problem("unreachable", unreachable, now)))

    fault = page.locator("#lane-2 .fault")
    await expect(fault).to_contain_text("摄像头断开" if language == "zh" else "Camera lost")
    await expect(page.locator("#trouble")).to_have_text(unreachable.in_language(language))
    await expect(page.locator("#answer")).to_be_hidden(timeout=4000)
    await checked(page, f"troubles-{language}")

    site.venue.lanes[2].clear_fault(Reason.CAMERA_LOST)
    site.sync(SyncState(now))
    await expect(fault).to_have_count(0)
    await expect(page.locator("#trouble")).to_be_hidden()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_clock_that_lanes_cannot_allow_for_is_said(
    page: Page, site: Site, language: Language
) -> None:
    if language == "en":
        await page.get_by_role("button", name="English").click()
    site.view.clock_error = lambda: ClockError(-900.0, TimeSource.BACKEND, 0.0)
    site.sync(SyncState(site.venue.clock.now()))

    words = "本机时间差 900 秒" if language == "zh" else "clock is 900 s off"
    await expect(page.locator("#trouble")).to_contain_text(words)
    await checked(page, f"clock-{language}")

    site.view.clock_error = lambda: ClockError(60.0, TimeSource.PHONES, 60.0)
    site.sync(SyncState(site.venue.clock.now()))
    await expect(page.locator("#trouble")).to_be_hidden()


async def test_the_age_of_the_lists_is_shown(page: Page, site: Site) -> None:
    site.venue.clock.advance(3 * 3600)
    site.sync(SyncState(site.venue.clock.now()))

    await expect(page.locator("#state")).to_contain_text("3 小时前")


async def test_a_page_that_loses_the_service_says_so(page: Page, site: Site) -> None:
    await page.route("**/api/events", lambda route: route.abort())
    site.feed.close()

    await expect(page.locator("#trouble")).to_contain_text("页面与本机服务断开")
    await expect(page.locator("#trouble")).to_have_attribute("role", "alert")


async def test_it_fits_every_screen(page: Page, site: Site) -> None:
    for width, height in ((800, 1280), (390, 844), (1920, 1080)):
        await page.set_viewport_size({"width": width, "height": height})
        site.show(ANSWERS[Verdict.REFUSE])
        await expect(page.locator("#answer")).to_be_visible()
        await keep(page, f"refuse-{width}x{height}")
        await page.keyboard.press("Escape")

        assert not await page.evaluate("() => document.documentElement.scrollWidth > innerWidth")


async def test_hostile_words_stay_words(page: Page, site: Site) -> None:
    hostile = LocalizedText("<img src=x onerror=alert(1)>", "<b>x</b>")
    answer = replace(site.answer(Verdict.ADMIT), answer_id="hostile")
    site.venue.board.show(replace(answer, answer=Answer(Verdict.REFUSE, hostile)))

    await expect(page.locator("#answer .headline")).to_have_text(hostile.zh)
    assert await page.locator("#answer img, #lanes img").count() == 0
