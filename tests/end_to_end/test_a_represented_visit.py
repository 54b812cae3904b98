"""A grandmother invites her daughter, who books and shows the code; she sees it and stops it."""

import asyncio
import io
from pathlib import Path

import pytest
import segno
from litestar import Litestar
from PIL import Image

from backend.app import House
from backend.cards.status_list import build_status_list
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.settings import Settings
from backend.venues.catalogue import Catalogue
from mobile.core.booking import Booking
from mobile.core.help_request import HelpRequest
from mobile.core.mandate import DEFAULT_SCOPES, PRINCIPAL, Mandate, MandateActs
from mobile.core.preferences import Preferences
from mobile.core.trouble import Trouble
from mobile.services.account import Way
from mobile.services.services import Services
from mobile.viewmodels.family_state import LENGTH
from mobile.viewmodels.models import Models, make_models
from mobile.viewmodels.preferences import PreferencesModel
from reader_service.console.views import answer_view
from shared.admission.answer import Verdict
from shared.admission.entitlement_conditions import BookingHeld
from shared.clock import ManualClock
from shared.ecode.reasons import Reason
from shared.identity.age import local_day
from tests.backend.accounts.actors import PASSWORD, People
from tests.backend.actors import REGION, City, id_number
from tests.backend.app_services import services_in
from tests.backend.bookings.hall import DAY, Hall, entry, plan
from tests.backend.lane import reader_at, wired
from tests.backend.manifests.conftest import Museum
from tests.end_to_end.test_family_pages import until

MUSEUM, SEEN = 1, "seen.jpg"


async def _relative(city: City, folder: Path, birth: str, sequence: str) -> Services:
    """Return the app of somebody who signed in on a phone of their own."""
    people, number = People(city), id_number(birth, sequence)
    resident = await people.register(number, f"139707{sequence:0>5}")
    await people.give_password(resident)
    if birth.startswith("1948"):
        await people.card_of(resident, sequence)
    phone = services_in(city, folder, folder / SEEN)
    credentials = {"login": number, "password": PASSWORD}
    assert await phone.account.sign_in(Way.PASSWORD, credentials) is None
    return phone


def _pages(one: Services) -> Models:
    return make_models(one, PreferencesModel(Preferences(), lambda _: None), "手机")


async def _mandate(mother: Services, daughter: Services, seen: Path) -> Mandate:
    """Face to face: her page shows a code, the daughter's camera takes it; then her own word."""
    hers, daughters = _pages(mother).family, _pages(daughter).family
    hers.do(f"begin:{PRINCIPAL}")
    hers.choose("ELDER")
    hers._course.page = LENGTH
    hers.do("make")
    await until(lambda: hers.state.code)
    await asyncio.to_thread(_film, hers.state.code, seen)

    daughters.do("scan")
    await until(lambda: daughters._course.mandate)
    mandate = daughters._course.mandate
    assert not daughter.family.in_force, "before her mother's word it allows nothing"

    assert await mother.family.read() is None
    hers.do(f"open:{mandate}")
    hers.do("confirm")
    await until(lambda: not hers.state.busy and mother.family.known)
    assert await daughter.family.read() is None
    assert daughter.family.in_force == {mandate}
    known = daughter.family.known
    taken = None if known is None else known.mandate(mandate)
    assert taken is not None
    assert {one.code for one in taken.scopes} == set(DEFAULT_SCOPES)
    return taken


