"""Whom a breach affects, by the log alone, and how they hear of it."""

import argparse
import json
from datetime import timedelta
from typing import Any

import pytest

from backend.app import House
from backend.datause.breaches import Breaches, Declared, Leak
from backend.datause.commands import add_breach_options, breach
from backend.foundation.access import Caller, Role
from backend.foundation.audit import AuditRow
from backend.foundation.refusals import Refusal
from tests.backend.accounts.actors import Employee, People
from tests.backend.actors import id_number, new_key

OFFICER = Caller(staff_id="stf_officer", roles=frozenset({Role.SECURITY_OFFICER}))
HOUR = timedelta(hours=1)


async def _clerk(people: People, login: str, sequence: str) -> Employee:
    clerk = await people.staff(login, Role.OUTLET_CLERK, sequence=sequence)
    await clerk.sign_in()
    return clerk


async def _read(clerk: Employee, sequence: str) -> None:
    await clerk.device.ask("FindResidents", number=id_number(sequence=sequence))
    clerk.device.clock.advance(1)


class _Story:
    """Two clerks read: one of them leaked, in an hour that is over."""

    def __init__(self, people: People, leaking: Employee, ids: dict[str, str], leak: Leak) -> None:
        self.people = people
        self.leaking = leaking
        self.ids = ids
        self.leak = leak


@pytest.fixture
async def story(people: People) -> _Story:
    clock = people.city.clock
    ids = {
        "often": await people.register(id_number(sequence="701"), "13970700061"),
        "once": await people.register(id_number(sequence="702")),
        "before": await people.register(id_number(sequence="703"), "13970700063"),
        "by another": await people.register(id_number(sequence="704")),
    }
    leaking, honest = await _clerk(people, "lou.dou", "801"), await _clerk(people, "bao.ren", "802")
    await _read(leaking, "703")
    since = clock.now()
    for sequence in ("702", "701", "701"):
        await _read(leaking, sequence)
    await _read(honest, "704")
    leak = Leak([leaking.staff_id], [], since, clock.now())
    clock.advance(1)
    await _read(leaking, "703")
    return _Story(people, leaking, ids, leak)


@pytest.mark.feature("S122", "L14")
async def test_the_list_of_those_affected_comes_from_the_log(story: _Story, house: House) -> None:
    found = await house.services[Breaches].affected(OFFICER, story.leak)

    assert not isinstance(found, Refusal)
    assert [(one.resident_id, one.times, one.has_phone) for one in found] == [
        (story.ids["often"], 2, True),
        (story.ids["once"], 1, False),
    ]
    assert all(story.leak.since <= one.first <= one.last < story.leak.until for one in found)


@pytest.mark.feature("S122", "L14")
async def test_a_breach_across_departments_tells_everybody_once(
    story: _Story, house: House
) -> None:
    outlet = (await AuditRow.find_one({"actor.id": story.leaking.staff_id})).organisation["code"]  # type: ignore[union-attr]
    leak = Leak(["stf_gone"], [outlet], story.leak.since, story.leak.until)
    breaches, key = house.services[Breaches], new_key()

    declared = [await breaches.declare(OFFICER, key, leak, "数据被拷走") for _ in range(2)]

    assert isinstance(declared[0], Declared)
    assert declared[0] == declared[1]
    assert (declared[0].affected, declared[0].without_phone) == (3, 2)
    notices = await AuditRow.find({"action": "audit.breach_notice"}).to_list()
    told = {story.ids[name] for name in ("often", "once", "by another")}
    assert {row.subject for row in notices} == told
    assert len(notices) == len(told), "once each"
    assert {row.origin for row in notices} == {declared[0].incident_id}
    [incident] = await AuditRow.find({"_id": declared[0].incident_id}).to_list()
    assert (incident.action, incident.reason) == ("audit.breach_declared", "数据被拷走")


