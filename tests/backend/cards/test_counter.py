"""The ten services as a clerk asks for them over GraphQL."""

from typing import Any

import pytest

from backend.app import House
from backend.cards.card_service_frame import Wish
from backend.cards.card_services import CardServices
from backend.cards.card_writes import SYSTEM, PhysicalCard
from backend.cards.documents import Card
from backend.foundation.access import Role
from backend.residents.documents import Resident
from shared.ecode.certificate import ConcessionLevel
from shared.identity.age import local_day
from tests.backend.accounts.actors import Employee, People
from tests.backend.actors import City, id_number, new_key
from tests.backend.cards.gate import certificate_in


@pytest.fixture
async def clerk(city: City) -> Employee:
    one = await People(city).staff("liu.yun", Role.OUTLET_CLERK)
    await one.sign_in()
    return one


async def _serve(clerk: Employee, resident_id: str, service: str, **more: Any) -> Any:
    wish = {"residentId": resident_id, "service": service, "cardInHand": True, **more}
    return await clerk.device.do("ServeAtCounter", **{"idempotencyKey": new_key(), **wish})


async def _made(house: House, resident_id: str, tail: str) -> None:
    """Have the maker deliver the card that was ordered."""
    [card] = await Card.find({"resident_id": resident_id, "state": "IN_PRODUCTION"}).to_list()
    physical = PhysicalCard(f"D1560{tail}", None, 3)
    await house.services[CardServices].produced(Wish(SYSTEM, new_key()), card.id, physical)


@pytest.mark.feature("S9")
async def test_an_outlet_does_all_ten_services(clerk: Employee, city: City, house: House) -> None:
    person = await city.resident(id_number(sequence="931"))
    states = [(await _serve(clerk, person, "APPLY"))["standing"]["state"]]
    await _made(house, person, "0931")
    for service, more in (
        ("ENABLE", {}),
        ("RESET_PIN", {"newPin": "927461"}),
        ("CHANGE_PIN", {"presentPin": "927461", "newPin": "705312"}),
        ("ACTIVATE_ACCOUNT", {}),
        ("CHANGE_DETAILS", {}),
        ("SUSPEND", {}),
        ("LIFT_SUSPENSION", {}),
        ("REPLACE", {"reason": "DAMAGED", "keepNumber": False}),
    ):
        states.append((await _serve(clerk, person, service, **more))["standing"]["state"])
    await _made(house, person, "0932")
    ends = [await _serve(clerk, person, one) for one in ("ENABLE", "REPORT_LOST", "CANCEL")]

    assert [*states, *(one["standing"]["state"] for one in ends)] == [
        *("IN_PRODUCTION", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "ACTIVE", "SUSPENDED"),
        *("ACTIVE", "IN_PRODUCTION", "ACTIVE", "LOST", "CANCELLED"),
    ]
    ended = await Card.find({"resident_id": person}).sort("version").to_list()
    assert [card.state.value for card in ended] == ["REPLACED", "CANCELLED"]


async def test_a_clerk_sees_what_can_be_done_and_the_holder_sees_that(
    clerk: Employee, city: City
) -> None:
    phone = await People(city).signed_in("933")
    [person] = await Resident.find_all().to_list()
    refused = (await clerk.device.ask("CounterCard", residentId=person.id))["counterCard"]
    assert refused["code"] == "no_card"
    city.clock.advance(1)
    assert (await _serve(clerk, person.id, "APPLY"))["__typename"] == "CardServed"
    city.clock.advance(1)

    seen = (await clerk.device.ask("CounterCard", residentId=person.id))["counterCard"]

    services = {one["service"] for one in seen["availableServices"]}
    assert (seen["state"], services) == ("IN_PRODUCTION", {"CHANGE_DETAILS", "CANCEL"})
    uses = (await phone.ask("DataUse", first=9))["dataUse"]["nodes"]
    assert [one["action"]["zh"] for one in uses] == [
        "柜台查询了社保卡状态",
        "社保卡业务：申领",
        "柜台查询了社保卡状态",
    ]


async def test_what_came_twice_is_done_once(clerk: Employee, city: City) -> None:
    holder, key = await city.holder("934"), new_key()

    answers = [
        await _serve(clerk, holder.resident_id, "SUSPEND", idempotencyKey=key) for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert answers[0]["standing"]["state"] == "SUSPENDED"


@pytest.mark.parametrize(
    ("service", "more", "code"),
    [
        ("ENABLE", {}, "card_enabled"),
        ("ACTIVATE_ACCOUNT", {"cardInHand": False}, "card_not_in_hand"),
        ("REPLACE", {}, "replacement_reason_missing"),
        ("RESET_PIN", {}, "pin_form"),
        ("CHANGE_PIN", {"presentPin": "1", "newPin": "705312"}, "pin_not_set"),
        ("PRODUCED", {}, "system_only"),
        ("HOLDER_DIED", {}, "system_only"),
    ],
)
async def test_what_is_refused(
    clerk: Employee, city: City, service: str, more: dict[str, Any], code: str
) -> None:
    holder = await city.holder("935")

    assert (await _serve(clerk, holder.resident_id, service, **more))["code"] == code


async def test_a_resident_is_no_clerk_even_for_their_own_card(city: City) -> None:
    """Or they would say of themselves that the card lies there."""
    phone = await People(city).signed_in("936")
    [person] = await Resident.find_all().to_list()
    wish = {"residentId": person.id, "service": "APPLY", "idempotencyKey": new_key()}

    assert (await phone.do("ServeAtCounter", **wish))["code"] == "not_permitted"
    assert await Card.find_all().to_list() == []
    [use] = (await phone.ask("DataUse", first=5))["dataUse"]["nodes"]
    assert (use["action"]["en"], use["result"]) == ("Card service: Apply for a card", "REFUSED")


async def test_a_concession_recorded_at_the_counter_is_in_the_next_certificate(
    clerk: Employee, city: City
) -> None:
    holder = await city.holder("937", digest=None)
    phone = await city.phone(holder)
    assert certificate_in(await phone.renew()).claims.concession is ConcessionLevel.NONE
    today = local_day(city.clock.now()).isoformat()
    word = {"category": "VETERAN", "issuer": "赣州市退役军人事务局", "firstDay": today}

    async def record(**changed: Any) -> Any:
        wish = {"idempotencyKey": new_key(), "residentId": holder.resident_id, **word, **changed}
        return await clerk.device.do("RecordAttestation", **wish)

    assert (await record())["__typename"] == "AttestationRecorded"
    assert certificate_in(await phone.renew()).claims.concession is ConcessionLevel.FREE
    assert (await record(lastDay="1999-01-01"))["code"] == "attestation_form"
    assert (await record(residentId="res_nobody"))["code"] == "resident_unknown"
