"""What staff ask about residents over the wire: exact, masked, reasoned, bounded, written down."""

import json
from typing import Any

import pytest

from backend.foundation.access import Role
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.sandbox import SandboxRegister
from tests.backend.accounts.actors import Device, Employee, People
from tests.backend.actors import id_number, new_key

PHONE = "15400000901"
MINE, MOTHER, STRANGER = id_number(), id_number("19530901", "902"), id_number("19991231", "906")
HOUSEHOLD = "360702000001"


async def _employee(people: People, role: Role | None, sequence: str = "811") -> Employee:
    employee = await people.staff("xie.yu", *([role] if role else []), sequence=sequence)
    await employee.sign_in()
    return employee


@pytest.fixture
async def clerk(people: People) -> Employee:
    return await _employee(people, Role.OUTLET_CLERK)


async def _find(device: Device, **wanted: str) -> Any:
    return (await device.ask("FindResidents", **wanted))["findResidents"]


async def _reveal(device: Device, resident_id: str, **changed: Any) -> Any:
    wish = {
        "idempotencyKey": new_key(),
        "residentId": resident_id,
        "fields": ["NUMBER"],
        "reason": "DOCUMENT_CHECK",
        "note": "",
        **changed,
    }
    return await device.do("RevealResident", **wish)


async def _register(device: Device, number: str, name: str) -> Any:
    wish = {"idempotencyKey": new_key(), "number": number, "name": name}
    return await device.do("RegisterResident", **wish)


async def _rows(people: People, **wanted: Any) -> list[dict[str, Any]]:
    return await people.city.house.store.database["audit_rows"].find(wanted).to_list()


@pytest.mark.feature("L22", "L23", "S121")
async def test_a_resident_is_found_masked_and_finds_it_in_their_list(
    people: People, clerk: Employee
) -> None:
    """L22, L23: by the exact number or phone, masked; S118: visible to the person."""
    resident_id = await people.register(MINE, PHONE)

    by_number = await _find(clerk.device, number=MINE)
    by_phone = await _find(clerk.device, phone=PHONE)

    assert by_number == by_phone
    [found] = by_number["nodes"]
    assert found == {
        "id": resident_id,
        "maskedName": "钟*明",
        "maskedNumber": "3699**********9017",
        "maskedPhone": "154****0901",
        "status": "RESIDENT",
        "assurance": "SECOND",
    }
    await people.give_password(resident_id)
    own = people.device()
    await own.sign_in(MINE)
    uses = (await own.ask("DataUse"))["dataUse"]["nodes"]
    assert len([use for use in uses if "查询了您的登记信息" in use["action"]["zh"]]) == 2
    assert uses[0]["receiverCode"] == "360702-01"


async def test_nobody_found_is_written_down_too(people: People, clerk: Employee) -> None:
    assert (await _find(clerk.device, number=STRANGER))["nodes"] == []

    [row] = await _rows(people, action="residents.found")
    assert "subject" not in row
    assert STRANGER not in str(row)


@pytest.mark.feature("S121")
@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({}, "search_form"),
        ({"number": MINE, "phone": PHONE}, "search_form"),
        ({"number": "3699"}, "id_number_length"),
        ({"number": ""}, "id_number_length"),
        ({"phone": "154"}, "phone_form"),
        ({"phone": '{"$ne": null}'}, "phone_form"),
    ],
)
async def test_only_whole_numbers_are_looked_for(
    clerk: Employee, wanted: dict[str, str], code: str
) -> None:
    assert (await _find(clerk.device, **wanted))["code"] == code


@pytest.mark.parametrize("role", [None, *Role])
async def test_only_the_posts_that_may_read_find_reveal_and_register(
    people: People, role: Role | None
) -> None:
    resident_id = await people.register(MINE, PHONE)
    employee = await _employee(people, role)

    done = {
        "find": await _find(employee.device, number=MINE),
        "reveal": await _reveal(employee.device, resident_id),
        "register": await _register(employee.device, MINE, "钟小明"),
        "household": await employee.device.do(
            "NoteHousehold",
            idempotencyKey=new_key(),
            residentId=resident_id,
            household=HOUSEHOLD,
        ),
    }

    allowed = {name for name, answer in done.items() if answer["__typename"] != "Refusal"}
    expected = {
        Role.OUTLET_CLERK: {"find", "reveal", "register", "household"},
        Role.DEPARTMENT_OFFICER: {"find", "reveal"},
    }
    assert allowed == (expected.get(role, set()) if role else set())
    refused = [row for row in await _rows(people) if row["result"] == "refused:not_permitted"]
    tries = {row["action"] for row in refused}
    assert tries == ({"residents.found", "residents.unmasked"} if not allowed else set())


async def test_a_resident_searches_nobody_and_reveals_themselves(people: People) -> None:
    device = await people.signed_in()
    [session] = await people.city.house.store.database["sessions"].find().to_list()

    own = await _reveal(device, session["subject"], fields=["NUMBER", "NAME"])

    assert (await _find(device, number=MINE))["code"] == "not_permitted"
    assert {one["field"]: one["value"] for one in own["values"]} == {
        "NUMBER": MINE,
        "NAME": "钟小明",
    }


@pytest.mark.feature("S118", "L22")
async def test_a_look_has_its_reason_and_is_one_row(people: People, clerk: Employee) -> None:
    resident_id, key = await people.register(MINE), new_key()

    first = await _reveal(clerk.device, resident_id, idempotencyKey=key, note="领卡")
    again = await _reveal(clerk.device, resident_id, idempotencyKey=key, note="领卡")

    assert first["values"] == again["values"] == [{"field": "NUMBER", "value": MINE}]
    [row] = await _rows(people, action="residents.unmasked")
    assert row["reason"] == "核对证件 document check：领卡"
    assert (row["subject"], row["disclosed"]) == (resident_id, True)
    assert MINE not in str(row)


