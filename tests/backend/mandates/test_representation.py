"""Delegates' phones that show their principals' cards 代办码."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.cards.status_list import StatusLists, build_status_list
from backend.figures import MandateFigures
from backend.foundation.embedded_mongod import RunningMongod
from backend.foundation.keys import Keys
from backend.mandates.documents import Mandate, MandateNotice
from backend.mandates.representing import until_in
from backend.mandates.scopes import Scope
from backend.settings import Settings
from shared.ecode.certificate import CertificateClaims, parse_certificate
from shared.ecode.representation import Representative, representative_of
from shared.trust.status_list import device_number
from tests.backend.accounts.actors import People
from tests.backend.actors import REGION, id_number
from tests.backend.mandates.family import DAUGHTER, GRANDMOTHER, Family, Relative

DAUGHTERS_NUMBER = id_number(DAUGHTER, "022")
"""Of the second relative whom a family makes."""


@pytest.fixture
async def grandmother(family: Family) -> Relative:
    return await family.relative(GRANDMOTHER, card=True)


@pytest.fixture
async def daughter(family: Family) -> Relative:
    return await family.relative()


def _claims(answer: Any) -> CertificateClaims:
    assert answer["__typename"] == "RepresentedCertificate", answer
    text = answer["certificate"]["certificate"]
    return parse_certificate(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))).claims


@pytest.mark.feature("D19")
@pytest.mark.feature("D20")
async def test_d19_d20_a_delegates_code_says_so_and_ends_with_the_mandate(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    mandate = await family.mandate(grandmother, daughter, days=1)
    daughter.phone.acting_for = mandate

    first = await daughter.do("TakeRepresentedCertificate")
    claims = _claims(first)

    assert claims.represented
    assert representative_of(claims.device_serial) is Representative.YOUNGER
    now = family.city.clock.now()
    assert claims.not_after <= now + timedelta(days=1)
    assert claims.not_after > now + timedelta(hours=22)
    assert len(first["card"]["maskedName"]) >= 2
    assert "*" in first["card"]["maskedName"]
    again = _claims(await daughter.do("TakeRepresentedCertificate"))
    assert again.device_serial == claims.device_serial
    told = {"person": grandmother.resident_id, "code": "cards.shown_for_another"}
    assert await MandateNotice.find(told).count() == 1
    acts = (await grandmother.see("MandateActs", mandate=mandate))["nodes"]
    assert [one["action"] for one in acts].count("cards.shown_for_another") == 1  # not the renewal
    stored = await Mandate.get(mandate)
    assert stored is not None
    assert stored.uses == 1  # upkeep keeps nothing from lapsing


async def test_d7_readers_hear_of_a_stopped_code_with_the_next_list(
    family: Family,
    grandmother: Relative,
    daughter: Relative,
    settings: Settings,
    keys: Keys,
    mongod: RunningMongod,
) -> None:
    mandate = await family.mandate(grandmother, daughter)
    daughter.phone.acting_for = mandate
    claims = _claims(await daughter.do("TakeRepresentedCertificate"))
    number = device_number(claims.card_index, claims.device_serial)
    clock, lists = family.city.clock, family.city.house.services[StatusLists]

    async def listed() -> bool:
        made = await build_status_list(mongod.uri, settings.database, REGION, keys, clock)
        return number in made.sections.unbound_devices

    clock.advance(60)
    assert not await listed()
    clock.advance(60)
    assert not await lists.is_due()
    stopped = await grandmother.say("StopMandate", mandate=mandate, scope=Scope.CARD_SHOW.value)
    assert stopped == "MandateChanged"
    assert await lists.is_due()
    assert await listed()
    assert await daughter.say("TakeRepresentedCertificate") == "mandate_scope_missing"
    clock.advance(49 * 3600)
    assert not await listed()  # its certificate has ended by itself


async def test_one_mandate_shows_a_code_on_a_few_phones_only(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    """A serial is one of few: who signs in on phone after phone must not use them up."""
    mandate = await family.mandate(grandmother, daughter)
    most = MandateFigures().showing_phones

    async def shown_on_another_phone() -> str:
        daughter.phone = People(family.city).device()
        signed_in = await daughter.phone.sign_in(DAUGHTERS_NUMBER)
        assert signed_in["__typename"] == "SessionTokens"
        daughter.phone.acting_for = mandate
        return await daughter.say("TakeRepresentedCertificate")

    said = [await shown_on_another_phone() for _ in range(most + 1)]
    assert said == ["RepresentedCertificate"] * most + ["mandate_too_many_phones"]
    family.city.clock.advance(49 * 3600)  # their certificates have ended
    assert await shown_on_another_phone() == "RepresentedCertificate"


async def test_d28_a_dispute_stops_the_code_at_once(
    family: Family, grandmother: Relative, daughter: Relative
) -> None:
    mandate = await family.mandate(grandmother, daughter)
    daughter.phone.acting_for = mandate
    before = _claims(await daughter.do("TakeRepresentedCertificate"))
    assert await grandmother.say("DisputeMandate", mandate=mandate) == "MandateChanged"
    assert await daughter.say("TakeRepresentedCertificate") == "mandate_disputed"
    assert before.represented


async def test_an_invitation_is_guessed_five_times_a_minute(
    grandmother: Relative, daughter: Relative
) -> None:
    wish: dict[str, Any] = {"side": "PRINCIPAL", "relation": "ELDER", "days": 31, "scopes": []}
    invited = await grandmother.do("InviteMandate", **wish)
    assert len(invited["invitation"]) == 12
    assert invited["invitation"].isdigit()
    for _ in range(5):
        said = await daughter.say("TakeMandate", invitation="000000000000")
        assert said == "mandate_invitation_unknown"
    said = await daughter.say("TakeMandate", invitation=invited["invitation"])
    assert said == "too_many_tries"
    daughter.phone.clock.advance(61)
    said = await daughter.say("TakeMandate", invitation=invited["invitation"])
    assert said == "MandateChanged"


@pytest.mark.feature("D13", "D16", "D20")
@pytest.mark.parametrize("first", ["ends_at", "review_by", "consent_from", "scope"])
def test_d20_a_code_ends_with_whatever_of_its_mandate_ends_first(first: str) -> None:
    soon, later = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 12, 23, tzinfo=UTC)
    ends = dict.fromkeys(("ends_at", "review_by", "consent_from", "scope"), later) | {first: soon}
    shows = {"scope": "CARD_SHOW", "until": ends.pop("scope")}
    books = {"scope": "BOOK", "until": datetime(2026, 11, 22, tzinfo=UTC)}
    assert until_in({**ends, "scopes": [books, shows]}) == soon


def test_d20_a_guardians_code_without_an_end_has_none() -> None:
    assert until_in({"scopes": [{"scope": "CARD_SHOW"}]}) is None
