"""The registry, and loading functions onto people's cards: once by key, and once by state."""

import argparse
import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.app import House
from backend.cards.commands import COUNTER
from backend.foundation.access import OPERATOR, Caller, Role
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.functions.commands import add_function_options, function
from backend.functions.documents import FunctionChoice
from backend.functions.registry import FunctionRegistry
from backend.functions.rules import CardFunction, FunctionStatus
from backend.functions.service import CardFunctions, OwnFunction
from shared.clock import ManualClock
from shared.localized_text import LocalizedText
from shared.trust.function_list import FunctionGrant
from tests.backend.accounts.actors import Device, People
from tests.backend.actors import City, Holder, new_key
from tests.backend.functions.conftest import BUSES

pytestmark = pytest.mark.usefixtures("open_transit")


@pytest.fixture
async def holder(city: City) -> Holder:
    return await city.holder()


@pytest.fixture
async def device(people: People) -> Device:
    """A phone of somebody with a card, signed in."""
    device = await people.signed_in("901")
    await people.city.holder("901")
    return device


def _code(answer: object) -> str:
    return answer.code if isinstance(answer, Refusal) else "done"


async def _deeds(house: House, action: str) -> int:
    return await house.store.database["audit_rows"].count_documents({"action": action})


async def test_a_holder_enables_a_function_and_takes_it_off_again(device: Device) -> None:
    [before] = (await device.do("CardFunctions"))["nodes"]
    assert before["name"] == {"zh": "公共交通", "en": "Public transport"}
    assert (before["enabled"], before["open"], before["since"]) == (False, True, None)

    done = await device.do("EnableFunction", idempotencyKey=new_key(), function="transit")
    assert done["function"]["enabled"] is True
    [own] = (await device.do("CardFunctions"))["nodes"]
    assert own == done["function"]

    done = await device.do("DisableFunction", idempotencyKey=new_key(), function="transit")
    assert done["function"]["enabled"] is False


async def test_a_phone_of_the_card_reads_the_functions_and_changes_none(city: City) -> None:
    phone = await city.phone(await city.holder())

    assert len((await phone.ask("CardFunctions"))["cardFunctions"]["nodes"]) == 1
    wish = {"idempotencyKey": new_key(), "function": "transit"}
    answer = await phone.ask("EnableFunction", input=wish)
    assert answer["enableFunction"]["code"] == "sign_in_needed"
    strange = await city.stranger().ask("CardFunctions")
    assert strange["cardFunctions"]["code"] == "device_unknown"


@pytest.mark.parametrize("code", ["", "flying", "$ne", "transit\0", "交通😀", "x" * 5000])
async def test_what_is_no_function_is_refused_by_name(device: Device, code: str) -> None:
    answer = await device.do("EnableFunction", idempotencyKey=new_key(), function=code)

    assert answer["code"] == "function_unknown"
    assert answer["nextStep"]["zh"]


async def test_enabling_twice_is_one_deed_by_key_and_by_state(
    services: Services, house: House, holder: Holder, clock: ManualClock
) -> None:
    functions, key = services[CardFunctions], new_key()
    me = Caller(resident_id=holder.resident_id, thumbprint="t")

    first = await functions.enable(me, key, holder.resident_id, "transit")
    clock.advance(3600)
    same_key = await functions.enable(me, key, holder.resident_id, "transit")
    same_state = await functions.enable(me, new_key(), holder.resident_id, "transit")

    assert isinstance(first, OwnFunction)
    assert first == same_key == same_state
    assert await _deeds(house, "functions.enabled") == 1
    other_wish = await functions.disable(me, key, holder.resident_id, "transit")
    assert _code(other_wish) == "idempotency_key_reused"
    await functions.disable(me, new_key(), holder.resident_id, "transit")
    again = await functions.enable(me, new_key(), holder.resident_id, "transit")
    assert isinstance(again, OwnFunction)
    assert again.since == clock.now()


async def _enable_at_once(services: Services, holder: Holder) -> None:
    me = Caller(resident_id=holder.resident_id, thumbprint="t")
    answers = await asyncio.gather(
        *(
            services[CardFunctions].enable(me, new_key(), holder.resident_id, "transit")
            for _ in range(6)
        )
    )
    assert {_code(answer) for answer in answers} == {"done"}


async def test_of_many_at_once_with_their_own_keys_one_enables(
    services: Services, house: House, holder: Holder
) -> None:
    await _enable_at_once(services, holder)

    assert await _deeds(house, "functions.enabled") == 1


