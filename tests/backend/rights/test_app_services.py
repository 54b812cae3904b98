"""The app's own services against the real backend: what each side expects of the other holds."""

import asyncio
import json
from pathlib import Path

import pytest

from backend.residents.service import Residents
from mobile.core.card import CardState
from mobile.core.privacy_notice import Scene
from mobile.core.trouble import Trouble
from mobile.services.account import Way
from mobile.services.card_loss import LossAct, LossStanding
from mobile.services.copies import CopyForm
from mobile.services.services import Services
from tests.backend.accounts.actors import PASSWORD, People
from tests.backend.actors import City, id_number
from tests.backend.app_services import services_in


@pytest.fixture
def services(city: City, tmp_path: Path) -> Services:
    """The services of an app in the city."""
    return services_in(city, tmp_path)


async def test_every_right_is_had_from_the_app(
    services: Services, people: People, city: City
) -> None:
    number = await people.resident()
    [resident_id] = await city.house.services[Residents].of_login(number)
    holder = await people.card_of(resident_id, "901")
    assert await services.enrolment.submit(await city.code(holder)) is None

    assert await services.notices.read() is None
    [notice] = services.notices.known.unread(Scene.SIGN_IN)
    await services.notices.acknowledge(notice)
    suspended = await services.card_loss.perform(LossAct.SUSPEND)
    assert isinstance(suspended, LossStanding), suspended
    assert suspended.acts == {LossAct.LIFT, LossAct.REPORT}
    wallet = services.session.wallet
    assert wallet is not None
    assert wallet.card.state is CardState.SUSPENDED

    credentials = {"login": number, "password": PASSWORD}
    assert await services.account.sign_in(Way.PASSWORD, credentials) is None
    await services.notices.tell()
    assert services.notices.known.untold == {}
    assert services.notices.known.unread(Scene.SIGN_IN) == ()
    lifted = await services.card_loss.perform(LossAct.LIFT)
    assert isinstance(lifted, LossStanding), lifted
    assert lifted.state is CardState.ACTIVE

    purposes = await services.consents.purposes()
    assert not isinstance(purposes, Trouble), purposes
    for change in (services.consents.give, services.consents.withdraw):
        assert not isinstance(await change(purposes[0]), Trouble)
    receipts = await services.consents.receipts()
    assert not isinstance(receipts, Trouble), receipts
    assert receipts[0].withdrawn_at is not None

    told: list[int] = []
    place = await services.copies.save(
        CopyForm.JSON, city.clock.now(), lambda come, _: told.append(come)
    )
    assert not isinstance(place, Trouble), place
    content = await asyncio.to_thread(Path(place).read_bytes)
    assert json.loads(content)["resident_id"] == resident_id
    assert told == [len(content)]

    corrected = await services.corrections.request("NUMBER", id_number(sequence="903"), "录错了")
    assert not isinstance(corrected, Trouble), corrected
    assert not isinstance(await services.corrections.withdraw(corrected.identifier), Trouble)
    listed = await services.corrections.read()
    assert not isinstance(listed, Trouble), listed
    assert [one.state for one in listed] == ["WITHDRAWN"]

    assert not isinstance(await services.closings.request(), Trouble)
    terms = await services.closings.terms()
    assert not isinstance(terms, Trouble), terms
    assert terms.request is not None
    assert await services.closings.withdraw() is None
