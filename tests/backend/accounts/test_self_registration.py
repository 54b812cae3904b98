"""Registering by oneself, over the wire (S1): nobody is told who else is registered."""

import asyncio
import base64
import json
import re
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from backend.foundation.access import Role
from backend.foundation.refusals import Refusal
from backend.residents.records import Registrant
from backend.residents.rules import Assurance, Source
from backend.residents.sandbox import SandboxRegister
from backend.residents.service import Residents
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import REGION, document, id_number, new_key

PHONE, OTHER_PHONE = "15400000901", "15400000988"
PEOPLE = {
    "钟小明": (id_number(), "smile 901"),
    "赖秀英": (id_number("19530901", "902"), "nod 902"),
    "阿依古丽·买买提": (id_number("19621130", "904"), "blink 904"),
    "𠮷田㐱": (id_number("19710228", "905"), "turn 905"),
    "陈大文": ("81000019750615908X", "nod 908"),
    "林美玲": ("830000198001019098", "nod 909"),
    "Anna Maria Smith": ("911999198505209102", "smile 910"),
}
SMILE = "smile 901"


def _picture(face: str) -> str:
    return base64.b64encode(f"sandbox face: {face}".encode()).decode()


async def _code(
    people: People, phone: str = PHONE, operation: str = "RequestRegistrationCode"
) -> str:
    people.city.clock.advance(60)
    sent = await people.device().do(operation, phone=phone)
    assert sent["__typename"] == "SmsCodeSent", sent
    found = re.search(r"验证码(\d{6})", (await people.inbox())[0])
    assert found is not None
    return found.group(1)


async def _register(device: Device, code: str, who: str = "钟小明", **changed: Any) -> Any:
    number, face = PEOPLE[who]
    wish = {
        "idempotencyKey": new_key(),
        "number": number,
        "name": who,
        "phone": PHONE,
        "smsCode": code,
        "picture": _picture(face),
        "deviceName": "手机",
        "faceConsent": True,
        **changed,
    }
    return device.keep(await device.do("Register", **wish))


async def _residents(people: People) -> int:
    return await people.city.house.store.database["residents"].count_documents({})


@pytest.mark.feature("S1")
@pytest.mark.parametrize("name", PEOPLE)
async def test_people_of_every_document_register_and_are_signed_in(
    people: People, name: str
) -> None:
    """S1: minority names, rare hanzi, 81/82/83 residence permits, permanent residents' numbers."""
    device = people.device()

    done = await _register(device, await _code(people), name)

    assert done["__typename"] == "SessionTokens", done
    [session] = (await device.do("Sessions"))["nodes"]
    assert session["method"] == "FACE_AND_SMS_CODE"
    again = await _register(people.device(), await _code(people), name)
    assert again["__typename"] == "SessionTokens", again
    assert await _residents(people) == 1


@pytest.mark.feature("S1")
async def test_a_wrong_check_digit_is_no_number(people: People) -> None:
    number = id_number()[:-1] + ("0" if id_number()[-1] != "0" else "1")

    refused = await _register(people.device(), await _code(people), number=number)

    assert refused["code"] == "id_number_check_character"


async def test_the_record_is_first_level_until_a_counter_sees_the_document(people: People) -> None:
    await _register(people.device(), await _code(people))
    clerk = await people.staff("xie.yu", Role.OUTLET_CLERK)
    await clerk.sign_in()

    done = await clerk.device.do(
        "RegisterResident", idempotencyKey=new_key(), number=id_number(), name="钟小明"
    )

    assert (done["existed"], done["differs"]) == (True, [])
    person = await people.city.house.services[Residents].person(done["residentId"])
    assert person.assurance == "second"


async def test_known_and_unknown_get_the_same_answers(people: People) -> None:
    """Enumeration: byte-equal refusals, and tokens of the same form, for both."""
    known, unknown = "钟小明", "赖秀英"
    await _register(people.device(), await _code(people), known)
    answers: dict[str, list[str]] = {known: [], unknown: []}
    for place, (name, told) in enumerate(answers.items()):
        phone = f"1540000098{place}"
        code = await _code(people, phone)
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        tries: list[dict[str, Any]] = [
            {"smsCode": wrong},
            {"faceConsent": False},
            {"picture": _picture("frown")},
            {"picture": "not base64!"},
        ]
        for changed in tries:
            wish = {"phone": phone, **changed}
            told.append(_text(await _register(people.device(), code, name, **wish)))
        code = await _code(people, phone)
        wish = {"phone": phone, "name": "钟大海"}
        told.append(_text(await _register(people.device(), code, name, **wish)))
        device = people.device()
        done = await _register(device, await _code(people, phone), name, phone=phone)
        told.append(re.sub(r'"(?!__)[^"]{20,}"', '"…"', _text(done)))

    assert answers[known] == answers[unknown]
    assert len(set(answers[known])) == 6


async def test_known_and_unknown_take_the_same_commands(
    people: People, sent: list[tuple[str, dict[str, Any]]]
) -> None:
    async def steps() -> list[tuple[str, str]]:
        code = await _code(people)
        sent.clear()
        done = await _register(people.device(), code)
        assert done["__typename"] == "SessionTokens"
        return [(name, str(command.get(name))) for name, command in list(sent)]

    assert await steps() == await steps()


