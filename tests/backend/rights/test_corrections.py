"""Corrections (L8): asked for by the person, decided by a clerk, in the record at once."""

import base64
from typing import Any

import pytest

from backend.app import House
from backend.foundation.access import Role
from backend.residents.rules import PersonField
from backend.residents.service import Residents
from shared.ecode.certificate import parse_certificate
from tests.backend.accounts.actors import Device, Employee, People
from tests.backend.actors import City, id_number, join_household, new_key


async def ask(
    device: Device, field: str, value: str, key: str | None = None, why: str = "户口本有误"
) -> Any:
    wish = {"field": field, "value": value, "explanation": why}
    return await device.do("RequestCorrection", idempotencyKey=key or new_key(), **wish)


async def decide(
    clerk: Employee,
    case: Any,
    *,
    accept: bool = True,
    reason: str = "已核对户口本",
    key: str | None = None,
) -> Any:
    wish = {"id": case["correction"]["id"], "accept": accept, "reason": reason}
    return await clerk.device.do("DecideCorrection", idempotencyKey=key or new_key(), **wish)


@pytest.fixture
async def clerk(people: People) -> Employee:
    clerk = await people.staff("clerk", Role.OUTLET_CLERK)
    await clerk.sign_in()
    return clerk


async def record(house: House, number: str) -> dict[str, Any]:
    residents = house.services[Residents]
    [resident_id] = await residents.of_login(number)
    found = await residents.stored(resident_id)
    assert found is not None
    values = {one.value: residents.open(found, one) for one in PersonField}
    row = await house.store.database["residents"].find_one({"_id": resident_id})
    assert row is not None
    return {**row, **values}


async def listed(device: Device, **page: Any) -> Any:
    return (await device.ask("Corrections", **page))["corrections"]


@pytest.mark.feature("L8")
async def test_an_accepted_name_is_on_the_record_and_the_old_one_among_the_former(
    people: People, house: House, clerk: Employee
) -> None:
    one, key = await people.signed_in(), new_key()
    asked = await ask(one, "NAME", "钟大海", key)
    assert asked["__typename"] == "CorrectionRequested", asked
    assert (await ask(one, "NAME", "钟大海", key))["correction"] == asked["correction"]
    assert (await ask(one, "NAME", "钟大海"))["code"] == "correction_submitted"

    cases = (await clerk.device.ask("CorrectionCases"))["correctionCases"]
    [case] = cases["nodes"]
    assert (case["present"], case["wanted"], case["explanation"]) == (
        "钟*明",
        "钟*海",
        "户口本有误",
    )
    done_key = new_key()
    done = await decide(clerk, asked, key=done_key)
    assert done["correction"]["state"] == "ACCEPTED"
    assert (await decide(clerk, asked, key=done_key))["correction"] == done["correction"]
    assert (await decide(clerk, asked))["code"] == "correction_over"

    found = await record(house, id_number(sequence="901"))
    assert found["name"] == "钟大海"
    assert found["origins"]["name"]["source"] == "correction"
    assert len(found["former_names"]) == 1
    [mine] = (await listed(one))["nodes"]
    assert mine["reason"] == {"zh": "已核对户口本", "en": "已核对户口本"}
    uses = (await one.ask("DataUse", first=20))["dataUse"]["nodes"]
    words = [use["action"]["zh"] for use in uses]
    assert "查看了您姓名的更正申请" in words
    assert "批准了您姓名的更正申请" in words


async def test_a_number_moves_its_index_and_its_birth_date(
    people: People, house: House, clerk: Employee
) -> None:
    one, right = await people.signed_in(), id_number("19880313", "901")
    assert (await decide(clerk, await ask(one, "NUMBER", right)))["correction"][
        "state"
    ] == "ACCEPTED"

    found = await record(house, right)
    assert (found["number"], found["birth"]) == (right, "1988-03-13")
    assert await house.services[Residents].of_login(id_number(sequence="901")) == []


