"""What auditors and security officers read over the wire, and that reading is written down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from backend.foundation.access import Role
from backend.foundation.audit import AuditRow
from backend.foundation.audit_chain import Sequencer
from backend.foundation.audit_verify import verify_and_note
from backend.foundation.permissions import ALLOWED, OWN, Act
from tests.backend.accounts.actors import Device, Employee, People
from tests.backend.actors import document, id_number, join_household, new_key
from tests.backend.test_indexes import EXPLAINED, _stages

MINE = id_number()


async def _officer(people: People, *roles: Role, login: str = "li.officer") -> Employee:
    officer = await people.staff(login, *roles, sequence="841")
    await officer.sign_in()
    return officer


@pytest.fixture
async def auditor(people: People) -> Employee:
    return await _officer(people, Role.AUDITOR)


@pytest.fixture
async def clerk(people: People) -> Employee:
    clerk = await people.staff("xie.yu", Role.OUTLET_CLERK, sequence="811")
    await clerk.sign_in()
    return clerk


@pytest.fixture
async def resident_id(people: People) -> str:
    return await people.register(MINE)


async def _rows(device: Device, **wanted: Any) -> Any:
    return (await device.ask("AuditRows", **wanted))["auditRows"]


async def _alerts(device: Device, **wanted: Any) -> Any:
    return (await device.ask("Alerts", **wanted))["alerts"]


async def _acknowledge(device: Device, alert: str, note: str = "已核实", **more: Any) -> Any:
    wish = {"idempotencyKey": new_key(), "id": alert, "note": note, **more}
    return await device.do("AcknowledgeAlert", **wish)


async def _alarm(people: People, clerk: Employee, resident_id: str, times: int = 1) -> None:
    """Let a clerk look up their own family."""
    await join_household(resident_id, b"h" * 32)
    await join_household(clerk.staff_id, b"h" * 32)
    for _ in range(times):
        await clerk.device.ask("FindResidents", number=MINE)
        people.city.clock.advance(1)


async def test_an_auditor_reads_the_log_by_each_filter(
    people: People, auditor: Employee, clerk: Employee, resident_id: str
) -> None:
    began = people.city.clock.now()
    await clerk.device.ask("FindResidents", number=MINE)
    people.city.clock.advance(5)

    by_subject = await _rows(auditor.device, subject=resident_id)
    by_actor = await _rows(auditor.device, actor=clerk.staff_id, action="residents.found")
    by_action = await _rows(auditor.device, action="residents.found")
    in_time = await _rows(
        auditor.device,
        **{"from": began.isoformat(), "to": (began + timedelta(seconds=1)).isoformat()},
        action="residents.found",
    )
    before = await _rows(auditor.device, to=began.isoformat(), action="residents.found")

    [row] = by_actor["nodes"]
    assert (row["subject"], row["actorId"], row["result"]) == (resident_id, clerk.staff_id, "ok")
    assert row["organisation"]["code"] == "360702-01"
    assert by_action["nodes"] == in_time["nodes"] == [row]
    assert row in by_subject["nodes"]
    assert before["nodes"] == []


async def test_the_log_comes_in_pages_that_miss_and_repeat_nothing(
    people: People, auditor: Employee, clerk: Employee, resident_id: str
) -> None:
    for place in range(5):
        await clerk.device.ask("FindResidents", number=MINE)
        people.city.clock.advance(place % 2)  # some at the same instant
    seen, after = [], None
    while True:
        page = await _rows(auditor.device, first=2, after=after, action="residents.found")
        seen += [row["id"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert len(seen) == len(set(seen)) == 5
    assert resident_id is not None


@pytest.mark.feature("S118")
async def test_whoever_an_auditor_reads_about_finds_it_and_every_reading_is_a_row(
    people: People, auditor: Employee, resident_id: str
) -> None:
    for wanted in ({}, {"subject": resident_id}):
        await _rows(auditor.device, **wanted)
        people.city.clock.advance(1)

    rows = await _rows(auditor.device, action="audit.read", actor=auditor.staff_id)
    assert [row["subject"] for row in rows["nodes"]] == [None, resident_id, None]
    await people.give_password(resident_id)
    own = people.device()
    await own.sign_in(MINE)
    uses = (await own.ask("DataUse"))["dataUse"]["nodes"]
    assert "an auditor read the log about you" in [use["action"]["en"] for use in uses]


@pytest.mark.parametrize(
    "wanted",
    [
        {"subject": ""},
        {"subject": '{"$ne": null}'},
        {"actor": "x" * 65},
        {"action": "a\0b"},
        {"action": "\ud800"},
        {"from": "2026-02-01T00:00:00+00:00", "to": "2026-01-01T00:00:00+00:00"},
    ],
)
async def test_a_filter_that_is_none_is_refused(auditor: Employee, wanted: dict[str, str]) -> None:
    answer = await auditor.device.post(document("AuditRows"), wanted)

    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "audit_filter_form"


async def test_an_auditor_sees_where_the_chain_ends_and_that_it_is_checked(
    people: People, auditor: Employee
) -> None:
    empty = await auditor.device.do("AuditChain")
    await people.city.house.services[Sequencer].catch_up()
    await verify_and_note([], people.city.clock.now())

    chain = await auditor.device.do("AuditChain")

    assert (empty["lastVerification"], chain["lastVerification"]["sound"]) == (None, True)
    assert chain["seq"] == chain["lastVerification"]["seq"] > 0
    assert len(chain["hash"]) == 64
    await people.city.house.store.database["audit_rows"].update_one({}, {"$set": {"result": "x"}})
    people.city.clock.advance(1)
    await verify_and_note([], people.city.clock.now())
    broken = (await auditor.device.do("AuditChain"))["lastVerification"]
    assert broken["sound"] is False
    assert "被改动" in broken["words"]["zh"]


@pytest.mark.feature("S119")
async def test_alerts_are_listed_and_acknowledged_once(
    people: People, auditor: Employee, clerk: Employee, resident_id: str
) -> None:
    await _alarm(people, clerk, resident_id, 3)
    security = await people.staff("wang.security", Role.SECURITY_OFFICER, sequence="843")
    await security.sign_in()

    first = await _alerts(auditor.device, first=2)
    rest = await _alerts(security.device, first=2, after=first["pageInfo"]["endCursor"])
    [*_, last] = listed = [*first["nodes"], *rest["nodes"]]
    key = new_key()
    done = await _acknowledge(security.device, last["id"], idempotencyKey=key)
    again = await _acknowledge(security.device, last["id"], idempotencyKey=key)
    later = await _acknowledge(auditor.device, last["id"])

    assert len(listed) == 3
    assert {one["row"]["actorId"] for one in listed} == {clerk.staff_id}
    assert done["alert"] == again["alert"] == later["alert"]
    assert done["alert"]["acknowledgedBy"] == security.staff_id
    people.city.clock.advance(1)
    shown = {one["id"]: one["acknowledgedBy"] for one in (await _alerts(auditor.device))["nodes"]}
    assert shown[last["id"]] == security.staff_id
    assert list(shown.values()).count(None) == 2
    rows = await _rows(auditor.device, action="audit.alert_acknowledged")
    assert [row["reason"] for row in rows["nodes"]] == ["已核实"]


async def test_what_cannot_be_acknowledged(
    people: People, clerk: Employee, resident_id: str
) -> None:
    await _alarm(people, clerk, resident_id)
    officer = await _officer(people, Role.SECURITY_OFFICER)
    rows = AuditRow.get_pymongo_collection()
    plain = await rows.find_one({"alert": {"$exists": False}})
    own = {"_id": "aud_own", "alert": "own_household", "actor": {"id": officer.staff_id}}
    assert plain is not None
    await rows.insert_one({**plain, **own})

    for alert, code in (
        (plain["_id"], "alert_unknown"),
        ("aud_none", "alert_unknown"),
        ("\ud800", "alert_unknown"),
        ("aud_own", "own_alert"),
    ):
        assert (await _acknowledge(officer.device, alert))["code"] == code
    assert (await _acknowledge(officer.device, "aud_own", note=MINE))["code"] == "audit_reason_form"


Ask = Callable[[Device, str], Any]
WIRE: dict[Act, tuple[str, Callable[[str], dict[str, Any]]]] = {
    Act.RESIDENT_REGISTER: ("RegisterResident", lambda _: {"number": MINE, "name": "钟小明"}),
    Act.RESIDENT_READ: ("FindResidents", lambda _: {"number": MINE}),
    Act.RESIDENT_UNMASK: (
        "RevealResident",
        lambda one: {"residentId": one, "fields": ["NAME"], "reason": "SERVICE"},
    ),
    Act.RESIDENT_CORRECT: ("NoteHousehold", lambda one: {"residentId": one, "household": "123456"}),
    Act.AUDIT_READ: ("AuditRows", lambda _: {}),
    Act.ALERTS_READ: ("Alerts", lambda _: {}),
    Act.STAFF_READ: ("Staff", lambda _: {}),
    Act.STAFF_ADD: ("EnableStaff", lambda _: {"login": "zeng.target"}),
    Act.STAFF_DISABLE: ("DisableStaff", lambda _: {"login": "zeng.target"}),
    Act.STAFF_GRANT: ("GrantRole", lambda _: {"login": "zeng.target", "role": "VENUE_STAFF"}),
    Act.STAFF_UNLOCK: ("UnlockStaff", lambda _: {"login": "zeng.target"}),
    Act.ACCOUNT_MANAGE: ("RequestPhoneChange", lambda _: {"phone": "13970700009"}),
    Act.DATA_USE_READ: ("DataUse", lambda one: {"subject": one}),
}
"""An operation for each act of accounts, residents and oversight; the others' areas ask theirs."""


