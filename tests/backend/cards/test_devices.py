"""Phones of a card: a new one proves its holder first, an unbound one is refused everywhere."""

import asyncio
import base64

import pytest

from backend.app import House
from backend.cards.certificates import Certificates
from backend.cards.devices import Devices
from backend.cards.enrolment import Enrolment
from backend.foundation.access import Caller
from backend.foundation.idempotency import Once
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import RefusedActs
from backend.rights.consents import Consents
from shared.clock import ManualClock
from shared.wire.request_proof import ProvenKey, thumbprint
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, new_key
from tests.backend.cards.conftest import SignedIn
from tests.backend.cards.gate import Gate, certificate_in

FACE, OTHER_FACE = b"a face", b"another face"


class OneFace:
    """A face check that knows one face."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def matches(self, resident_id: str, picture: bytes) -> bool | Refusal:
        self.asked.append(resident_id)
        return picture == FACE


@pytest.fixture
def faces() -> OneFace:
    return OneFace()


@pytest.fixture
def devices(house: House, faces: OneFace, clock: ManualClock) -> Devices:
    found = house.services
    return Devices(
        Once(house.store),
        found[Enrolment],
        found[Certificates],
        faces,
        found[Consents],
        RefusedActs(),
        clock,
    )


async def consent(phone: Device) -> None:
    wish = {"idempotencyKey": new_key(), "purpose": "face_check", "version": 1}
    given = await phone.do("GiveConsent", **wish)
    assert given["__typename"] != "Refusal", given


@pytest.mark.feature("S19")
async def test_an_unbound_phone_is_refused_at_the_gate_within_one_refresh(
    signed_in: SignedIn, city: City, gate: Gate, clock: ManualClock
) -> None:
    lost = city.stranger()
    certificate = certificate_in(await lost.enrol(await city.code(signed_in.holder)))
    await signed_in.bind()
    clock.advance(60)
    await gate.refresh()
    assert gate.answer(lost, certificate) == "admit"

    listed = (await signed_in.device.ask("Devices"))["devices"]["devices"]
    [other] = [device for device in listed if not device["isThis"]]
    unbound = await signed_in.device.do(
        "UnbindDevice", idempotencyKey=new_key(), serial=other["serial"]
    )
    await gate.refresh()

    assert unbound["device"]["state"] == "UNBOUND"
    assert gate.answer(lost, certificate) == "device_unbound"
    assert (await lost.renew())["code"] == "device_unbound"
    kept = certificate_in(await signed_in.device.renew())
    assert gate.answer(signed_in.device, kept) == "admit"


@pytest.mark.feature("S19", "U6")
async def test_a_second_phone_gets_no_certificate_before_its_holder_is_verified(
    signed_in: SignedIn, city: City
) -> None:
    phone = signed_in.device
    added = await phone.do("AddDevice", idempotencyKey=new_key(), deviceName="新手机")
    assert added["device"]["state"] == "AWAITING_VERIFICATION"
    assert added["device"]["isThis"]
    assert (await phone.renew())["code"] == "device_unverified"
    assert (await phone.ask("Home"))["card"]["code"] == "device_unverified"

    enrolled = await phone.enrol(await city.code(signed_in.holder), name="新手机")

    assert enrolled["__typename"] == "EnrolledDevice"
    assert (await phone.renew())["__typename"] == "RenewedCertificate"
    [device] = (await phone.ask("Devices"))["devices"]["devices"]
    assert (device["serial"], device["state"]) == (1, "BOUND")


@pytest.mark.feature("S19")
async def test_a_face_verifies_a_new_phone_and_another_face_does_not(
    signed_in: SignedIn, devices: Devices, faces: OneFace, gate: Gate
) -> None:
    phone = signed_in.device
    await consent(phone)
    await phone.do("AddDevice", idempotencyKey=new_key(), deviceName="新手机")
    key = ProvenKey(phone.key.public, thumbprint(phone.key.public))
    caller = Caller(resident_id=signed_in.holder.resident_id, thumbprint=key.thumbprint)

    other = await devices.verify_by_face(caller, key, new_key(), OTHER_FACE)
    assert isinstance(other, Refusal)
    assert other.code == "face_different"
    assert (await phone.renew())["code"] == "device_unverified"

    wish = new_key()
    issued = await devices.verify_by_face(caller, key, wish, FACE)
    assert not isinstance(issued, Refusal)
    assert await devices.verify_by_face(caller, key, wish, FACE) == issued
    await gate.refresh()
    assert gate.answer(phone, issued.certificate) == "admit"
    again = await devices.verify_by_face(caller, key, new_key(), FACE)
    assert isinstance(again, Refusal)
    assert again.code == "device_verified"
    assert set(faces.asked) == {signed_in.holder.resident_id}


@pytest.mark.feature("L28")
async def test_no_picture_is_kept(signed_in: SignedIn, devices: Devices, house: House) -> None:
    """L28: the face is compared, and nothing of it is stored."""
    phone = signed_in.device
    await consent(phone)
    await phone.do("AddDevice", idempotencyKey=new_key(), deviceName="新手机")
    key = ProvenKey(phone.key.public, thumbprint(phone.key.public))
    caller = Caller(resident_id=signed_in.holder.resident_id, thumbprint=key.thumbprint)
    await devices.verify_by_face(caller, key, new_key(), FACE)

    for name in await house.store.database.list_collection_names():
        async for row in house.store.database[name].find({}):
            assert FACE not in str(row).encode()


async def test_a_picture_that_is_no_base64_is_refused(signed_in: SignedIn) -> None:
    answer = await signed_in.device.do("VerifyDevice", idempotencyKey=new_key(), picture="\0📷")

    assert answer["code"] == "picture_form"


async def test_where_no_face_check_matches_the_next_step_is_the_code(signed_in: SignedIn) -> None:
    await consent(signed_in.device)
    await signed_in.device.do("AddDevice", idempotencyKey=new_key(), deviceName="新手机")
    picture = base64.b64encode(OTHER_FACE).decode()
    answer = await signed_in.device.do("VerifyDevice", idempotencyKey=new_key(), picture=picture)

    assert answer["code"] == "face_different"
    assert "激活码" in answer["nextStep"]["zh"]


@pytest.mark.parametrize(
    ("operation", "wish"),
    [
        ("Devices", {}),
        ("AddDevice", {"idempotencyKey": "12345678", "deviceName": "x"}),
        ("VerifyDevice", {"idempotencyKey": "12345678", "picture": ""}),
        ("UnbindDevice", {"idempotencyKey": "12345678", "serial": 1}),
    ],
)
async def test_phones_are_managed_by_who_is_signed_in_only(
    city: City, operation: str, wish: dict[str, object]
) -> None:
    phone = await city.phone(await city.holder())  # bound, and not signed in

    answer = await phone.ask(operation, **({"input": wish} if wish else {}))

    [member] = answer.values()
    assert member["code"] == "sign_in_needed"


async def test_nobody_unbinds_somebody_elses_phone(
    signed_in: SignedIn, city: City, house: House
) -> None:
    other = await city.holder("955", digest=None)
    await city.phone(other)
    await signed_in.bind()

    await signed_in.device.do("UnbindDevice", idempotencyKey=new_key(), serial=1)

    card = await house.store.database["cards"].find_one({"_id": other.card_id})
    assert card is not None
    assert card["devices"][0]["state"] == "BOUND"


async def test_a_serial_that_is_not_there_is_refused(signed_in: SignedIn) -> None:
    for serial in (0, 99, -1):
        answer = await signed_in.device.do("UnbindDevice", idempotencyKey=new_key(), serial=serial)
        assert answer["code"] == "device_unknown"


async def test_the_same_wish_to_unbind_many_times_at_once_is_done_once(
    signed_in: SignedIn, city: City, clock: ManualClock
) -> None:
    await city.phone(signed_in.holder)
    key = new_key()

    answers = await asyncio.gather(
        *(signed_in.device.do("UnbindDevice", idempotencyKey=key, serial=1) for _ in range(8))
    )

    assert {answer["device"]["unboundAt"] for answer in answers} == {clock.now().isoformat()}


async def test_a_sixth_phone_is_not_even_made_known(signed_in: SignedIn, city: City) -> None:
    for _ in range(5):
        await city.phone(signed_in.holder)

    answer = await signed_in.device.do("AddDevice", idempotencyKey=new_key(), deviceName="六")

    assert answer["code"] == "too_many_devices"


async def test_who_has_no_card_has_no_phones(city: City) -> None:
    device = await People(city).signed_in("933")

    assert (await device.ask("Devices"))["devices"]["code"] == "no_card"
