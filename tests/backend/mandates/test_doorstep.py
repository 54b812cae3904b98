"""At the door: the agent's code, and the principal's own code that answers it (D5)."""

from dataclasses import dataclass, replace

import pytest

from backend.foundation.access import Caller, Role
from backend.foundation.operations import Services
from backend.foundation.refusals import Refusal
from backend.mandates.documents import Mandate
from backend.mandates.doorstep import LASTS, DoorCode, Doorstep
from backend.mandates.scopes import Channel, Evidence, Relation, Scope
from backend.mandates.views import MandateView
from shared.ecode.certificate import Certificate
from shared.ecode.challenge import challenge_bytes
from shared.ecode.digits import to_digits
from shared.ecode.proof import counter_at, present
from tests.backend.accounts.actors import People
from tests.backend.actors import City, Holder, Phone, new_key
from tests.backend.cards.gate import certificate_in
from tests.backend.mandates.test_life import CLERK, use

AGENT = replace(CLERK, staff_id="stf_village")
OTHER = replace(CLERK, staff_id="stf_neighbour")


@dataclass
class Villager:
    """Somebody at their door with a phone that shows their code."""

    city: City
    holder: Holder
    phone: Phone
    certificate: Certificate

    def shows(self, answering: str = "000000") -> str:
        seconds = int(self.city.clock.now().timestamp())
        proof = {"issued_at": seconds, "counter": counter_at(seconds)}
        challenge = challenge_bytes(answering)
        return to_digits(present(self.certificate, self.phone.key, challenge=challenge, **proof))


@pytest.fixture
async def villager(city: City) -> Villager:
    holder, phone = await city.holder(), city.stranger()
    certificate = certificate_in(await phone.enrol(await city.code(holder)))
    return Villager(city, holder, phone, certificate)


def digits_of(services: Services, agent: Caller) -> str:
    code = services[Doorstep].code(agent)
    assert isinstance(code, DoorCode)
    return code.digits


async def said(services: Services, code: str, agent: Caller = AGENT, *scopes: Scope) -> str:
    done = await services[Doorstep].assist(agent, new_key(), code, scopes)
    return done.code if isinstance(done, Refusal) else "done"


@pytest.mark.feature("D5", "D31", "S90")
async def test_d5_d31_an_agents_code_and_the_answer_to_it_let_them_act_one_day(
    villager: Villager,
) -> None:
    city, services = villager.city, villager.city.house.services
    shown, key = villager.shows(digits_of(services, AGENT)), new_key()

    first = await services[Doorstep].assist(AGENT, key, shown, (Scope.BOOK,))
    city.clock.advance(600)  # the answer was lost; the same request later is the same mandate
    again = await services[Doorstep].assist(AGENT, key, shown, (Scope.BOOK,))

    assert isinstance(first, MandateView)
    assert isinstance(again, MandateView)
    assert again.mandate_id == first.mandate_id
    [stored] = await Mandate.find_all().to_list()
    assert (stored.principal, stored.delegate) == (villager.holder.resident_id, AGENT.staff_id)
    assert (stored.channel, stored.relation) == (Channel.DOORSTEP, Relation.ASSISTED)
    assert (stored.evidence, stored.checker) == (Evidence.PRESENCE, AGENT.staff_id)
    assert await use(city, first.mandate_id, AGENT) == "done"
    assert await use(city, first.mandate_id, OTHER) == "mandate_unknown"
    city.clock.advance(86_400)
    assert await use(city, first.mandate_id, AGENT) == "mandate_over"


@pytest.mark.feature("D5")
async def test_d5_a_code_that_answers_nobody_another_agent_or_an_old_code_confirms_nothing(
    villager: Villager,
) -> None:
    city, services = villager.city, villager.city.house.services
    old = digits_of(services, AGENT)
    for wrong in ("000000", digits_of(services, OTHER)):
        assert await said(services, villager.shows(wrong)) == "mandate_door_code"
        city.clock.advance(5)
    city.clock.advance(2 * LASTS.total_seconds())
    assert await said(services, villager.shows(old)) == "mandate_door_code"
    assert await said(services, "1234") == "not_ours"
    answer = villager.shows(digits_of(services, AGENT))
    assert await said(services, answer, AGENT, Scope.PAY_SMALL) == "mandate_scopes"
    assert await said(services, answer, Caller(resident_id="res_x")) != "done"
    city.clock.advance(60)
    assert await said(services, answer) == "stale"
    assert await Mandate.find_all().count() == 0

    city.clock.advance(5)
    answer = villager.shows(digits_of(services, AGENT))
    assert await said(services, answer) == "done"
    [made] = await Mandate.find_all().to_list()
    await made.set({"state": "ENDED"})
    assert await said(services, answer) == "code_shown_before"


@pytest.mark.feature("D5")
async def test_d5_an_agent_asks_for_the_code_and_sends_the_answer_over_graphql(
    villager: Villager,
) -> None:
    people = People(villager.city)
    agent = await people.staff("xie.yu", Role.OUTLET_CLERK, sequence="811")
    await agent.sign_in()
    asked = (await agent.device.post("{doorCode{...on DoorCode{digits endsAt}}}")).json()
    code = villager.shows(asked["data"]["doorCode"]["digits"])
    wish = {"idempotencyKey": new_key(), "code": code}
    sent = await agent.device.post(
        "mutation($i:AssistByCodeInput!){assistByCode(input:$i){__typename}}", {"i": wish}
    )
    assert sent.json()["data"]["assistByCode"]["__typename"] == "MandateChanged"
    nobody = Caller(resident_id=villager.holder.resident_id)
    assert isinstance(villager.city.house.services[Doorstep].code(nobody), Refusal)
