"""An answer with nonsense in any one place of it: a trouble in words, never an exception."""

import copy
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from mobile.core.trouble import Trouble
from mobile.ports.secret_box.box import SecretBox
from mobile.ports.secret_box.desktop import KeyFileCipher
from mobile.services.http_transport import HttpTransport
from mobile.services.services import Services, open_services
from mobile.services.transport import Reply
from mobile.services.wallet import WalletStore
from tests.mobile.booking_desk import both, venue
from tests.mobile.card_office import CardOffice
from tests.support.ui import Phone

JUNK: tuple[Any, ...] = (None, -1, 1e308, "", "nonsense", "9999-12-31T23:59:59+00:00", [], {}, [{}])
Path = tuple[str | int, ...]
Work = Callable[[Services], Awaitable[object]]
READ: dict[str, Work] = {
    "Home": lambda app: app.upkeep._refresh.home(),
    "RenewCertificate": lambda app: app.upkeep._refresh.certificate(),
    "Bookings": lambda app: app.bookings.read(),
    "BookPlace": lambda app: app.bookings.place("slot", 1),
    "Passes": lambda app: app.passes.read(),
    "LibraryShelf": lambda app: app.library.read(),
    "StoredValue": lambda app: app.stored_values.read(),
    "RatableVisits": lambda app: app.ratings.read(),
    "Timeline": lambda app: app.timelines.read(),
    "Venue": lambda app: app.venues.venue(1),
}


class Mangler(HttpTransport):
    """Hands on what the office says, or what a test says in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.told = b""
        self.instead: bytes | None = None

    @override
    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Reply:
        """Ask the office unless the test answers."""
        if self.instead is not None:
            return Reply(200, "", self.instead)
        reply = await super().post(url, body, headers)
        self.told = reply.body
        return reply


@pytest.fixture
def stocked(enrolled: Phone, office: CardOffice) -> Phone:
    """A phone whose office has one of everything to tell."""
    now = office.clock.now()
    office.add_visit("赣州市图书馆", "REFUSED", "动态码已过期")
    at = now.isoformat()
    office.waiting.append({"visit": "visit_1", "venueName": both("图书馆"), "at": at})
    words = {"title": both("图书馆"), "detail": both("已进入")}
    office.life.append({"id": "row", "at": at, "category": "VISIT", **words})
    desk = office.booking
    desk.venues = [venue(1, "长征纪念园")]
    desk.add_booking(desk.add_slot("slot", now + timedelta(days=1)))
    return enrolled


@pytest.fixture
async def mangler() -> AsyncIterator[Mangler]:
    mangler = Mangler()
    yield mangler
    await mangler.close()


@pytest.mark.parametrize("operation", READ)
async def test_nonsense_in_any_place_is_told_and_raises_nothing(
    stocked: Phone, mangler: Mangler, operation: str
) -> None:
    async def opened() -> Mangler:
        return mangler

    store = WalletStore(SecretBox(stocked.folder, KeyFileCipher(stocked.folder / "box.key")))
    services = open_services(store, stocked.device(), stocked.backend_url, opened)
    work = READ[operation]
    await work(services)
    answer = json.loads(mangler.told)
    assert "errors" not in answer, answer
    known = services.session.wallet
    assert known is not None
    troubles = 0
    for place in _places(answer["data"], ("data",)):
        for junk in JUNK:
            mangler.instead = _with(answer, place, junk)
            told = await work(services)
            troubles += isinstance(told, Trouble) or told is False
            services.time.resume(known.offset)
            assert services.session.code_at(services.time.now()) is not None, (place, junk)
            services.session.keep(known)
    assert troubles


def _places(answer: Any, here: Path = ()) -> Iterator[Path]:
    """Yield where something stands in an answer, below its root."""
    if here:
        yield here
    if isinstance(answer, dict | list):
        inner = answer.items() if isinstance(answer, dict) else enumerate(answer)
        for name, value in inner:
            yield from _places(value, (*here, name))


def _with(answer: Any, place: Path, junk: Any) -> bytes:
    changed = copy.deepcopy(answer)
    inner = changed
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = junk
    return json.dumps(changed).encode()
