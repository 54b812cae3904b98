"""Staff call queue numbers 排队号 from the reader's page, by a signed request; S39."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from reader_service.sync.backend import UNREACHABLE, Backend, SyncProblem
from reader_service.sync.terminal import Terminal
from reader_service.sync.visit_queues import BackendQueues, Department, QueueNumber
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.localized_text import Language, LocalizedText
from tests.reader_service.city import City
from tests.reader_service.conftest import Venue, VenueMaker
from tests.reader_service.pages import Site, checked, keep, opened_page, serving_site
from tests.reader_service.small_backend import SmallBackend
from tests.reader_service.test_staff_desk import PINS, _language, _unlock, staff_file

__all__ = ["staff_file"]
NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MEDICINE = Department("medicine", LocalizedText("内科门诊", "Internal medicine"))
WAITING = [QueueNumber(n, "WAITING", NINE, n == 3, "") for n in range(1, 6)]


class Queues:
    """What the backend would do with a queue; `down` is a cut cable, `deaf` a lost answer."""

    def __init__(self, *departments: Department) -> None:
        self.offered = departments
        self.places = {one.number: one for one in WAITING}
        self.down = self.deaf = False
        self.done: dict[str, QueueNumber] = {}
        self.staff: list[str] = []

    def _ask(self) -> None:
        if self.down:
            raise SyncProblem(UNREACHABLE, LocalizedText("连不上后台。", "No backend."))

    def _keep(self, key: str, place: QueueNumber, staff: str) -> QueueNumber:
        self.places[place.number] = self.done[key] = place
        self.staff.append(staff)
        if self.deaf:
            raise SyncProblem(UNREACHABLE, LocalizedText("连不上后台。", "No backend."))
        return place

    async def departments(self) -> list[Department]:
        self._ask()
        return list(self.offered)

    async def numbers(self, plan: str) -> list[QueueNumber]:
        self._ask()
        assert plan == "medicine"
        return [one for one in self.places.values() if one.state not in {"SEEN", "LEFT"}]

    async def call(
        self, key: str, plan: str, desk: str, number: int | None, staff: str
    ) -> QueueNumber:
        self._ask()
        assert plan == "medicine"
        if key in self.done:
            return self.done[key]
        waiting = [one.number for one in self.places.values() if one.state == "WAITING"]
        if number is None and not waiting:
            raise SyncProblem("queue_empty", LocalizedText("没有人在候诊。", "Nobody is waiting."))
        for one in list(self.places.values()):
            if (one.state, one.desk) == ("CALLED", desk):
                self.places[one.number] = replace(one, state="SEEN")
        called = self.places[number or waiting[0]]
        return self._keep(key, replace(called, state="CALLED", desk=desk), staff)

    async def settle(
        self, key: str, plan: str, number: int, settlement: str, staff: str
    ) -> QueueNumber:
        self._ask()
        assert plan == "medicine"
        state = "WAITING" if settlement == "BACK" else settlement
        return self._keep(key, replace(self.places[number], state=state), staff)

    def states(self) -> str:
        """Return the first letter of each number's state."""
        return "".join(one.state[0] for one in self.places.values())


@pytest_asyncio.fixture
async def site(make_venue: VenueMaker, staff_file: bytes) -> AsyncIterator[Site]:
    venue = make_venue(directions=("in", "both"))
    venue.city.fill(venue.snapshot)
    async with serving_site(venue) as served:
        (venue.folder / "staff.json").write_bytes(staff_file)
        served.desk.queues = Queues(MEDICINE)
        yield served


@pytest_asyncio.fixture
async def page(browser: Browser, site: Site) -> AsyncIterator[Page]:
    async with opened_page(browser, site, may_be_refused=True) as opened:
        yield opened


def _queues(site: Site) -> Queues:
    assert isinstance(site.desk.queues, Queues)
    return site.desk.queues


async def _open(page: Page, room: str = "1诊室") -> None:
    await _unlock(page)
    await page.locator("#section-queue").click()
    await page.locator("#queue-set").click()
    await page.locator("#act-plan").select_option("medicine")
    await page.locator("#act-room").fill(room)
    await page.keyboard.press("Enter")
    await expect(page.locator("#queue-next")).to_be_visible()


@pytest.mark.feature("S39")
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_staff_call_the_next_again_and_say_what_became_of_it(
    page: Page, site: Site, language: Language
) -> None:
    await _language(page, language)
    await _open(page)
    queues = _queues(site)
    await checked(page, f"queue-waiting-{language}")

    await page.locator("#queue-next").dblclick()
    called = page.locator("#queue-queueCalled li")
    await expect(called).to_contain_text("1诊室")
    await expect(page.locator("#queue-queueWaiting li")).to_have_count(4)
    assert queues.states() == "CWWWW"  # two presses in a row call one
    await page.locator("#queue-again-1").click()
    await expect(page.locator("#queue-again-1")).to_be_focused()
    await page.locator("#queue-MISSED-1").click()
    await expect(page.locator("#queue-queueMissed li")).to_have_count(1)
    await page.locator("#queue-next").click()
    await expect(called.locator(".queue-number")).to_have_text("2")
    await checked(page, f"queue-called-{language}")
    await page.locator("#queue-SEEN-2").click()
    await expect(called).to_have_count(0)
    await page.locator("#queue-BACK-1").click()
    await expect(page.locator("#queue-queueWaiting li")).to_have_count(4)
    assert queues.states() == "WSWWW"
    assert queues.staff == ["u01"] * 6


