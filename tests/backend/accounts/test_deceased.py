"""Who died signs in no more, by the words that a wrong password gets; their sessions end."""

import re

import pytest

from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.sandbox import SandboxRegister
from tests.backend.accounts.actors import PASSWORD, Device, People
from tests.backend.actors import document, id_number, new_key

PHONE = "13970700001"


async def _report(people: People, kind: ChangeKind, change: str = "c1") -> None:
    services = people.city.house.services
    services[SandboxRegister].report(change, kind, id_number())
    await services[RegisterFollower].follow()


@pytest.fixture
async def resident_id(people: People) -> str:
    resident_id = await people.register(id_number(), PHONE)
    await people.give_password(resident_id)
    return resident_id


async def test_the_dead_and_a_wrong_password_get_the_same_answer(
    people: People, resident_id: str
) -> None:
    assert resident_id
    wrong = await people.device().sign_in(id_number(), "a wrong password")
    nobody = await people.device().sign_in(id_number(sequence="999"), PASSWORD)
    await _report(people, ChangeKind.DEATH)

    by_number = await people.device().sign_in(id_number())
    by_phone = await people.device().sign_in(PHONE)

    assert by_number == by_phone == wrong == nobody
    assert wrong["code"] == "credentials_wrong"


async def test_a_code_sent_before_the_death_signs_nobody_in_after_it(
    people: People, resident_id: str
) -> None:
    assert resident_id
    await people.device().do("RequestSmsCode", phone=PHONE)
    found = re.search(r"验证码(\d{6})", (await people.inbox())[0])
    assert found is not None
    await _report(people, ChangeKind.DEATH)
    wish = {"idempotencyKey": new_key(), "phone": PHONE, "deviceName": "x"}

    refused = await people.device().do("SignInWithSms", code=found.group(1), **wish)

    assert refused["code"] == "sms_code_wrong"
    people.city.clock.advance(60)
    sent = len(await people.inbox())
    told = await people.device().do("RequestSmsCode", phone=PHONE)
    assert (told["__typename"], len(await people.inbox())) == ("SmsCodeSent", sent)


async def test_sessions_end_with_the_mark(people: People, resident_id: str) -> None:
    assert resident_id
    device = people.device()
    await device.sign_in(id_number())
    await _report(people, ChangeKind.DEATH)

    assert (await device.post(document("Sessions"))).json()["code"] == "session_ended"
    assert (await device.renew_session())["code"] == "session_ended"


async def test_a_sign_in_that_overtook_the_mark_ends_at_its_first_renewal(
    people: People, resident_id: str
) -> None:
    device = people.device()
    await device.sign_in(id_number())
    await people.city.house.store.database["residents"].update_one(
        {"_id": resident_id}, {"$set": {"status": "deceased"}}
    )

    assert (await device.renew_session())["code"] == "session_ended"
    stored = await people.city.house.store.database["sessions"].find_one({})
    assert stored is not None
    assert stored["end"] == "holder_deceased"


async def test_who_was_called_dead_by_mistake_signs_in_again(
    people: People, resident_id: str
) -> None:
    """The control."""
    assert resident_id
    await _report(people, ChangeKind.DEATH)
    await _report(people, ChangeKind.DEATH_WITHDRAWN, "c2")

    assert (await people.device().sign_in(id_number()))["__typename"] == "SessionTokens"


async def test_a_relative_with_the_same_phone_still_signs_in(
    people: People, resident_id: str
) -> None:
    assert resident_id
    relative = await people.register(id_number("19530901", "902"), PHONE, "赖秀英")
    await _report(people, ChangeKind.DEATH)
    await people.give_password(relative)
    device: Device = people.device()

    assert (await device.sign_in(PHONE))["__typename"] == "SessionTokens"
