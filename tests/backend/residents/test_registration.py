"""Real-name registration against the sandbox register (S1)."""

import asyncio
from typing import Any

import pytest

from backend.app import House
from backend.foundation.access import Caller, Role
from backend.foundation.audit import in_one_write
from backend.foundation.refusals import Refusal
from backend.residents.face_check import FaceCheck
from backend.residents.registration import Application, RealNameRegistration, ResidentFaceCheck
from backend.residents.rules import Assurance, PersonField
from backend.residents.sandbox import SandboxRegister
from backend.residents.service import Registration, Residents
from shared.identity.id_number import check_character
from tests.backend.actors import REGION, id_number, new_key

PHONE = "15400000901"
ZHONG = Application(id_number(), "钟小明", PHONE, REGION)
SMILE = b"sandbox face: smile 901"
CLERK = Caller(staff_id="staff_1", roles=frozenset({Role.OUTLET_CLERK}))


def _number(digits: str) -> str:
    return digits + check_character(digits)


async def apply(
    house: House, application: Application, picture: bytes | None = None
) -> Registration | Refusal:
    """Register somebody over the network, without the sign-in around it."""
    registration = house.services[RealNameRegistration]
    applicant = registration.read(application)
    if isinstance(applicant, Refusal):
        return applicant
    confirmed = await registration.confirm(applicant, picture)
    if isinstance(confirmed, Refusal):
        return confirmed
    return await in_one_write(lambda session: registration.enter(confirmed, None, session))


async def _applied(house: House, application: Application) -> Registration:
    answer = await apply(house, application)
    assert isinstance(answer, Registration), answer
    return answer


async def _refused(house: House, application: Application, picture: bytes | None = None) -> str:
    answer = await apply(house, application, picture)
    assert isinstance(answer, Refusal)
    assert await house.store.database["residents"].count_documents({}) == 0
    return answer.code


@pytest.mark.feature("S1")
@pytest.mark.parametrize(
    ("number", "name"),
    [
        (id_number(), "钟小明"),
        (id_number("19621130", "904"), "阿依古丽．买买提"),
        (id_number("19710228", "905").lower(), " 𠮷田㐱 "),
        (_number("81000019750615908"), "陈大文"),
        (_number("83000019800101909"), "林美玲"),
        (_number("91199919850520910"), "Anna Maria Smith"),
    ],
)
async def test_people_of_every_document_are_registered_once(
    house: House, number: str, name: str
) -> None:
    """S1: citizens, minority names, rare hanzi, residence permits, permanent residents."""
    one = Application(number, name, PHONE, REGION)

    first, again = await _applied(house, one), await _applied(house, one)

    assert (first.existed, again.existed) == (False, True)
    assert first.resident_id == again.resident_id
    assert await house.store.database["residents"].count_documents({}) == 1


async def test_many_at_once_are_one_person(house: House) -> None:
    answers = await asyncio.gather(*(_applied(house, ZHONG) for _ in range(8)))

    assert len({answer.resident_id for answer in answers}) == 1
    assert sum(not answer.existed for answer in answers) == 1


async def test_a_second_registration_changes_nothing_and_says_what_differs(house: House) -> None:
    await _applied(house, ZHONG)
    residents = house.store.database["residents"]
    before = await residents.find_one({})

    again = await _applied(house, Application(ZHONG.number, ZHONG.name, "15400000999", REGION))

    assert again.differs == (PersonField.PHONE,)
    assert await residents.find_one({}) == before


async def test_the_level_is_how_it_was_confirmed(house: House) -> None:
    """S1: 一级 over the network, 二级 with the document at a counter, which raises the record."""
    done = await _applied(house, ZHONG)
    person = await house.services[Residents].person(done.resident_id)
    assert (person.assurance, person.masked_phone) == (Assurance.FIRST, "154****0901")

    again = await house.services[RealNameRegistration].at_counter(CLERK, new_key(), ZHONG)

    assert isinstance(again, Registration)
    assert (again.existed, again.resident_id) == (True, done.resident_id)
    person = await house.services[Residents].person(done.resident_id)
    assert person.assurance is Assurance.SECOND