async def test_a_declaration_that_died_is_gone_on_with(
    story: _Story, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaches, key = house.services[Breaches], new_key()
    monkeypatch.setattr("backend.datause.breaches.BATCH", 1)
    first = await breaches.declare(OFFICER, key, story.leak, "数据被拷走")
    gone = {"action": "audit.breach_notice", "subject": story.ids["once"]}
    await house.store.database["audit_rows"].delete_one(gone)

    assert await breaches.declare(OFFICER, key, story.leak, "数据被拷走") == first
    assert await AuditRow.find({"action": "audit.breach_notice"}).count() == 2


async def test_whoever_is_affected_reads_it_in_the_app(story: _Story, house: House) -> None:
    await story.people.give_password(story.ids["once"])
    phone = story.people.device()
    await phone.sign_in(id_number(sequence="702"))

    await house.services[Breaches].declare(OFFICER, new_key(), story.leak, "数据被拷走")

    [newest, *_] = (await phone.ask("DataUse", first=5))["dataUse"]["nodes"]
    assert newest["action"]["en"].startswith("Your data may have leaked")


@pytest.mark.parametrize(
    "role", [*(role for role in Role if role is not Role.SECURITY_OFFICER), None]
)
async def test_only_the_security_officer_may(
    story: _Story, house: House, role: Role | None
) -> None:
    caller = None if role is None else Caller(staff_id="stf_other", roles=frozenset({role}))
    refused = await house.services[Breaches].affected(caller, story.leak)

    assert isinstance(refused, Refusal)
    assert refused.code == ("sign_in_needed" if role is None else "not_permitted")
    tried = await AuditRow.find({"action": "audit.breach_assessed"}).to_list()
    assert [row.result for row in tried] == ([] if role is None else ["refused:not_permitted"])


@pytest.mark.parametrize(
    "changed",
    [
        {"actors": []},
        {"actors": ["$ne"]},
        {"actors": ["\ud800"]},
        {"actors": ["stf_x"] * 101},
        {"ahead": HOUR},
        {"behind": HOUR * 24 * 400},
    ],
)
async def test_what_is_no_breach(story: _Story, house: House, changed: dict[str, Any]) -> None:
    leak = Leak(
        changed.get("actors", story.leak.actors),
        [],
        story.leak.since,
        story.leak.until + changed.get("ahead", 0 * HOUR) - changed.get("behind", 0 * HOUR),
    )
    for refused in (
        await house.services[Breaches].affected(OFFICER, leak),
        await house.services[Breaches].declare(OFFICER, new_key(), leak, "数据被拷走"),
    ):
        assert isinstance(refused, Refusal)
        assert refused.code == "breach_form"


async def test_both_ways_of_asking_have_an_index(story: _Story, house: House) -> None:
    rows = house.store.database["audit_rows"]
    by_either = Leak(["stf_x"], ["360702-01"], story.leak.since, story.leak.until)
    for leak in (story.leak, by_either):
        plan = await rows.find(leak.wanted).hint(leak.index).explain()
        assert "COLLSCAN" not in json.dumps(plan["queryPlanner"]["winningPlan"])
        assert leak.index in json.dumps(plan["queryPlanner"]["winningPlan"])


async def test_the_command_line(story: _Story, house: House) -> None:
    parser = argparse.ArgumentParser()
    add_breach_options(parser)
    leak = story.leak
    when = [
        "--actor",
        *leak.actors,
        "--from",
        leak.since.isoformat(),
        "--to",
        leak.until.isoformat(),
    ]

    found = await breach(house.services, parser.parse_args(["affected", *when]))
    declared = await breach(
        house.services, parser.parse_args(["declare", *when, "--reason", "数据被拷走"])
    )

    assert isinstance(found, str)
    assert isinstance(declared, str)
    assert [json.loads(line)["times"] for line in found.splitlines()] == [2, 1]
    assert json.loads(declared)["affected"] == 2
