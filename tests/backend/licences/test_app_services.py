"""S26 over GraphQL: a desk's own session, the app's own services, and the backend between them."""

from pathlib import Path
from typing import Any

import pytest

from backend.foundation.access import Role
from mobile.core.licence import OwnLicences
from mobile.services.account import Way
from tests.backend.accounts.actors import PASSWORD, Employee, People
from tests.backend.actors import id_number, new_key
from tests.backend.app_services import services_in
from tests.backend.assertions.test_assertions import Person
from tests.backend.licences.window import OFFICE


@pytest.fixture
async def officer(people: People) -> Employee:
    employee = await people.staff("lu.min", Role.DEPARTMENT_OFFICER, sequence="812", place=OFFICE)
    await employee.sign_in()
    return employee


async def _ask(officer: Employee, person: Person) -> Any:
    wish = {"kinds": ["HOUSEHOLD", "DRIVING"], "purpose": "公租房申请", "code": person.code()}
    return await officer.device.do("RequestLicences", idempotencyKey=new_key(), **wish)


async def _fetch(officer: Employee, request: str) -> Any:
    wish = {"idempotencyKey": new_key(), "licenceRequest": request}
    return await officer.device.do("FetchLicences", **wish)


@pytest.mark.feature("S26")
async def test_the_app_agrees_to_what_a_desk_asks_and_the_desk_sees_it_once(
    officer: Employee, person: Person, people: People, tmp_path: Path
) -> None:
    await people.give_password(person.holder.resident_id)
    app = services_in(person.city, tmp_path)
    credentials = {"login": id_number(), "password": PASSWORD}
    assert await app.account.sign_in(Way.PASSWORD, credentials) is None
    made = await _ask(officer, person)
    request = made["licenceRequest"]["id"]
    assert (await _fetch(officer, request))["code"] == "licence_not_decided"

    assert await app.licences.read() is None
    [waiting] = app.licences.requests
    assert (waiting.identifier, waiting.state) == (request, "ASKED")
    assert waiting.desk == OFFICE.name
    assert [one.zh for one in waiting.licences] == ["户籍登记证明", "机动车驾驶证"]
    assert await app.licences.decide(request, agree=True) is None
    assert [one.state for one in app.licences.requests] == ["GRANTED"]

    seen = await _fetch(officer, request)
    told = [(one["kind"], one["status"], one["maskedName"]) for one in seen["licences"]]
    assert told == [("HOUSEHOLD", "VALID", "钟*明"), ("DRIVING", "VALID", "钟*明")]
    assert seen["missing"] == []
    assert (await _fetch(officer, request))["code"] == "licence_grant_used"
    trouble = await app.licences.withdraw(request)
    assert trouble is not None
    assert trouble.code == "licence_grant_used"

    own = await app.licences.look_up()
    assert isinstance(own, OwnLicences), own
    assert len(own.licences) >= 3
