"""The fleet of readers: heartbeats, roles, invitations, blocks, and a wipe said once."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest

from backend.app import House
from backend.foundation.access import Caller, Role
from backend.foundation.pages import Position
from backend.foundation.refusals import Refusal
from backend.readers.fleet import Fleet, Invitation
from backend.readers.fleet_rules import (
    FleetTerminal,
    Health,
    TerminalRole,
    Trouble,
    read_health,
    troubles,
)
from backend.readers.key_carriers import KeyCarriers
from shared.admission.opening import Closure, OpeningCalendar
from shared.admission.opening_hours import Hours, Week
from shared.clock import ManualClock
from shared.identity.age import local_day
from shared.trust.list_update import is_list_update
from shared.wire.enrolment import EnrolmentCode
from shared.wire.request_proof import thumbprint
from shared.wire.terminal_standing import key_number
from tests.backend.accounts.actors import People
from tests.backend.actors import City, Terminal, new_key
from tests.backend.test_indexes import EXPLAINED, _stages

OFFICER = Caller(staff_id="stf_officer", roles=frozenset({Role.SECURITY_OFFICER}))
ADMINISTRATOR = Caller(staff_id="stf_admin", roles=frozenset({Role.SYSTEM_ADMINISTRATOR}))
CLERK = Caller(staff_id="stf_clerk", roles=frozenset({Role.OUTLET_CLERK}))
ADDRESS = "https://city.example"
BEAT: dict[str, Any] = {
    "version": "0.1.0",
    "clock_ahead_ms": 20,
    "lists_age_s": 60,
    "disk_free_mib": 9000,
    "unsent": 3,
    "faults": [],
    "emergency": False,
}


@pytest.fixture
def fleet(house: House) -> Fleet:
    return house.services[Fleet]


async def _beat(terminal: Terminal, **changed: Any) -> tuple[int, Any]:
    body = json.dumps({**BEAT, **changed}).encode()
    answer = await terminal.send("POST", "/readers/v1/heartbeats", body)
    return answer.status_code, answer.json()


async def _wiped(terminal: Terminal, order: str) -> tuple[int, Any]:
    body = json.dumps({"order": order}).encode()
    answer = await terminal.send("POST", "/readers/v1/wipe-acknowledgements", body)
    return answer.status_code, answer.json()


async def _page(fleet: Fleet, venue: int | None = None) -> list[FleetTerminal]:
    page = await fleet.page(OFFICER, venue, 50, None)
    assert not isinstance(page, Refusal)
    return list(page.rows)


def _code(done: object) -> str:
    return done.code if isinstance(done, Refusal) else "done"


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({}, ()),
        ({"clock_ahead_ms": -5_001}, (Trouble.CLOCK_OFF,)),
        ({"lists_age_s": 86_401}, (Trouble.LISTS_OLD,)),
        ({"unsent": 5_001}, (Trouble.BACKLOG,)),
        ({"disk_free_mib": 199}, (Trouble.DISK_LOW,)),
        ({"faults": ("camera_lost",)}, (Trouble.DEVICE_FAULT,)),
        ({"emergency": True}, (Trouble.EMERGENCY,)),
        ({"clock_ahead_ms": None, "lists_age_s": None, "disk_free_mib": None}, ()),
    ],
)
@pytest.mark.feature("S111", "L33")
def test_each_trouble_is_named(said: dict[str, Any], wrong: tuple[Trouble, ...]) -> None:
    now = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    health = Health("1", **{"clock_ahead_ms": 5_000, "disk_free_mib": 200, **said})
    terminal = FleetTerminal("trm_a", 1, "门岗", TerminalRole.STAFFED, now, health=health)

    assert troubles(terminal, now) == wrong


@pytest.mark.feature("S114")
def test_a_reader_nobody_heard_of_is_offline_and_a_wipe_comes_first() -> None:
    now = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    heard = now - timedelta(hours=2, seconds=1)
    terminal = FleetTerminal("t", 1, "门", TerminalRole.STAFFED, heard, True, now)

    assert troubles(terminal, now) == (Trouble.WIPING, Trouble.BLOCKED, Trouble.OFFLINE)


DAILY = OpeningCalendar(Week(tuple((Hours(9 * 60, 17 * 60),) for _ in range(7))))


@pytest.mark.feature("S114")
@pytest.mark.parametrize(
    ("heard", "now", "closed", "offline"),
    [
        ("21T17:30", "22T08:59", True, False),  # off over night
        ("21T17:30", "22T11:00", False, False),  # two hours of being open, and no more
        ("21T17:30", "22T11:01", False, True),
        ("21T14:00", "21T23:00", True, True),  # silent since long before it closed
        ("21T16:00", "22T09:59", False, False),  # an hour of yesterday, one of today
        ("21T16:00", "22T10:01", False, True),
        ("20T16:00", "22T09:00", False, True),
    ],
)
def test_silence_counts_only_while_the_venue_is_open(
    heard: str, now: str, closed: bool, offline: bool
) -> None:
    at, then = (datetime.fromisoformat(f"2026-11-{one}:00+08:00") for one in (now, heard))
    terminal = FleetTerminal("t", 1, "门", TerminalRole.STAFFED, then, calendar=DAILY)

    assert (Trouble.OFFLINE in troubles(terminal, at)) is offline
    assert terminal.closed_on_purpose(at) is closed


@pytest.mark.feature("S114")
def test_a_closure_of_months_makes_no_reader_down_and_costs_no_time() -> None:
    now = datetime.fromisoformat("2026-11-22T12:00:00+08:00")
    first = (now - timedelta(days=200)).date()
    shut = OpeningCalendar(DAILY.week, closures=(Closure(first, now.date()),))
    heard = now - timedelta(days=200)
    terminal = FleetTerminal("t", 1, "门", TerminalRole.STAFFED, heard, calendar=shut)

    assert troubles(terminal, now) == ()
    assert terminal.closed_on_purpose(now)


@pytest.mark.feature("S114")
async def test_officers_see_which_reader_is_closed_on_purpose(
    city: City, fleet: Fleet, house: House, clock: ManualClock
) -> None:
    await city.terminal(1)
    await city.terminal(2)
    today = local_day(clock.now())
    shut = OpeningCalendar(DAILY.week, closures=(Closure(today - timedelta(9), today),))
    await house.store.database["venues"].update_one(
        {"_id": 1}, {"$set": {"calendar": shut.to_wire()}}
    )
    clock.advance(3 * 3600)

    found = {one.venue_number: one for one in await _page(fleet)}

    now = clock.now()
    assert [found[venue].closed_on_purpose(now) for venue in (1, 2)] == [True, False]
    assert [troubles(found[venue], now) for venue in (1, 2)] == [(), (Trouble.OFFLINE,)]


@pytest.mark.parametrize(
    "changed",
    [
        {"version": None},
        {"version": "x" * 33},
        {"version": {"$ne": 1}},
        {"unsent": "3"},
        {"unsent": True},
        {"unsent": 2**60},
        {"clock_ahead_ms": 0.5},
        {"faults": "camera_lost"},
        {"faults": ["$where"]},
        {"faults": ["a"] * 17},
        {"emergency": 1},
        {"wipe_refused": "<b>"},
    ],
)
def test_a_heartbeat_of_another_form_is_refused(changed: dict[str, Any]) -> None:
    assert isinstance(read_health({**BEAT, **changed}), Refusal)
    assert isinstance(read_health(BEAT), Health)


@pytest.mark.feature("S111")
async def test_a_heartbeat_is_seen_by_officers(
    city: City, fleet: Fleet, clock: ManualClock
) -> None:
    terminal = await city.terminal()
    clock.advance(60)

    assert (await _beat(terminal, clock_ahead_ms=-9_000))[0] == 200
    assert (await _beat(terminal, unsent=[]))[1]["code"] == "heartbeat_form"
    assert (await _beat(Terminal(city.client, clock)))[1]["code"] == "terminal_unknown"

    [seen] = await _page(fleet)
    assert (seen.heard_at, seen.name) == (clock.now(), "门岗")
    assert seen.health == Health("0.1.0", -9_000, 60, 9000, 3)


async def test_those_heard_of_longest_ago_come_first_and_pages_follow(
    city: City, fleet: Fleet, house: House, clock: ManualClock, sent: list[tuple[str, Any]]
) -> None:
    made = []
    for venue in (1, 2, 1):
        made.append(await city.terminal(venue))
        clock.advance(1)
    await _beat(made[0])

    rows = {row["thumbprint"]: row["_id"] async for row in house.store.database["terminals"].find()}
    sent.clear()
    ids: list[str] = []
    position = None
    while True:
        page = await fleet.page(ADMINISTRATOR, None, 1, position)
        assert not isinstance(page, Refusal)
        ids += [one.terminal_id for one in page.rows]
        if not page.has_more:
            break
        position = Position(page.rows[-1].heard_at, page.rows[-1].terminal_id)
    of_one = await _page(fleet, 1)

    keys = [thumbprint(made[at].key.public) for at in (1, 2, 0)]
    assert ids == [rows[key] for key in keys]
    assert [one.venue_number for one in of_one] == [1, 1]
    ours = [command for name, command in list(sent) if name in EXPLAINED]
    assert ours
    assert [c for c in ours if {"COLLSCAN", "SORT"} & set(await _stages(house, c))] == []


async def test_an_invitation_is_made_once_and_its_code_enrols_one_reader(
    city: City, fleet: Fleet, house: House, clock: ManualClock
) -> None:
    await city.venue()
    key, asked = new_key(), Invitation(1, "东门", TerminalRole.UNATTENDED, ADDRESS)

    codes = [await fleet.invite(ADMINISTRATOR, key, asked) for _ in range(2)]

    [code, again] = codes
    assert isinstance(code, EnrolmentCode)
    assert code == again
    assert EnrolmentCode.of_text(code.to_text()) == code
    stored = [
        str(row)
        for name in await house.store.database.list_collection_names()
        async for row in house.store.database[name].find({})
    ]
    assert len(await house.store.database["terminals"].distinct("_id")) == 1
    assert code.token not in "".join(stored), "who reads the store learns no token"
    terminal = Terminal(city.client, clock)
    assert (await terminal.enrol(code.token)).status_code == 201
    assert (await Terminal(city.client, clock).enrol(code.token)).status_code == 409
    [seen] = await _page(fleet)
    assert (seen.name, seen.role) == ("东门", TerminalRole.UNATTENDED)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"address": "ftp://x"}, "terminal_address_form"),
        ({"address": "https://a b"}, "terminal_address_form"),
        ({"name": ""}, "terminal_form"),
        ({"venue": 99}, "venue_unknown"),
    ],
)
async def test_a_wrong_invitation_is_refused(
    city: City, fleet: Fleet, changed: dict[str, Any], code: str
) -> None:
    await city.venue()
    usual = {"venue": 1, "name": "门", "role": TerminalRole.STAFFED, "address": ADDRESS}

    done = await fleet.invite(ADMINISTRATOR, new_key(), Invitation(**{**usual, **changed}))

    assert _code(done) == code


async def test_a_reader_without_staff_learns_no_names(city: City, fleet: Fleet) -> None:
    await city.venue()
    asked = Invitation(1, "东门", TerminalRole.UNATTENDED, ADDRESS)
    code = await fleet.invite(ADMINISTRATOR, new_key(), asked)
    assert isinstance(code, EnrolmentCode)
    alone, staffed = Terminal(city.client, city.clock), await city.terminal()
    await alone.enrol(code.token)
    body = json.dumps({"name": "钟小明", "reason": "忘带手机", "staff": "7"}).encode()

    said = [await one.send("POST", "/readers/v1/look-ups", body) for one in (alone, staffed)]

    assert [one.status_code for one in said] == [403, 200]
    assert said[0].json()["code"] == "terminal_role"
    for path in ("conflicts", "update-code"):
        answer = await alone.send("GET", f"/readers/v1/{path}")
        assert answer.json()["code"] == "terminal_role"
    shown = (await staffed.send("GET", "/readers/v1/update-code")).json()
    assert is_list_update(shown["digits"])
    assert shown["left_out"] == 0
    for path in ("manifest", "terminal-standing", "flow"):
        assert (await alone.send("GET", f"/readers/v1/{path}")).status_code == 200


async def test_readers_of_a_venue_get_the_same_keys_and_a_blocked_one_none(
    city: City, fleet: Fleet
) -> None:
    one, other = await city.terminal(), await city.terminal()

    async def keys(terminal: Terminal) -> Any:
        answer = await terminal.send("GET", "/readers/v1/terminal-standing")
        claims = jwt.decode(answer.text, options={"verify_signature": False})
        return claims.get("venue_keys")

    shared = await keys(one)
    assert shared == await keys(other)
    week = key_number(city.clock.now())
    assert [number for number, _ in shared] == [week, week + 1]
    assert len({key for _, key in shared}) == 2

    for seen in await _page(fleet):
        await fleet.block(OFFICER, new_key(), seen.terminal_id, "被盗")
    assert await keys(one) is None
    assert await keys(other) is None


CODE = [("GET", "update-code", b"")]


async def test_a_stolen_reader_that_is_blocked_learns_no_names(city: City, fleet: Fleet) -> None:
    terminal = await city.terminal()
    [seen] = await _page(fleet)
    body = json.dumps({"name": "钟小明", "reason": "忘带手机", "staff": "7"}).encode()
    assert (await terminal.send("POST", "/readers/v1/look-ups", body)).status_code == 200

    assert await fleet.block(OFFICER, new_key(), seen.terminal_id, "被盗") == seen.terminal_id

    for method, path, sent in (("POST", "look-ups", body), ("GET", "offline-set", b""), *CODE):
        answer = await terminal.send(method, f"/readers/v1/{path}", sent)
        assert (answer.status_code, answer.json()["code"]) == (403, "terminal_blocked")
    assert (await _page(fleet))[0].blocked


async def test_a_wipe_is_acknowledged_once_however_often_it_is_said(
    city: City, fleet: Fleet, house: House
) -> None:
    terminal = await city.terminal()
    [seen] = await _page(fleet)
    key = new_key()
    for _ in range(2):
        assert await fleet.wipe(OFFICER, key, seen.terminal_id, "被盗") == seen.terminal_id
    assert _code(await fleet.wipe(OFFICER, new_key(), seen.terminal_id, "被盗")) == (
        "terminal_not_enrolled"
    ), "one order stands"
    [stored] = await house.store.database["terminals"].find({}).to_list()
    order = stored["wipe"]["order"]
    lifted = await house.services[KeyCarriers].lift_block(
        OFFICER, new_key(), seen.terminal_id, "找到"
    )
    assert _code(lifted) == "terminal_not_blocked", "a wipe is not called back"
    refused = await _beat(terminal, wipe_refused="journal_unsent")
    assert refused[0] == 200
    assert (await _page(fleet))[0].health == Health(
        "0.1.0", 20, 60, 9000, 3, wipe_refused="journal_unsent"
    )

    assert (await _wiped(terminal, "wip_other"))[1]["code"] == "wipe_unknown"
    said = await asyncio.gather(*(_wiped(terminal, order) for _ in range(4)))
    said.append(await _wiped(terminal, order))

    assert said == [(200, {"acknowledged": order})] * 5
    rows = house.store.database["audit_rows"]
    assert await rows.count_documents({"action": "readers.terminal_wiped"}) == 1
    assert await rows.count_documents({"action": "readers.terminal_wipe_ordered"}) == 1
    assert await _page(fleet) == []
    assert (await _beat(terminal))[1]["code"] == "terminal_unknown"


async def test_who_may_what(fleet: Fleet) -> None:
    asked = Invitation(1, "门", TerminalRole.STAFFED, ADDRESS)
    for caller, code in ((None, "sign_in_needed"), (CLERK, "not_permitted")):
        assert _code(await fleet.page(caller, None, 5, None)) == code
        assert _code(await fleet.invite(caller, new_key(), asked)) == code
        assert _code(await fleet.block(caller, new_key(), "trm_x", "x")) == code
        assert _code(await fleet.wipe(caller, new_key(), "trm_x", "x")) == code
    assert _code(await fleet.wipe(OFFICER, new_key(), "trm_x", "")) == "audit_reason_form"
    for name in ("trm_x", "{'$ne': 1}"):
        assert _code(await fleet.block(OFFICER, new_key(), name, "x")) == "terminal_not_enrolled"


async def test_officers_do_it_signed_in(city: City) -> None:
    people = People(city)
    admin = await people.staff("admin.an", Role.SYSTEM_ADMINISTRATOR, sequence="801")
    officer = await people.staff("officer.bao", Role.SECURITY_OFFICER, sequence="802")
    await admin.sign_in()
    await officer.sign_in()
    await city.venue()
    wish = {"venue": 1, "name": "东门", "role": "STAFFED", "address": ADDRESS}
    invited = await admin.device.do("InviteTerminal", idempotencyKey=new_key(), **wish)
    terminal = Terminal(city.client, city.clock)
    await terminal.enrol(EnrolmentCode.of_text(invited["enrolmentCode"]).token)
    await _beat(terminal, faults=["camera_lost"])

    page = (await officer.device.ask("Terminals", first=5))["terminals"]

    [node] = page["nodes"]
    assert (node["name"], node["troubles"]) == ("东门", ["DEVICE_FAULT"])
    assert (node["health"]["faults"], node["health"]["unsent"]) == (["camera_lost"], 3)
    for act in ("BlockTerminal", "WipeTerminal"):
        order = {"terminal": node["id"], "reason": "被盗"}
        done = await officer.device.do(act, idempotencyKey=new_key(), **order)
        assert done["terminal"] == node["id"]
    [node] = (await admin.device.ask("Terminals", first=5, venue=1))["terminals"]["nodes"]
    assert node["troubles"] == ["WIPING", "BLOCKED", "DEVICE_FAULT"]
