"""The staff's part of the page in a real browser: each act, each section, for every reader."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from reader_service.console.sessions import IDLE_SECONDS
from reader_service.console.staff_register import InvalidStaff, StaffRegister
from reader_service.decode.code_reader import open_code_reader
from reader_service.decode.decoder import NAMES
from reader_service.lane.board import LaneAnswer
from reader_service.lane.emergency import Emergency
from reader_service.sync.backend import UNREACHABLE, SyncProblem
from reader_service.sync.rounds import Problem, SyncState
from reader_service.sync.venue_news import Conflict, Expected, UpdateToShow, VenueNews
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.reasons import Reason
from shared.identity.age import local_day
from shared.localized_text import Language, LocalizedText
from shared.trust.lane_code import LaneCode, encode_lane_code
from shared.trust.list_update import ListUpdate, encode_list_update
from shared.wire.flow import AreaFlow, HourFlow, LaneFlow, VenueFlow
from shared.wire.scans import Direction, OverrideReason
from tests.reader_service.city import LIST_KEY_ID, REGION, VENUE
from tests.reader_service.conftest import Venue, VenueMaker
from tests.reader_service.pages import Site, checked, keep, opened_page, serving_site
from tests.reader_service.test_staff_acts import book

PINS = {"u01": "135790", "u02": "246801"}
GATE = LocalizedText("东门 1 号通道", "East gate, lane 1")
OTHER = LocalizedText("西门 2 号通道", "West gate, lane 2")
LANE_FLOWS = (LaneFlow(1, GATE, 300, 20, 7), LaneFlow(4, OTHER, 41, 2, 0))
BY_LANE = ((GATE, "300207"), (OTHER, "4120"))
PARK = LocalizedText("长征出发地纪念园", "Long March Memorial Park")


_YEAR = datetime(2026, 11, 22, tzinfo=UTC)
UPDATE = encode_list_update(
    ListUpdate(360700, _YEAR, _YEAR, _YEAR, range(0, 2**32 - 1, 2**32 // 600)),
    SoftwareKey.generate(Algorithm.ED25519),
    9,
)
"""As many cards as a city of ten million stops in two days."""


class Backend:
    """What the backend would say; `down` is a cut cable."""

    def __init__(self, conflict: Conflict) -> None:
        self.conflict = conflict
        self.down = False
        self.asked: list[tuple[Any, ...]] = []

    def _ask(self, *asked: Any) -> None:
        if self.down:
            raise SyncProblem(UNREACHABLE, LocalizedText("连不上后台。", "No backend."))
        self.asked.append(asked)

    async def acknowledge(self, key: str, conflict_id: str, note: str, staff: str) -> Conflict:
        self._ask(key, conflict_id, note, staff)
        return replace(self.conflict, acknowledged_at=self.conflict.at, note=note)

    async def look_up(self, query: Any, reason: str, staff: str) -> list[Expected]:
        self._ask(query, reason, staff)
        at = self.conflict.at
        return [Expected("王*明", "3607**********1234", at, at + timedelta(hours=2), 4, 1)]

    async def update_code(self) -> UpdateToShow:
        self._ask()
        return UpdateToShow(UPDATE, self.conflict.at + timedelta(hours=12), 3)


def _conflict(venue: Venue, kind: str = "SAME_CODE", flag: str = "two_gates") -> Conflict:
    at = (venue.clock.now() - timedelta(minutes=8)).isoformat()
    words = {"zh": PARK.zh, "en": PARK.en}
    entries = [
        {
            "venue_name": words,
            "lane_name": {"zh": gate.zh, "en": gate.en},
            "at": at,
            "persons": 1,
            "flags": [flag],
        }
        for gate in (GATE, OTHER)
    ]
    told = {"id": "cfl_1", "kind": kind, "at": at, "entries": entries}
    return Conflict.of_wire({**told, "acknowledged_at": None, "note": None})


@pytest.fixture(scope="module")
def staff_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of staff: its slow digests are made once."""
    path = tmp_path_factory.mktemp("staff") / "staff.json"
    for staff_id, pin in PINS.items():
        StaffRegister(path).put(staff_id, f"员工{staff_id[-1]}", pin)
    return path.read_bytes()


