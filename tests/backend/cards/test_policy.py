"""The e-card's rights follow the card's state by a table that is changed without code."""

import copy
from typing import Any

import pytest

from backend.app import House
from backend.cards.lifecycle import CardEvent, CardState
from backend.cards.policies import EcardPolicies
from backend.cards.policy import DEFAULT, NEVER, EcardAction, EcardPolicy, policy_of
from backend.foundation.access import OPERATOR
from backend.foundation.refusals import Refusal
from shared.clock import ManualClock
from shared.ecode.verify import CardStatus
from tests.backend.actors import DIGEST, City, new_key
from tests.backend.cards.gate import Gate, certificate_in

OPEN_WHEN_SUSPENDED = ["SHOW_CODE", "RENEW_CERTIFICATE"]


def _table(**changed: list[str]) -> dict[str, list[str]]:
    return {**DEFAULT.to_table(), **changed}


@pytest.mark.feature("S21")
@pytest.mark.parametrize("state", CardState)
@pytest.mark.parametrize("action", EcardAction)
def test_every_pair_of_state_and_action_is_answered_from_the_table(
    state: CardState, action: EcardAction
) -> None:
    granting = policy_of(_table(**({} if state in NEVER else {state.value: [action.value]})))
    denying = policy_of(_table(**{state.value: []}))
    assert isinstance(granting, EcardPolicy)
    assert isinstance(denying, EcardPolicy)

    refused = denying.refusal(state, action)
    assert refused is not None
    assert refused.next_step.zh
    assert (granting.refusal(state, action) is None) is (state not in NEVER)
    assert (DEFAULT.refusal(state, action) is None) is (state is CardState.ACTIVE)


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({}, "ecard_policy_form"),
        (_table(ACTIVE=["FLY"]), "ecard_policy_form"),
        ({**_table(), "ACTIVE": 7}, "ecard_policy_form"),
        ({**_table(), "ACTIVE": [["PAY"]]}, "ecard_policy_form"),
        ({**_table(), "BROKEN": []}, "ecard_policy_form"),
        ({**_table(), "ACTIVE": {"$gt": ""}}, "ecard_policy_form"),
        (_table(CANCELLED=["PAY"]), "ecard_policy_too_wide"),
        (_table(REPLACED=["SHOW_CODE"]), "ecard_policy_too_wide"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(table: dict[str, Any], code: str) -> None:
    refused = policy_of(copy.deepcopy(table))

    assert isinstance(refused, Refusal)
    assert refused.code == code


@pytest.mark.feature("S21")
async def test_a_city_lets_the_ecard_go_on_while_the_card_is_suspended(
    city: City, house: House, gate: Gate, clock: ManualClock
) -> None:
    holder = await city.holder()
    phone = city.stranger()
    certificate = certificate_in(await phone.enrol(await city.code(holder)))
    await city.served(holder, CardEvent.SUSPEND)
    clock.advance(60)
    await gate.refresh()
    assert (await phone.renew())["code"] == "card_suspended"
    assert gate.answer(phone, certificate) == "card_suspended"
    assert gate.card(DIGEST) is CardStatus.SUSPENDED

    clock.advance(60)
    policies = house.services[EcardPolicies]
    changed = await policies.change(OPERATOR, new_key(), _table(SUSPENDED=OPEN_WHEN_SUSPENDED))
    assert isinstance(changed, EcardPolicy)
    await gate.refresh()

    assert gate.answer(phone, certificate_in(await phone.renew())) == "admit"
    assert gate.card(DIGEST) is CardStatus.SUSPENDED

    clock.advance(60)
    await policies.change(OPERATOR, new_key(), _table())
    await gate.refresh()
    assert gate.answer(phone, certificate) == "card_suspended"


async def test_another_server_follows_within_seconds(
    city: City, house: House, clock: ManualClock
) -> None:
    holder = await city.holder()
    phone = await city.phone(holder)
    await phone.renew()  # this server has read the policy
    await house.store.database["policies"].insert_one(
        {"_id": "ecard", "allowed": _table(ACTIVE=["SHOW_CODE"]), "changed_at": clock.now()}
    )

    clock.advance(2)

    assert (await phone.renew())["code"] == "ecard_not_granted"
