"""Cases at an outlet: opened, routed to the issuing region, and told to the person (S12)."""

import asyncio
from datetime import timedelta

import pytest

from backend.app import House
from backend.cards.lifecycle import CardEvent
from backend.cross_region.cases import CaseFacts, CrossRegionCases
from backend.cross_region.issuing_region import RegionAnswer, Said
from backend.cross_region.rules import GIVE_UP_AFTER, CaseState
from backend.cross_region.sandbox import Manner
from backend.cross_region.settling import take_answer
from backend.foundation.access import Role
from backend.foundation.audit import Organisation
from backend.foundation.refusals import Refusal
from shared.localized_text import LocalizedText
from tests.backend.accounts.actors import OUTLET, People
from tests.backend.actors import City, id_number, new_key
from tests.backend.cross_region.outlet import CLERK, GANZHOU, HANGZHOU, SHANGHAI, Outlet


@pytest.mark.feature("S12")
async def test_a_case_of_another_regions_card_is_done_there_told_here_and_counted_once(
    outlet: Outlet, city: City
) -> None:
    people = People(city)
    phone = await people.signed_in("941")
    clerk = await people.staff("liu.yun", Role.OUTLET_CLERK)
    await clerk.sign_in()
    found = await clerk.device.ask("FindResidents", number=id_number(sequence="941"))
    [person] = found["findResidents"]["nodes"]
    wish = {"residentId": person["id"], "originRegion": SHANGHAI, "item": "SUSPEND"}
    before = await outlet.done()

    asked = await clerk.device.do("OpenCrossRegionCase", idempotencyKey=new_key(), **wish)
    assert asked["case"]["state"] == "WAITING", asked
    assert (await outlet.done(), await outlet.route()) == (before, 1)

    [own] = (await phone.ask("CrossRegionCases"))["crossRegionCases"]["nodes"]
    told = {"state": "DONE", "originRegionName": "上海市", "handlingRegionName": "江西省赣州市"}
    assert told.items() <= own.items()
    assert own["outlet"]["zh"] == OUTLET.name.zh
    assert outlet.shanghai.performed == {own["id"]: 1}
    assert (await outlet.done(), await outlet.route(300)) == (before + 1, 0)
    [seen] = (await clerk.device.ask("OutletCrossRegionCases"))["outletCrossRegionCases"]["nodes"]
    one = (await clerk.device.ask("CrossRegionCase", id=own["id"]))["crossRegionCase"]
    assert seen == {name: value for name, value in one.items() if name != "__typename"}
    rows = (
        await outlet.house.store.database["audit_rows"]
        .find({"action": {"$in": ["cross_region.opened", "cross_region.done"]}})
        .sort("at")
        .to_list()
    )
    assert [row["organisation"]["code"] for row in rows] == [OUTLET.code, str(SHANGHAI)]
    between = f"{GANZHOU}/{OUTLET.code} > {SHANGHAI}"
    assert [(row["origin"], row["subject"]) for row in rows] == [(between, person["id"])] * 2
    uses = (await phone.ask("DataUse", first=9))["dataUse"]["nodes"]
    told_words = [one["action"]["zh"] for one in uses]
    assert "跨地区业务：临时挂失，发卡地上海市已办结" in told_words
    assert "跨地区业务：临时挂失；向发卡地上海市提供您的姓名和证件号码" in told_words
    assert told_words.count("查看了您的跨地区业务") == 2


@pytest.mark.feature("S12")
@pytest.mark.usefixtures("outlet")
async def test_an_outlet_that_is_not_qualified_is_refused_and_the_try_stands_in_the_log(
    house: House, city: City
) -> None:
    person = await city.resident()
    outlet_elsewhere = Organisation("360703-09", LocalizedText("南康网点", "Nankang outlet"))
    clerk = await People(city).staff("xie.yu", Role.OUTLET_CLERK, place=outlet_elsewhere)
    await clerk.sign_in()

    wish = {"residentId": person, "originRegion": SHANGHAI, "item": "SUSPEND"}
    refused = await clerk.device.do("OpenCrossRegionCase", idempotencyKey=new_key(), **wish)

    assert refused["code"] == "outlet_not_qualified"
    row = await house.store.database["audit_rows"].find_one({"action": "cross_region.opened"})
    assert row is not None
    assert (row["result"], row["subject"]) == ("refused:outlet_not_qualified", person)
    assert await house.store.database["cross_region_cases"].count_documents({}) == 0