@pytest_asyncio.fixture
async def site(make_venue: VenueMaker, staff_file: bytes) -> AsyncIterator[Site]:
    venue = make_venue(directions=("in", "both"))
    venue.city.fill(venue.snapshot)
    async with serving_site(venue) as served:
        (venue.folder / "staff.json").write_bytes(staff_file)
        served.desk.venue_desk = Backend(_conflict(venue))
        yield served


@pytest_asyncio.fixture
async def page(browser: Browser, site: Site) -> AsyncIterator[Page]:
    async with opened_page(browser, site, may_be_refused=True) as opened:
        yield opened


async def _unlock(page: Page) -> None:
    await page.locator("#lock").click()
    await page.locator("#act-staff").fill("u01")
    await page.locator("#act-pin").fill(PINS["u01"])
    await page.keyboard.press("Enter")
    await expect(page.locator("#sections")).to_be_visible()


def _backend(site: Site) -> Backend:
    assert isinstance(site.desk.venue_desk, Backend)
    return site.desk.venue_desk


async def _language(page: Page, language: Language) -> None:
    if language == "en":
        await page.locator("#language").click()


def _show(site: Site, lane: int = 1) -> LaneAnswer:
    phone = book(site.venue, 4)
    return site.venue.lanes[lane].present_code(phone.code(site.venue.clock.now()))


