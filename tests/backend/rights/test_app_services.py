"""The app's own services against the real backend: what each side expects of the other holds."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from backend.residents.service import Residents
from mobile.core.card import CardState
from mobile.core.privacy_notice import Scene
from mobile.core.trouble import Trouble
from mobile.ports.camera.desktop import DesktopCamera
from mobile.ports.device import Device
from mobile.ports.documents.desktop import DesktopDocuments
from mobile.ports.location.desktop import DesktopLocation
from mobile.ports.screen.desktop import DesktopScreen
from mobile.ports.secret_box.box import SecretBox
from mobile.ports.secret_box.desktop import KeyFileCipher
from mobile.ports.speech.desktop import DesktopSpeech
from mobile.services.account import Way
from mobile.services.card_loss import LossAct, LossStanding
from mobile.services.copies import CopyForm
from mobile.services.services import Services, open_services
from mobile.services.transport import Reply, Told, Transport
from mobile.services.wallet import WalletStore
from tests.backend.accounts.actors import PASSWORD, People
from tests.backend.actors import City, id_number


class InProcess:
    """The city's own client as the app's transport."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Post to the city."""
        return _reply(await self._client.post(url, content=body, headers=headers))

    async def get(self, url: str, headers: dict[str, str], told: Told) -> Reply:
        """Get from the city."""
        reply = _reply(await self._client.get(url, headers=headers))
        told(len(reply.body), len(reply.body))
        return reply

    async def close(self) -> None:
        """Leave the city's client open."""


def _reply(answer: httpx.Response) -> Reply:
    return Reply(answer.status_code, answer.headers.get("date", ""), answer.content)


@pytest.fixture
def services(city: City, tmp_path: Path) -> Services:
    """The services of an app in the city."""
    device = Device(
        name="手机",
        clock=city.clock,
        cipher=KeyFileCipher(tmp_path / "box.key"),
        screen=DesktopScreen(),
        speech=DesktopSpeech(),
        documents=DesktopDocuments(tmp_path / "documents"),
        camera=DesktopCamera(None),
        location=DesktopLocation(None),
    )

    async def transport() -> Transport:
        return InProcess(city.client)

    store = WalletStore(SecretBox(tmp_path, device.cipher))
    return open_services(store, device, "http://city", transport)


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