async def test_many_at_once_are_one_record(people: People) -> None:
    """Each by a phone of its own: the number alone decides."""
    phones = [f"154000009{place:02}" for place in range(4)]
    codes = [await _code(people, phone) for phone in phones]

    answers = await asyncio.gather(
        *(
            _register(people.device(), code, phone=phone)
            for phone, code in zip(phones, codes, strict=True)
        )
    )

    assert {answer["__typename"] for answer in answers} == {"SessionTokens"}
    assert await _residents(people) == 1


async def test_without_the_unique_number_the_race_would_be_lost(people: People) -> None:
    """The negative control: the guard is the index, and without it both transactions commit."""
    house = people.city.house
    residents, service = house.store.database["residents"], house.services[Residents]
    read = service.registrant(id_number(), "钟小明", None, people.city.clock.now())
    assert not isinstance(read, Refusal)
    one = Registrant(*read, REGION, Assurance.FIRST, Source.DOCUMENT)

    async def both_at_once() -> int:
        client, now = house.store.client, people.city.clock.now()
        async with client.start_session() as first, client.start_session() as second:
            for session in (first, second):
                await session.start_transaction()
                await service.record(one, now, session)
            await first.commit_transaction()
            await second.commit_transaction()
        return await _residents(people)

    with pytest.raises(PyMongoError):
        await both_at_once()
    await residents.drop_index("number_index_1")
    try:
        assert await both_at_once() == 2
    finally:
        await residents.delete_many({})
        await residents.create_index("number_index", unique=True, sparse=True)  # as it was


async def test_the_same_request_again_is_the_same_session(people: People) -> None:
    device, key, code = people.device(), new_key(), await _code(people)
    first = await _register(device, code, idempotencyKey=key)
    people.city.clock.advance(900)  # the code is long over
    device.access = None  # the answer was lost

    assert (await _register(device, code, idempotencyKey=key))["sessionId"] == first["sessionId"]
    device.access = None
    reused = await _register(device, code, "赖秀英", idempotencyKey=key)
    assert reused["code"] == "idempotency_key_reused"


async def test_a_register_that_is_down_loses_neither_code_nor_person(people: People) -> None:
    device, key, code = people.device(), new_key(), await _code(people)
    people.city.house.services[SandboxRegister].down = True
    down = await _register(device, code, idempotencyKey=key)
    people.city.house.services[SandboxRegister].down = False

    assert down["code"] == "population_register_down"
    assert (await _register(device, code, idempotencyKey=key))["__typename"] == "SessionTokens"


async def test_a_code_is_good_for_its_own_purpose_and_phone(people: People) -> None:
    await people.register(id_number(), PHONE)
    sign_in = await _code(people, operation="RequestSmsCode")
    registration = await _code(people)

    for code, phone in ((sign_in, PHONE), (registration, OTHER_PHONE)):
        refused = await _register(people.device(), code, phone=phone)
        assert refused["code"] == "sms_code_wrong"
    wish = {"idempotencyKey": new_key(), "phone": PHONE, "deviceName": "x"}
    used = await people.device().do("SignInWithSms", code=registration, **wish)
    assert used["code"] == "sms_code_wrong"


async def test_guessing_codes_locks_the_number(people: People) -> None:
    code = await _code(people)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"

    codes = [(await _register(people.device(), wrong))["code"] for _ in range(6)]

    assert codes == ["sms_code_wrong"] * 5 + ["sign_in_locked"]
    assert (await _register(people.device(), await _code(people)))["code"] == "sign_in_locked"
    people.city.clock.advance(900)
    done = await _register(people.device(), await _code(people))
    assert done["__typename"] == "SessionTokens"


async def test_codes_to_one_phone_are_bounded_over_all_purposes(people: People) -> None:
    await _code(people)

    again = await people.device().do("RequestRegistrationCode", phone=PHONE)
    other = await people.device().do("RequestSmsCode", phone=PHONE)

    assert (again["code"], other["code"]) == ("sms_too_often", "sms_too_often")


async def test_an_unsigned_request_gets_nothing(people: People) -> None:
    wish = json.dumps(
        {
            "query": document("RequestRegistrationCode"),
            "variables": {"input": {"phone": PHONE}},
        }
    )
    answer = await people.city.client.post(
        "/graphql", content=wish, headers={"Content-Type": "application/json"}
    )

    assert answer.json()["data"]["requestRegistrationCode"]["code"] == "proof_missing"


async def test_whoever_held_the_phone_before_is_told(people: People) -> None:
    await people.register(id_number(), "15400000777")

    done = await _register(people.device(), await _code(people))

    assert done["__typename"] == "SessionTokens"
    assert "另一手机号码登录" in (await people.inbox())[0]


async def test_who_is_dead_on_our_record_is_not_signed_in(people: People) -> None:
    resident_id = await people.register(id_number(), PHONE)
    await people.city.house.store.database["residents"].update_one(
        {"_id": resident_id}, {"$set": {"status": "deceased"}}
    )

    refused = await _register(people.device(), await _code(people))

    assert refused["code"] == "identity_not_confirmed"
    assert await people.city.house.store.database["sessions"].count_documents({}) == 0


async def test_nothing_given_stands_in_the_store(people: People) -> None:
    await _register(people.device(), await _code(people))

    database = people.city.house.store.database
    stored = ""
    for name in await database.list_collection_names():
        stored += str(await database[name].find().to_list())
    for secret in (id_number(), PHONE, "钟小明", "sandbox face"):
        assert secret not in stored


def _text(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, sort_keys=True)