@pytest.mark.feature("S39")
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_without_a_network_it_says_so_and_a_lost_answer_calls_no_second_number(
    page: Page, site: Site, language: Language
) -> None:
    await _language(page, language)
    await _open(page)
    queues = _queues(site)
    refusal = page.locator("#section .refusal")
    queues.down = True
    await page.locator("#queue-next").click()
    await expect(refusal).to_contain_text("口头叫号" if language == "zh" else "by voice")
    await expect(page.locator("#queue-queueWaiting li")).to_have_count(5)  # as it was last
    await checked(page, f"queue-offline-{language}")
    assert queues.states() == "WWWWW"

    queues.down, queues.deaf = False, True
    await page.locator("#queue-next").click()
    await expect(page.locator("#queue-queueCalled li")).to_have_count(1)
    queues.deaf = False
    await page.locator("#queue-next").click()
    await expect(refusal).to_have_count(0)
    assert queues.states() == "CWWWW"
    for _ in range(5):
        await page.locator("#queue-next").click()
        await expect(page.locator("#queue-next")).to_be_enabled()
    await expect(refusal).to_contain_text("没有人" if language == "zh" else "Nobody")


async def test_it_fits_a_telephone_and_keeps_the_room(page: Page) -> None:
    await _open(page)
    await page.locator("#queue-next").click()
    await expect(page.locator("#queue-queueCalled li")).to_have_count(1)
    await page.set_viewport_size({"width": 390, "height": 844})
    wide = await page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    await keep(page, "queue-390")
    await page.reload()
    await page.locator("#section-queue").click()
    await expect(page.locator("#queue-queueCalled li")).to_contain_text("1诊室")


async def test_a_venue_without_departments_has_no_such_section(page: Page, site: Site) -> None:
    site.desk.queues = Queues()
    async with page.expect_response("**/api/queues") as answered:
        await _unlock(page)
    assert (await (await answered.value).json()) == {"departments": []}
    await page.locator("#section-flow").click()
    await expect(page.locator("#section-queue")).to_have_count(0)


async def test_nobody_calls_without_a_pin_and_nonsense_is_refused(site: Site) -> None:
    call, settle = "/api/queues/medicine/call", "/api/queues/medicine/settle"
    good = {"key": "k" * 32, "desk": "1", "number": 1, "settlement": "SEEN"}
    async with httpx.AsyncClient(
        base_url=site.url, headers={"Origin": site.url}, trust_env=False
    ) as client:
        for path in (call, settle):
            assert (await client.post(path, json=good)).status_code == 401
        for path in ("/api/queues", "/api/queues/medicine"):
            assert (await client.get(path)).status_code == 401
        await client.post("/api/session", json={"staff": "u01", "pin": PINS["u01"]})
        elsewhere = await client.post(call, json=good, headers={"Origin": "http://evil.example"})
        assert elsewhere.status_code == 403
        wrongs: list[tuple[str, dict[str, Any]]] = [
            (call, {"number": "1"}),
            (call, {"number": True}),
            (call, {"desk": 5}),
            (call, {"key": None}),
            (settle, {"number": None}),
            (settle, {"settlement": {"$ne": 1}}),
            (settle, {"settlement": "GONE"}),
        ]
        for path, wrong in wrongs:
            answer = await client.post(path, json={**good, **wrong})
            assert answer.status_code == 400, wrong
            assert set(answer.json()) == {"code", "text", "next_step"}
        site.desk.queues = None
        assert (await client.post(call, json=good)).status_code == 503
        assert "姓名" not in json.dumps((await client.get("/api/queues")).json())


async def test_the_backend_is_asked_in_the_terminals_name_and_doubted(
    city: City, make_venue: VenueMaker
) -> None:
    empty: Venue = make_venue()
    place = {"number": 7, "state": "CALLED", "slot_starts_at": NINE.isoformat(), "late": False}
    place = {**place, "desk": "1诊室"}
    title = {"zh": "内科门诊", "en": "Internal medicine"}
    with SmallBackend(city) as server:
        server.queues = {
            "visit-queues": {"departments": [{"plan": "medicine", "title": title}]},
            "visit-queues/medicine": {"numbers": [place]},
            "queue-calls": place,
            "queue-settlements": {**place, "state": "SEEN"},
        }
        key = SoftwareKey.generate(Algorithm.ED25519)
        async with Backend(server.url, Terminal(key, city.enrolment), empty.clock) as backend:
            queues = BackendQueues(backend)
            with pytest.raises(SyncProblem, match="unknown_terminal"):
                await queues.departments()
            await backend.enrol(server.token)
            assert await queues.departments() == [MEDICINE]
            [told] = await queues.numbers("medicine")
            assert told == QueueNumber(7, "CALLED", NINE, False, "1诊室")
            assert await queues.call("k" * 8, "medicine", "1诊室", None, "u01") == told
            seen = await queues.settle("l" * 8, "medicine", 7, "SEEN", "u01")
            assert seen == replace(told, state="SEEN")
            assert [one["staff"] for one in server.asked] == ["u01", "u01"]
            for wrong in (
                {"number": "7"},
                {"number": 0},
                {"late": None},
                {"state": "<b>"},
                {"slot_starts_at": 5},
            ):
                server.queues["visit-queues/medicine"] = {"numbers": [{**place, **wrong}]}
                with pytest.raises(SyncProblem, match="nonsense"):
                    await queues.numbers("medicine")
            with pytest.raises(SyncProblem, match="queue_unknown"):
                await queues.numbers("../flow")