@pytest.mark.feature("S12")
async def test_while_the_region_is_offline_a_case_waits_and_is_tried_less_and_less_often(
    outlet: Outlet, city: City
) -> None:
    outlet.behave(Manner.OFFLINE)
    case_id = await outlet.opened(await city.resident())

    assert [await outlet.route(wait) for wait in (0, 29, 1, 59, 1)] == [1, 0, 1, 0, 1]
    assert (await outlet.stored(case_id))["state"] == "WAITING"
    outlet.behave(Manner.PROMPT)
    assert await outlet.route(120) == 1

    stored = await outlet.stored(case_id)
    assert (stored["state"], stored["tries"], "due_at" in stored) == ("DONE", 4, False)
    assert await outlet.done() == 1


async def test_an_answer_that_was_lost_leads_to_another_try_and_not_to_another_service(
    outlet: Outlet, city: City
) -> None:
    outlet.behave(Manner.LOSES_ANSWERS)
    case_id = await outlet.opened(await city.resident())
    await outlet.route()
    await outlet.route(30)
    outlet.behave(Manner.PROMPT)
    await outlet.route(60)

    assert outlet.shanghai.asked[case_id] == 3
    assert outlet.shanghai.performed[case_id] == 1
    assert ((await outlet.stored(case_id))["state"], await outlet.done()) == ("DONE", 1)


async def test_a_region_that_takes_its_time_is_asked_again(outlet: Outlet, city: City) -> None:
    outlet.behave(Manner.SLOW)
    case_id = await outlet.opened(await city.resident())
    await outlet.route()
    assert (await outlet.stored(case_id))["state"] == "ACCEPTED"
    outlet.behave(Manner.PROMPT)

    assert await outlet.route(30) == 1
    assert (await outlet.stored(case_id))["state"] == "DONE"


async def test_a_refusal_comes_back_in_the_regions_words(outlet: Outlet, city: City) -> None:
    outlet.behave(Manner.REFUSES)
    case_id = await outlet.opened(await city.resident())
    await outlet.route()

    case = await outlet.house.services[CrossRegionCases].one(CLERK, case_id)
    assert isinstance(case, CaseFacts)
    assert (case.state, case.result) == (
        CaseState.REFUSED,
        LocalizedText("该卡已注销。", "The card was cancelled."),
    )
    assert await outlet.done() == 0


async def test_after_three_days_nobody_asks_on_and_a_late_answer_counts_all_the_same(
    outlet: Outlet, city: City
) -> None:
    outlet.behave(Manner.OFFLINE)
    case_id = await outlet.opened(await city.resident())
    await outlet.route(GIVE_UP_AFTER.total_seconds())
    assert (await outlet.stored(case_id))["state"] == "UNANSWERED"
    assert await outlet.route(GIVE_UP_AFTER.total_seconds()) == 0

    said = RegionAnswer(case_id, Said.DONE)
    answers = [await take_answer(SHANGHAI, said, outlet.clock.now()) for _ in range(3)]

    assert answers == [CaseState.DONE] * 3
    stored = await outlet.stored(case_id)
    assert ("result_code" in stored, await outlet.done()) == (False, 1)


async def test_the_contrary_of_what_was_said_is_noted_once_and_changes_nothing(
    outlet: Outlet, city: City, house: House
) -> None:
    case_id = await outlet.opened(await city.resident())
    await outlet.route()
    later = outlet.clock.now() + timedelta(seconds=1)

    for _ in range(2):
        said = RegionAnswer(case_id, Said.REFUSED, "card_cancelled")
        assert await take_answer(SHANGHAI, said, later) is CaseState.DONE

    stored = await outlet.stored(case_id)
    assert (stored["state"], stored["disputed_at"]) == ("DONE", later)
    disputed = {"action": "cross_region.disputed"}
    assert await house.store.database["audit_rows"].count_documents(disputed) == 1


