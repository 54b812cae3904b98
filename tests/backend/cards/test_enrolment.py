import asyncio
import base64

import pytest

from backend.app import House
from backend.cards.devices import unbind
from backend.cards.lifecycle import CardEvent
from shared.clock import ManualClock
from shared.ecode.algorithms import Algorithm, SoftwareKey
from shared.ecode.certificate import AgeBand, parse_certificate
from tests.backend.actors import City, Phone, new_key


def _certificate(answer: dict[str, dict[str, str]]) -> bytes:
    text = answer["certificate"]["certificate"]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_a_phone_enrols_and_gets_a_certificate_of_its_own_key(city: City) -> None:
    holder = await city.holder()
    phone = city.stranger()

    enrolled = await phone.enrol(await city.code(holder))

    certificate = parse_certificate(_certificate(enrolled))
    assert certificate.claims.device_key == phone.key.public
    assert (certificate.claims.region, certificate.claims.device_serial) == (360700, 1)
    assert certificate.claims.age_band is AgeBand.ADULT
    assert certificate.claims.card_index == await city.card_index(holder)
    assert (certificate.claims.not_after - certificate.claims.not_before).total_seconds() == 172_800
    assert enrolled["card"].pop("id").startswith("card_")
    assert enrolled["card"] == {
        "maskedName": "钟*明",
        "maskedNumber": "3699**********9017",
        "region": {"code": 360700, "name": {"zh": "赣州市", "en": "Ganzhou"}},
        "state": "ACTIVE",
        "cardNumberTail": "0901",
        "ageBand": "ADULT",
        "certificate": {
            "notAfter": certificate.claims.not_after.isoformat(),
            "renewAfter": enrolled["certificate"]["renewAfter"],
        },
    }


async def test_a_p256_key_enrols_too(city: City) -> None:
    phone = Phone(city.client, city.clock, SoftwareKey.generate(Algorithm.ES256))
    enrolled = await phone.enrol(await city.code(await city.holder()))

    assert parse_certificate(_certificate(enrolled)).claims.device_key == phone.key.public


async def test_phones_of_a_card_count_upwards(city: City) -> None:
    holder = await city.holder()
    serials = []
    for _ in range(3):
        enrolled = await city.stranger().enrol(await city.code(holder))
        serials.append(parse_certificate(_certificate(enrolled)).claims.device_serial)

    assert serials == [1, 2, 3]


async def test_a_sixth_phone_is_refused(city: City) -> None:
    holder = await city.holder()
    for _ in range(5):
        await city.phone(holder)

    assert (await city.stranger().enrol(await city.code(holder)))["code"] == "too_many_devices"


async def test_a_code_works_once(city: City) -> None:
    code = await city.code(await city.holder())
    await city.stranger().enrol(code)

    second = await city.stranger().enrol(code)

    assert second["code"] == "enrolment_code_wrong"
    assert set(second["text"]) == {"zh", "en"}


async def test_two_phones_with_one_code_at_once__one_is_enrolled(city: City, house: House) -> None:
    holder = await city.holder()
    code = await city.code(holder)

    answers = await asyncio.gather(*(city.stranger().enrol(code) for _ in range(6)))

    kinds = sorted(answer["__typename"] for answer in answers)
    assert kinds == ["EnrolledDevice"] + ["Refusal"] * 5
    card = await house.store.database["cards"].find_one({"_id": holder.card_id})
    assert card is not None
    assert len(card["devices"]) == 1


async def test_a_code_ends_after_15_minutes(city: City, clock: ManualClock) -> None:
    code = await city.code(await city.holder())
    clock.advance(15 * 60 + 1)

    assert (await city.stranger().enrol(code))["code"] == "enrolment_code_wrong"


async def test_a_new_code_ends_the_one_before(city: City) -> None:
    holder = await city.holder()
    first = await city.code(holder)
    second = await city.code(holder)

    assert (await city.stranger().enrol(first))["code"] == "enrolment_code_wrong"
    assert (await city.stranger().enrol(second))["__typename"] == "EnrolledDevice"


async def test_after_five_wrong_tries_even_the_right_code_waits_a_minute(
    city: City, clock: ManualClock
) -> None:
    code = await city.code(await city.holder())
    phone = city.stranger()
    for wrong in range(5):
        assert (await phone.enrol(f"000000000{wrong}"))["code"] == "enrolment_code_wrong"

    assert (await phone.enrol(code))["code"] == "too_many_tries"
    clock.advance(61)
    assert (await phone.enrol(code))["__typename"] == "EnrolledDevice"


async def test_a_code_is_stored_as_a_keyed_hash(city: City, house: House) -> None:
    code = await city.code(await city.holder())

    stored = await house.store.database["enrolment_codes"].find_one({})

    assert stored is not None
    assert code not in str(stored)


