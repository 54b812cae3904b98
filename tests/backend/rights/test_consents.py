"""Consents (L3, L6, L7; S118): one purpose each, withdrawn as easily as given, and it counts."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from graphql import build_schema, parse

from backend.app import House
from backend.foundation.access import Role
from backend.rights.consents import Consents
from backend.schema import SCHEMA_FILE
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, document, new_key


async def give(
    device: Device, purpose: str = "face_check", version: int = 1, key: Any = None
) -> Any:
    return await device.do(
        "GiveConsent", idempotencyKey=key or new_key(), purpose=purpose, version=version
    )


async def withdraw(device: Device, purpose: str = "face_check", key: Any = None) -> Any:
    return await device.do("WithdrawConsent", idempotencyKey=key or new_key(), purpose=purpose)


async def consented(device: Device) -> set[str]:
    answer = (await device.ask("ConsentPurposes"))["consentPurposes"]
    return {one["code"] for one in answer["nodes"] if one["consented"]}


async def receipts(device: Device, **page: Any) -> Any:
    return (await device.ask("ConsentReceipts", **page))["consentReceipts"]


async def resident_of(house: House, device: Device) -> str:
    found = await house.store.database["sessions"].find_one({"_id": device.session})
    assert found is not None
    return str(found["subject"])


async def refusal_of(house: House, resident_id: str, purpose: str = "face_check") -> str:
    refused = await house.services[Consents].require(resident_id, purpose)
    return "" if refused is None else refused.code


@pytest.mark.feature("S118")
async def test_a_withdrawal_stops_the_next_access(people: People, house: House) -> None:
    one = await people.signed_in()
    resident_id = await resident_of(house, one)
    assert await refusal_of(house, resident_id) == "consent_needed"

    given = await give(one)
    assert given["__typename"] == "ConsentChanged", given
    assert await refusal_of(house, resident_id) == ""

    withdrawn = await withdraw(one)
    assert await refusal_of(house, resident_id) == "consent_needed"
    assert withdrawn["receipt"]["id"] == given["receipt"]["id"]
    assert withdrawn["receipt"]["withdrawnAt"] is not None


async def test_a_receipt_tells_purpose_fields_recipient_from_to_and_withdrawn(
    people: People, city: City
) -> None:
    one, now = await people.signed_in(), city.clock.now()
    await give(one)

    [receipt] = (await receipts(one))["nodes"]
    assert receipt["purpose"] == "face_check"
    assert receipt["fields"] == [
        {"zh": "现场拍摄的人脸照片", "en": "a picture of your face taken then"}
    ]
    assert receipt["recipient"]["code"] == "population_register"
    assert receipt["givenAt"] == now.isoformat()
    assert receipt["until"] == (now + timedelta(days=365)).isoformat()
    assert receipt["withdrawnAt"] is None


@pytest.mark.feature("L3")
async def test_one_consent_opens_one_purpose_and_no_other(people: People, house: House) -> None:
    """L3: there is no act for several, and one given for another purpose unlocks nothing."""
    one = await people.signed_in()
    resident_id = await resident_of(house, one)
    await give(one, "face_check")

    assert await consented(one) == {"face_check"}
    assert await refusal_of(house, resident_id, "health_records") == "consent_needed"
    wish = build_schema(SCHEMA_FILE.read_text(encoding="utf-8")).type_map["GiveConsentInput"]
    assert str(wish.fields["purpose"].type) == "ID!"  # type: ignore[attr-defined]


@pytest.mark.feature("L6")
async def test_withdrawing_takes_no_more_than_giving(people: People) -> None:
    """L6: one act each, and the withdrawal asks for less."""
    schema = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))
    fields = [
        set(schema.type_map[name].fields)  # type: ignore[attr-defined]
        for name in ("WithdrawConsentInput", "GiveConsentInput")
    ]
    assert fields[0] < fields[1]
    for name in ("GiveConsent", "WithdrawConsent"):
        [operation] = parse(document(name)).definitions
        assert len(operation.selection_set.selections) == 1  # type: ignore[attr-defined]
    one = await people.signed_in()
    assert (await withdraw(one))["receipt"] is None  # nothing was given: done as well


@pytest.mark.feature("L7")
async def test_without_any_consent_the_required_services_work(
    people: People, city: City, house: House
) -> None:
    """L7: an item that needs required data only works for somebody who agreed to nothing."""
    one = await people.signed_in("903")
    holder = await people.card_of(await resident_of(house, one), "903")
    phone = await city.phone(holder)

    assert (await phone.ask("Home"))["card"]["__typename"] == "Card"
    assert (await phone.renew())["__typename"] != "Refusal"
    assert await one.ask("DataUse")
    assert await consented(one) == set()


async def test_a_consent_ends_by_itself_and_is_given_anew(
    people: People, city: City, house: House
) -> None:
    one = await people.signed_in()
    resident_id = await resident_of(house, one)
    await house.store.database["sessions"].update_one(
        {"_id": one.session}, {"$set": {"expires_at": city.clock.now() + timedelta(days=900)}}
    )
    first = await give(one)
    city.clock.advance(365 * 86_400 - 1)
    assert await refusal_of(house, resident_id) == ""
    city.clock.advance(1)
    assert await refusal_of(house, resident_id) == "consent_needed"

    await one.renew_session()
    second = await give(one)
    assert second["receipt"]["id"] != first["receipt"]["id"]
    assert await refusal_of(house, resident_id) == ""


async def test_another_wording_needs_another_consent(people: People, house: House) -> None:
    one = await people.signed_in()
    resident_id = await resident_of(house, one)
    await give(one)
    rows = house.store.database["consent_receipts"]
    await rows.update_one({"resident_id": resident_id}, {"$set": {"version": 0}})
    assert await refusal_of(house, resident_id) == "consent_needed"

    await give(one)
    assert await refusal_of(house, resident_id) == ""
    assert await rows.count_documents({"latest": True}) == 1
    assert await rows.count_documents({}) == 2


async def test_given_twice_it_is_one_receipt_and_one_deed(people: People, house: House) -> None:
    one, key = await people.signed_in(), new_key()
    answers = [await give(one, key=key), await give(one, key=key), await give(one)]

    assert len({answer["receipt"]["id"] for answer in answers}) == 1
    assert await deeds(house) == ["rights.consent_given"]
    taken = [
        await withdraw(one, key="w" * 8),
        await withdraw(one, key="w" * 8),
        await withdraw(one),
    ]
    assert len({answer["receipt"]["withdrawnAt"] for answer in taken}) == 1
    assert await deeds(house) == ["rights.consent_given", "rights.consent_withdrawn"]


async def deeds(house: House) -> list[str]:
    wanted = {"action": {"$regex": "^rights"}}
    # In the order they were written: they may be of one instant.
    rows = await house.store.database["audit_rows"].find(wanted).sort("$natural").to_list()
    assert all(not row["disclosed"] for row in rows)
    return [row["action"] for row in rows]


async def test_given_and_withdrawn_many_times_at_once_one_receipt_is_the_latest(
    people: People, house: House
) -> None:
    one = await people.signed_in()
    acts = [act(one) for _ in range(6) for act in (give, withdraw)]
    answers = await asyncio.gather(*acts)

    assert {answer["__typename"] for answer in answers} == {"ConsentChanged"}
    rows = house.store.database["consent_receipts"]
    assert await rows.count_documents({"latest": True}) == 1
    given = [deed for deed in await deeds(house) if deed == "rights.consent_given"]
    assert len(given) == await rows.count_documents({})


async def test_nobody_sees_or_changes_anothers_consents(people: People, house: House) -> None:
    one, other = await people.signed_in("901"), await people.signed_in("902")
    await give(one)

    assert (await receipts(other))["nodes"] == []
    assert await consented(other) == set()
    assert (await withdraw(other))["receipt"] is None
    assert await consented(one) == {"face_check"}
    # The very same key from another person is another request.
    key = new_key()
    mine, theirs = await give(one, "health_records", key=key), await give(other, key=key)
    assert mine["receipt"]["id"] != theirs["receipt"]["id"]
    assert await refusal_of(house, await resident_of(house, other), "health_records") != ""


async def test_it_takes_a_resident_who_is_signed_in(people: People) -> None:
    clerk = await people.staff("clerk", Role.OUTLET_CLERK)
    await clerk.sign_in()
    for device, refused in (
        (people.device(), "sign_in_needed"),
        (clerk.device, "not_permitted"),
    ):
        assert (await give(device))["code"] == refused
        assert (await withdraw(device))["code"] == refused
        assert (await device.ask("ConsentPurposes"))["consentPurposes"]["code"] == refused
        answer = (await device.post(document("ConsentReceipts"))).json()
        assert answer["errors"][0]["extensions"]["code"] == refused


@pytest.mark.parametrize(
    "purpose", ["", "all", "*", "face_check,health_records", "\u0000", "😀", '{"$ne": null}']
)
async def test_a_purpose_that_is_none_is_refused(people: People, purpose: str) -> None:
    one = await people.signed_in()
    assert (await give(one, purpose))["code"] == "purpose_unknown"
    assert (await withdraw(one, purpose))["code"] == "purpose_unknown"
    assert (await give(one, version=2))["code"] == "purpose_outdated"


async def test_receipts_come_in_pages_without_a_gap_or_a_repeat(people: People, city: City) -> None:
    one = await people.signed_in()
    for number in range(7):
        await give(one)
        await withdraw(one)
        city.clock.advance(number % 2)  # some at the same instant
    seen: list[str] = []
    after, more = None, True
    while more:
        page = await receipts(one, first=3, after=after)
        seen += [receipt["id"] for receipt in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert len(seen) == len(set(seen)) == 7
    assert seen == [receipt["id"] for receipt in (await receipts(one))["nodes"]]
