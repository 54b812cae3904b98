"""Notices at first use (L5): versioned, acknowledged once, by the person alone."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from backend.accounts.sessions import Sessions
from backend.app import House
from backend.foundation.access import Role
from backend.foundation.idempotency import Once
from backend.foundation.refusals import Refusal
from backend.rights.notices import Notices
from backend.rights.texts import read_texts
from shared.wire.request_proof import ProvenKey, thumbprint
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, Phone, new_key

NOW = read_texts().notices["platform"].version


async def pending(device: Phone) -> list[str]:
    answer = (await device.ask("PendingNotices"))["pendingNotices"]
    assert answer["__typename"] == "PendingNotices", answer
    return [notice["code"] for notice in answer["nodes"]]


async def acknowledge(
    device: Device, code: Any = "platform", version: Any = NOW, key: Any = None
) -> Any:
    return await device.do(
        "AcknowledgeNotice", idempotencyKey=key or new_key(), code=code, version=version
    )


@pytest.mark.feature("L5")
async def test_a_notice_is_shown_until_it_is_acknowledged(people: People, house: House) -> None:
    one, other = await people.signed_in("901"), await people.signed_in("902")
    assert await pending(one) == ["ecard", "platform"]

    key = new_key()
    first = await acknowledge(one, key=key)
    assert first["notice"] == {"code": "platform", "version": NOW}
    assert (await acknowledge(one, key=key))["__typename"] == "NoticeAcknowledged"
    assert (await acknowledge(one))["__typename"] == "NoticeAcknowledged"

    assert await pending(one) == ["ecard"]
    assert await pending(other) == ["ecard", "platform"]
    receipts = await house.store.database["notice_receipts"].find().to_list()
    assert [receipt["digest"] for receipt in receipts] == [read_texts().notices["platform"].digest]
    rows = (
        await house.store.database["audit_rows"]
        .find({"action": "rights.notice_acknowledged"})
        .to_list()
    )
    assert [(row["subject"], row["disclosed"]) for row in rows] == [
        (receipts[0]["resident_id"], False)
    ]


async def test_acknowledged_many_times_at_once_it_is_kept_once(
    people: People, house: House
) -> None:
    one = await people.signed_in()
    answers = await asyncio.gather(*(acknowledge(one) for _ in range(8)))

    assert {answer["__typename"] for answer in answers} == {"NoticeAcknowledged"}
    assert await house.store.database["notice_receipts"].count_documents({}) == 1
    rows = house.store.database["audit_rows"]
    assert await rows.count_documents({"action": "rights.notice_acknowledged"}) == 1


@pytest.mark.feature("L5")
async def test_a_newer_version_is_shown_again_and_the_old_one_no_longer_taken(
    people: People, house: House, city: City
) -> None:
    one = await people.signed_in()
    await acknowledge(one)
    texts = read_texts()
    newer = replace(texts.notices["platform"], version=NOW + 1, digest="0" * 64)
    changed = replace(texts, notices={**texts.notices, "platform": newer})
    service = Notices(changed, Once(house.store), city.clock)
    who = await _caller(house, one)

    found = await service.pending(who)
    ecard = texts.notices["ecard"].version
    assert not isinstance(found, Refusal)
    assert [(n.code, n.version) for n in found] == [("ecard", ecard), ("platform", NOW + 1)]
    old = await service.acknowledge(who, new_key(), "platform", NOW)
    assert getattr(old, "code", "") == "notice_outdated"
    await service.acknowledge(who, new_key(), "platform", NOW + 1)
    assert [n.code for n in await service.pending(who)] == ["ecard"]  # type: ignore[union-attr]


async def _caller(house: House, device: Device) -> Any:
    key = ProvenKey(device.key.public, thumbprint(device.key.public))
    return await house.services[Sessions].caller(device.access or "", key)


@pytest.mark.parametrize(
    ("code", "version", "refused"),
    [
        ("platform", NOW + 1, "notice_outdated"),
        ("platform", NOW - 1, "notice_outdated"),
        ("platform", 0, "notice_outdated"),
        ("platform", -(2**31), "notice_outdated"),
        ("nothing", 1, "notice_unknown"),
        ("", 1, "notice_unknown"),
        ("plat\u0000form", 1, "notice_unknown"),
        ("😀", 1, "notice_unknown"),
        ('{"$ne": null}', 1, "notice_unknown"),
        ("../platform", 1, "notice_unknown"),
    ],
)
async def test_only_the_present_version_of_a_notice_there_is_can_be_acknowledged(
    people: People, code: str, version: int, refused: str
) -> None:
    assert (await acknowledge(await people.signed_in(), code, version))["code"] == refused


async def test_it_takes_a_resident_who_is_signed_in(people: People) -> None:
    stranger = people.device()
    clerk = await people.staff("clerk", Role.OUTLET_CLERK)
    await clerk.sign_in()
    for device, refused in ((stranger, "sign_in_needed"), (clerk.device, "not_permitted")):
        assert (await acknowledge(device))["code"] == refused
        assert (await device.ask("PendingNotices"))["pendingNotices"]["code"] == refused


async def test_a_key_of_another_form_or_used_for_another_notice_is_refused(people: People) -> None:
    one, key = await people.signed_in(), new_key()
    await acknowledge(one, key=key)

    assert (await acknowledge(one, code="ecard", key=key))["code"] == "idempotency_key_reused"
    assert (await acknowledge(one, key="short"))["code"] == "idempotency_key_form"
    assert await pending(one) == ["ecard"]


async def test_everybody_may_read_them_before_signing_in(city: City) -> None:
    stranger = city.stranger()
    found = (await stranger.ask("Notices"))["notices"]

    assert [(notice["code"], notice["scene"]) for notice in found] == [
        ("ecard", "ECARD"),
        ("platform", "SIGN_IN"),
    ]
    assert all(notice["text"][language] for notice in found for language in ("zh", "en"))