async def test_a_number_of_somebody_else_changes_nothing(
    people: People, house: House, clerk: Employee
) -> None:
    one = await people.signed_in("901")
    taken = await people.resident("902")
    case = await ask(one, "NUMBER", taken)
    before = await record(house, id_number(sequence="901"))

    assert (await decide(clerk, case))["code"] == "correction_number_taken"

    assert await record(house, id_number(sequence="901")) == before
    [mine] = (await listed(one))["nodes"]
    assert mine["state"] == "SUBMITTED", "the clerk may still decline it"


async def test_a_birth_date_stays_when_it_was_not_the_numbers(
    people: People, house: House, clerk: Employee
) -> None:
    one, right = await people.signed_in(), id_number("19880315", "901")
    await decide(clerk, await ask(one, "BIRTH", "1988-03-20"))
    await decide(clerk, await ask(one, "NUMBER", right))
    assert (await record(house, right))["birth"] == "1988-03-20"


async def test_declined_withdrawn_and_refused(
    people: People, house: House, clerk: Employee
) -> None:
    one, other = await people.signed_in("901"), await people.signed_in("902")
    assert (await ask(one, "NAME", "钟小明"))["code"] == "correction_same"
    assert (await ask(one, "BIRTH", "昨天"))["code"] == "birth_form"
    assert (await ask(one, "NAME", "钟大海", why=" "))["code"] == "explanation_form"
    declined = await decide(clerk, await ask(one, "NAME", "钟大海"), accept=False)
    assert declined["correction"]["state"] == "DECLINED"
    case = await ask(one, "NAME", "钟大海")
    wish = {"id": case["correction"]["id"]}
    stranger = await other.do("WithdrawCorrection", idempotencyKey=new_key(), **wish)
    assert stranger["code"] == "correction_unknown"
    assert (await decide(clerk, case, reason="见" + id_number()))["code"] == "audit_reason_form"
    gone = await one.do("WithdrawCorrection", idempotencyKey=new_key(), **wish)
    assert gone["correction"]["state"] == "WITHDRAWN"
    assert (await decide(clerk, case))["code"] == "correction_over"
    assert (await record(house, id_number(sequence="901")))["name"] == "钟小明"
    first = await listed(one, first=1)
    rest = await listed(one, first=1, after=first["pageInfo"]["endCursor"])
    states = {page["nodes"][0]["state"] for page in (first, rest)}
    assert states == {"DECLINED", "WITHDRAWN"}
    assert not rest["pageInfo"]["hasNextPage"]


async def test_only_clerks_see_and_decide_cases(people: People, clerk: Employee) -> None:
    one = await people.signed_in()
    case = await ask(one, "NAME", "钟大海")
    wish = {"id": case["correction"]["id"], "accept": True, "reason": "自己批"}
    refused = await one.do("DecideCorrection", idempotencyKey=new_key(), **wish)
    assert refused["code"] == "not_permitted"
    answer = await one.post("{ correctionCases { nodes { wanted } } }")
    assert answer.json()["errors"][0]["extensions"]["code"] == "not_permitted"
    own = {"field": "NAME", "value": "钟明", "explanation": "x"}
    staff = await clerk.device.do("RequestCorrection", idempotencyKey=new_key(), **own)
    assert staff["code"] == "not_permitted"


@pytest.mark.feature("L31")
async def test_a_clerk_who_looks_at_their_own_household_is_noticed(
    people: People, house: House, clerk: Employee
) -> None:
    """L31, also in a list: the alert names the one person of it who lives with the clerk."""
    for sequence in ("901", "902"):
        await ask(await people.signed_in(sequence), "NAME", "钟大海")
    [own] = await house.services[Residents].of_login(id_number(sequence="902"))
    await join_household(own, b"h" * 32)
    await join_household(clerk.staff_id, b"h" * 32)

    await clerk.device.ask("CorrectionCases")

    rows = house.store.database["audit_rows"]
    alerts = await rows.find({"alert": "own_household"}).to_list()
    assert [row["subject"] for row in alerts] == [own]
    assert await rows.count_documents({"action": "rights.correction_read"}) == 2


