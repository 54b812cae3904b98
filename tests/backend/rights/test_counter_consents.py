"""A consent at an outlet by the person's own card and PIN, and what a parent may see then (D13)."""

from datetime import date, timedelta
from typing import Any

import pytest

from backend.cards.asking import Asking
from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow
from backend.mandates.acting import Acting, MandateUses
from backend.mandates.counter import CounterGrant, MandateCounter
from backend.mandates.granting import Terms, birthday_instant
from backend.mandates.reach import DELEGABLE
from backend.mandates.scopes import Evidence, Relation, Scope
from backend.mandates.views import MandateView
from backend.official_records.rules import HEALTH_RECORDS, RecordKind
from backend.official_records.service import OfficialRecord, OfficialRecords
from backend.rights.counter_consents import ConsentAtCounter, CounterConsents
from backend.rights.documents import ConsentReceipt
from shared.identity.age import local_day
from tests.backend.actors import City, id_number, new_key
from tests.backend.mandates.family import GRANDMOTHER, Family
from tests.backend.mandates.test_by_card import with_card
from tests.backend.mandates.test_life import CLERK, PIN
from tests.backend.residents.officers import Officers


@pytest.fixture
def family(city: City) -> Family:
    return Family(city)


def _code(answer: object) -> str:
    return str(getattr(answer, "code", ""))


@pytest.mark.feature("S44", "D13", "L3")
async def test_d13_a_child_of_14_without_a_phone_decides_at_an_outlet_what_the_parent_sees(
    family: Family,
) -> None:
    city, services = family.city, family.city.house.services
    soon = local_day(city.clock.now() + timedelta(days=9))
    born = date(soon.year - 14, soon.month, min(soon.day, 28))
    child, mother = await with_card(family, f"{born:%Y%m%d}"), await family.relative()
    who, mandates, desk = child.resident_id, services[MandateCounter], services[CounterConsents]
    terms = Terms(Relation.CHILD, (Scope.MEDICAL_VIEW,), None)
    papers = CounterGrant(who, mother.resident_id, terms, Evidence.BIRTH_CERTIFICATE)
    made = await mandates.grant(CLERK, new_key(), papers)
    assert isinstance(made, MandateView), made
    by = Caller(resident_id=mother.resident_id, acting_for=made.mandate_id)
    wish = ConsentAtCounter(who, HEALTH_RECORDS, PIN)
    refused = await desk.take(CLERK, new_key(), wish, 1)
    assert _code(refused) == "guardian_consents", "under 14 it is the parent who decides"

    async def look() -> Any:
        acting = await services[MandateUses].acting(by, DELEGABLE["healthRecord"])
        assert isinstance(acting, Acting), acting
        asking = Asking(who, "t", None, acting=acting)
        return await services[OfficialRecords].look_up(asking, RecordKind.HEALTH)

    city.clock.advance((birthday_instant(born, 14) - city.clock.now()).total_seconds())
    assert isinstance(await mandates.consent(CLERK, new_key(), made.mandate_id, PIN), MandateView)
    assert _code(await look()) == "principal_consent_needed"

    for pin, code in (("", "consent_pin_needed"), ("111222", "pin_wrong")):
        other = ConsentAtCounter(who, HEALTH_RECORDS, pin)
        assert _code(await desk.take(CLERK, new_key(), other, 1)) == code
    alone = Caller(resident_id=mother.resident_id)
    assert _code(await desk.take(alone, new_key(), wish, 1)) == "not_permitted"
    assert _code(await desk.take(CLERK, new_key(), wish, 2)) == "purpose_outdated"
    assert _code(await look()) == "principal_consent_needed"
    key = new_key()
    for _ in range(2):
        assert not _code(await desk.take(CLERK, key, wish, 1))

    assert isinstance(await look(), OfficialRecord)
    assert await ConsentReceipt.find({"resident_id": who}).count() == 1
    [row] = await AuditRow.find({"action": "rights.consent_given"}).to_list()
    assert (row.subject, row.actor["id"], row.disclosed) == (who, "stf_c", True)

    assert not _code(await desk.withdraw(CLERK, new_key(), wish))
    assert _code(await look()) == "principal_consent_needed"


async def test_an_elder_without_a_phone_gives_and_withdraws_a_consent_and_sees_who_looked(
    family: Family,
) -> None:
    elder, desk = await with_card(family), family.city.house.services[CounterConsents]
    who = elder.resident_id
    wish = ConsentAtCounter(who, HEALTH_RECORDS, PIN)
    assert await desk.withdraw(CLERK, new_key(), wish) is None, "there was none"
    given = await desk.take(CLERK, new_key(), wish, 1)
    assert not _code(given)
    found = await desk.standings(CLERK, who)
    assert not _code(found)
    assert {one.purpose.code: one.consented for one in found}[HEALTH_RECORDS]  # type: ignore[union-attr]
    assert await AuditRow.find({"action": "rights.consents_seen", "subject": who}).count() == 1
    assert _code(await desk.standings(Caller(resident_id=who), who)) == "not_permitted"
    for nobody in ("res_" + "a" * 26, "$where", "\0"):
        assert _code(await desk.standings(CLERK, nobody)) == "resident_unknown"
    unknown = ConsentAtCounter(who, "all_purposes", PIN)
    assert _code(await desk.take(CLERK, new_key(), unknown, 1)) == "purpose_unknown"


async def test_a_consent_asked_for_under_another_record_stands_under_the_one_that_is_kept(
    family: Family,
) -> None:
    elder, city = await with_card(family), family.city
    desk, who = city.house.services[CounterConsents], elder.resident_id
    other = await city.resident(id_number(sequence="933"))
    await Officers(city.house).merged(who, other)
    given = await desk.take(CLERK, new_key(), ConsentAtCounter(other, HEALTH_RECORDS, PIN), 1)
    assert not _code(given), given
    [receipt] = await ConsentReceipt.find_all().to_list()
    assert receipt.resident_id == who


@pytest.mark.feature("D16")
async def test_d16_who_is_under_guardianship_does_not_consent_alone(family: Family) -> None:
    ward, guardian = await with_card(family, GRANDMOTHER), await family.relative()
    services = family.city.house.services
    people = (ward.resident_id, guardian.resident_id)
    papers = CounterGrant(*people, Terms(Relation.WARD, (), None), Evidence.COURT_DECISION)
    made = await services[MandateCounter].grant(CLERK, new_key(), papers)
    assert isinstance(made, MandateView), made
    wish = ConsentAtCounter(ward.resident_id, HEALTH_RECORDS, PIN)

    refused = await services[CounterConsents].take(CLERK, new_key(), wish, 1)

    assert _code(refused) == "guardian_consents"
    assert await ConsentReceipt.count() == 0
