"""Agreements and impact assessments as officers keep them (S116, L13)."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.foundation.access import Role
from backend.foundation.audit import Organisation
from backend.foundation.permissions import NOT_PERMITTED
from backend.foundation.refusals import Refusal
from backend.sharing import refusals as no
from backend.sharing.agreements import Agreements
from backend.sharing.assessment_rules import KEPT, Assessment, Processing, assessed_fault
from backend.sharing.assessments import ImpactAssessments
from backend.sharing.rules import (
    STEPS,
    AgreedField,
    Agreement,
    AgreementState,
    Decision,
    LegalBasis,
    SharedField,
    decision_fault,
    terms_fault,
)
from shared.localized_text import LocalizedText
from tests.backend.accounts.actors import People
from tests.backend.actors import new_key
from tests.backend.sharing.desk import (
    ADMINISTRATOR,
    BUREAU,
    EXPORT,
    NUMBER,
    SharingDesk,
    consumer_of,
    officer,
)

OTHER = Organisation("360700_ms", LocalizedText("赣州市民政局", "Ganzhou Civil Affairs"))
DAY = timedelta(days=1)


@pytest.mark.feature("S116")
async def test_who_proposes_does_not_approve(desk: SharingDesk) -> None:
    both = officer("stf_bureau", Role.DEPARTMENT_OFFICER, Role.SECURITY_OFFICER)
    version = await desk.proposed()

    assert await desk.decide(version, Decision.APPROVE, desk.bureau) == NOT_PERMITTED
    assert await desk.decide(version, Decision.APPROVE, both) == no.OWN_PROPOSAL
    assert await desk.decide(version, Decision.APPROVE, ADMINISTRATOR) == NOT_PERMITTED
    done = await desk.decide(version, Decision.APPROVE)

    assert isinstance(done, Agreement)
    assert done.state is AgreementState.APPROVED
    rows = await desk.rows(action={"$regex": "^sharing.agreement"})
    assert [row["action"] for row in rows] == [
        "sharing.agreement_proposed",
        "sharing.agreement_approve",
    ]
    assert {row["origin"] for row in rows} == {version.version_id}


async def test_only_the_provider_or_the_security_officer_stops_it(desk: SharingDesk) -> None:
    version = await desk.in_force()
    stranger = officer("stf_other", Role.DEPARTMENT_OFFICER, place=OTHER)

    assert await desk.decide(version, Decision.SUSPEND, stranger) == no.OF_ANOTHER_PROVIDER
    next_one = await desk.services[Agreements].propose(
        stranger, new_key(), await desk.terms(), version.agreement
    )
    assert next_one == no.OF_ANOTHER_PROVIDER
    assert isinstance(await desk.decide(version, Decision.SUSPEND, desk.bureau), Agreement)
    assert await desk.decide(version, Decision.RESUME, desk.bureau) == NOT_PERMITTED


async def test_each_state_takes_its_own_decisions_and_no_other(desk: SharingDesk) -> None:
    """The whole table: each pair is a step or a refusal."""
    now = desk.people.city.clock.now()
    version = await desk.proposed()
    both = officer("stf_x", Role.SECURITY_OFFICER, Role.DEPARTMENT_OFFICER)

    taken = {
        (state, decision)
        for state in AgreementState
        for decision in Decision
        if decision_fault(replace(version, state=state), decision, both, now) is None
    }

    assert taken == {(state, one) for one, step in STEPS.items() for state in step.before}
    assert len(taken) == 6
    late = version.terms.ends_at
    assert decision_fault(version, Decision.APPROVE, both, late) == no.AGREEMENT_OVER


async def test_two_decisions_at_once_are_one(desk: SharingDesk) -> None:
    version = await desk.in_force()
    second, third = [await desk.proposed(version.agreement) for _ in range(2)]

    done = await asyncio.gather(
        desk.decide(second, Decision.APPROVE),
        desk.decide(third, Decision.APPROVE),
        desk.decide(version, Decision.END),
    )

    assert any(isinstance(one, Agreement) for one in done)
    stored = desk.people.city.house.store.database["sharing_agreements"]
    assert await stored.count_documents({"live": True}) <= 1
    approved = await stored.count_documents({"state": "approved"})
    assert approved == await stored.count_documents({"state": "approved", "live": True}) <= 1


@pytest.mark.parametrize(
    "changed",
    [
        {"fields": ()},
        {"fields": (AgreedField(SharedField.NAME), AgreedField(SharedField.NAME, masked=True))},
        {"fields": (AgreedField(SharedField.CARD_STATE, masked=True),)},
        {"purpose": "Something Else"},
        {"purpose_words": LocalizedText("", "x")},
        {"purpose_words": LocalizedText(f"为{NUMBER}", "x")},
        {"basis_words": LocalizedText("a\nb", "x")},
        {"per_day": 0},
        {"per_minute": 101},
        {"ends_at": datetime(2020, 1, 1)},  # noqa: DTZ001 - as a client may send it
        {"days": (0, 0)},
        {"days": (-9, -1)},
        {"days": (0, 4 * 365)},
        {"days": (5 * 365, 6 * 365)},
    ],
)
async def test_terms_that_are_no_terms_are_refused(
    desk: SharingDesk, changed: dict[str, Any]
) -> None:
    now = desk.people.city.clock.now()
    days = changed.pop("days", None)
    if days is not None:
        changed = {"starts_at": now + days[0] * DAY, "ends_at": now + days[1] * DAY}

    assert await desk.propose(**changed) == no.TERMS_FORM


async def test_consent_is_named_where_it_is_the_basis_and_nowhere_else(desk: SharingDesk) -> None:
    assert await desk.propose(basis=LegalBasis.CONSENT) == no.CONSENT_PURPOSE_FORM
    wrong = {"basis": LegalBasis.CONSENT, "consent_purpose": "marketing"}
    assert await desk.propose(**wrong) == no.CONSENT_PURPOSE_FORM
    assert await desk.propose(consent_purpose="health_records") == no.CONSENT_PURPOSE_FORM
    now = desk.people.city.clock.now()
    assert terms_fault(await desk.terms(), {}, now) is None


@pytest.mark.feature("L13")
async def test_without_an_assessment_in_force_nothing_is_approved(desk: SharingDesk) -> None:
    now = desk.people.city.clock.now()
    await desk.register(consumer_of(desk.people.city), EXPORT["consumer"])
    lacking: dict[str, dict[str, Any]] = {
        "none": {"assessment": "pia_nosuch"},
        "not of sensitive data": {
            "assessment": await desk.assess(kinds=frozenset({Processing.SHARING}))
        },
        "not of sharing": {
            "assessment": await desk.assess(kinds=frozenset({Processing.SENSITIVE}))
        },
        "not of these items": {
            "assessment": await desk.assess(items=frozenset({"residents.name_sealed"}))
        },
        "not begun": {"assessment": await desk.assess(starts_at=now + DAY)},
        "too short": {"assessment": await desk.assess(ends_at=now + DAY)},
        "abroad": EXPORT,
    }
    for why, terms in lacking.items():
        done = await desk.decide(await desk.proposed(**terms), Decision.APPROVE)
        assert isinstance(done, Refusal), why
        assert done.code.startswith("impact_assessment_"), why
    # What is not sensitive is assessed for sharing alone; the control.
    plain = await desk.proposed(
        fields=(AgreedField(SharedField.NAME),),
        assessment=await desk.assess(kinds=frozenset({Processing.SHARING})),
    )
    assert isinstance(await desk.decide(plain, Decision.APPROVE), Agreement)
    kinds = frozenset({Processing.SHARING, Processing.SENSITIVE, Processing.EXPORT})
    export = await desk.proposed(**EXPORT, assessment=await desk.assess(kinds=kinds))
    assert isinstance(await desk.decide(export, Decision.APPROVE), Agreement)


@pytest.mark.feature("L13")
async def test_a_withdrawn_assessment_stops_what_rests_on_it_and_is_kept(
    desk: SharingDesk, people: People
) -> None:
    await people.register(NUMBER)
    assessment_id = await desk.assess()
    resting = await desk.in_force(assessment=assessment_id)
    other = await desk.in_force()
    register, key = desk.services[ImpactAssessments], new_key()
    args = (assessment_id, "情况已变化，须重新评估")

    assert await register.withdraw(desk.bureau, new_key(), *args) == NOT_PERMITTED
    first = await register.withdraw(desk.guard, key, *args)
    again = await register.withdraw(desk.guard, key, *args)

    assert isinstance(first, Assessment)
    assert first == again
    assert first.kept_until >= people.city.clock.now() + timedelta(days=3 * 365)
    assert first.kept_until - (first.withdrawn_at or first.recorded_at) == KEPT
    assert await desk.refused(resting) == "agreement_suspended"
    assert (await desk.call(other)).status_code == 200
    resumed = await desk.decide(resting, Decision.RESUME)
    assert resumed == no.ASSESSMENT_NEEDED
    page = await register.page(officer("stf_a", Role.AUDITOR), 10, None)
    assert not isinstance(page, Refusal)
    assert assessment_id in {one.assessment_id for one in page.rows}


async def test_an_assessment_names_what_the_catalogue_has(desk: SharingDesk) -> None:
    now = desk.people.city.clock.now()
    catalogue = frozenset({"residents.name_sealed"})
    whole = desk.assessed(items=catalogue)
    assert assessed_fault(whole, catalogue, now) is None
    for changed in (
        {"items": frozenset({"residents.shoe_size"})},
        {"items": frozenset[str]()},
        {"kinds": frozenset[Processing]()},
        {"title": ""},
        {"impact": " "},
        {"measures": f"见{NUMBER}"},
        {"necessity": "长" * 2001},
        {"ends_at": now - DAY},
    ):
        assert assessed_fault(replace(whole, **changed), catalogue, now) == no.ASSESSMENT_FORM
    done = await desk.services[ImpactAssessments].record(
        desk.bureau, new_key(), desk.assessed(items=frozenset({"residents.shoe_size"}))
    )
    assert done == no.ASSESSMENT_FORM


@pytest.mark.feature("S116")
async def test_officers_do_all_of_it_over_graphql(desk: SharingDesk, people: People) -> None:
    """Registered, assessed, proposed by one, approved by another, read by the auditor."""
    clock = people.city.clock
    staff = {
        role: await people.staff(f"of.{role.value}", role, sequence=f"82{n}", place=BUREAU)
        for n, role in enumerate(
            (
                *(Role.SYSTEM_ADMINISTRATOR, Role.DEPARTMENT_OFFICER),
                *(Role.SECURITY_OFFICER, Role.AUDITOR),
            )
        )
    }
    for one in staff.values():
        await one.sign_in()
    await people.register(NUMBER)

    async def do(role: Role, name: str, chosen: str, **wish: Any) -> Any:
        kind = f"{name[0].upper()}{name[1:]}Input"
        query = f"mutation Do($input: {kind}!) {{ {name}(input: $input) {{ {chosen} }} }}"
        wish = {"idempotencyKey": new_key(), **wish}
        answer = (await staff[role].device.post(query, {"input": wish})).json()
        assert "errors" not in answer, answer
        return answer["data"][name]

    named = {"code": "fund_two", "zh": "公积金二科", "en": "Fund two"}
    system = people.city.stranger()
    pem = system.key.public.to_pem()
    done = await do(
        Role.SYSTEM_ADMINISTRATOR, "registerDataConsumer", "__typename", **named, publicKey=pem
    )
    assert done["__typename"] == "DataConsumerRegistered"
    term = {
        "startsAt": clock.now().isoformat(),
        "endsAt": (clock.now() + 90 * DAY).isoformat(),
    }
    assessed = await do(
        Role.DEPARTMENT_OFFICER,
        "recordImpactAssessment",
        "... on ImpactAssessmentKept { assessment { id keptUntil } } ... on Refusal { code }",
        title="评估",
        kinds=["SHARING"],
        items=["cards.state", "residents.birth_sealed"],
        necessity="必要",
        impact="轻微",
        measures="留痕",
        **term,
    )
    proposed = await do(
        Role.DEPARTMENT_OFFICER,
        "proposeSharingAgreement",
        "... on SharingAgreementKept { agreement { id agreement } } ... on Refusal { code }",
        consumer="fund_two",
        fields=[{"field": "CARD_STATE", "masked": False}, {"field": "AGE_BAND", "masked": False}],
        purpose="withdrawal",
        purposeZh="核定资格",
        purposeEn="deciding",
        basis="STATUTORY_DUTY",
        basisZh="条例",
        basisEn="the regulation",
        perDay=10,
        perMinute=5,
        assessment=assessed["assessment"]["id"],
        **term,
    )
    version = proposed["agreement"]
    state = "... on SharingAgreementKept { agreement { state } } ... on Refusal { code }"
    decided = {"id": version["id"], "decision": "APPROVE", "reason": "合规"}
    own = await do(Role.DEPARTMENT_OFFICER, "decideSharingAgreement", state, **decided)
    assert own == {"code": "not_permitted"}
    approved = await do(Role.SECURITY_OFFICER, "decideSharingAgreement", state, **decided)
    assert approved == {"agreement": {"state": "APPROVED"}}

    content = (await desk.call(version["agreement"], by=system)).json()

    assert content["values"] == {"age_band": "adult", "card_state": "none"}
    nodes = "{ nodes { id } }"
    query = f"{{ sharingAgreements(first: 5) {nodes} impactAssessments {nodes} }}"
    read = (await staff[Role.AUDITOR].device.post(query)).json()["data"]
    assert read["sharingAgreements"]["nodes"][0]["id"] == version["id"]
    assert read["impactAssessments"]["nodes"] == [{"id": assessed["assessment"]["id"]}]
