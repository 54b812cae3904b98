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
from mobile.core.exam_opening import ExamOpening
from mobile.core.mandate import PRINCIPAL, Invitation, Mandate
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
    grandmother, daughter = await _family(city, tmp_path)

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


async def test_a_delegate_registers_the_principal_for_an_examination(
    city: City, tmp_path: Path
) -> None:
    grandmother, daughter = await _family(city, tmp_path)
    invited = await grandmother.family.invite(PRINCIPAL, "ELDER", ("CASE_SUBMIT",), 31)
    assert isinstance(invited, Invitation)
    taken = await daughter.family.take(invited.digits)
    assert isinstance(taken, Mandate)
    assert isinstance(await grandmother.family.confirm(taken.identifier), Mandate)
    assert await daughter.family.read() is None

    daughter.family.switch(taken.identifier)
    assert await daughter.exams.read() is None
    known = daughter.exams.known
    assert known is not None
    session = known.openings[0].session
    registered = await daughter.exams.register(session)
    assert isinstance(registered, ExamOpening), registered
    daughter.family.switch("")
    assert daughter.exams.known is None, "what is the principal's is not the delegate's"

    for services, stands in ((grandmother, True), (daughter, False)):
        assert await services.exams.read() is None
        seen = services.exams.known
        assert seen is not None
        [one] = [one for one in seen.openings if one.session == session]
        assert one.stands is stands


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


async def _family(city: City, folder: Path) -> tuple[Services, Services]:
    """Return the apps of the grandmother and her daughter, signed in, in the seeded city."""
    first = await seed(city.house.services, city.clock.now())
    assert await seed(city.house.services, city.clock.now()) == first
    people = [
        {"resident_id": one.resident_id, "masked_name": one.masked_name, "phone": one.phone}
        for one in first
    ]
    family = family_of({"residents": people})
    grandmother = await _signed_in(city, folder / "one", family[GRANDMOTHER])
    daughter = await _signed_in(city, folder / "two", family[DAUGHTER])
    return grandmother, daughter
