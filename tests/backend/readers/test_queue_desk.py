"""Queues served through a hospital's reader: listed, called and settled by number (S39)."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from backend.bookings.documents import PlaceBooking, SlotPlan
from backend.bookings.rules import SlotKind
from backend.foundation.audit import AuditRow
from backend.mandates.documents import MandateNotice
from backend.readers.documents import Terminal as StoredTerminal
from backend.readers.fleet_rules import TerminalRole
from reader_service.sync.visit_queues import Department, QueueNumber
from tests.backend.actors import City, Terminal, new_key
from tests.backend.readers.gates import Gates

QUEUES, CALLS, SETTLEMENTS = (
    f"/readers/v1/{name}" for name in ("visit-queues", "queue-calls", "queue-settlements")
)
WHERE = {"plan": "medicine", "desk": "1诊室", "staff": "u01"}


@pytest.fixture
async def terminal(city: City, gates: Gates) -> Terminal:
    """A hospital's reader; three have come through its gate."""
    title = {"zh": "内科门诊", "en": "Internal medicine"}
    shared: dict[str, Any] = {
        "venue": 1, "area": "main", "title": title, "length_minutes": 30, "capacity": 6, "limit": 1,
        "windows": [], "closes_minutes": 0, "cancel_minutes": 0,
    }  # fmt: skip
    for code, kind in (("medicine", SlotKind.APPOINTMENT), ("tour", SlotKind.VISIT)):
        await SlotPlan(id=f"1.{code}", code=code, kind=kind, **shared).insert()
    for name in ("a", "b", "c"):
        booking = await gates.booking(name, kind=SlotKind.APPOINTMENT, plan="1.medicine")
        await gates.book(0, gates.entry(counted_on=[booking]))
    return await city.terminal(1)


async def _post(terminal: Terminal, path: str, **asked: Any) -> httpx.Response:
    return await terminal.send("POST", path, json.dumps({"key": new_key(), **asked}).encode())


async def _listed(terminal: Terminal) -> list[tuple[int, str]]:
    answer = await terminal.send("GET", f"{QUEUES}/medicine")
    assert answer.status_code == 200, answer.text
    read = [QueueNumber.of_wire(one) for one in answer.json()["numbers"]]
    return [(one.number, one.state) for one in read]


@pytest.mark.feature("S39")
async def test_staff_call_and_settle_by_number_at_the_reader_once(terminal: Terminal) -> None:
    [told] = (await terminal.send("GET", QUEUES)).json()["departments"]
    assert Department.of_wire(told).title.zh == "内科门诊"
    assert Department.of_wire(told).plan == "medicine"
    assert await _listed(terminal) == [(1, "WAITING"), (2, "WAITING"), (3, "WAITING")]

    key = new_key()
    answers = [await _post(terminal, CALLS, **WHERE, key=key, number=None) for _ in range(2)]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        called = QueueNumber.of_wire(answer.json())
        assert (called.number, called.state, called.desk) == (1, "CALLED", "1诊室")
    where = {"plan": "medicine", "staff": "u01"}
    missed = await _post(terminal, SETTLEMENTS, **where, number=1, settlement="MISSED")
    assert missed.json()["state"] == "MISSED"
    again = await _post(terminal, CALLS, **WHERE, number=1)
    assert again.json()["state"] == "CALLED"
    seen = await _post(terminal, SETTLEMENTS, **where, number=1, settlement="SEEN")
    assert seen.json()["state"] == "SEEN"

    assert await _listed(terminal) == [(2, "WAITING"), (3, "WAITING")]
    calls = await MandateNotice.find({"code": "queue.called"}).to_list()
    assert [one.person for one in calls] == ["res_a"] * 2
    rows = await AuditRow.find({"action": "bookings.queue_served"}).to_list()
    assert [row.subject for row in rows] == ["res_a"] * 4
    assert {row.actor["kind"] for row in rows} == {"terminal"}
    assert all(row.actor["id"].endswith("/u01") for row in rows)
    # What the reader hears names nobody and no booking.
    assert set(again.json()) == {"number", "state", "slot_starts_at", "late", "desk"}


@pytest.mark.parametrize(
    ("path", "wrong", "status", "code"),
    [
        (CALLS, {"plan": "surgery"}, 404, "queue_unknown"),
        (CALLS, {"plan": "tour"}, 404, "queue_unknown"),
        (CALLS, {"plan": {"$ne": None}}, 400, None),
        (CALLS, {"desk": ""}, 400, "queue_desk"),
        (CALLS, {"staff": "a b"}, 400, "terminal_staff_form"),
        (CALLS, {"number": "1"}, 400, None),
        (CALLS, {"number": True}, 400, None),
        (CALLS, {"number": 10**30}, 400, None),
        (CALLS, {"number": 9}, 409, "queue_number"),
        (CALLS, {"key": "x"}, 400, None),
        (SETTLEMENTS, {"number": 1, "settlement": "SEEN"}, 409, "queue_number"),
        (SETTLEMENTS, {"number": 1, "settlement": "GONE"}, 400, None),
        (SETTLEMENTS, {"number": None, "settlement": "SEEN"}, 400, None),
    ],
)
async def test_what_is_wrong_is_refused_and_calls_nobody(
    terminal: Terminal, path: str, wrong: dict[str, Any], status: int, code: str | None
) -> None:
    answer = await _post(terminal, path, **{**WHERE, **wrong})

    assert answer.status_code == status, answer.text
    assert code is None or answer.json()["code"] == code
    assert await _listed(terminal) == [(1, "WAITING"), (2, "WAITING"), (3, "WAITING")]


async def test_only_a_staffed_reader_of_the_hospital_serves_its_queues(
    city: City, terminal: Terminal
) -> None:
    other = await city.terminal(2)
    assert (await other.send("GET", QUEUES)).json() == {"departments": []}
    assert (await _post(other, CALLS, **WHERE)).status_code == 404
    assert (await city.client.get(QUEUES)).status_code == 401
    [stored] = [one for one in await StoredTerminal.find_all().to_list() if one.venue_number == 1]
    for change, paths in (
        ({"blocked": True}, (CALLS,)),
        ({"blocked": False, "role": TerminalRole.UNATTENDED.value}, (CALLS, SETTLEMENTS)),
    ):
        await stored.set(change)
        for path in paths:
            answer = await _post(terminal, path, **WHERE, number=1, settlement="SEEN")
            assert answer.status_code == 403, answer.text
    assert (await terminal.send("GET", f"{QUEUES}/medicine")).status_code == 403
    bookings = PlaceBooking.get_pymongo_collection()
    assert await bookings.count_documents({"queue.state": "WAITING"}) == 3


async def test_yesterdays_numbers_are_not_listed(city: City, terminal: Terminal) -> None:
    city.clock.advance(timedelta(days=1).total_seconds())
    assert await _listed(terminal) == []
    assert (await _post(terminal, CALLS, **WHERE)).json()["code"] == "queue_empty"