async def test_each_field_tells_where_it_is_from(house: House) -> None:
    """S115: source and time stand with each field."""
    await _applied(house, ZHONG)

    stored = await house.store.database["residents"].find_one({})
    assert stored is not None
    assert {name: origin["source"] for name, origin in stored["origins"].items()} == {
        "number": "population_register",
        "name": "population_register",
        "birth": "population_register",
        "phone": "resident",
    }


async def test_unknown_dead_and_another_name_are_told_apart_to_nobody(house: House) -> None:
    wrong_name = Application(ZHONG.number, "钟大明", PHONE, REGION)
    unknown = Application(id_number(sequence="777"), "钟小明", PHONE, REGION)
    dead = Application(id_number("19310704", "907"), "曾阿福", PHONE, REGION)

    codes = [await _refused(house, one) for one in (wrong_name, unknown, dead)]

    assert codes == ["identity_not_confirmed"] * 3


@pytest.mark.parametrize(
    ("application", "picture", "code"),
    [
        (Application("1", "钟小明", PHONE, REGION), None, "id_number_length"),
        (Application(id_number(), "钟小明1", PHONE, REGION), None, "name_form"),
        (Application(id_number(), "钟小明", "12345678901", REGION), None, "phone_form"),
        (Application(id_number(), "钟小明", PHONE, 360702), b"a photo", "face_not_confirmed"),
        (Application(id_number(), "钟小明", PHONE, 440100), None, "region_form"),
    ],
)
async def test_what_is_wrong_is_named(
    house: House, application: Application, picture: bytes | None, code: str
) -> None:
    assert await _refused(house, application, picture) == code


async def test_a_register_that_is_down_stores_nothing(house: House) -> None:
    house.services[SandboxRegister].down = True

    assert await _refused(house, ZHONG) == "population_register_down"


async def test_known_and_unknown_take_the_same_steps(
    house: House, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    """Neither the kind nor the number of commands tells whether somebody is registered."""

    async def steps() -> list[tuple[str, str]]:
        sent.clear()
        await _applied(house, ZHONG)
        return [(name, str(command.get(name))) for name, command in sent]

    assert await steps() == await steps()


async def test_staff_register_by_their_post_and_the_log_says_so(house: House) -> None:
    registration = house.services[RealNameRegistration]

    refused = await registration.at_counter(Caller(staff_id="staff_2"), new_key(), ZHONG)
    nobody = await registration.at_counter(None, new_key(), ZHONG)
    done = await registration.at_counter(CLERK, new_key(), ZHONG)

    assert isinstance(refused, Refusal)
    assert isinstance(nobody, Refusal)
    assert (refused.code, nobody.code) == ("not_permitted", "sign_in_needed")
    assert isinstance(done, Registration)
    [row] = await house.store.database["audit_rows"].find({}).to_list()
    assert (row["action"], row["subject"]) == ("residents.registered", done.resident_id)
    assert row["actor"] == {"kind": "staff", "id": "staff_1"}


async def test_a_resident_is_found_by_number_and_by_a_phone_of_their_own(house: House) -> None:
    done, residents = await _applied(house, ZHONG), house.services[Residents]

    assert await residents.of_login(ZHONG.number) == [done.resident_id]
    assert await residents.of_login(PHONE) == [done.resident_id]
    assert await residents.of_login("15400000000") == []

    relative = Application(id_number("19530901", "902"), "赖秀英", PHONE, REGION)
    other = await _applied(house, relative)
    assert sorted(await residents.of_login(PHONE)) == sorted([done.resident_id, other.resident_id])


async def test_a_face_is_compared_with_the_resident_on_record(house: House) -> None:
    done, outside = await _applied(house, ZHONG), house.services[SandboxRegister]
    check: FaceCheck = ResidentFaceCheck(house.services[Residents], outside)

    assert await check.matches(done.resident_id, SMILE) is True
    assert await check.matches(done.resident_id, b"another") is False
    unknown = await check.matches("res_none", SMILE)
    outside.down = True
    down = await check.matches(done.resident_id, SMILE)
    assert isinstance(unknown, Refusal)
    assert isinstance(down, Refusal)
    assert (unknown.code, down.code) == ("resident_unknown", "face_check_down")
