"""The app's own pages on the real backend: the account one is paid to, a ward's mandates."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.foundation.operations import Services as House
from backend.mandates.counter import CounterGrant, MandateCounter
from backend.mandates.granting import Terms
from backend.mandates.scopes import Evidence, Relation, Scope
from backend.mandates.views import MandateView
from mobile.core.mandate import DEFAULT_SCOPES, PRINCIPAL, Invitation, Mandate
from mobile.core.preferences import Preferences
from mobile.core.trouble import Trouble
from mobile.services.account import Way
from mobile.services.services import Services
from mobile.viewmodels.family_state import FamilyState
from mobile.viewmodels.family_state import Way as Line
from mobile.viewmodels.models import Models, make_models
from mobile.viewmodels.preferences import PreferencesModel
from tests.backend.accounts.actors import PASSWORD, People
from tests.backend.actors import City, id_number, new_key
from tests.backend.app_services import services_in
from tests.backend.mandates.test_life import CLERK

NUMBER = "6217001234560086"


class App:
    """Somebody's app without its window."""

    def __init__(self, city: City, folder: Path, birth: str, sequence: str) -> None:
        self.city = city
        self.number = id_number(birth, sequence)
        self.phone = f"1397070{sequence:0>4}"
        self.services: Services = services_in(city, folder)
        self.models: Models = make_models(
            self.services, PreferencesModel(Preferences(), lambda _: None), "手机"
        )
        self.resident = ""

    async def sign_in(self) -> None:
        people = People(self.city)
        self.resident = await people.register(self.number, self.phone)
        await people.give_password(self.resident)
        credentials = {"login": self.number, "password": PASSWORD}
        assert await self.services.account.sign_in(Way.PASSWORD, credentials) is None

    async def sign_in_by_sms(self) -> None:
        sent = await self.services.account.request_code(self.phone)
        assert not isinstance(sent, Trouble), sent
        [code] = re.findall(r"\b\d{6}\b", (await People(self.city).inbox())[0])
        credentials = {"phone": self.phone, "code": code}
        assert await self.services.account.sign_in(Way.SMS, credentials) is None


async def until(seen: Callable[[], object]) -> None:
    """Wait for what the app does beside."""
    async with asyncio.timeout(10):
        while not seen():  # noqa: ASYNC110 - the pages tell nobody when they are done
            await asyncio.sleep(0.01)


@pytest.mark.feature("D22")
async def test_d22_a_change_of_account_leads_through_a_fresh_sign_in_and_is_stopped(
    city: City, tmp_path: Path
) -> None:
    mother = App(city, tmp_path, "19480229", "931")
    await mother.sign_in()
    models, page = mother.models, mother.models.payout
    models.place.go("payout")
    page.open()
    await until(lambda: [one.act for one in page.state.acts] == ["change"])
    page.do("change")
    page.choose("ccb")
    for digit in NUMBER:
        page.type_digit(digit)
    page.submit()
    page.do("send")
    await until(lambda: [one.act for one in page.state.acts] == ["sign_in"])
    assert page.state.notices[0].title.startswith("为了您的资金安全")

    page.do("sign_in")
    assert models.place.name == "sign_in"
    await mother.sign_in_by_sms()
    await until(lambda: models.place.name == "payout")
    page.open()  # as its screen does when it comes to the front

    assert "6217" in page.state.facts[0]  # nothing is typed twice
    assert [one.act for one in page.state.acts] == ["send"]
    page.do("send")
    await until(lambda: [one.act for one in page.state.urgent] == ["stop"])
    assert any("0086" in one and "起生效" in one for one in page.state.facts)
    page.do("stop")
    await until(lambda: page.state.notices[:1] and page.state.notices[0].title == "已停止更换")
    page.open()
    await until(lambda: not page.state.loading and not page.state.busy)
    assert page.state.urgent == ()
    assert not any("0086" in one for one in page.state.facts)
    await close(mother)


@pytest.mark.feature("D7", "D16")
async def test_d16_a_guardian_reads_on_the_page_who_acts_for_the_ward_and_stops_it(
    city: City, tmp_path: Path
) -> None:
    ward, nephew, guardian = (
        App(city, tmp_path / sequence, birth, sequence)
        for birth, sequence in (("19480229", "931"), ("19750310", "942"), ("19710310", "953"))
    )
    for one in (ward, nephew, guardian):
        await one.sign_in()
    invited = await ward.services.family.invite(PRINCIPAL, "ELDER", DEFAULT_SCOPES, 31)
    assert isinstance(invited, Invitation)
    taken = await nephew.services.family.take(invited.digits)
    assert isinstance(taken, Mandate)
    assert isinstance(await ward.services.family.confirm(taken.identifier), Mandate)
    guards = await _guards(city.house.services, guardian.resident, ward.resident)

    page = guardian.models.family
    guardian.models.place.go("family")
    page.open()
    await until(lambda: guardian.services.family.known is not None)
    page.do(f"open:{guards}")
    page.do("guarded:")
    await until(lambda: any(one.act.startswith("stop_guarded:") for one in _ways(page.state)))
    [stop] = [one.act for one in _ways(page.state) if one.act.startswith("stop_guarded:")]
    assert stop == f"stop_guarded:{taken.identifier}"
    page.do(stop)
    await until(lambda: not any(one.act.startswith("stop_guarded:") for one in _ways(page.state)))

    assert await nephew.services.family.read() is None
    assert nephew.services.family.in_force == frozenset()
    for one in (ward, nephew, guardian):
        await close(one)


def _ways(state: FamilyState) -> list[Line]:
    return [*state.urgent, *state.ways, *state.acts]


async def _guards(house: House, guardian: str, ward: str) -> str:
    terms = Terms(Relation.WARD, (Scope.BOOK,), None)
    papers = CounterGrant(ward, guardian, terms, Evidence.COURT_DECISION)
    made = await house[MandateCounter].grant(CLERK, new_key(), papers)
    assert isinstance(made, MandateView), made
    return made.mandate_id


async def close(one: App) -> None:
    """Stop what still runs beside."""
    for model in one.models:
        if hasattr(model, "close"):
            await model.close()
