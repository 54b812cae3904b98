"""The demo city's family can be tried: each signs in by SMS, and one lets the other act for her."""

import re
from pathlib import Path

import pytest

from backend.demo_city import RESIDENTS, seed
from backend.mandates.documents import Mandate as StoredMandate
from backend.mandates.scopes import Evidence
from backend.residents.service import Registration, Residents
from backend.settings import GANZHOU
from infra.demo.phone import DAUGHTER, GRANDMOTHER, NoCity, Relative, family_of, known_city
from mobile.core.mandate import Mandate
from mobile.core.preferences import Preferences
from mobile.core.trouble import Trouble
from mobile.services.account import Way
from mobile.services.services import Services
from mobile.viewmodels.family import LOOK_AGAIN, FamilyModel
from mobile.viewmodels.models import make_models
from mobile.viewmodels.preferences import PreferencesModel
from tests.backend.accounts.actors import People
from tests.backend.actors import City
from tests.backend.app_services import services_in
from tests.end_to_end.test_family_pages import until


async def test_the_family_signs_in_and_one_acts_for_the_other(city: City, tmp_path: Path) -> None:
    first = await seed(city.house.services, city.clock.now())
    assert await seed(city.house.services, city.clock.now()) == first
    people = [
        {"resident_id": one.resident_id, "masked_name": one.masked_name, "phone": one.phone}
        for one in first
    ]
    family = family_of({"residents": people})
    grandmother = await _signed_in(city, tmp_path / "one", family[GRANDMOTHER])
    daughter = await _signed_in(city, tmp_path / "two", family[DAUGHTER])

    page = _page_of(grandmother)
    page.open()
    page.do("begin:PRINCIPAL")
    page.choose("ELDER")
    page.do("go:length")
    page.do("make")
    await until(lambda: page.state.digits)
    taken = await daughter.family.take(page.state.digits.replace(" ", ""))
    assert isinstance(taken, Mandate)
    stored = await StoredMandate.get(taken.identifier)
    assert stored is not None
    assert stored.evidence is Evidence.HOUSEHOLD_REGISTER, "of one household"

    page.tick()
    assert page.state.digits, "the phone that shows the invitation asks every few seconds"
    city.clock.advance(LOOK_AGAIN.total_seconds())
    page.tick()
    await until(lambda: page.state.acts)
    assert [one.act for one in (*page.state.urgent, *page.state.acts)] == ["confirm", "stop:"]

    page_of_hers = _page_of(daughter)
    page_of_hers.open()
    await until(lambda: daughter.family.known)
    page_of_hers.do(f"open:{taken.identifier}")
    assert [one.act for one in page_of_hers.state.acts] == ["stop:"]
    page.do("confirm")
    await until(lambda: page.state.notices)
    city.clock.advance(LOOK_AGAIN.total_seconds())
    page_of_hers.tick()
    await until(lambda: len(page_of_hers.state.acts) > 1)
    assert page_of_hers.state.acts[0].act == f"switch:{taken.identifier}"
    await page.close()
    await page_of_hers.close()


async def test_who_was_seeded_before_without_a_phone_gets_one(city: City) -> None:
    old, now = RESIDENTS[1], city.clock.now()
    residents = city.house.services[Residents]
    registered = await residents.register(old.number, old.name, GANZHOU, now)
    assert isinstance(registered, Registration)
    assert (await residents.person(registered.resident_id)).masked_phone is None

    await seed(city.house.services, now)

    person = await residents.person(registered.resident_id)
    assert person.masked_phone == "154****0902"


def test_a_phone_without_a_city_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoCity, match="make run"):
        known_city(tmp_path)


async def _signed_in(city: City, folder: Path, relative: Relative) -> Services:
    services = services_in(city, folder)
    sent = await services.account.request_code(relative.phone)
    assert not isinstance(sent, Trouble), sent
    [code] = re.findall(r"\b\d{6}\b", (await People(city).inbox())[0])
    credentials = {"phone": relative.phone, "code": code}
    assert await services.account.sign_in(Way.SMS, credentials) is None
    return services


def _page_of(services: Services) -> FamilyModel:
    return make_models(services, PreferencesModel(Preferences(), lambda _: None), "手机").family
