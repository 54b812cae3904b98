"""A phone, and an office that issues its card."""

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mobile.card_office import CODE, CardOffice
from tests.support.ui import UI, Phone, running


@pytest.fixture(autouse=True, scope="package")
def rarely_searched() -> Iterator[None]:
    """Search for garbage rarely: an app is a hundred thousand objects, and there is one a test."""
    usual = gc.get_threshold()
    gc.set_threshold(10_000, 50, 1_000)
    yield
    gc.set_threshold(*usual)


@pytest.fixture
def phone(tmp_path: Path) -> Phone:
    """A phone without network, fresh out of the box."""
    return Phone(tmp_path / "phone")


@pytest.fixture
def office(phone: Phone) -> Iterator[CardOffice]:
    """A card office that the phone can reach; its clock is the phone's unless a test says so."""
    office = CardOffice(phone.clock)
    phone.backend_url, phone.online = office.url, True
    yield office
    office.close()


@pytest.fixture
def enrolled(phone: Phone, office: CardOffice) -> Phone:
    """A phone that holds a card, switched off; enrolled without drawing, for speed."""

    async def enrol() -> None:
        app, done = phone.app(), asyncio.Event()
        app.models.place.bind(enrolled=lambda *_: done.set())
        app.models.enrol.fill(CODE)
        app.models.enrol.submit()
        await done.wait()
        await app.close()

    asyncio.run(asyncio.wait_for(enrol(), 10))
    assert office.codes == set()
    return phone


@pytest.fixture
def ui(enrolled: Phone) -> Iterator[UI]:
    """The app on an enrolled phone, online."""
    with running(enrolled) as ui:
        yield ui