def _last(site: Site) -> Any:
    return site.venue.journal.unsent(100)[-1]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_party_is_let_in_in_parts_and_taken_back(
    page: Page, site: Site, language: Language
) -> None:
    await _language(page, language)
    await checked(page, f"desk-locked-{language}")
    await _unlock(page)
    await page.locator("#lane-1-party").click()
    await page.locator("#act-persons").fill("2")
    await checked(page, f"desk-party-{language}")
    await page.keyboard.press("Enter")
    await expect(page.locator("#lane-1 .party")).to_contain_text("2")
    entry = _show(site)
    assert entry.persons == 2
    await page.keyboard.press("Escape")
    await expect(page.locator("#answer")).to_be_hidden()
    await expect(page.locator("#lane-1 .tag").first).to_contain_text("2")
    await checked(page, f"desk-entered-{language}")

    await page.locator(f"#followers-{entry.answer_id}").click()
    await expect(page.locator("#act-persons")).to_have_value("2")
    await checked(page, f"desk-followers-{language}")
    await page.locator("#act button[type=submit]").dblclick()
    await expect(page.locator("#act")).to_be_hidden()
    assert [scan.persons for scan in site.venue.journal.unsent(9)] == [2, 2]
    assert len(site.venue.gates[1].openings) == 4

    await page.keyboard.press("Escape")
    await page.locator(f"#takeBack-{_last(site).scan_id}").click()
    await checked(page, f"desk-take-back-{language}")
    await page.locator("#act button[type=submit]").click()
    await expect(page.locator("#lane-1 li.annulled")).to_have_count(1)
    await page.keyboard.press("Escape")
    await checked(page, f"desk-taken-back-{language}")
    assert (_last(site).persons, _last(site).detail) == (0, {"staff": "u01"})


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_refusal_is_overridden_with_a_reason_and_a_second_person(
    page: Page, site: Site, language: Language
) -> None:
    await _language(page, language)
    await _unlock(page)
    refused = site.venue.lanes[1].present_code("junk")
    await page.keyboard.press("Escape")
    await page.locator(f"#byHand-{refused.answer_id}").click()
    await page.locator("#act-reason").select_option("identity_checked")
    await page.locator("#act-second").fill("u01")
    await page.locator("#act-second_pin").fill(PINS["u01"])
    await page.locator("#act button[type=submit]").click()
    await expect(page.locator("#act .refusal")).to_be_visible()
    await checked(page, f"desk-by-hand-{language}")
    assert site.venue.opened() == 0

    await page.locator("#act-second").fill("u02")
    await page.locator("#act-second_pin").fill(PINS["u02"])
    await page.locator("#act button[type=submit]").click()
    await expect(page.locator("#act")).to_be_hidden()

    record = _last(site)
    assert record.override is not None
    assert (record.override.staff, record.override.second_staff) == ("u01", "u02")
    assert (record.override.reason, record.reason) == (
        OverrideReason.IDENTITY_CHECKED,
        Reason.NOT_OURS,
    )
    assert site.venue.opened() == 1
    await expect(page.locator("#answer .headline")).to_contain_text(
        "人工放行" if language == "zh" else "by hand"
    )


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_helpdesk_reads_why_somebody_was_refused_and_nothing_opens(
    page: Page, site: Site, language: Language
) -> None:
    await _language(page, language)
    phone, now = book(site.venue, 1), site.venue.clock.now()
    late = phone.code(now - timedelta(minutes=2))
    site.venue.lanes[1].present_code(late)
    await _unlock(page)
    await page.locator("#lane-1-check").click()
    await expect(page.locator("#lane-1 .party")).to_be_visible()
    await page.keyboard.press("Escape")
    await checked(page, f"desk-check-waiting-{language}")

    answer = site.venue.lanes[1].present_code(phone.code(now))
    await expect(page.locator("#answer .headline")).to_contain_text(
        "可以进入" if language == "zh" else "would be let in"
    )
    await keep(page, f"desk-check-answer-{language}")  # axe would meet it half gone
    await page.keyboard.press("Escape")
    earlier = page.locator("#lane-1 .earlier li")
    await expect(earlier).to_have_count(1)
    await expect(earlier).to_contain_text("120")
    await checked(page, f"desk-checked-{language}")
    assert (answer.checked, site.venue.opened()) == (True, 0)

    path = f"{site.url}/api/lanes/1/checks/{answer.answer_id}"
    async with httpx.AsyncClient() as stranger:
        assert (await stranger.get(path)).status_code == 401
    await page.locator("#lock").click()
    await expect(page.locator("#lane-1 .earlier")).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_who_is_inside_and_the_hours_are_shown(
    page: Page, site: Site, language: Language
) -> None:
    await _language(page, language)
    now, desk = site.venue.clock.now(), site.desk
    hours = tuple(HourFlow(hour, 40 * hour, 22 * hour, hour) for hour in range(8, 13))
    flow = VenueFlow((AreaFlow(None, 80, 30), AreaFlow("展厅", 40, 12)), hours, now, LANE_FLOWS)
    desk.learn(VenueNews(flow, (_backend(site).conflict,), now))
    desk.clock_ahead = 7.4
    await _unlock(page)

    await page.locator("#section-flow").click()
    await expect(page.locator("#section tbody tr").first).to_contain_text("50")
    picture = page.locator("#section img")
    assert await picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    await expect(page.locator("#section table").nth(1).locator("tbody tr")).to_have_count(5)
    lanes = page.locator("#section table").nth(2).locator("tbody tr")
    await expect(lanes).to_have_text([f"{one.in_language(language)}{n}" for one, n in BY_LANE])
    async with page.expect_download() as saved:
        await page.locator("#section a.file").click()
    file = await saved.value
    assert file.suggested_filename == f"flow-{local_day(now)}.csv"
    text = await asyncio.to_thread(Path(await file.path()).read_text, "utf-8-sig")
    kinds = [(row[0][:2], *row[1:]) for row in csv.reader(io.StringIO(text))]
    assert ("区域", "展厅", "40", "12", "28", "") in kinds
    assert ("时段", "08:00", "320", "176", "", "8") in kinds
    assert [row[1] for row in kinds if row[0] == "通道"] == [f"{n.zh} {n.en}" for n, _ in BY_LANE]
    await checked(page, f"desk-flow-{language}")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_conflict_names_both_gates_and_is_dealt_with(
    page: Page, site: Site, language: Language
) -> None:
    await _language(page, language)
    site.desk.learn(
        VenueNews(None, (_backend(site).conflict,), site.venue.clock.now() - timedelta(hours=3))
    )
    problem = Problem(UNREACHABLE, LocalizedText("断网", "offline"), site.venue.clock.now())
    await _unlock(page)
    site.sync(SyncState(None, problem))
    await expect(page.locator("#trouble")).to_be_visible()
    await page.locator("#section-conflicts").click()
    card = page.locator("#section .card")
    for gate in (GATE, OTHER):
        await expect(card).to_contain_text(gate.in_language(language))
    age = page.locator("#section .small")
    for word in ("3 小时", "断网") if language == "zh" else ("3 h", "Offline"):
        await expect(age).to_contain_text(word)
    await checked(page, f"desk-conflicts-{language}")

    backend = _backend(site)
    backend.down = True
    await card.locator("button").click()
    await page.locator("#act-note").fill("两次都是本人")
    await page.keyboard.press("Enter")
    await expect(page.locator("#act .refusal")).to_be_visible()
    backend.down = False
    await page.keyboard.press("Enter")
    await expect(card).to_contain_text("两次都是本人")
    [(_, conflict_id, note, staff)] = backend.asked
    assert (conflict_id, note, staff) == ("cfl_1", "两次都是本人", "u01")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_an_entry_against_anti_passback_is_told_in_its_own_words(
    page: Page, site: Site, language: Language
) -> None:
    await _language(page, language)
    told = _conflict(site.venue, "PASSBACK", "passback")
    site.desk.learn(VenueNews(None, (told,), site.venue.clock.now()))
    await _unlock(page)
    await page.locator("#section-conflicts").click()

    card = page.locator("#section .card")
    for word in (
        ("在另一终端再次放行", "重复进入")
        if language == "zh"
        else ("in again at another", "in again")
    ):
        await expect(card).to_contain_text(word, ignore_case=True)
    await checked(page, f"desk-passback-{language}")
    await page.set_viewport_size({"width": 390, "height": 844})
    await keep(page, f"desk-passback-{language}-390")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_look_up_asks_the_backend_with_a_reason(
    page: Page, site: Site, language: Language
) -> None:
    await _language(page, language)
    backend = _backend(site)
    await _unlock(page)
    await page.locator("#section-lookUp").click()
    await page.locator("#act-name").fill("王小明")
    await page.locator("#section button[type=submit]").click()
    assert backend.asked == []  # no reason was given
    await page.locator("#act-reason").fill("手机没电")
    await page.keyboard.press("Enter")
    await expect(page.locator("#section table")).to_contain_text("王*明")
    await checked(page, f"desk-look-up-{language}")
    assert backend.asked == [({"name": "王小明", "tail": ""}, "手机没电", "u01")]

    backend.down = True
    await page.locator("#section button[type=submit]").click()
    why = "姓名不存放在本机" if language == "zh" else "Names are not kept"
    await expect(page.locator("#section .refusal")).to_contain_text(why)
    await checked(page, f"desk-look-up-offline-{language}")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_telephones_screen_carries_the_update_code_to_a_lanes_camera(
    page: Page, site: Site, language: Language
) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await _language(page, language)
    await _unlock(page)
    await page.locator("#section-update").click()
    picture = page.locator("#section .qr img")
    await expect(picture).to_be_visible()
    await checked(page, f"desk-update-{language}")

    shown = cv2.imdecode(np.frombuffer(await picture.screenshot(scale="css"), np.uint8), 0)
    assert shown is not None
    frame = np.full((720, 1280), 120, np.uint8)
    frame[20:700, 300:980] = cv2.resize(shown, (680, 680), interpolation=cv2.INTER_LINEAR)
    assert open_code_reader(NAMES).read(frame) == [UPDATE]

    _backend(site).down = True
    await page.locator("#section button").last.click()
    await expect(page.locator("#section .refusal")).to_be_visible()
    await expect(picture).to_have_count(0)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_device_tells_how_it_is(page: Page, site: Site, language: Language) -> None:
    await _language(page, language)
    site.venue.board.set_fault(2, Reason.CAMERA_LOST, site.venue.clock.now())
    site.desk.clock_ahead = 7.4
    await _unlock(page)
    await page.locator("#section-device").click()

    wrong = page.locator("#section .fact.wrong")
    await expect(wrong.first).to_contain_text("摄像头断开" if language == "zh" else "Camera lost")
    await expect(page.locator("#section")).to_contain_text("7")
    await expect(page.locator("#section .fact")).to_have_count(11)
    await checked(page, f"desk-device-{language}")


