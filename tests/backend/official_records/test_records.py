"""S44, S63, S87: what other authorities hold of a person, for them and for their delegate."""

from datetime import date, timedelta
from typing import Any

import pytest

from backend.cards.asking import Asking
from backend.foundation.access import Caller
from backend.foundation.audit import AuditRow
from backend.foundation.refusals import Refusal
from backend.mandates.acting import Acting, MandateUses
from backend.mandates.counter import CounterGrant, MandateCounter
from backend.mandates.documents import MandateNotice
from backend.mandates.granting import Terms, birthday_instant
from backend.mandates.reach import DELEGABLE
from backend.mandates.scopes import Evidence, Relation, Scope
from backend.mandates.views import MandateView
from backend.official_records.registers import (
    NoRecordSources,
    RecordSourceDown,
    SchoolEnrolment,
    StudentRecord,
)
from backend.official_records.rules import (
    RecordKind,
    guardian_decides,
    present_enrolment,
    student_sections,
)
from backend.official_records.sandbox import SandboxRecordSources
from backend.official_records.service import OfficialRecord, OfficialRecords
from backend.rights.documents import ConsentReceipt
from shared.identity.age import local_day
from shared.localized_text import LocalizedText
from tests.backend.actors import id_number, new_key
from tests.backend.mandates.family import GRANDMOTHER, Family, Relative
from tests.backend.mandates.test_life import CLERK

DAY = 24 * 3600


def _sources(family: Family) -> SandboxRecordSources:
    return family.city.house.services[SandboxRecordSources]


async def _record(one: Relative, name: str) -> Any:
    return await one.see(name)


async def _rows(action: str) -> list[AuditRow]:
    return await AuditRow.find(AuditRow.action == f"official_records.{action}").to_list()


async def _consent(one: Relative) -> None:
    given = await one.do("GiveConsent", purpose="health_records", version=1)
    assert given["__typename"] != "Refusal", given


@pytest.mark.feature("S44", "L3")
async def test_without_a_separate_consent_nothing_is_asked_and_with_it_each_view_is_a_row(
    family: Family,
) -> None:
    grandmother, sources = await family.relative(GRANDMOTHER), _sources(family)
    assert (await _record(grandmother, "HealthRecord"))["code"] == "consent_needed"
    assert (sources.asked, await _rows("health")) == ([], [])

    await _consent(grandmother)
    found = await _record(grandmother, "HealthRecord")
    await _record(grandmother, "HealthRecord")

    titles = [one["title"]["zh"] for one in found["sections"]]
    assert titles == ["基本健康信息", "疫苗接种"]
    doses = [line["day"] for line in found["sections"][1]["lines"]]
    assert doses == sorted(doses, reverse=True)
    assert doses
    rows = await _rows("health")
    assert [row.subject for row in rows] == [grandmother.resident_id] * 2
    used = (await grandmother.phone.ask("DataUse"))["dataUse"]["nodes"]
    assert [one["receiverCode"] for one in used].count("health_commission") == 2
    await grandmother.do("WithdrawConsent", purpose="health_records")
    assert (await _record(grandmother, "HealthRecord"))["code"] == "consent_needed"
    assert len(sources.asked) == 2


@pytest.mark.feature("S44")
async def test_the_key_of_a_phone_alone_opens_no_record(family: Family) -> None:
    city = family.city
    phone = await city.phone(await city.holder())
    for name in ("HealthRecord", "StudentRecord", "CarePlan"):
        [answer] = (await phone.ask(name)).values()
        assert answer["code"] == "sign_in_needed", name
    assert _sources(family).asked == []


