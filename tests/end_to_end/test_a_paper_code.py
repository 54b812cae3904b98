"""One sheet 纸质当日码 and its copy at two gates: online it enters once, cut off it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from backend.app import House
from backend.demo_city import VENUES
from backend.foundation.access import Role
from backend.foundation.audit import Organisation
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.settings import Settings
from backend.venues.service import Venues
from reader_service.lane.board import LaneAnswer
from reader_service.lane.online import OnlineChecks
from reader_service.sync.online_line import BackendLine
from shared.admission.answer import Verdict
from shared.admission.evidence import Medium
from shared.clock import SystemClock
from shared.ecode.reasons import Reason
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from tests.backend.accounts.actors import Employee, People
from tests.backend.actors import City, new_key
from tests.backend.cards.test_paper_codes import page_of, read_from
from tests.backend.lane import VenueLane, Wire, reader_at, wired

MUSEUM = 1
CONFLICTS = """query { scanConflicts(venue: 1) { nodes {
  kind entries { scan terminal flags } } } }"""


@dataclass
class Story:
    """A museum that asks the city before it lets in, with two gates and a reader each."""

    city: City
    wire: Wire
    gates: list[VenueLane]
    staff: Employee

    async def show(self, gate: int, code: str, *, check: bool = False) -> LaneAnswer:
        """Show a code ten minutes later; the lane waits in a thread of its own, as lanes do."""
        self.city.clock.advance(600)
        lane = self.gates[gate - 1].lane
        if check:
            lane.expect_check("u01")
        return await asyncio.to_thread(lane.present_code, code)

    async def conflicts(self) -> list[dict[str, Any]]:
        """Return what the museum's own staff are told."""
        self.staff.device.access = None  # minutes have passed
        await self.staff.sign_in()
        answer = (await self.staff.device.post(CONFLICTS, {})).json()
        assert "errors" not in answer, answer
        nodes: list[dict[str, Any]] = answer["data"]["scanConflicts"]["nodes"]
        return nodes


@pytest.fixture
async def story(
    app: Litestar,
    city: City,
    house: House,
    settings: Settings,
    keys: Keys,
    mongod: RunningMongod,
    tmp_path: Path,
) -> AsyncIterator[Story]:
    await city.venue(MUSEUM)
    rules = replace(VENUES[0].rules, conditions=(), ask_online=True)
    await house.services[Venues].put(replace(VENUES[0], rules=rules))
    here = Organisation(f"venue-{MUSEUM}", LocalizedText("纪念园", "Memorial Park"))
    staff = await People(city).staff("gate.keeper", Role.VENUE_STAFF, place=here)
    async with AsyncExitStack() as stack:
        wire, gates = await stack.enter_async_context(wired(app)), []
        for number in (1, 2):
            folder = tmp_path / f"gate-{number}"
            folder.mkdir()
            reader = reader_at(wire.url, city, settings, keys, mongod.uri, folder, number)
            gate = await stack.enter_async_context(reader)
            gate.lane._gatekeeper.online = OnlineChecks(BackendLine(gate.backend), SystemClock())
            gates.append(gate)
        yield Story(city, wire, gates, staff)


@pytest.mark.feature("U8")
async def test_a_sheet_asked_online_enters_once_and_a_copy_offline_is_reported(
    story: Story, city: City
) -> None:
    device = await People(city).signed_in("901")
    holder = await city.holder("901", digest=None)
    enrolled = await device.enrol(await city.code(holder))
    assert enrolled["__typename"] == "EnrolledDevice", enrolled
    today = local_day(city.clock.now()).isoformat()
    made = await device.do("MakePaperCode", idempotencyKey=new_key(), day=today)
    assert made["__typename"] == "PaperCodeMade", made
    printed = read_from(page_of(made["pdf"]))
    city.clock.advance(30)
    assert [await gate.refresh() for gate in story.gates] == [True, True]
    one, two = story.gates

    checked = await story.show(2, printed, check=True)
    first = await story.show(1, printed)
    assert (checked.answer.headline.en, checked.persons) == ("Check · would be let in", 0)
    assert checked.answer.next_step is not None
    assert checked.answer.next_step.en == "Nothing was opened or counted", "the backend answered"
    assert (first.answer.verdict, first.medium) == (Verdict.LOOK, Medium.PAPER)
    assert await one.refresh()
    copy = await story.show(2, printed)
    told = await story.show(2, printed, check=True)
    assert (copy.answer.verdict, copy.answer.reason) == (Verdict.REFUSE, Reason.ENTRIES_USED_UP)
    assert told.answer.reason is Reason.ENTRIES_USED_UP, "this reader alone knows of no entry"
    assert await two.refresh()
    assert await story.conflicts() == []

    await story.wire.cut()
    offline = await story.show(2, printed)
    assert offline.answer.verdict is Verdict.LOOK, "cut off, it knows of no entry elsewhere"
    await story.wire.mend()
    assert await two.refresh()
    [conflict] = await story.conflicts()
    assert conflict["kind"] == "PAPER_DAY"
    assert [(row["terminal"], row["flags"]) for row in conflict["entries"]] == [
        (one.enrolment.terminal_id, []),
        (two.enrolment.terminal_id, ["over_used"]),
    ]
    assert [len(gate.gate.openings) for gate in story.gates] == [1, 1]
