"""Emergency opening: gates first, a signed row for each change, and again after a restart."""

from datetime import datetime
from pathlib import Path

import pytest
from typing_extensions import override

from reader_service.devices.gate import RecordingGate
from reader_service.devices.relay import GateFailed
from reader_service.lane.emergency import Emergency, EmergencyState
from reader_service.lane.staff_acts import ActRefused
from shared.ecode.algorithms import Algorithm, SoftwareKey
from tests.reader_service.conftest import Venue

KEY = SoftwareKey.generate(Algorithm.ED25519)


def _emergency(venue: Venue, key: SoftwareKey = KEY) -> Emergency:
    return Emergency(venue.folder / "emergency.log", key, venue.lanes, venue.clock)


def _held(venue: Venue) -> list[bool]:
    return [gate.held for gate in venue.gates.values()]


def _rows(venue: Venue) -> list[str]:
    return (venue.folder / "emergency.log").read_text().splitlines()


def test_every_gate_is_held_open_until_it_is_ended(venue: Venue) -> None:
    emergency = _emergency(venue)
    assert emergency.state == EmergencyState()

    done = emergency.hold("k1", "u01", held=True)

    assert done == EmergencyState(held=True, since=venue.clock.now(), staff="u01")
    assert _held(venue) == [True, True]
    emergency.hold("k2", "u02", held=False)
    assert _held(venue) == [False, False]
    assert len(_rows(venue)) == 2


def test_said_twice_it_is_done_and_recorded_once(venue: Venue) -> None:
    emergency = _emergency(venue)

    emergency.hold("k1", "u01", held=True)
    emergency.hold("k1", "u01", held=True)
    emergency.hold("k2", "u02", held=True)
    emergency.hold("k3", "u01", held=False)
    emergency.hold("k1", "u01", held=True)

    assert len(_rows(venue)) == 2
    assert _held(venue) == [False, False], "a repeated wish of before opens nothing again"


def test_after_a_restart_the_gates_are_held_open_again(venue: Venue) -> None:
    _emergency(venue).hold("k1", "u01", held=True)
    for gate in venue.gates.values():
        gate.held = False

    again = _emergency(venue)

    assert _held(venue) == [True, True]
    assert (again.state.staff, again.state.intact) == ("u01", True)
    again.hold("k1", "u01", held=True)
    assert len(_rows(venue)) == 1, "the key is known after the restart too"


@pytest.mark.parametrize("damage", ["removed", "changed", "swapped", "foreign", "binary"])
def test_a_row_that_was_tampered_with_is_noticed(venue: Venue, damage: str) -> None:
    emergency = _emergency(venue)
    for number, held in enumerate((True, False, True, False)):
        emergency.hold(f"k{number}", "u01", held=held)
        venue.clock.advance(1)
    rows, path = _rows(venue), venue.folder / "emergency.log"
    if damage == "removed":
        del rows[1]
    elif damage == "changed":
        rows[1] = f"{rows[1][:-8]}AAAAAAAA"
    elif damage == "swapped":
        rows[0], rows[2] = rows[2], rows[0]
    elif damage == "foreign":
        other = SoftwareKey.generate(Algorithm.ED25519)
        folder = path.with_name("other.log")
        Emergency(folder, other, {}, venue.clock).hold("k9", "x", held=True)
        rows.append(folder.read_text().strip())
    path.write_bytes(b"\xff\xfe" if damage == "binary" else "\n".join(rows).encode() + b"\n")

    found = _emergency(venue)

    assert not found.state.intact
    assert not found.state.held, "nobody opens the gates by writing a file"
    found.hold("k7", "u01", held=True)
    assert not found.state.intact, "and it stays said"


def test_a_full_disk_keeps_nobody_in(venue: Venue, tmp_path: Path) -> None:
    emergency = Emergency(tmp_path / "none" / "x.log", KEY, venue.lanes, venue.clock)

    done = emergency.hold("k1", "u01", held=True)

    assert isinstance(done, EmergencyState)
    assert (done.held, done.recorded) == (True, False)
    assert _held(venue) == [True, True]
    ended = emergency.hold("k2", "u01", held=False)
    assert isinstance(ended, ActRefused)
    assert _held(venue) == [True, True], "shut only with a record"
    (tmp_path / "none").mkdir()
    emergency.hold("k3", "u01", held=False)
    assert _held(venue) == [False, False]


def test_a_gate_that_does_not_obey_is_named_and_the_others_open(venue: Venue) -> None:
    class Stuck(RecordingGate):
        @override
        def hold_open(self, *, held: bool) -> None:
            raise GateFailed

        @override
        def open_once(self, now: datetime) -> None:
            raise GateFailed

    venue.lanes[1]._gate = Stuck()

    done = _emergency(venue).hold("k1", "u01", held=True)

    assert isinstance(done, EmergencyState)
    assert done.stuck == (1,)
    assert venue.gates[2].held