@pytest.mark.parametrize("name", ["", " " * 5, "x" * 41, "a\u0000b", "\ud800", "line\nbreak"])
async def test_a_name_that_cannot_be_shown_is_refused_and_the_code_stays_good(
    city: City, name: str
) -> None:
    code = await city.code(await city.holder())
    phone = city.stranger()

    assert (await phone.enrol(code, name=name))["code"] == "device_name_form"
    assert (await phone.enrol(code, name="妈妈的手机 📱"))["__typename"] == "EnrolledDevice"


@pytest.mark.parametrize(
    ("event", "state", "code"),
    [
        (CardEvent.SUSPEND, "SUSPENDED", "card_suspended"),
        (CardEvent.REPORT_LOST, "LOST", "card_lost"),
        (CardEvent.CANCEL, "CANCELLED", "card_cancelled"),
    ],
)
async def test_a_card_that_does_not_count_enrols_no_phone_and_renews_none(
    city: City, event: CardEvent, state: str, code: str
) -> None:
    holder = await city.holder()
    phone, activation = await city.phone(holder), await city.code(holder)
    await city.served(holder, event)

    assert (await city.stranger().enrol(activation))["code"] == code
    assert (await phone.renew())["code"] == code
    assert (await phone.ask("Home"))["card"]["state"] == state


async def test_an_unbound_phone_gets_nothing_more(city: City, clock: ManualClock) -> None:
    holder = await city.holder()
    phone = await city.phone(holder)
    assert await unbind(holder.card_id, 1, clock.now())
    assert not await unbind(holder.card_id, 1, clock.now())

    assert (await phone.renew())["code"] == "device_unbound"
    assert (await phone.ask("Home"))["card"]["code"] == "device_unbound"


async def test_renewal_follows_the_clock(city: City, clock: ManualClock) -> None:
    phone = await city.phone(await city.holder())
    first = await phone.renew()
    clock.advance(25 * 3600)
    second = await phone.renew()

    assert first["certificate"]["renewAfter"] < clock.now().isoformat()
    assert second["certificate"]["notAfter"] > first["certificate"]["notAfter"]
    home = await phone.ask("Home")
    assert home["card"]["certificate"]["notAfter"] == second["certificate"]["notAfter"]


async def test_a_phone_nobody_enrolled_is_told_so(city: City) -> None:
    stranger = city.stranger()

    assert (await stranger.renew())["code"] == "device_unknown"
    assert (await stranger.ask("Home"))["card"]["code"] == "device_unknown"


async def test_the_same_request_again_gets_the_same_answer(city: City, house: House) -> None:
    holder = await city.holder()
    phone, code, key = city.stranger(), await city.code(holder), new_key()

    first = await phone.enrol(code, key)
    again = await phone.enrol(code, key)

    assert again["certificate"] == first["certificate"]
    card = await house.store.database["cards"].find_one({"_id": holder.card_id})
    assert card is not None
    assert len(card["devices"]) == 1


async def test_the_same_request_many_times_at_once_is_done_once(city: City, house: House) -> None:
    holder = await city.holder()
    phone, code, key = city.stranger(), await city.code(holder), new_key()

    answers = await asyncio.gather(*(phone.enrol(code, key) for _ in range(8)))

    assert {answer["__typename"] for answer in answers} == {"EnrolledDevice"}
    assert len({answer["certificate"]["certificate"] for answer in answers}) == 1
    card = await house.store.database["cards"].find_one({"_id": holder.card_id})
    assert card is not None
    assert len(card["devices"]) == 1


async def test_a_key_with_other_content_is_refused(city: City) -> None:
    phone, key = city.stranger(), new_key()
    await phone.enrol(await city.code(await city.holder()), key)

    assert (await phone.enrol("1234567890", key))["code"] == "idempotency_key_reused"


async def test_another_callers_key_is_another_key(city: City) -> None:
    key = new_key()
    holder = await city.holder()
    await city.stranger().enrol(await city.code(holder), key)

    assert (await city.stranger().enrol(await city.code(holder), key))["__typename"] == (
        "EnrolledDevice"
    )


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "密钥密钥密钥密钥", "a\u0000bcdefgh"])
async def test_a_key_of_a_wrong_form_is_refused(city: City, key: str) -> None:
    answer = await city.stranger().ask(
        "EnrolDevice",
        input={"idempotencyKey": key, "enrolmentCode": "1234567890", "deviceName": "x"},
    )

    assert answer["enrolDevice"]["code"] == "idempotency_key_form"


async def test_a_key_in_use_cannot_be_bound_again(city: City) -> None:
    holder = await city.holder()
    phone = await city.phone(holder)
    other = await city.holder("905", digest=None)

    assert (await phone.enrol(await city.code(other)))["code"] == "device_key_in_use"
