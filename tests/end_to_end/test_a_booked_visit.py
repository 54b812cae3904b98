"""One booking, from the app to the conflict report: two gates without a network let it in twice."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from backend.app import House
from backend.foundation.access import Role
from backend.foundation.audit import Organisation
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.readers.flow import Flow
from backend.settings import Settings
from backend.venues.catalogue import Catalogue
from mobile.core.booking import Booking, BookingState
from mobile.services.refresh import Refresh
from mobile.services.services import Services
from reader_service.lane.board import LaneAnswer
from shared.admission.answer import Verdict
from shared.admission.entitlement_conditions import BookingHeld
from shared.clock import ManualClock
from shared.ecode.proof import SLOT_SECONDS
from shared.ecode.reasons import Reason
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from shared.wire.scan_receipt import JournalPart, ScanUpload
from tests.backend.accounts.actors import Employee, People
from tests.backend.actors import City
from tests.backend.app_services import services_in
from tests.backend.bookings.hall import DAY, Hall, entry, plan
from tests.backend.lane import VenueLane, Wire, reader_at, wired
from tests.backend.manifests.conftest import Museum

MUSEUM = 1
STEP = timedelta(seconds=SLOT_SECONDS)
CONFLICTS = """query ($venue: Int!) { scanConflicts(venue: $venue) { nodes {
  kind state entries { scan lane laneName { zh } terminal at persons flags } } } }"""


@dataclass
class Story:
    """A museum with two gates, each with a reader of its own, and one wire to both."""

    museum: Museum
    wire: Wire
    gates: tuple[VenueLane, VenueLane]
    staff: Employee

    @property
    def now(self) -> datetime:
        return self.museum.hall.clock.now()

    async def refresh(self) -> list[bool]:
        """Have each reader do a round, when the backend's set has rested."""
        self.museum.hall.clock.advance(30)
        return [await gate.refresh() for gate in self.gates]

    def show(self, phone: Services, gate: int, skew: timedelta = timedelta(0)) -> LaneAnswer:
        """Show a fresh code a minute later on a phone whose clock is off by `skew`."""
        self.museum.hall.clock.advance(60)
        code = phone.session.code_at(self.now + skew)
        assert code is not None
        return self.gates[gate - 1].lane.present_code(code.digits)

    async def inside(self) -> int:
        counts = await self.museum.hall.house.services[Flow].inside(MUSEUM)
        assert isinstance(counts, list)
        return sum(one.inside for one in counts)

    async def conflicts(self) -> list[dict[str, Any]]:
        """Return what the museum's own staff are told."""
        answer = (await self.staff.device.post(CONFLICTS, {"venue": MUSEUM})).json()
        assert "errors" not in answer, answer
        nodes: list[dict[str, Any]] = answer["data"]["scanConflicts"]["nodes"]
        return nodes


@pytest.fixture
async def story(
    app: Litestar,
    city: City,
    house: House,
    clock: ManualClock,
    settings: Settings,
    keys: Keys,
    mongod: RunningMongod,
    tmp_path: Path,
) -> AsyncIterator[Story]:
    hall = Hall(house, clock)
    await house.services[Catalogue].file([entry(MUSEUM)])
    assert await hall.planning.put([plan(venue=MUSEUM)]) is None
    while await hall.planning.plan_ahead():
        pass
    await city.venue(MUSEUM)
    here = Organisation(f"venue-{MUSEUM}", LocalizedText("纪念园", "Memorial Park"))
    staff = await People(city).staff("gate.keeper", Role.VENUE_STAFF, place=here)
    async with AsyncExitStack() as stack:
        wire, gates = await stack.enter_async_context(wired(app)), []
        for number in (1, 2):
            folder = tmp_path / f"gate-{number}"
            folder.mkdir()
            reader = reader_at(wire.url, city, settings, keys, mongod.uri, folder, number)
            gates.append(await stack.enter_async_context(reader))
        museum = Museum(city, hall, gates[0])
        await museum.ask(BookingHeld())
        yield Story(museum, wire, (gates[0], gates[1]), staff)