async def test_the_page_locks_when_it_is_left_alone_and_when_told(page: Page, site: Site) -> None:
    await _unlock(page)
    await page.locator("#lane-1-by-hand").click()
    await page.locator("#act button").last.click()
    site.venue.clock.advance(IDLE_SECONDS)
    await page.locator("#section-flow").click()
    await expect(page.locator("#sections")).to_be_hidden()
    await expect(page.locator("#lanes")).to_be_visible()
    await expect(page.locator("#lane-1-by-hand")).to_have_count(0)
    await expect(page.locator("#section")).to_be_empty()

    await _unlock(page)
    await page.locator("#lock").click()
    await expect(page.locator("#sections")).to_be_hidden()
    assert (await page.request.get(f"{site.url}/api/flow")).status == 401


async def test_everything_is_done_from_the_keyboard(page: Page, site: Site) -> None:
    await page.locator("#lock").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("u01")
    await page.keyboard.press("Tab")
    await page.keyboard.type(PINS["u01"])
    await page.keyboard.press("Enter")
    await expect(page.locator("#sections")).to_be_visible()
    await page.locator("#lane-2-turn").focus()
    await page.keyboard.press("Space")
    await expect(page.locator("#lane-2 .way")).to_have_text("← 出场")
    await expect(page.locator("#lane-2-turn")).to_be_focused()
    await expect(page.locator("#lane-2-turn")).to_have_css("outline-style", "solid")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(page.locator("#act")).to_be_hidden()
    await expect(page.locator("#lane-2-party")).to_be_focused()
    phone = site.venue.city.phone()
    assert site.venue.lanes[2].present_code(phone.code(site.venue.clock.now())).out
    assert _last(site).direction is Direction.OUT
    await expect(page.locator("#lane-2-party")).to_be_focused()


