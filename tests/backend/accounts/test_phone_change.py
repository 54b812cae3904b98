"""Changing one's phone number: the new phone answers, the old one is told and signs in no more."""

import re
from typing import Any

import pytest

from backend.residents.service import Residents
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import id_number, new_key

OLD, NEW = "13970700001", "13970700002"


@pytest.fixture
async def device(people: People) -> Device:
    await people.give_password(await people.register(id_number(), OLD))
    device = people.device()
    await device.sign_in(id_number())
    return device


async def _code(people: People, device: Device, phone: str = NEW) -> str:
    people.city.clock.advance(60)
    sent = await device.do("RequestPhoneChange", phone=phone)
    assert sent["__typename"] == "SmsCodeSent", sent
    found = re.search(r"验证码(\d{6})", (await people.inbox())[0])
    assert found is not None
    return found.group(1)


async def _change(device: Device, code: str, key: str | None = None, phone: str = NEW) -> Any:
    wish = {"idempotencyKey": key or new_key(), "phone": phone, "code": code}
    return await device.do("ChangePhone", **wish)


async def test_the_new_phone_is_on_the_record_and_the_old_one_is_told(
    people: People, device: Device
) -> None:
    done = await _change(device, await _code(people, device))

    assert (done["__typename"], done["maskedPhone"]) == ("PhoneChanged", "139****0002")
    residents = people.city.house.services[Residents]
    assert await residents.of_login(OLD) == []
    [resident_id] = await residents.of_login(NEW)
    assert (await residents.person(resident_id)).masked_phone == "139****0002"
    assert "改用另一手机号码" in (await people.inbox())[0]
    row = await people.city.house.store.database["audit_rows"].find_one(
        {"action": "accounts.phone_changed"}
    )
    assert row is not None
    assert row["subject"] == resident_id
    stored = await people.city.house.store.database["residents"].find_one({})
    assert stored is not None
    assert stored["origins"]["phone"]["source"] == "resident"
    assert NEW not in str(stored)


async def test_the_same_request_again_tells_nobody_twice(people: People, device: Device) -> None:
    code, key = await _code(people, device), new_key()
    await _change(device, code, key)
    told = len(await people.inbox())

    again = await _change(device, code, key)

    assert again["__typename"] == "PhoneChanged"
    assert len(await people.inbox()) == told


async def test_a_code_on_its_way_to_the_old_phone_signs_nobody_in(
    people: People, device: Device
) -> None:
    await people.device().do("RequestSmsCode", phone=OLD)
    found = re.search(r"验证码(\d{6})", (await people.inbox())[0])
    assert found is not None
    await _change(device, await _code(people, device))

    wish = {"idempotencyKey": new_key(), "phone": OLD, "deviceName": "x"}
    refused = await people.device().do("SignInWithSms", code=found.group(1), **wish)

    assert refused["code"] == "sms_code_wrong"


async def test_a_code_is_good_for_who_asked_and_the_phone_it_went_to(
    people: People, device: Device
) -> None:
    code = await _code(people, device)
    other = await people.signed_in("902")

    for refused in (
        await _change(other, code),
        await _change(device, code, phone="13970700003"),
        await _change(device, f"{(int(code) + 1) % 1_000_000:06}"),
    ):
        assert refused["code"] == "sms_code_wrong"


async def test_nobody_who_is_not_signed_in_changes_a_phone(people: People, device: Device) -> None:
    assert device.access is not None
    asked = await people.device().do("RequestPhoneChange", phone=NEW)
    changed = await _change(people.device(), "123456")

    assert (asked["code"], changed["code"]) == ("sign_in_needed", "sign_in_needed")


async def test_asking_for_codes_to_many_phones_is_bounded(device: Device) -> None:
    codes = []
    for place in range(6):
        sent = await device.do("RequestPhoneChange", phone=f"1397070010{place}")
        codes.append(sent.get("code", "sent"))

    assert codes == ["sent"] * 5 + ["sign_in_locked"]
