"""The app's own services on a city without a network between them."""

from pathlib import Path

import httpx

from mobile.ports.camera.desktop import DesktopCamera
from mobile.ports.card_reader.desktop import PcscCardReader
from mobile.ports.device import Device
from mobile.ports.dialler.desktop import DesktopDialler
from mobile.ports.documents.desktop import DesktopDocuments
from mobile.ports.location.desktop import DesktopLocation
from mobile.ports.screen.desktop import DesktopScreen
from mobile.ports.secret_box.box import SecretBox
from mobile.ports.secret_box.desktop import KeyFileCipher
from mobile.ports.speech.desktop import DesktopSpeech
from mobile.services.services import Services, open_services
from mobile.services.transport import Reply, Told, Transport
from mobile.services.wallet import WalletStore
from tests.backend.actors import City


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


def services_in(city: City, folder: Path, seen: Path | None = None) -> Services:
    """Return the services of an app in the city that keeps its things in `folder`.

    `seen` is the picture that its camera takes.
    """
    device = Device(
        name="手机",
        clock=city.clock,
        cipher=KeyFileCipher(folder / "box.key"),
        screen=DesktopScreen(),
        speech=DesktopSpeech(),
        documents=DesktopDocuments(folder / "documents"),
        camera=DesktopCamera(seen),
        card_reader=PcscCardReader(seconds=0),
        location=DesktopLocation(None),
        dialler=DesktopDialler(),
    )

    async def transport() -> Transport:
        return InProcess(city.client)

    store = WalletStore(SecretBox(folder, device.cipher))
    return open_services(store, device, "http://city", transport)