@pytest.mark.feature("S44")
async def test_a_delegate_takes_the_scope_its_cool_down_and_the_consent_and_is_told_of(
    family: Family,
) -> None:
    grandmother, daughter = await family.relative(GRANDMOTHER), await family.relative()
    views = await family.mandate(grandmother, daughter, Scope.BENEFIT_VIEW, Scope.BOOK)
    daughter.phone.acting_for = views
    assert (await _record(daughter, "HealthRecord"))["code"] == "mandate_scope_missing"
    await grandmother.do("StopMandate", mandate=views)
    daughter.phone.acting_for = ""
    mandate = await family.mandate(grandmother, daughter, Scope.MEDICAL_VIEW)
    daughter.phone.acting_for = mandate
    await _consent(grandmother)
    assert (await _record(daughter, "HealthRecord"))["code"] == "mandate_cooling_down"
    assert _sources(family).asked == []

    by = await _acting(family, daughter, mandate)
    seen = await _look(family, grandmother, by)
    assert isinstance(seen, OfficialRecord), seen
    [row] = await _rows("health")
    assert (row.actor["id"], row.subject, row.mandate) == (
        daughter.resident_id,
        grandmother.resident_id,
        mandate,
    )
    told = await MandateNotice.find({"code": "official_records.health"}).to_list()
    assert [one.person for one in told] == [grandmother.resident_id]

    await ConsentReceipt.find({"resident_id": grandmother.resident_id}).delete()
    refused = await _look(family, grandmother, by)
    assert getattr(refused, "code", "") == "principal_consent_needed"
    assert len(await _rows("health")) == 1, "a look that was refused is none"


async def _acting(family: Family, delegate: Relative, mandate: str) -> Acting:
    """Return them acting a day later, when the cool-down is over and no session lives any more."""
    family.city.clock.advance(DAY)
    caller = Caller(resident_id=delegate.resident_id, acting_for=mandate)
    wanted = DELEGABLE["healthRecord"]
    found = await family.city.house.services[MandateUses].acting(caller, wanted)
    assert isinstance(found, Acting), found
    return found


async def _look(
    family: Family,
    principal: Relative,
    by: Acting | None,
    kind: RecordKind = RecordKind.HEALTH,
) -> OfficialRecord | Refusal:
    asking = Asking(principal.resident_id, "t", None, acting=by)
    return await family.city.house.services[OfficialRecords].look_up(asking, kind)


@pytest.mark.feature("S44", "D9")
async def test_d9_a_stop_between_the_look_and_the_record_shows_nothing(family: Family) -> None:
    grandmother, daughter = await family.relative(GRANDMOTHER), await family.relative()
    mandate = await family.mandate(grandmother, daughter, Scope.MEDICAL_VIEW)
    await _consent(grandmother)
    by = await _acting(family, daughter, mandate)
    assert (await grandmother.phone.renew_session())["__typename"] == "SessionTokens"
    await grandmother.do("StopMandate", mandate=mandate)

    refused = await _look(family, grandmother, by)

    assert getattr(refused, "code", "") == "mandate_over"
    assert _sources(family).asked == []
    assert await _rows("health") == []


@pytest.mark.feature("S44", "D13")
async def test_d13_a_parent_sees_the_childs_record_until_the_child_decides_at_sixteen(
    family: Family,
) -> None:
    city = family.city
    today = local_day(city.clock.now())
    born = date(today.year - 13, today.month, min(today.day, 28))
    child, mother = await family.relative(f"{born:%Y%m%d}"), await family.relative()
    terms = Terms(Relation.CHILD, (Scope.MEDICAL_VIEW, Scope.STUDENT_VIEW), None)
    papers = CounterGrant(child.resident_id, mother.resident_id, terms, Evidence.BIRTH_CERTIFICATE)
    made = await city.house.services[MandateCounter].grant(CLERK, new_key(), papers)
    assert isinstance(made, MandateView), made
    by = await _acting(family, mother, made.mandate_id)
    seen = await _look(family, child, by)
    assert isinstance(seen, OfficialRecord), "under 14 the parent decides in the child's place"

    for age, code in ((14, "mandate_child_consent_due"), (16, "mandate_child_consent_due")):
        city.clock.advance((birthday_instant(born, age) - city.clock.now()).total_seconds())
        caller = Caller(resident_id=mother.resident_id, acting_for=made.mandate_id)
        uses = city.house.services[MandateUses]
        refused = await uses.acting(caller, DELEGABLE["healthRecord"])
        assert getattr(refused, "code", "") in {code, "mandate_scope_missing"}
        assert getattr(await _look(family, child, by), "code", "") != ""
    assert len(await _rows("health")) == 1


def test_a_guardian_decides_for_a_ward_and_for_a_child_to_the_day_of_fourteen() -> None:
    assert guardian_decides(Relation.CHILD, 13, 14)
    assert not guardian_decides(Relation.CHILD, 14, 14)
    assert guardian_decides(Relation.WARD, 50, 14)
    for other in (Relation.ELDER, Relation.SPOUSE, Relation.OTHER, Relation.ASSISTED, None):
        assert not guardian_decides(other, 9, 14)