async def test_the_same_request_shows_nothing_any_more_after_some_minutes(
    people: People, clerk: Employee
) -> None:
    """One row must not stand for a look today and another one tomorrow."""
    resident_id, key = await people.register(MINE), new_key()
    await _reveal(clerk.device, resident_id, idempotencyKey=key)
    people.city.clock.advance(301)

    late = await _reveal(clerk.device, resident_id, idempotencyKey=key)
    other = await _reveal(clerk.device, resident_id, idempotencyKey=key, fields=["PHONE"])

    assert (late["code"], other["code"]) == ("reveal_over", "idempotency_key_reused")


@pytest.mark.parametrize("note", [f"本人{MINE}", "x" * 200, "a\nb", "电话13970700001"])
async def test_a_note_is_short_plain_and_no_value(
    people: People, clerk: Employee, note: str
) -> None:
    resident_id = await people.register(MINE)

    assert (await _reveal(clerk.device, resident_id, note=note))["code"] == "audit_reason_form"
    assert await _rows(people, action="residents.unmasked") == []


@pytest.mark.feature("S121")
async def test_one_member_of_staff_reads_so_many_an_hour(people: People, clerk: Employee) -> None:
    """S121: who reads on and on copies the city out; finds and reveals count together."""
    resident_id = await people.register(MINE)
    store = people.city.house.store.database["sign_in_tries"]
    await _find(clerk.device, number=MINE)
    [count] = await store.find({"taken": 1}).sort("until", -1).limit(1).to_list()
    await store.update_one({"_id": count["_id"]}, {"$set": {"taken": 119}})

    codes = [(await _reveal(clerk.device, resident_id)).get("code", "done") for _ in range(2)]

    assert codes == ["done", "reads_too_many"]
    assert (await _find(clerk.device, number=MINE))["code"] == "reads_too_many"
    people.city.clock.advance(3600)
    clerk.device.access = None
    await clerk.sign_in()
    assert (await _reveal(clerk.device, resident_id))["__typename"] == "ResidentRevealed"


@pytest.mark.feature("S118", "L31")
async def test_a_clerk_who_reads_a_relative_raises_an_alert(people: People) -> None:
    """L31, end to end: the register tells who lives together, staff are who their number says."""
    clerk = await people.staff("zhong.ming", Role.OUTLET_CLERK, sequence="901")  # 钟小明
    await clerk.sign_in()
    assert (await _register(clerk.device, MINE, "钟小明"))["__typename"] == "ResidentRegistered"
    mother = (await _register(clerk.device, MOTHER, "赖秀英"))["residentId"]
    stranger = (await _register(clerk.device, STRANGER, "欧阳明"))["residentId"]

    await _find(clerk.device, number=STRANGER)
    await _find(clerk.device, number=MOTHER)
    await _find(clerk.device, number=MINE)
    await _reveal(clerk.device, mother)
    await _reveal(clerk.device, stranger)

    alerts = await _rows(people, alert="own_household")
    assert len(alerts) == 3
    assert stranger not in {row["subject"] for row in alerts}
    assert {row["actor"]["id"] for row in alerts} == {clerk.staff_id}


async def test_staff_who_are_added_after_the_register_told_are_known_too(people: People) -> None:
    other = await _employee(people, Role.OUTLET_CLERK)
    await _register(other.device, MOTHER, "赖秀英")
    await _register(other.device, MINE, "钟小明")
    clerk = await people.staff("zhong.ming", Role.OUTLET_CLERK, sequence="901")
    await clerk.sign_in()

    await _find(clerk.device, number=MOTHER)

    assert len(await _rows(people, alert="own_household")) == 1


async def test_a_change_of_household_is_followed(people: People) -> None:
    clerk = await people.staff("zhong.ming", Role.OUTLET_CLERK, sequence="901")
    await clerk.sign_in()
    await people.register(MINE)
    await people.register(STRANGER, None, "欧阳明")
    services = people.city.house.services
    for change, number in (("c1", MINE), ("c2", STRANGER)):
        services[SandboxRegister].report(
            change, ChangeKind.HOUSEHOLD, number, household="360702000009"
        )
    assert await services[RegisterFollower].follow() == []

    await _find(clerk.device, number=STRANGER)

    assert len(await _rows(people, alert="own_household")) == 1


async def test_a_clerk_notes_a_household_but_never_their_own(people: People) -> None:
    clerk = await people.staff("zhong.ming", Role.OUTLET_CLERK, sequence="901")
    await clerk.sign_in()
    mother = (await _register(clerk.device, MOTHER, "赖秀英"))["residentId"]
    await _register(clerk.device, MINE, "钟小明")
    stranger = (await _register(clerk.device, STRANGER, "欧阳明"))["residentId"]

    async def note(resident_id: str, household: str = HOUSEHOLD) -> Any:
        wish = {"residentId": resident_id, "household": household}
        return await clerk.device.do("NoteHousehold", idempotencyKey=new_key(), **wish)

    assert (await note(mother, "999999999"))["code"] == "own_household"
    assert (await note(stranger, "户1"))["code"] == "household_form"
    assert (await note("res_none"))["code"] == "resident_unknown"
    before = len(await _rows(people, alert="own_household"))
    assert (await note(stranger))["__typename"] == "HouseholdNoted"
    await _find(clerk.device, number=STRANGER)

    assert before == 1  # the refused try
    assert len(await _rows(people, alert="own_household")) == 2
    members = await people.city.house.store.database["household_members"].find().to_list()
    assert HOUSEHOLD not in json.dumps(members, default=str)
