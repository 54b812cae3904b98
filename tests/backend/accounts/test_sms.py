import re
from dataclasses import replace

import httpx
import pytest

from backend.accounts.rules import SMS_UNAVAILABLE
from backend.accounts.sms import SmsOutbox
from backend.accounts.sms_codes import SmsCodes
from backend.accounts.tries import TryLimits
from backend.app import House, make_app
from backend.foundation.data_keys import DataKeys
from backend.foundation.keys import Keys
from backend.foundation.sealing import Sealer
from backend.residents.service import Residents
from backend.settings import Environment, Settings
from shared.clock import ManualClock
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, id_number, new_key

PHONE = "13970700001"


async def _ask(people: People, phone: str = PHONE) -> str:
    answer = await people.device().do("RequestSmsCode", phone=phone)
    return str(answer.get("code", "sent"))


async def _code(people: People) -> str:
    found = re.search(r"验证码(\d{6})", (await people.inbox())[0])
    assert found is not None
    return found.group(1)


async def _use(
    device: Device, code: str, phone: str = PHONE, key: str | None = None, number: str | None = None
) -> str:
    wish = {"idempotencyKey": key or new_key(), "phone": phone, "code": code, "deviceName": "手机"}
    answer = device.keep(await device.do("SignInWithSms", **wish, number=number))
    return str(answer.get("code", "in"))


def _wrong(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06}"


@pytest.fixture
async def resident(people: People) -> str:
    return await people.register(id_number(), PHONE)


@pytest.fixture
async def code(people: People, resident: str) -> str:
    assert resident
    assert await _ask(people) == "sent"
    return await _code(people)


async def test_a_code_signs_in_once(people: People, code: str) -> None:
    assert await _use(people.device(), code) == "in"
    assert await _use(people.device(), code) == "sms_code_wrong"


async def test_the_same_request_again_is_the_same_session(people: People, code: str) -> None:
    device, key = people.device(), new_key()
    assert await _use(device, code, key=key) == "in"
    session = device.session

    assert await _use(device, code, key=key) == "in"
    assert device.session == session


async def test_a_code_ends_after_five_minutes(
    people: People, code: str, clock: ManualClock
) -> None:
    clock.advance(299)
    device = people.device()
    assert await _use(device, _wrong(code)) == "sms_code_wrong"
    clock.advance(1)
    assert await _use(device, code) == "sms_code_wrong"


async def test_after_five_wrong_tries_the_code_is_worth_nothing(people: People, code: str) -> None:
    for by in range(1, 6):
        assert await _use(people.device(), _wrong(code, by)) == "sms_code_wrong"

    assert await _use(people.device(), code) == "sms_code_wrong"


async def test_four_wrong_tries_leave_one(people: People, code: str) -> None:
    """The control."""
    for by in range(1, 5):
        await _use(people.device(), _wrong(code, by))

    assert await _use(people.device(), code) == "in"


async def test_a_new_code_ends_the_one_before(
    people: People, code: str, clock: ManualClock
) -> None:
    clock.advance(60)
    await _ask(people)
    new = await _code(people)

    if new != code:
        assert await _use(people.device(), code) == "sms_code_wrong"
    assert await _use(people.device(), new) == "in"


async def test_an_unknown_phone_gets_the_same_answer_and_no_message(
    people: People, resident: str
) -> None:
    assert resident
    known = await people.device().do("RequestSmsCode", phone=PHONE)
    unknown = await people.device().do("RequestSmsCode", phone="13970799999")

    assert unknown == known
    assert len(await people.inbox()) == 1
    assert await _use(people.device(), "000000", "13970799999") == "sms_code_wrong"


async def test_one_code_a_minute_and_five_an_hour_known_or_not(
    people: People, resident: str, clock: ManualClock
) -> None:
    assert resident
    for phone in (PHONE, "13970799999"):
        assert [await _ask(people, phone) for _ in range(2)] == ["sent", "sms_too_often"]
    codes = []
    for _ in range(6):
        clock.advance(61)
        codes.append([await _ask(people, phone) for phone in (PHONE, "13970799999")])

    assert codes == [["sent"] * 2] * 4 + [["sms_too_often"] * 2] * 2


async def test_the_store_holds_no_code_and_no_phone(people: People, code: str) -> None:
    rows = await people.city.house.store.database["sms_codes"].find().to_list()

    assert len(rows) == 1
    assert code not in str(rows)
    assert PHONE not in str(rows)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "x" * 10_000, "\u0000", "\ud800", "😀"])
async def test_what_is_no_code(people: People, resident: str, code: str) -> None:
    assert resident
    await _ask(people)

    assert await _use(people.device(), code) == "sms_code_wrong"


@pytest.mark.parametrize("phone", ["", "123", "x" * 10_000, "\u0000", '{"$ne": 1}', "😀"])
async def test_what_is_no_phone(people: People, phone: str) -> None:
    assert await _ask(people, phone) == "phone_form"
    assert await _use(people.device(), "000000", phone) == "phone_form"


async def test_a_family_that_shares_a_phone_says_who_signs_in(people: People) -> None:
    """The elder and the child of a family often have no phone of their own."""
    numbers = [id_number(sequence=sequence) for sequence in ("915", "917")]
    ids = [await people.register(number, PHONE) for number in numbers]
    stranger = id_number(sequence="919")
    await people.register(stranger)
    await _ask(people)
    code, device = await _code(people), people.device()

    assert await _use(device, code) == "who_signs_in"
    assert await _use(device, code, number=stranger) == "sms_code_wrong"
    assert await _use(device, code, number=numbers[1]) == "in"
    found = await people.city.house.store.database["sessions"].find_one({"_id": device.session})
    assert found is not None
    assert found["subject"] == ids[1]


async def test_a_code_proves_oneself_for_a_first_password_ten_minutes_long(
    people: People, code: str, clock: ManualClock
) -> None:
    device = people.device()
    await _use(device, code)
    wish = {"currentPassword": "", "newPassword": "a whole new sentence"}
    assert (await device.do("SetPassword", **wish))["__typename"] == "PasswordSet"
    signed_in = await people.device().sign_in(PHONE, "a whole new sentence")
    assert signed_in["__typename"] == "SessionTokens"

    clock.advance(601)
    await device.renew_session()
    assert (await device.do("SetPassword", **wish))["code"] == "current_password_wrong"


async def test_the_inbox_page_shows_the_message_in_development(city: City, code: str) -> None:
    page = await city.client.get("/development/sms-inbox")
    listed = await city.client.get("/development/sms-inbox.json")

    assert code in page.text
    assert listed.json()[0]["phone"] == PHONE


async def test_production_has_no_inbox_and_sends_nothing(
    settings: Settings, house: House, keys: Keys, clock: ManualClock
) -> None:
    production = replace(settings, environment=Environment.PRODUCTION)
    app = make_app(production, house, keys, clock)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://city") as client:
        for path in ("/development/sms-inbox", "/development/sms-inbox.json"):
            assert (await client.get(path)).status_code == 404


async def test_without_a_gateway_nobody_is_told_that_a_code_is_on_its_way(
    house: House, settings: Settings, clock: ManualClock
) -> None:
    residents = house.services[Residents]
    limits = TryLimits(_sealer(house), settings.accounts, clock)
    codes = SmsCodes(residents, limits, _sealer(house), SmsOutbox(None), settings.accounts, clock)

    assert await codes.send(PHONE, "10.0.0.1") is SMS_UNAVAILABLE


def _sealer(house: House) -> Sealer:
    return Sealer(house.services[DataKeys].keyring)