def _film(shown: str, seen: Path) -> None:
    """One frame of a screen as a telephone's camera hands it over: small and not quite straight."""
    drawn = io.BytesIO()
    segno.make(shown, micro=False).save(drawn, kind="png", scale=8, border=6)
    screen = Image.open(drawn).convert("L")
    frame = screen.rotate(7, fillcolor=90).resize((screen.width * 2 // 3, screen.height * 3 // 5))
    frame.save(seen, "JPEG", quality=80)


async def _books_for(daughter: Services, mandate: str, clock: ManualClock) -> Booking:
    """For her mother: another list, another code, and a name for the band over every page."""
    daughter.family.switch(mandate)
    tomorrow = local_day(clock.now()) + DAY
    slots = await daughter.bookings.slots(MUSEUM, tomorrow, tomorrow)
    assert isinstance(slots, tuple), slots
    held = await daughter.bookings.place(slots[0].identifier, 1)
    assert isinstance(held, Booking), held
    booked = await daughter.bookings.confirm(held.identifier)
    assert isinstance(booked, Booking), booked
    assert daughter.session.shown is not None
    assert "*" in daughter.session.shown.name
    daughter.family.switch("")
    assert daughter.bookings.known is None
    assert daughter.session.code_at(clock.now()) is None  # she has no card of her own
    daughter.family.switch(mandate)
    return booked


async def _asks_for_help(mother: Services, daughter: Services, mandate: str) -> None:
    """She presses "book for me"; her daughter's phone shows it, and she hears it was seen."""
    asked = await mother.help_requests.ask(mandate, "BOOK")
    assert isinstance(asked, HelpRequest), asked
    await daughter.help_requests.keep_fresh()
    [waiting] = daughter.help_requests.waiting
    assert (waiting.identifier, waiting.mandate, waiting.topic) == (
        asked.identifier,
        mandate,
        "BOOK",
    )
    assert "*" in waiting.other_name
    assert await daughter.help_requests.answer(waiting.identifier) is None
    assert await mother.help_requests.read_asked() is None
    [seen] = mother.help_requests.asked
    assert seen.answered_at is not None


async def _stops(mother: Services, mandate: str) -> None:
    """One touch on the page of what her daughter may do."""
    page = _pages(mother).family
    page.do(f"open:{mandate}")
    assert "stop:" in [one.act for one in (*page.state.urgent, *page.state.acts)]
    page.do("stop:")
    await until(lambda: not page.state.busy)
    assert mother.family.known is not None
    stopped = mother.family.known.mandate(mandate)
    assert stopped is None or stopped.state == "ENDED"


def _starts_anew(city: City, folder: Path, before: Services, mandate: str) -> None:
    """Start the app again where its last run kept things: it has the same, and asks nobody."""
    again = services_in(city, folder)
    again.family.switch(mandate)
    assert again.session.code_at(city.clock.now()) is not None
    assert again.bookings.known == before.bookings.known is not None


@pytest.mark.feature("S24", "S138", "D7", "D18", "D19", "D24")
async def test_a_daughter_visits_for_her_mother_who_sees_it_and_stops_it(
    app: Litestar,
    city: City,
    house: House,
    clock: ManualClock,
    settings: Settings,
    keys: Keys,
    mongod: RunningMongod,
    tmp_path: Path,
) -> None:
    hall = Hall(house, clock)
    await house.services[Catalogue].file([entry(MUSEUM)])
    assert await hall.planning.put([plan(venue=MUSEUM)]) is None
    while await hall.planning.plan_ahead():
        pass
    await city.venue(MUSEUM)
    mother = await _relative(city, tmp_path / "mother", "19480229", "931")
    daughter = await _relative(city, tmp_path / "daughter", "19750310", "942")

    taken = await _mandate(mother, daughter, tmp_path / "daughter" / SEEN)
    await _asks_for_help(mother, daughter, taken.identifier)
    booked = await _books_for(daughter, taken.identifier, clock)

    (tmp_path / "gate").mkdir()
    async with wired(app) as wire:
        reader = reader_at(wire.url, city, settings, keys, mongod.uri, tmp_path / "gate", 1)
        async with reader as gate:
            museum = Museum(city, hall, gate)
            await museum.ask(BookingHeld())
            museum.until(booked.starts_at)
            assert await daughter.family.read() is None  # her phone was on in between
            clock.advance(60)
            await build_status_list(mongod.uri, settings.database, REGION, keys, clock)
            clock.advance(30)
            assert await gate.refresh()

            await wire.cut()
            code = daughter.session.code_at(clock.now())
            assert code is not None
            given = gate.lane.present_code(code.digits)
            answer = given.answer
            _starts_anew(city, tmp_path / "daughter", daughter, taken.identifier)
            assert (answer.verdict, answer.headline.zh) == (
                Verdict.LOOK,
                "请进 · 代办出示（晚辈）",
            )
            assert answer_view(given)["headline"] == {  # what the staff page says
                "zh": "请进 · 代办出示（晚辈）",
                "en": "Come in · shown by younger relative",
            }
            await wire.mend()

            # She sees it, and stops it.
            did = await mother.family.acts(taken.identifier)
            assert isinstance(did, MandateActs), did
            assert sum(one.by_delegate for one in did.acts) >= 4
            await _stops(mother, taken.identifier)
            refused = await daughter.bookings.cancel(booked.identifier)
            assert isinstance(refused, Trouble)
            assert refused.code == "mandate_over"
            clock.advance(60)
            await build_status_list(mongod.uri, settings.database, REGION, keys, clock)
            assert await gate.refresh()
            clock.advance(60)
            old = daughter.session.code_at(clock.now())
            assert old is not None  # a phone that has not heard of it yet
            answer = gate.lane.present_code(old.digits).answer
            assert (answer.verdict, answer.reason) == (Verdict.REFUSE, Reason.DEVICE_UNBOUND)
            assert await daughter.family.read() is None
            assert daughter.session.code_at(clock.now()) is None
