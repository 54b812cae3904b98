"""What the staff of a venue ask through its reader, in the terminal's own name."""

import json
from datetime import timedelta
from secrets import token_hex
from typing import Any

import httpx
import pytest

from backend.foundation.access import Role
from backend.foundation.audit import AuditRow, Organisation
from backend.readers.documents import ScanConflict
from backend.readers.documents import Terminal as StoredTerminal
from backend.readers.look_up import LookUps
from reader_service.sync.venue_news import Conflict, Expected
from shared.localized_text import LocalizedText
from shared.wire.flow import VenueFlow
from tests.backend.accounts.actors import People
from tests.backend.actors import City, Terminal, code_scan
from tests.backend.readers.gates import Gates

FLOW, CONFLICTS = "/readers/v1/flow", "/readers/v1/conflicts"
ACKNOWLEDGE, LOOK_UP = "/readers/v1/conflict-acknowledgements", "/readers/v1/look-ups"


@pytest.fixture
async def terminal(city: City) -> Terminal:
    await city.venue(1)
    return await city.terminal(1)


async def _upload(terminal: Terminal, *rows: dict[str, Any]) -> None:
    answer = await terminal.upload_body({"version": 2, "scans": list(rows)})
    assert answer.status_code == 200, answer.text


async def _post(terminal: Terminal, path: str, asked: dict[str, Any]) -> httpx.Response:
    return await terminal.send("POST", path, json.dumps(asked).encode())


async def test_a_terminal_hears_how_many_are_inside_and_of_each_hour_and_lane(
    city: City, terminal: Terminal
) -> None:
    now = city.clock.now()
    entries = [code_scan(now, index, version=2, party=index) for index in (2, 3)]
    out = code_scan(now, 9, version=2, direction="out", lane=2)
    await _upload(terminal, *entries, out)

    flow = (await terminal.send("GET", FLOW)).json()

    assert flow["areas"] == [{"area": None, "entered": 5, "left": 1}]
    assert [(one["entered"], one["left"]) for one in flow["hours"]] == [(5, 1)]
    assert [(one["lane"], one["entered"], one["left"]) for one in flow["lanes"]] == [
        (1, 5, 0),
        (2, 0, 1),
    ]
    assert VenueFlow.of_wire(flow, now).to_wire() == flow

    people = People(city)
    for login, number, sequence in (("here", 1, "811"), ("elsewhere", 2, "812")):
        place = Organisation(f"venue-{number}", LocalizedText("场馆", "A venue"))
        staff = await people.staff(login, Role.VENUE_STAFF, sequence=sequence, place=place)
        await staff.sign_in()
        told = (await staff.device.ask("VenueFlow", venue=1))["venueFlow"]
        if number == 1:
            assert told["areas"] == [{"area": None, "entered": 5, "left": 1, "inside": 4}]
            assert [(one["entered"], one["refused"]) for one in told["hours"]] == [(5, 0)]
            assert [one["name"]["zh"] for one in told["lanes"]] == ["1号通道", "2号通道"]
        else:
            assert told["code"] == "venue_of_others"


async def test_a_conflict_is_told_and_acknowledged_at_the_gate_once(
    city: City, terminal: Terminal
) -> None:
    now = city.clock.now()
    one = code_scan(now - timedelta(seconds=9), 7, version=2)
    await _upload(terminal, one, {**one, "scan_id": token_hex(16), "lane": 2})
    [told] = (await terminal.send("GET", CONFLICTS)).json()["conflicts"]
    assert (told["kind"], told["acknowledged_at"]) == ("SAME_CODE", None)
    assert len(told["entries"]) == 2
    assert Conflict.of_wire(told).conflict_id == told["id"]

    asked = {"key": token_hex(8), "conflict": told["id"], "note": "两次都是本人", "staff": "u01"}
    for _ in range(2):
        answer = await _post(terminal, ACKNOWLEDGE, asked)
        assert answer.status_code == 200, answer.text
        assert answer.json()["note"] == "两次都是本人"
    stored = await ScanConflict.get(told["id"])
    assert stored is not None
    assert str(stored.acknowledged_by).endswith("/u01")
    rows = await AuditRow.find({"action": "readers.conflict_acknowledged"}).to_list()
    assert len(rows) == 1

    for wrong, status in (
        ({"note": ""}, 400),
        ({"note": 5}, 400),
        ({"staff": "a b"}, 400),
        ({"conflict": {"$ne": None}}, 400),
        ({"conflict": "cfl_none"}, 404),
        ({"key": "x"}, 400),
    ):
        refused = await _post(terminal, ACKNOWLEDGE, {**asked, "key": token_hex(8), **wrong})
        assert refused.status_code == status, wrong