async def test_it_fits_a_telephone(page: Page, site: Site) -> None:
    hours = tuple(HourFlow(hour, 40, 22, 1) for hour in range(8, 13))
    site.desk.learn(VenueNews(VenueFlow((), hours, site.venue.clock.now()), (), None))
    site.venue.lanes[1].present_code("junk")
    await _unlock(page)
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.keyboard.press("Escape")
    await keep(page, "desk-lanes-390")
    await page.locator("#lane-1-by-hand").click()
    await keep(page, "desk-by-hand-390")
    await expect(page.locator("#act button[type=submit]")).to_be_in_viewport()
    await page.keyboard.press("Escape")
    for section in ("flow", "conflicts", "lookUp", "update", "device"):
        await page.locator(f"#section-{section}").click()
        await expect(page.locator("#section h2")).to_be_visible()
        wide = await page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, section
    await page.locator("#language").click()
    spilt = await page.locator("header button, nav button").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
    )
    assert spilt == []
    await keep(page, "desk-device-390")


async def test_kiosk_keeps_the_page(browser: Browser, site: Site) -> None:
    context = await browser.new_context()
    opened = await context.new_page()
    await opened.goto(f"{site.url}/?kiosk=1")
    await expect(opened.locator(".lane-panel")).to_have_count(2)
    await opened.evaluate("() => history.back()")
    await opened.wait_for_timeout(200)
    assert opened.url.startswith(site.url)
    kept = await opened.evaluate(
        "() => ['F5', 'r'].map(key => !document.dispatchEvent(new KeyboardEvent('keydown',"
        " { key, ctrlKey: key === 'r', cancelable: true, bubbles: true })))"
    )
    assert kept == [True, True]
    assert not await opened.evaluate(
        "() => document.dispatchEvent(new MouseEvent('contextmenu', { cancelable: true }))"
    )
    assert await opened.locator("a[href]").count() == 0
    await context.close()


@pytest_asyncio.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site.url, headers={"Origin": site.url}) as opened:
        yield opened


