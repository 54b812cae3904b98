"""Both ways to a verified phone: the face with a separate consent, and the clerk without one."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from backend.app import House
from backend.cards.devices import Devices
from backend.foundation.access import Caller, Role
from backend.foundation.custody import open_kms
from backend.foundation.keys import Keys
from backend.foundation.refusals import Refusal
from backend.residents.sandbox import SandboxRegister
from backend.settings import Environment, Settings
from backend.wiring import make_services
from shared.clock import ManualClock
from shared.wire.request_proof import ProvenKey, thumbprint
from tests.backend.accounts.actors import Device, Employee, People
from tests.backend.actors import City, new_key
from tests.backend.cards.conftest import SignedIn

FACE, OTHER_FACE = b"sandbox face: smile 901", b"sandbox face: frown 901"


async def _verify(phone: Device, picture: bytes = FACE, key: str | None = None) -> Any:
    sent = base64.b64encode(picture).decode()
    return await phone.do("VerifyDevice", idempotencyKey=key or new_key(), picture=sent)


async def _consent(phone: Device, operation: str = "GiveConsent", **more: object) -> None:
    wish = {"idempotencyKey": new_key(), "purpose": "face_check", **more}
    assert (await phone.do(operation, **wish))["__typename"] != "Refusal"


async def _rows(house: House, **wanted: object) -> list[tuple[str, str]]:
    found = house.store.database["audit_rows"].find(wanted).sort("_id", 1)
    return [(row["action"], row["result"]) async for row in found]


class _Watched:
    """The sandbox, which tells whether a picture reached it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked = 0
        compare = SandboxRegister.compare

        async def watched(*arguments: Any) -> bool:
            self.asked += 1
            return await compare(*arguments)

        monkeypatch.setattr(SandboxRegister, "compare", watched)