async def _books(phone: Services, story: Story) -> Booking:
    """Book and confirm one place in the first slot of tomorrow, in the app."""
    tomorrow = local_day(story.now) + DAY
    slots = await phone.bookings.slots(MUSEUM, tomorrow, tomorrow)
    assert isinstance(slots, tuple), slots
    held = await phone.bookings.place(slots[0].identifier, 1)
    assert isinstance(held, Booking), held
    booked = await phone.bookings.confirm(held.identifier)
    assert isinstance(booked, Booking), booked
    assert (booked.state, booked.quantity, booked.entered) == (BookingState.CONFIRMED, 1, 0)
    return booked


@pytest.mark.feature("S24", "S56")
async def test_a_booking_that_two_offline_gates_let_in_is_counted_and_reported_once(
    story: Story, city: City, tmp_path: Path
) -> None:
    phone = services_in(city, tmp_path / "phone")
    holder = await city.holder("901", digest=None)
    assert await phone.enrolment.submit(await city.code(holder)) is None
    booking = await _books(phone, story)
    one, two = story.gates
    story.museum.until(booking.starts_at)
    assert await story.refresh() == [True, True]

    await story.wire.cut()
    assert await story.refresh() == [False, False]
    for gate in story.gates:
        assert gate.sync.state.problem is not None
        assert gate.sync.state.problem.code == "unreachable"
    # A phone's clock may be a step slow at one gate and a step fast at the other.
    first = story.show(phone, 1, -STEP).answer
    second = story.show(phone, 2, STEP).answer
    third = story.show(phone, 1).answer
    assert (first.verdict, first.headline.zh) == (Verdict.ADMIT, "请进 · 已预约")
    assert (second.verdict, second.headline.zh) == (Verdict.ADMIT, "请进 · 已预约")
    assert (third.verdict, third.reason) == (Verdict.REFUSE, Reason.ALREADY_USED)
    assert third.detail == {"entered": 1, "quantity": 1}
    assert (third.headline.zh, third.next_step and third.next_step.zh) == (
        "已入场 1 人，共 1 人",
        "如有疑问请到服务台",
    )
    assert [len(gate.gate.openings) for gate in story.gates] == [1, 1]
    await story.staff.sign_in()
    assert (await story.inside(), await story.conflicts()) == (0, [])

    await story.wire.mend()
    [entry_one, refused] = one.journal.unsent(10)
    [entry_two] = two.journal.unsent(10)
    # What came last goes up first, and its receipts are lost: the rounds after it send it again.
    for gate in (two, one):
        scans = tuple(gate.journal.unsent(10)[::-1])
        part = JournalPart("a" * 32, tuple(range(1, len(scans) + 1)))
        assert await gate.backend.upload(ScanUpload(part, scans))
    assert [await gate.refresh() for gate in (two, one)] == [True, True]
    assert [gate.journal.unsent(10) for gate in story.gates] == [[], []]

    assert await phone.bookings.read() is None
    assert phone.bookings.known is not None
    [counted] = phone.bookings.known.bookings
    assert (counted.identifier, counted.entered) == (booking.identifier, 2)
    assert await story.inside() == 2
    [conflict] = await story.conflicts()
    assert (conflict["kind"], conflict["state"]) == ("ENTITLEMENT", "OPEN")
    terminals = [gate.enrolment.terminal_id for gate in story.gates]
    assert [
        (row["scan"], row["laneName"]["zh"], row["terminal"], row["persons"], row["flags"])
        for row in conflict["entries"]
    ] == [
        (entry_one.scan_id, "1号通道", terminals[0], 1, []),
        (entry_two.scan_id, "2号通道", terminals[1], 1, ["over_used"]),
    ]
    times = [datetime.fromisoformat(row["at"]) for row in conflict["entries"]]
    assert times == sorted(times)

    assert await Refresh(phone.backend, phone.session, phone.time).home()
    assert phone.session.wallet is not None
    visits = phone.session.wallet.visits
    assert [(visit.identifier, visit.lane.zh, visit.admitted) for visit in visits] == [
        (refused.scan_id, "1号通道", False),
        (entry_two.scan_id, "2号通道", True),
        (entry_one.scan_id, "1号通道", True),
    ]
    # Each gate now knows of the other: the booking is used up at both.
    assert await story.refresh() == [True, True]
    for number in (1, 2):
        answer = story.show(phone, number).answer
        assert (answer.reason, answer.detail) == (
            Reason.ALREADY_USED,
            {"entered": 2, "quantity": 1},
        )
