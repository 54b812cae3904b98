"""What was refused stands in the audit log, and an attack does not fill it."""

from datetime import timedelta

import pytest

from backend.app import House
from backend.cards.card_service_frame import Wish
from backend.cards.card_services import CardServices
from backend.cards.lifecycle import CardEvent
from backend.cards.policies import EcardPolicies
from backend.cards.policy import DEFAULT
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.audit import Actor, ActorKind, Deed, System
from backend.foundation.refusals import Refusal
from backend.foundation.refused_acts import MOST, WHILE, RefusedActs
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from tests.backend.actors import City, new_key


async def _results(house: House, **wanted: object) -> list[tuple[str | None, str]]:
    found = house.store.database["audit_rows"].find({"result": {"$ne": "ok"}, **wanted})
    return [(row.get("subject"), row["result"]) async for row in found.sort("at", 1)]


async def test_a_refused_service_leaves_one_row_in_ten_minutes(
    city: City, house: House, clock: ManualClock
) -> None:
    holder = await city.holder()
    for _ in range(20):
        assert isinstance(await city.serve(holder, CardEvent.LIFT_SUSPENSION), Refusal)
    refused = (holder.resident_id, "refused:card_not_suspended")
    assert await _results(house, action="cards.lift_suspension") == [refused]

    clock.advance(WHILE.total_seconds())
    await city.serve(holder, CardEvent.LIFT_SUSPENSION)

    assert await _results(house, action="cards.lift_suspension") == [refused, refused]


async def test_two_servers_write_one_row(house: House, clock: ManualClock) -> None:
    deed = _deed(clock, "res_1")
    for server in (RefusedActs(), RefusedActs()):
        await server.record(deed)

    assert await _results(house) == [("res_1", "refused:x")]


async def test_ids_made_up_by_a_caller_leave_one_row(house: House, services: CardServices) -> None:
    caller = Caller(staff_id="stf_1")
    for number in range(20):
        answer = await services.serve(Wish(caller, new_key()), f"card_{number}", CardEvent.CANCEL)
        assert isinstance(answer, Refusal)
        await services.apply(Wish(Caller(resident_id="res_x"), new_key()), f"res_{number}")

    assert sorted(await _results(house)) == [
        (None, "refused:card_unknown"),
        (None, "refused:not_permitted"),
    ]


async def test_who_is_refused_about_very_many_fills_no_log(
    house: House, clock: ManualClock
) -> None:
    acts = RefusedActs()
    for number in range(MOST + 50):
        await acts.record(_deed(clock, f"res_{number}"))

    rows = await _results(house)
    assert len(rows) == MOST + 1
    assert [subject for subject, _ in rows].count(None) == 1


async def test_a_wrong_form_of_key_and_a_wrong_pin_are_not_told_twice(
    city: City, house: House, services: CardServices
) -> None:
    holder = await city.holder()
    await services.serve(Wish(OPERATOR, "short"), holder.card_id, CardEvent.SUSPEND)

    assert await _results(house) == []


def _deed(clock: ManualClock, subject: str) -> Deed:
    return Deed(
        at=clock.now(),
        actor=Actor(ActorKind.STAFF, "stf_1"),
        action="cards.cancel",
        words=LocalizedText("社保卡业务：注销", "Card service: Cancel"),
        system=System.COUNTER,
        subject=subject,
        result="refused:x",
    )


@pytest.mark.parametrize(
    "caller",
    [
        None,
        Caller(resident_id="res_1"),
        *(
            Caller(staff_id="stf_1", roles=frozenset({role}))
            for role in Role
            if role is not Role.SYSTEM_ADMINISTRATOR
        ),
    ],
)
async def test_the_policy_is_set_by_whose_post_it_is(house: House, caller: Caller | None) -> None:
    policies = house.services[EcardPolicies]

    refused = await policies.change(caller, new_key(), DEFAULT.to_table())

    assert isinstance(refused, Refusal)
    assert refused.code == ("sign_in_needed" if caller is None else "not_permitted")
    assert await house.store.database["policies"].count_documents({}) == 0
    rows = await _results(house, action="cards.policy_changed")
    assert rows == ([] if caller is None else [(None, "refused:not_permitted")])


async def test_the_policy_and_its_row_are_one_write(
    house: House, monkeypatch: pytest.MonkeyPatch, clock: ManualClock
) -> None:
    policies = house.services[EcardPolicies]
    administrator = Caller(staff_id="stf_1", roles=frozenset({Role.SYSTEM_ADMINISTRATOR}))

    async def dies(*_: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("backend.foundation.audit.record", dies)
        with pytest.raises(OSError):
            await policies.change(administrator, new_key(), DEFAULT.to_table())
    assert await house.store.database["policies"].count_documents({}) == 0

    clock.advance(timedelta(minutes=1).total_seconds())
    await policies.change(administrator, new_key(), DEFAULT.to_table())

    row = await house.store.database["audit_rows"].find_one({"action": "cards.policy_changed"})
    assert row is not None
    assert row["actor"] == {"kind": "staff", "id": "stf_1"}