async def _unlocked(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/session", json={"staff": "u01", "pin": PINS["u01"]})
    assert answer.status_code == 200, answer.text


async def test_another_site_s_page_does_nothing(client: httpx.AsyncClient) -> None:
    await _unlocked(client)
    act = {"key": "a" * 32, "answer": "b" * 32}
    path = "/api/lanes/1/take-back"
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": ""}):
        answer = await client.post(path, json=act, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "from_elsewhere")
    plain = {"Content-Type": "text/plain"}
    answer = await client.post(path, content=json.dumps(act), headers=plain)
    assert answer.status_code == 403
    assert (await client.post(path, json=act)).json()["code"] == "act_no_answer"
    cookie = (await client.post("/api/session", json={"staff": "u01", "pin": PINS["u01"]})).headers
    assert "httponly" in cookie["set-cookie"].lower()
    assert "samesite=strict" in cookie["set-cookie"].lower()


async def test_nobody_acts_without_a_pin(client: httpx.AsyncClient, site: Site) -> None:
    for path in ("flow", "flow.svg", "flow.csv", "conflicts", "device"):
        assert (await client.get(f"/api/{path}")).status_code == 401
    by_hand = {"key": "a" * 32, "reason": "official_duty", "persons": 1, "refused": None}
    second = {"second": "u02", "second_pin": PINS["u02"]}
    for path, body in (
        ("lanes/1/take-back", {"key": "a" * 32, "answer": "b" * 32}),
        ("lanes/1/by-hand", {**by_hand, **second}),
        ("lanes/1/more", {"key": "a" * 32, "answer": "b" * 32, "persons": 1}),
        ("lanes/1/party", {"persons": 2}),
        ("lanes/1/check", {"wait": True}),
        ("lanes/2/direction", {"direction": "out"}),
        ("conflicts/cfl_1/acknowledge", {"key": "a" * 32, "note": "x"}),
        ("look-up", {"name": "王小明", "tail": "", "reason": "x"}),
        ("session/here", {}),
    ):
        assert (await client.post(f"/api/{path}", json=body)).status_code == 401, path
    assert site.venue.opened() == 0
    assert site.venue.journal.unsent(9) == []


async def test_looking_on_keeps_no_page_unlocked(client: httpx.AsyncClient, site: Site) -> None:
    await _unlocked(client)
    for seconds, status in ((IDLE_SECONDS - 1, 200), (1, 401)):
        site.venue.clock.advance(seconds)
        for path in ("flow", "flow.svg", "flow.csv", "conflicts", "device"):
            assert (await client.get(f"/api/{path}")).status_code == status, path


async def test_pins_are_tried_only_so_often(client: httpx.AsyncClient, site: Site) -> None:
    async def tried(pin: str, staff: str = "u01") -> str:
        answer = await client.post("/api/session", json={"staff": staff, "pin": pin})
        return str(answer.json().get("code"))

    assert [await tried("000000") for _ in range(6)] == ["wrong_pin"] * 5 + ["too_many_tries"]
    assert await tried(PINS["u01"]) == "too_many_tries"
    assert await tried("000000", "nobody") == "wrong_pin"
    assert await tried(PINS["u02"], "u02") == "None"
    site.venue.clock.advance(301)
    assert await tried(PINS["u01"]) == "None"
    site.register.remove("u01")
    assert (await client.get("/api/flow")).status_code == 401


NOT_UNDERSTOOD: list[tuple[str, Any]] = [
    ("lanes/1/by-hand", {"key": "a" * 32, "reason": "because", "persons": 1}),
    ("lanes/1/by-hand", {"key": 5}),
    ("lanes/1/party", {"persons": 0}),
    ("lanes/1/party", {"persons": True}),
    ("lanes/1/party", {"persons": 10**30}),
    ("lanes/1/party", []),
    ("lanes/1/check", {"wait": 1}),
    ("lanes/1/party", {"persons": "x" * 5000}),
    ("lanes/2/direction", {"direction": "up"}),
    ("look-up", {"name": {"$ne": 1}, "tail": "", "reason": "x"}),
]


async def test_what_is_not_understood_is_refused(client: httpx.AsyncClient) -> None:
    await _unlocked(client)

    for path, body in NOT_UNDERSTOOD:
        answer = await client.post(f"/api/{path}", json=body)
        assert answer.status_code == 400, (path, body)
        assert set(answer.json()) == {"code", "text", "next_step"}


def test_the_register_keeps_no_pin(tmp_path: Path) -> None:
    register = StaffRegister(tmp_path / "staff.json")
    for staff_id, pin in PINS.items():
        register.put(staff_id, "员工", pin)
    kept = tmp_path / "staff.json"

    assert not any(pin in kept.read_text("utf-8") for pin in PINS.values())
    assert kept.stat().st_mode & 0o077 == 0
    kept.write_text("{", "utf-8")
    assert register.everybody() == []
    for wrong in (("a b", "x", "123456"), ("u1", "", "123456"), ("u1", "x", "12345")):
        with pytest.raises(InvalidStaff):
            register.put(*wrong)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_gate_is_held_open_in_an_emergency_by_who_has_a_pin(
    page: Page, site: Site, language: Language
) -> None:
    venue = site.venue
    key = SoftwareKey.generate(Algorithm.ED25519)
    emergency = Emergency(venue.folder / "emergency.log", key, venue.lanes, venue.clock)
    site.desk.emergency = site.view.emergency = emergency
    await _language(page, language)

    async def press(pin: str) -> None:
        await page.locator("#act-staff").fill("u02")
        await page.locator("#act-pin").fill(pin)
        await page.keyboard.press("Enter")

    await page.locator("#emergency").click()
    await press("000000")
    await expect(page.locator("#act .refusal")).to_be_visible()
    assert not emergency.state.held
    await checked(page, f"desk-emergency-{language}")
    await press(PINS["u02"])
    await expect(page.locator("#trouble")).to_contain_text("u02")
    assert [gate.held for gate in venue.gates.values()] == [True, True]
    await page.set_viewport_size({"width": 390, "height": 844})
    await checked(page, f"desk-emergency-held-{language}")

    await page.reload()
    await expect(page.locator("#trouble")).to_contain_text("u02")
    await page.locator("#emergency").click()
    await press(PINS["u02"])
    await expect(page.locator("#trouble")).not_to_contain_text("u02")
    assert [gate.held for gate in venue.gates.values()] == [False, False]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"held": "yes"}, "act_form"),
        ({"pin": "1"}, "wrong_pin"),
        ({"staff": "nobody"}, "wrong_pin"),
        ({"key": None}, "act_form"),
    ],
)
async def test_an_emergency_needs_a_persons_pin(
    site: Site, changed: dict[str, Any], code: str
) -> None:
    wish = {"key": "k", "held": True, "staff": "u01", "pin": PINS["u01"], **changed}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(
            f"{site.url}/api/emergency", json=wish, headers={"Origin": site.url.rstrip("/")}
        )

    assert answer.json()["code"] == code
    assert not any(gate.held for gate in site.venue.gates.values())


MAKER = "stf_abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_configuration_code_at_the_lane_is_on_the_page_at_once(
    page: Page, site: Site, language: Language
) -> None:
    await _language(page, language)
    way = page.locator("#lane-2 .way")
    await expect(way).to_have_text({"zh": "→ 进场", "en": "→ Way in"}[language])
    city, now = site.venue.city, site.venue.clock.now()
    code = LaneCode(REGION, VENUE, 2, True, MAKER, now, now + timedelta(hours=1))

    site.venue.lanes[2].present_code(encode_lane_code(code, city.list_key, LIST_KEY_ID))

    await expect(way).to_have_text({"zh": "← 出场", "en": "← Way out"}[language])
    await expect(way).to_have_class("way out")
    await checked(page, f"desk-turned-by-code-{language}")
    await page.keyboard.press("Escape")
    await expect(page.locator("#lane-2 .tag")).to_have_count(0)
    await _unlock(page)
    await expect(page.locator("#lane-2 .tag")).to_contain_text(MAKER)
    await checked(page, f"desk-turned-{language}")