async def test_a_clerk_sees_both_values_in_full_and_the_person_sees_the_look(
    people: People, clerk: Employee
) -> None:
    one = await people.signed_in()
    case = await ask(one, "NAME", "钟大海")
    wanted = {"id": case["correction"]["id"]}
    refused = (await one.ask("CorrectionValues", **wanted))["correctionValues"]
    assert refused["code"] == "not_permitted"

    values = (await clerk.device.ask("CorrectionValues", **wanted))["correctionValues"]

    assert (values["present"], values["wanted"]) == ("钟小明", "钟大海")
    uses = (await one.ask("DataUse", first=1))["dataUse"]["nodes"]
    assert uses[0]["action"]["zh"] == "查看了您未隐去的姓名的更正申请"
    await decide(clerk, case)
    over = (await clerk.device.ask("CorrectionValues", **wanted))["correctionValues"]
    assert over["code"] == "correction_over"
    none = (await clerk.device.ask("CorrectionValues", id="cor_none"))["correctionValues"]
    assert none["code"] == "correction_unknown"


async def test_a_certificate_follows_a_corrected_birth_date(
    people: People, city: City, clerk: Employee
) -> None:
    """The age band of the next certificate is that of the right date."""
    one = await people.signed_in()
    [resident_id] = await city.house.services[Residents].of_login(id_number(sequence="901"))
    phone = await city.phone(await people.card_of(resident_id, "901"))
    bands = [(await phone.ask("Home"))["card"]["ageBand"]]
    await decide(clerk, await ask(one, "BIRTH", "1950-01-01"))
    renewed = await phone.renew()
    certificate = parse_certificate(
        base64.urlsafe_b64decode(renewed["certificate"]["certificate"] + "==")
    )
    bands.append((await phone.ask("Home"))["card"]["ageBand"])
    assert bands[0] != bands[1]
    assert certificate.claims.age_band.name == bands[1]


async def test_a_clerk_decides_nothing_of_their_own_household(
    people: People, house: House, clerk: Employee
) -> None:
    one = await people.signed_in()
    [own] = await house.services[Residents].of_login(id_number(sequence="901"))
    for member in (own, clerk.staff_id):
        await join_household(member, b"h" * 32)
    case = await ask(one, "NAME", "钟大海")

    for accept in (True, False):
        assert (await decide(clerk, case, accept=accept))["code"] == "own_household"

    [mine] = (await listed(one))["nodes"]
    assert mine["state"] == "SUBMITTED"
    rows = house.store.database["audit_rows"]
    assert await rows.count_documents({"alert": "own_household"}) == 2
    other = await people.staff("another", Role.OUTLET_CLERK, sequence="802")
    await other.sign_in()
    assert (await decide(other, case))["correction"]["state"] == "ACCEPTED"


@pytest.mark.parametrize(("field", "early"), [("BIRTH", True), ("NAME", False)])
async def test_a_corrected_birth_date_makes_phones_renew_at_once(
    people: People, house: House, clerk: Employee, field: str, early: bool
) -> None:
    one = await people.signed_in()
    [own] = await house.services[Residents].of_login(id_number(sequence="901"))
    phone = await people.city.phone(await people.card_of(own, "901"))
    value = {"BIRTH": "1958-03-12", "NAME": "钟大海"}[field]

    await decide(clerk, await ask(one, field, value))

    told = (await phone.ask("Home"))["card"]["certificate"]
    now = people.city.clock.now().isoformat()
    assert (told["renewAfter"] <= now) is early
    await phone.renew()
    assert (await phone.ask("Home"))["card"]["certificate"]["renewAfter"] > now