async def test_without_the_state_s_one_document_each_would_have_enabled(
    services: Services, house: House, holder: Holder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with a document of its own for each wish, nothing makes them one."""
    monkeypatch.setattr("backend.functions.service._id", lambda *_: new_key())

    await _enable_at_once(services, holder)

    assert await _deeds(house, "functions.enabled") > 1


async def test_a_closed_or_ended_programme_is_refused_and_may_be_taken_off(
    services: Services, holder: Holder, transit: CardFunction, clock: ManualClock
) -> None:
    functions, registry = services[CardFunctions], services[FunctionRegistry]
    enabled = await functions.enable(COUNTER, new_key(), holder.resident_id, "transit")
    assert _code(enabled) == "done"
    for changed in (
        replace(transit, status=FunctionStatus.CLOSED),
        replace(transit, until=clock.now()),
        replace(transit, since=clock.now() + timedelta(days=1)),
    ):
        assert _code(await registry.put(OPERATOR, new_key(), changed)) == "done"
        refused = await functions.enable(COUNTER, new_key(), holder.resident_id, "transit")
        assert _code(refused) == "function_closed"
    off = await functions.disable(COUNTER, new_key(), holder.resident_id, "transit")
    assert _code(off) == "done"


async def test_without_a_card_there_is_nothing_to_load_it_onto(
    services: Services, city: City
) -> None:
    resident_id = await city.resident()
    refused = await services[CardFunctions].enable(COUNTER, new_key(), resident_id, "transit")

    assert _code(refused) == "function_needs_card"


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (None, "sign_in_needed"),
        (Caller(resident_id="res_other", thumbprint="t"), "not_permitted"),
        (Caller(staff_id="stf", roles=frozenset({Role.AUDITOR})), "not_permitted"),
        (COUNTER, "done"),
    ],
)
async def test_for_another_only_a_clerk_may(
    services: Services, house: House, holder: Holder, caller: Caller | None, code: str
) -> None:
    answer = await services[CardFunctions].enable(caller, new_key(), holder.resident_id, "transit")

    assert _code(answer) == code
    row = await house.store.database["audit_rows"].find_one({"action": "functions.enabled"})
    assert (row is not None) == (code == "done")
    if row is not None:  # what a clerk did for a person stands in the person's list
        assert (row["subject"], row["disclosed"]) == (holder.resident_id, True)
        assert "公共交通" in row["words"]["zh"]


async def test_what_everybody_has_can_be_switched_off(
    services: Services, holder: Holder, transit: CardFunction
) -> None:
    by_default = replace(transit, code="culture", grant=FunctionGrant.BY_DEFAULT)
    await services[FunctionRegistry].put(OPERATOR, new_key(), by_default)
    functions = services[CardFunctions]
    enabled = {own.function.code: own.enabled for own in await functions.of(holder.resident_id)}
    assert enabled == {"culture": True, "transit": False}

    kept = await functions.enable(COUNTER, new_key(), holder.resident_id, "culture")
    assert isinstance(kept, OwnFunction)
    assert kept.since is None  # it was so; nothing was written
    assert await FunctionChoice.find_all().to_list() == []
    await functions.disable(COUNTER, new_key(), holder.resident_id, "culture")
    assert not any(own.enabled for own in await functions.of(holder.resident_id))


async def test_only_its_department_changes_a_function_and_nobody_its_owner(
    services: Services, house: House, transit: CardFunction
) -> None:
    registry, officer = services[FunctionRegistry], frozenset({Role.DEPARTMENT_OFFICER})
    own = Caller(staff_id="stf_a", roles=officer, organisation=BUSES)
    other = Caller(staff_id="stf_b", roles=officer)
    clerk = Caller(staff_id="stf_c", roles=frozenset({Role.OUTLET_CLERK}))
    taken = replace(transit, owner=other.organisation)

    assert _code(await registry.put(None, new_key(), transit)) == "sign_in_needed"
    assert _code(await registry.put(clerk, new_key(), transit)) == "not_permitted"
    answer = await registry.put(other, new_key(), taken)
    assert _code(answer) == "function_of_another_department"
    renamed = replace(taken, name=LocalizedText("公交地铁", "Transit"))
    assert _code(await registry.put(own, new_key(), renamed)) == "done"

    [found] = await registry.all()
    assert (found.owner, found.name.zh, found.params) == (BUSES, "公交地铁", transit.params)
    assert await _deeds(house, "functions.registered") == 2


async def test_an_end_can_be_set_and_taken_away(
    services: Services, transit: CardFunction, clock: ManualClock
) -> None:
    registry = services[FunctionRegistry]
    until = clock.now() + timedelta(days=9)

    await registry.put(OPERATOR, new_key(), replace(transit, until=until))
    assert (await registry.all())[0].until == until
    await registry.put(OPERATOR, new_key(), transit)
    assert (await registry.all())[0].until is None


async def _run(services: Services, *arguments: str) -> str | Refusal:
    parser = argparse.ArgumentParser()
    add_function_options(parser)
    return await function(services, parser.parse_args(arguments))


async def test_an_operator_does_it_at_the_command_line(services: Services, holder: Holder) -> None:
    name = ("--name", "文化", "--name-en", "Culture", "--owner", "360700-wg")
    named = (*name, "--owner-zh", "文广旅局", "--owner-en", "Culture Bureau")
    put: Any = await _run(
        services, "put", "culture", *named, "--since", "2026-01-01", "--param", "books=10"
    )
    assert put == "culture"
    listed = await _run(services, "list")
    assert isinstance(listed, str)
    assert '"params": {"books": "10"}' in listed
    enabled = await _run(services, "enable", "culture", "--resident", holder.resident_id)
    assert enabled == "culture enabled"
    disabled = await _run(services, "disable", "culture", "--resident", holder.resident_id)
    assert disabled == "culture disabled"
    refused = await _run(services, "card-type", "reader_card", *named, "--function", "culture")
    assert _code(refused) == "card_type_overlaps"
    cases = await _run(services, "violations")
    assert isinstance(cases, str)
    assert "reader_card" in cases
