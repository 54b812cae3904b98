"""Our holders at outlets elsewhere: signed requests of the other region's system, done here."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend.app import House
from backend.cards.lifecycle import CardEvent
from shared.ecode.algorithms import Algorithm, SoftwareKey
from tests.backend.accounts.actors import People
from tests.backend.actors import City, id_number
from tests.backend.cross_region.outlet import GANZHOU, SHANGHAI, Outlet, incoming

CASES, RESULTS = "/cross-region/v1/cases", "/cross-region/v1/results"


async def _state(house: House, card_id: str) -> str:
    card = await house.store.database["cards"].find_one({"_id": card_id})
    assert card is not None
    return str(card["state"])


@pytest.mark.feature("S12")
async def test_our_holder_is_served_elsewhere_by_our_own_card_services(
    outlet: Outlet, city: City, house: House
) -> None:
    holder = await city.holder("961")
    phone = People(city).device()
    await People(city).give_password(holder.resident_id)
    await phone.sign_in(id_number(sequence="961"))

    answer = await outlet.tells(city, CASES, incoming("961"))

    assert answer == (200, {"case": "SH-2026-961", "outcome": "done"})
    assert await _state(house, holder.card_id) == "SUSPENDED"
    [own] = (await phone.ask("CrossRegionCases"))["crossRegionCases"]["nodes"]
    assert (own["direction"], own["state"]) == ("INCOMING", "DONE")
    uses = (await phone.ask("DataUse", first=9))["dataUse"]["nodes"]
    words = [one["action"]["zh"] for one in uses]
    assert sorted(words) == sorted(
        [
            "跨地区业务：上海市代您申请临时挂失",
            "社保卡业务：临时挂失",
            "跨地区业务：临时挂失已办结，结果告知上海市",
            "登记了已在用的社保卡",
        ]
    )
    rows = await house.store.database["audit_rows"].find({"action": "cards.suspend"}).to_list()
    assert [row["organisation"]["code"] for row in rows] == [f"{SHANGHAI}-310101-07"]
    both = {"origin": f"{SHANGHAI}/310101-07 > {GANZHOU}", "subject": holder.resident_id}
    assert await house.store.database["audit_rows"].count_documents(both) == 2


async def test_however_often_and_how_fast_it_comes_it_is_one_case(
    outlet: Outlet, city: City, house: House
) -> None:
    holder = await city.holder("962")

    answers = await asyncio.gather(*(outlet.tells(city, CASES, incoming("962")) for _ in range(5)))
    await city.served(holder, CardEvent.LIFT_SUSPENSION)
    outlet.clock.advance(timedelta(days=30).total_seconds())
    answers.append(await outlet.tells(city, CASES, incoming("962")))

    assert answers == [(200, {"case": "SH-2026-962", "outcome": "done"})] * 6
    assert await _state(house, holder.card_id) == "ACTIVE"  # the old request did nothing more
    counted = await house.store.database["cross_region_counts"].find({}).to_list()
    assert counted == [{"_id": "INCOMING.SUSPEND", "done": 1}]


async def test_what_the_card_services_refuse_is_told_with_their_reason(
    outlet: Outlet, city: City
) -> None:
    await city.holder("963")

    status, told = await outlet.tells(city, CASES, incoming("963", CardEvent.LIFT_SUSPENSION))

    assert (status, told["outcome"], told["code"]) == (200, "refused", "card_not_suspended")
    assert told["text"].keys() == {"zh", "en"}


async def test_where_the_house_died_before_the_result_was_written_it_goes_on(
    outlet: Outlet, city: City, house: House
) -> None:
    """The service was done and kept under its key; what is left is to say so."""
    holder = await city.holder("964")
    await outlet.tells(city, CASES, incoming("964"))
    cases = house.store.database["cross_region_cases"]
    await cases.update_one({"peer_case": "SH-2026-964"}, {"$set": {"state": "WAITING"}})
    events = house.store.database["card_events"]
    before = await events.count_documents({"card_id": holder.card_id})

    answer = await outlet.tells(city, CASES, incoming("964"))

    assert answer == (200, {"case": "SH-2026-964", "outcome": "done"})
    assert await events.count_documents({"card_id": holder.card_id}) == before


async def test_only_a_region_of_the_alliance_is_heard_and_only_on_its_own_cases(
    outlet: Outlet, city: City
) -> None:
    await city.holder("965")
    stranger = SoftwareKey.generate(Algorithm.ED25519)
    case_id = await outlet.opened(await city.resident(id_number(sequence="966")))
    result = {"case": case_id, "outcome": "done"}

    unsigned = await city.client.post(CASES, json=incoming("965"))
    assert (unsigned.status_code, unsigned.json()["code"]) == (401, "proof_missing")
    for path, body in ((CASES, incoming("965")), (RESULTS, result)):
        status, told = await outlet.tells(city, path, body, stranger)
        assert (status, told["code"]) == (403, "region_unknown")
    status, told = await outlet.tells(city, RESULTS, {**result, "case": "xrc_nobody"})
    assert (status, told["code"]) == (404, "cross_region_case_unknown")
    await outlet.join(ends_at=outlet.clock.now())
    status, told = await outlet.tells(city, CASES, incoming("965"))
    assert (status, told["code"]) == (403, "region_not_allied")


async def test_a_result_that_the_region_brings_itself_counts_once(
    outlet: Outlet, city: City
) -> None:
    case_id = await outlet.opened(await city.resident(id_number(sequence="967")))
    text = {"zh": "办结", "en": "Done"}

    for _ in range(2):
        told = await outlet.tells(city, RESULTS, {"case": case_id, "outcome": "done"})
        assert told == (200, {"case": case_id, "state": "DONE"})
    body = {"case": case_id, "outcome": "refused", "code": "x", "text": text}
    assert (await outlet.tells(city, RESULTS, body))[1]["state"] == "DONE"

    assert (await outlet.done(), await outlet.route(3600)) == (1, 0)


async def test_a_stranger_and_a_wrong_name_are_told_the_same(outlet: Outlet, city: City) -> None:
    await city.holder("968")

    said = [
        await outlet.tells(city, CASES, incoming("968", name="钟大明")),
        await outlet.tells(city, CASES, incoming("969")),
        await outlet.tells(city, CASES, incoming("970", number="没有")),
    ]

    assert {(status, told["code"]) for status, told in said} == {(422, "holder_unknown")}


async def test_one_case_id_is_not_used_for_two_things(outlet: Outlet, city: City) -> None:
    await city.holder("971")
    await city.holder("972", digest=None)
    await outlet.tells(city, CASES, incoming("971"))
    other_item = incoming("971", CardEvent.CANCEL)
    other_person = incoming("971", number=id_number(sequence="972"))

    for body in (other_item, other_person):
        status, told = await outlet.tells(city, CASES, body)
        assert (status, told["code"]) == (409, "cross_region_case_reused")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 5_000,
        b"[]",
        b'"text"',
        incoming("973", item="FLY"),
        incoming("973", case="a"),
        incoming("973", case={"$ne": None}),
        incoming("973", outlet="x" * 41),
        incoming("973", outlet_name="网点"),
        incoming("973", outlet_name={"zh": "电话13800138000", "en": "x"}),
        incoming("973", outlet_name={"zh": "一\0", "en": "x"}),
        incoming("973", number={"$gt": ""}),
        incoming("973", name="长" * 301),
        incoming("973", card_in_hand="yes"),
        incoming("973", reason="boredom"),
        {"case": "SH-2026-973"},
    ],
    ids=range(16),
)
async def test_what_is_no_request_is_a_problem_and_leaves_nothing(
    outlet: Outlet, city: City, house: House, body: Any
) -> None:
    status, told = await outlet.tells(city, CASES, body)

    assert (status, told["code"]) in {
        (400, "malformed_body"),
        (400, "cross_region_request_form"),
    }
    assert await house.store.database["cross_region_cases"].count_documents({}) == 0
