"""What the reader's tests have at hand: a city, a lane that works, and time that is told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reader_service.devices.gate import RecordingGate
from reader_service.journal import Journal
from reader_service.lane.board import Board, LaneAnswer, LaneState
from reader_service.lane.gatekeeper import Gatekeeper
from reader_service.lane.lane import Lane
from reader_service.lane.staff_acts import StaffActs
from reader_service.settings import LaneDirection
from reader_service.snapshot import Snapshot
from shared.clock import ManualClock
from tests.reader_service.city import City


@dataclass
class Venue:
    """A reader with two lanes, without cameras, on real files."""

    city: City
    clock: ManualClock
    folder: Path
    snapshot: Snapshot
    journal: Journal
    board: Board
    gates: dict[int, RecordingGate]
    lanes: dict[int, Lane]
    told: list[LaneAnswer | LaneState]
    gatekeeper: Gatekeeper

    def opened(self) -> int:
        """How often any gate opened."""
        return sum(len(gate.openings) for gate in self.gates.values())

    def reasons(self) -> list[str | None]:
        """The journal's reasons, oldest first."""
        return [scan.reason for scan in self.journal.unsent(1000)]


VenueMaker = Callable[..., Venue]


@pytest.fixture
def city() -> City:
    return City()


@pytest.fixture
def make_venue(tmp_path: Path, city: City) -> Iterator[VenueMaker]:
    """Makes a reader on `folder`; called again on the same folder, it is the reader restarted."""
    made: list[Venue] = []

    def make(
        folder: Path = tmp_path,
        clock: ManualClock | None = None,
        directions: tuple[LaneDirection, LaneDirection] = ("in", "in"),
    ) -> Venue:
        for earlier in made:
            earlier.journal.close()
        clock = clock or ManualClock(city.now)
        snapshot = Snapshot(folder / "snapshot.sqlite", city.enrolment)
        journal = Journal(folder / "journal.sqlite")
        counts_exits = directions != ("in", "in")
        gatekeeper = Gatekeeper(snapshot, journal, clock, counts_exits=counts_exits)
        board, acts = Board((1, 2)), StaffActs(gatekeeper, clock)
        gates = {number: RecordingGate() for number in (1, 2)}
        lanes = {
            number: Lane(number, gatekeeper, gate, board, clock, acts, directions[number - 1])
            for number, gate in gates.items()
        }
        told: list[LaneAnswer | LaneState] = []
        board.listen(told.append)
        venue = Venue(city, clock, folder, snapshot, journal, board, gates, lanes, told, gatekeeper)
        made.append(venue)
        return venue

    yield make
    for venue in made:
        venue.journal.close()


@pytest.fixture
def venue(make_venue: VenueMaker, city: City) -> Venue:
    """A reader with all its lists."""
    made = make_venue()
    city.fill(made.snapshot)
    return made