@pytest.mark.feature("S19", "L3", "L28")
async def test_a_face_is_compared_with_a_separate_consent_only(
    signed_in: SignedIn, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L3: without it the picture does not leave the house, and the outlet is named."""
    phone, watched = signed_in.device, _Watched(monkeypatch)
    await phone.do("AddDevice", idempotencyKey=new_key(), deviceName="新手机")

    assert (await phone.renew())["code"] == "device_unverified"
    refused = await _verify(phone)
    assert (refused["code"], watched.asked) == ("consent_needed", 0)
    assert "网点" in refused["nextStep"]["zh"]
    await _consent(phone, version=1)
    await _consent(phone, "WithdrawConsent")
    assert ((await _verify(phone))["code"], watched.asked) == ("consent_needed", 0)

    await _consent(phone, version=1)
    assert (await _verify(phone, OTHER_FACE))["code"] == "face_different"
    key = new_key()
    verified = await _verify(phone, key=key)
    assert verified["__typename"] == "VerifiedDevice"
    assert (await phone.renew())["__typename"] == "RenewedCertificate"
    await _consent(phone, "WithdrawConsent")
    assert await _verify(phone, key=key) == verified
    assert watched.asked == 2
    about = {"subject": signed_in.holder.resident_id, "action": "cards.device_verified"}
    assert sorted(await _rows(house, **about)) == [
        ("cards.device_verified", "ok"),
        ("cards.device_verified", "refused:consent_needed"),
        ("cards.device_verified", "refused:face_different"),
    ]


async def test_a_phone_that_does_not_wait_sends_no_picture_anywhere(
    signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = _Watched(monkeypatch)
    await _consent(signed_in.device, version=1)
    assert (await _verify(signed_in.device))["code"] == "device_unknown"
    await signed_in.bind()
    assert (await _verify(signed_in.device))["code"] == "device_verified"
    assert watched.asked == 0


async def test_faces_are_not_tried_one_after_the_other(
    signed_in: SignedIn, clock: ManualClock
) -> None:
    phone = signed_in.device
    await _consent(phone, version=1)
    await phone.do("AddDevice", idempotencyKey=new_key(), deviceName="新手机")

    codes = [(await _verify(phone, OTHER_FACE))["code"] for _ in range(6)]

    assert codes == ["face_different"] * 5 + ["too_many_tries"]
    clock.advance(61)
    assert (await _verify(phone))["__typename"] == "VerifiedDevice"


async def test_production_has_no_face_check_until_a_city_connects_one(
    signed_in: SignedIn,
    house: House,
    settings: Settings,
    keys: Keys,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    phone = signed_in.device
    await _consent(phone, version=1)
    await phone.do("AddDevice", idempotencyKey=new_key(), deviceName="新手机")
    production = replace(settings, environment=Environment.PRODUCTION)
    monkeypatch.setattr("backend.wiring.open_kms", lambda _: open_kms(settings))  # no HSM here
    services = await make_services(production, house.store, keys, clock, {})
    key = ProvenKey(phone.key.public, thumbprint(phone.key.public))
    caller = Caller(resident_id=signed_in.holder.resident_id, thumbprint=key.thumbprint)

    refused = await services[Devices].verify_by_face(caller, key, new_key(), FACE)

    assert isinstance(refused, Refusal)
    assert refused.code == "face_check_absent"
    assert "激活码" in refused.next_step.zh


@pytest.fixture
async def clerk(city: City) -> Employee:
    employee = await People(city).staff("clerk", Role.OUTLET_CLERK)
    await employee.sign_in()
    return employee


def _wish(resident_id: str, **changed: object) -> dict[str, object]:
    plain = {"idempotencyKey": new_key(), "residentId": resident_id, "documentChecked": True}
    return {**plain, **changed}


@pytest.mark.feature("S19", "L28")
async def test_who_wants_no_face_check_is_verified_at_the_outlet(
    signed_in: SignedIn, clerk: Employee, house: House
) -> None:
    """L28: the same end by another way; the clerk's act stands in the holder's list."""
    phone, holder = signed_in.device, signed_in.holder
    await phone.do("AddDevice", idempotencyKey=new_key(), deviceName="新手机")
    wish = _wish(holder.resident_id)

    assert (await phone.renew())["code"] == "device_unverified"
    made = await clerk.device.do("MakeActivationCode", **wish)
    again = await clerk.device.do("MakeActivationCode", **wish)
    enrolled = await phone.enrol(made["code"])

    assert made == again
    assert enrolled["__typename"] == "EnrolledDevice"
    about = {"subject": holder.resident_id, "actor.kind": "staff"}
    assert await _rows(house, **about) == [("cards.activation_code_made", "ok")]
    stored = [str(row) async for row in house.store.database["kept_answers"].find({})]
    stored += [str(row) async for row in house.store.database["enrolment_codes"].find({})]
    assert not any(made["code"] in row for row in stored)


async def test_a_clerk_who_did_not_look_at_the_document_gets_no_code(
    signed_in: SignedIn, clerk: Employee, house: House
) -> None:
    resident_id = signed_in.holder.resident_id

    refused = await clerk.device.do(
        "MakeActivationCode", **_wish(resident_id, documentChecked=False)
    )

    assert refused["code"] == "document_unchecked"
    assert await _rows(house, subject=resident_id, result="refused:document_unchecked")
    nobody = await clerk.device.do("MakeActivationCode", **_wish("res_nobody"))
    assert nobody["code"] == "resident_unknown"


async def test_nobody_but_a_clerk_makes_codes(signed_in: SignedIn, house: House) -> None:
    own = await signed_in.device.do("MakeActivationCode", **_wish(signed_in.holder.resident_id))

    assert own["code"] == "not_permitted"
    assert await house.store.database["enrolment_codes"].count_documents({}) == 0
    assert await _rows(house, result="refused:not_permitted")


async def test_another_code_stops_the_one_before(
    signed_in: SignedIn, clerk: Employee, city: City
) -> None:
    first = await clerk.device.do("MakeActivationCode", **_wish(signed_in.holder.resident_id))
    second = await clerk.device.do("MakeActivationCode", **_wish(signed_in.holder.resident_id))

    assert first["code"] != second["code"]
    assert (await city.stranger().enrol(first["code"]))["code"] == "enrolment_code_wrong"
    assert (await city.stranger().enrol(second["code"]))["__typename"] == "EnrolledDevice"