async def test_ten_answers_at_once_count_one_case(outlet: Outlet, city: City) -> None:
    case_id = await outlet.opened(await city.resident())
    said, now = RegionAnswer(case_id, Said.DONE), outlet.clock.now()

    await asyncio.gather(*(take_answer(SHANGHAI, said, now) for _ in range(10)))

    assert await outlet.done() == 1


async def test_two_servers_send_a_case_once(outlet: Outlet, city: City) -> None:
    ids = [await outlet.opened(await city.resident(id_number(sequence=f"94{n}"))) for n in (2, 3)]

    sent = await asyncio.gather(*(outlet.route() for _ in range(4)))

    assert sum(sent) == 2
    assert outlet.shanghai.asked == dict.fromkeys(ids, 1)


async def test_what_came_twice_is_one_case_and_another_wish_for_it_waits(
    outlet: Outlet, city: City
) -> None:
    person, key = await city.resident(), new_key()

    first, again = [await outlet.ask(person, key=key) for _ in range(2)]
    assert first == again
    other = await outlet.ask(person)
    assert isinstance(other, Refusal)
    assert other.code == "cross_region_case_open"
    await outlet.route()
    assert isinstance(await outlet.ask(person), CaseFacts)  # the first one is done


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"origin": GANZHOU}, "card_of_own_region"),
        ({"origin": HANGZHOU}, "region_not_allied"),
        ({"item": CardEvent.RESET_PIN}, "item_not_cross_region"),
        ({"item": CardEvent.REPLACE}, "replacement_reason_missing"),
        ({"key": "short"}, "idempotency_key_form"),
    ],
)
async def test_what_is_refused(outlet: Outlet, city: City, changed: dict, code: str) -> None:  # type: ignore[type-arg]
    refused = await outlet.ask(await city.resident(), **changed)

    assert isinstance(refused, Refusal)
    assert refused.code == code


async def test_nobody_the_house_does_not_know_is_sent_anywhere(outlet: Outlet) -> None:
    for person in ("res_nobody", '{"$ne": null}', ""):
        refused = await outlet.ask(person)
        assert isinstance(refused, Refusal)
        assert refused.code == "resident_unknown"


async def test_an_outlet_sees_its_own_cases_alone_page_by_page(
    outlet: Outlet, city: City, house: House
) -> None:
    ids = []
    for number in range(3):
        outlet.clock.advance(1)
        ids.append(await outlet.opened(await city.resident(id_number(sequence=f"95{number}"))))
    elsewhere = Organisation("360703-09", LocalizedText("南康网点", "Nankang outlet"))
    clerk = await People(city).staff("xie.yu", Role.OUTLET_CLERK, place=elsewhere)
    await clerk.sign_in()
    assert (await clerk.device.ask("OutletCrossRegionCases"))["outletCrossRegionCases"][
        "nodes"
    ] == []
    hidden = (await clerk.device.ask("CrossRegionCase", id=ids[0]))["crossRegionCase"]
    assert hidden["code"] == "cross_region_case_unknown"

    cases, seen, after = house.services[CrossRegionCases], [], None
    while True:
        page = await cases.of_outlet(CLERK, 2, after)
        assert not isinstance(page, Refusal)
        seen += [one.case_id for one in page.rows]
        after = page.rows[-1].position
        if not page.has_more:
            break
    assert seen == ids[::-1]


async def test_a_case_names_nobody_in_the_log_and_number_and_name_in_no_row(
    outlet: Outlet, city: City
) -> None:
    case_id = await outlet.opened(await city.resident())
    await outlet.route()

    assert id_number() not in repr(await outlet.stored(case_id))
    assert "钟小明" not in repr(await outlet.stored(case_id))
