"""A village agent 村级代办员 acts for who stands before them, who keeps a receipt by SMS (S90)."""

from dataclasses import replace

import pytest

from backend.cards.card_service_frame import Wish
from backend.cards.card_services import CardServices
from backend.cards.commands import COUNTER
from backend.cards.service import Cards
from backend.foundation.refusals import Refusal
from backend.mandates.counter import MandateCounter
from backend.mandates.scopes import Scope
from backend.mandates.views import MandateView
from tests.backend.actors import new_key
from tests.backend.mandates.family import GRANDMOTHER, Family
from tests.backend.mandates.test_life import CLERK, PIN, use


@pytest.mark.feature("S90")
@pytest.mark.feature("D31")
async def test_d23_d31_each_act_of_an_agent_is_receipted_by_one_sms_to_who_has_no_app(
    family: Family,
) -> None:
    villager, services = await family.relative(GRANDMOTHER, card=True), family.city.house.services
    card_id = await services[Cards].live_card(villager.resident_id)
    assert card_id is not None
    wish = Wish(COUNTER, new_key(), card_in_hand=True)
    assert not isinstance(await services[CardServices].reset_pin(wish, card_id, PIN), Refusal)
    await villager.phone.do("SignOut")
    agent, counter = replace(CLERK, staff_id="stf_village"), services[MandateCounter]
    key, who, scopes = new_key(), villager.resident_id, (Scope.BOOK,)
    before = len(await family.sms())

    wrong = await counter.assist(agent, new_key(), who, "111222", scopes)
    assert getattr(wrong, "code", "") == "pin_wrong"
    made = await counter.assist(agent, key, who, PIN, scopes)
    again = await counter.assist(agent, key, who, PIN, scopes)
    assert isinstance(made, MandateView), made
    assert isinstance(again, MandateView), again
    assert again.mandate_id == made.mandate_id

    receipts = [len(await family.sms()) - before]
    for _ in range(2):
        assert await use(family.city, made.mandate_id, agent) == "done"
        receipts.append(len(await family.sms()) - before)
    assert receipts == [1, 2, 3]
    assert "请到网点停止授权" in (await family.sms())[0]