@pytest.mark.parametrize("role", Role)
async def test_over_the_wire_a_role_may_what_its_line_says(
    people: People, resident_id: str, role: Role
) -> None:
    await people.staff("zeng.target", sequence="845", first=True)
    officer = await _officer(people, role)

    for act, (operation, wish) in WIRE.items():
        given: dict[str, Any] = wish(resident_id)
        if "$input" in document(operation):
            phone = operation == "RequestPhoneChange"
            given = {"input": given if phone else {"idempotencyKey": new_key(), **given}}
        content = (await officer.device.post(document(operation), given)).json()
        permitted = "'code': 'not_permitted'" not in str(content)
        assert permitted == (role in ALLOWED[act] - {OWN}), (act, content)
        assert "internal_error" not in str(content)


async def test_every_query_has_its_index(
    people: People,
    auditor: Employee,
    clerk: Employee,
    resident_id: str,
    sent: list[tuple[str, dict[str, Any]]],
) -> None:
    await _alarm(people, clerk, resident_id)
    sent.clear()
    for wanted in (
        {},
        {"subject": resident_id},
        {"actor": clerk.staff_id},
        {"action": "residents.found"},
        {"from": "2026-01-01T00:00:00+00:00", "to": "2036-01-01T00:00:00+00:00"},
        {"subject": resident_id, "actor": clerk.staff_id, "action": "residents.found"},
    ):
        page = await _rows(auditor.device, first=1, **wanted)
        await _rows(auditor.device, first=1, after=page["pageInfo"]["endCursor"], **wanted)
    alert = (await _alerts(auditor.device))["nodes"][0]["id"]
    await _acknowledge(auditor.device, alert)
    await auditor.device.do("AuditChain")

    own = {"audit_rows", "alert_acknowledgements", "audit_chain", "audit_verifications"}
    ours = [command for name, command in list(sent) if name in EXPLAINED and command[name] in own]
    plans = [(command, await _stages(people.city.house, command)) for command in ours]
    assert {next(iter(command.values())) for command, _ in plans} == own
    # An order that no index has would be a SORT of everything that matches.
    bad = [command for command, stages in plans if stages & {"COLLSCAN", "SORT"}]
    assert bad == []