@pytest.mark.feature("S63")
async def test_a_delegate_sees_the_student_record_by_its_own_scope_and_nothing_writes_it(
    family: Family,
) -> None:
    today = local_day(family.city.clock.now())
    born = f"{today.year - 16}0501"
    student, mother = await family.relative(born), await family.relative()
    own = await _record(student, "StudentRecord")
    number = own["sections"][0]["lines"][0]["value"]["zh"]
    assert number.startswith("G")
    assert "*" * 8 in number, "the student number is the citizen number"
    terms = {"relation": "CHILD", "days": 31}
    held = await family.mandate(student, mother, Scope.BOOK, Scope.BENEFIT_VIEW, **terms)
    mother.phone.acting_for = held
    assert (await _record(mother, "StudentRecord"))["code"] == "mandate_scope_missing"
    await student.do("StopMandate", mandate=held)
    mother.phone.acting_for = ""
    mandate = await family.mandate(student, mother, Scope.STUDENT_VIEW, **terms)
    mother.phone.acting_for = mandate

    seen = await _record(mother, "StudentRecord")

    assert seen["sections"] == own["sections"]
    looks = sorted((row.actor["id"], row.subject) for row in await _rows("student"))
    both = (student.resident_id, mother.resident_id)
    assert looks == sorted((one, student.resident_id) for one in both)
    acts = (await student.see("MandateActs", mandate=mandate))["nodes"]
    assert "official_records.student" in {one["action"] for one in acts}
    schema = await mother.phone.post('mutation { setStudentRecord(school: "x") { ok } }')
    assert schema.status_code in {200, 400}
    assert "errors" in schema.json(), "there is no field that writes one"


@pytest.mark.feature("S63")
def test_a_transfer_between_schools_shows_where_the_student_came_to_last() -> None:
    first, second = LocalizedText("甲", "A"), LocalizedText("乙", "B")
    grade, day = LocalizedText("一年级", "Grade 1"), date(2026, 9, 1)
    old = SchoolEnrolment(first, grade, date(2025, 9, 1))
    new = SchoolEnrolment(second, grade, day)
    assert present_enrolment((old, new), day) is new
    assert present_enrolment((old, new), day - timedelta(days=1)) is old
    left = SchoolEnrolment(first, grade, old.since, day)
    assert present_enrolment((left,), day) is None
    assert present_enrolment((left,), day - timedelta(days=1)) is left
    sections = student_sections(StudentRecord(f"G{id_number()}", (old, new)), day)
    assert [one.value.zh for one in sections[1].lines] == ["转学手续办理中"]
    sections = student_sections(StudentRecord(f"G{id_number()}", (left, new)), day)
    assert [one.value.zh for one in sections[1].lines] == ["已转出或毕业"]


@pytest.mark.feature("S87")
async def test_an_elders_care_plan_is_theirs_and_a_delegates_with_the_view_scope(
    family: Family,
) -> None:
    grandmother, daughter = await family.relative(GRANDMOTHER), await family.relative()
    own = await _record(grandmother, "CarePlan")
    assert [one["title"]["zh"] for one in own["sections"]] == ["服务内容", "上门服务"]
    assert (await _record(daughter, "CarePlan"))["sections"] == [], "she has none herself"
    daughter.phone.acting_for = await family.mandate(grandmother, daughter, Scope.BENEFIT_VIEW)
    assert (await _record(daughter, "CarePlan"))["sections"] == own["sections"]
    _sources(family).down = True
    assert (await _record(daughter, "CarePlan"))["code"] == "record_source_down"


async def test_where_no_city_connected_a_source_nothing_is_made_up() -> None:
    none = NoRecordSources()
    for ask in (none.health_record, none.student_record, none.care_plan):
        with pytest.raises(RecordSourceDown):
            await ask(id_number())


async def test_nothing_of_a_record_is_kept(family: Family) -> None:
    grandmother = await family.relative(GRANDMOTHER)
    await _record(grandmother, "CarePlan")
    store = AuditRow.get_pymongo_collection().database
    for name in await store.list_collection_names():
        async for row in store[name].find({}):
            assert "水南居家" not in str(row), name