async def test_another_venue_s_terminal_learns_and_does_nothing(
    city: City, terminal: Terminal
) -> None:
    one = code_scan(city.clock.now(), 7, version=2)
    await _upload(terminal, one, {**one, "scan_id": token_hex(16), "lane": 2})
    [told] = (await terminal.send("GET", CONFLICTS)).json()["conflicts"]
    other = await city.terminal(2)

    assert (await other.send("GET", CONFLICTS)).json() == {"conflicts": []}
    asked = {"key": token_hex(8), "conflict": told["id"], "note": "x", "staff": "u01"}
    assert (await _post(other, ACKNOWLEDGE, asked)).status_code == 404
    assert (await other.send("GET", FLOW)).json()["areas"] == []
    assert (await city.client.get(FLOW)).status_code == 401


async def test_who_is_expected_is_found_masked_and_finds_it_written_down(
    city: City, terminal: Terminal
) -> None:
    resident = await city.resident(name="钟小明")
    await Gates(city).booking("a", 3, resident_id=resident)
    asked = {"name": "钟小明", "reason": "手机没电，核对预约", "staff": "u01"}

    [found] = (await _post(terminal, LOOK_UP, asked)).json()["expected"]
    assert (found["name"], found["quantity"], found["entered"]) == ("钟*明", 3, 0)
    assert Expected.of_wire(found).name == "钟*明"
    tail = found["number"][-4:]
    by_tail = await _post(terminal, LOOK_UP, {**asked, "name": "", "tail": tail.lower()})
    assert by_tail.json()["expected"] == [found]
    nobody = await _post(terminal, LOOK_UP, {**asked, "name": "王大文"})
    assert nobody.json() == {"expected": []}

    rows = await AuditRow.find({"action": "readers.looked_up"}).to_list()
    assert sorted(row.subject or "" for row in rows) == ["", resident, resident]
    assert {row.reason for row in rows} == {asked["reason"]}
    assert all(row.actor["id"].endswith("/u01") for row in rows)
    assert "钟小明" not in str([row.model_dump() for row in rows])


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": ""},
        {"name": ""},
        {"tail": "1234"},  # both
        {"name": "", "tail": "12"},
        {"name": "", "tail": "...."},
        {"name": ".*"},
        {"name": {"$ne": ""}},
        {"staff": "u 1"},
    ],
)
async def test_a_look_up_without_reason_or_with_less_than_a_name_is_refused(
    terminal: Terminal, wrong: dict[str, Any]
) -> None:
    asked = {"name": "钟小明", "reason": "核对", "staff": "u01", **wrong}

    assert (await _post(terminal, LOOK_UP, asked)).status_code == 400
    assert await AuditRow.find({"action": "readers.looked_up"}).count() == 0


async def test_a_reader_looks_up_so_often_in_an_hour_and_blocked_not_at_all(
    city: City, terminal: Terminal
) -> None:
    asked = {"name": "钟小明", "reason": "核对预约", "staff": "u01"}
    assert (await _post(terminal, LOOK_UP, asked)).status_code == 200
    [known] = await StoredTerminal.find_all().to_list()
    limits = city.house.services[LookUps]._limits
    while await limits.of_reads(f"{known.id}/u01") is None:
        pass
    refused = await _post(terminal, LOOK_UP, asked)
    assert (refused.status_code, refused.json()["code"]) == (429, "reads_too_many")
    assert (await _post(terminal, LOOK_UP, {**asked, "staff": "u02"})).status_code == 200
    city.clock.advance(3600)
    assert (await _post(terminal, LOOK_UP, asked)).status_code == 200

    await known.set({StoredTerminal.blocked: True})
    for path in (LOOK_UP, ACKNOWLEDGE):
        answer = await _post(terminal, path, asked)
        assert (answer.status_code, answer.json()["code"]) == (403, "terminal_blocked"), path
    assert (await terminal.send("GET", FLOW)).status_code == 200  # it tells of nobody
