"""Calls under sharing agreements (S116): the agreed fields and nothing else, or a named refusal."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.foundation.refusals import Refusal
from backend.residents.following import RegisterFollower
from backend.residents.register import ChangeKind
from backend.residents.sandbox import SandboxRegister
from backend.sharing import refusals as no
from backend.sharing.agreements import Agreements
from backend.sharing.assessment_rules import Processing
from backend.sharing.consumers import Consumer
from backend.sharing.exchange import LASTS
from backend.sharing.rules import AgreedField, Decision, LegalBasis, SharedField
from shared.localized_text import LocalizedText
from tests.backend.accounts.actors import People
from tests.backend.actors import id_number, new_key
from tests.backend.sharing.desk import (
    BUREAU,
    EXPORT,
    FIELDS,
    NUMBER,
    PURPOSE,
    TELLS,
    SharingDesk,
    consumer_of,
)
from tests.backend.test_indexes import EXPLAINED, _stages
from tests.support.store import Command

NOBODY = id_number(sequence="919")


@pytest.mark.feature("S116", "L11")
async def test_a_consumer_gets_the_agreed_fields_and_the_person_reads_that_it_did(
    desk: SharingDesk, people: People
) -> None:
    phone = await people.signed_in("911")
    agreement = await desk.in_force()

    answer = await desk.call(agreement)

    content = answer.json()
    assert answer.status_code == 200, content
    assert content["values"] == TELLS
    assert NUMBER not in answer.text
    assert (await desk.call(agreement, fields=["age_band"])).json()["values"] == {
        "age_band": "adult"
    }
    uses = (await phone.ask("DataUse"))["dataUse"]["nodes"]
    read = [one for one in uses if one["receiverCode"] == "housing_fund"]
    assert len(read) == 2
    assert {one["receiverSystem"] for one in read} == {"exchange"}
    texts = [one["action"]["zh"] for one in read]
    assert any(
        PURPOSE.zh in one and "姓名、证件号码（隐去部分）、年龄段" in one and BUREAU.name.zh in one
        for one in texts
    ), texts


@pytest.mark.feature("S116")
async def test_a_call_outside_its_agreement_is_refused_by_name_and_in_the_log(
    desk: SharingDesk, people: People
) -> None:
    await people.register(NUMBER)
    agreement = await desk.in_force()
    other, stranger = consumer_of(people.city), consumer_of(people.city)
    await desk.register(other, "library")

    assert await desk.refused(agreement, fields=["birth"]) == "field_not_agreed"
    assert await desk.refused(agreement, fields=["name", "phone"]) == "field_not_agreed"
    assert await desk.refused(agreement, purpose="marketing") == "purpose_not_agreed"
    assert await desk.refused(agreement, by=stranger) == "data_consumer_unknown"
    # Of another's agreement nothing is said, not even that there is one.
    assert await desk.refused(agreement, by=other) == "sharing_agreement_unknown"
    assert await desk.refused("shr_nosuch", by=other) == "sharing_agreement_unknown"
    assert await desk.refused(agreement, number=NOBODY) == "person_not_shared"
    assert await desk.refused(agreement, number=NUMBER[:-1]) not in {"", "person_not_shared"}

    rows = await desk.rows(action="sharing.answered")
    results = {row["result"].removeprefix("refused:") for row in rows}
    assert results >= {
        *("field_not_agreed", "purpose_not_agreed", "data_consumer_unknown"),
        *("sharing_agreement_unknown", "person_not_shared"),
    }
    assert {row["organisation"]["code"] for row in rows} == {"housing_fund", "library", "unknown"}
    assert NUMBER not in json.dumps(rows, default=str)


@pytest.mark.feature("S131", "L12")
async def test_nothing_crosses_the_border_without_an_agreement_for_it(
    desk: SharingDesk, people: People
) -> None:
    """Of a mainland resident and of the holder of a Hong Kong residence permit alike (L12)."""
    await people.register(NUMBER)
    permit = permit_number()
    assert (await people.register(permit)).startswith("res_")
    inland = await desk.in_force()
    assert (await desk.call(inland)).status_code == 200  # the control: at home it is answered

    await desk.move_abroad()
    assert await desk.refused(inland) == "sharing_abroad_not_agreed"
    assert await desk.refused(inland, number=permit) == "sharing_abroad_not_agreed"
    assert await desk.propose() == no.ABROAD_NOT_AGREED


@pytest.mark.feature("S131", "L12")
async def test_a_transfer_takes_its_way_its_assessment_and_each_persons_separate_consent(
    desk: SharingDesk, people: People
) -> None:
    """PIPL 38, 55 and 39, whatever the ground of PIPL 13; the person reads that data left."""
    phone = await people.signed_in("911")
    await people.register(permit_number())
    consumer = consumer_of(people.city)
    abroad = replace(desk, consumer=consumer)
    await abroad.move_abroad(EXPORT["consumer"])
    wish, filed = dict(EXPORT), EXPORT["transfer"]
    purpose = EXPORT["consent_purpose"]
    for changed, why in (
        ({"transfer": replace(filed, filing="")}, no.TRANSFER_FORM),
        (
            {"transfer": replace(filed, contact=LocalizedText("", "x"))},
            no.TRANSFER_FORM,
        ),
        ({"consent_purpose": None}, no.TRANSFER_CONSENT),
        ({"consent_purpose": "face_check"}, no.TRANSFER_CONSENT),  # to somebody else
        ({"transfer": None, "consent_purpose": None}, no.ABROAD_NOT_AGREED),
    ):
        assert await abroad.propose(**{**wish, **changed}) == why
    unassessed = await abroad.decide(await abroad.proposed(**wish), Decision.APPROVE)
    assert isinstance(unassessed, Refusal)
    kinds = frozenset({Processing.SHARING, Processing.SENSITIVE, Processing.EXPORT})
    export = await abroad.in_force(**wish, assessment=await abroad.assess(kinds=kinds))
    for number in (NUMBER, permit_number()):
        assert await abroad.refused(export, number=number) == "person_not_shared"

    await phone.do("GiveConsent", idempotencyKey=new_key(), purpose=purpose, version=1)

    assert (await abroad.call(export)).json()["values"] == TELLS
    [read] = [
        one["action"]
        for one in (await phone.ask("DataUse"))["dataUse"]["nodes"]
        if one["receiverCode"] == EXPORT["consumer"] and "标准合同" in one["action"]["zh"]
    ]
    assert "向境外" in read["zh"]
    assert "abroad" in read["en"]
    await phone.do("WithdrawConsent", idempotencyKey=new_key(), purpose=purpose)
    assert await abroad.refused(export) == "person_not_shared"


def permit_number() -> str:
    """Return the number of a residence permit of a Hong Kong resident 港澳台居民居住证."""
    body = "81000019880312901"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


async def test_an_agreement_answers_only_while_it_is_in_force(
    desk: SharingDesk, people: People
) -> None:
    await people.register(NUMBER)
    clock, day = people.city.clock, timedelta(days=1)
    now = clock.now()
    agreement = await desk.proposed(starts_at=now + day, ends_at=now + 10 * day)
    assert await desk.refused(agreement) == "agreement_not_in_force"
    await desk.decided(agreement, Decision.APPROVE)
    assert await desk.refused(agreement) == "agreement_not_begun"
    clock.advance(day.total_seconds())
    assert (await desk.call(agreement)).status_code == 200
    await desk.decided(agreement, Decision.SUSPEND)
    assert await desk.refused(agreement) == "agreement_suspended"
    await desk.decided(agreement, Decision.RESUME)
    assert (await desk.call(agreement)).status_code == 200
    clock.advance(9 * day.total_seconds())
    assert await desk.refused(agreement) == "agreement_expired"
    await desk.decided(agreement, Decision.END)
    assert await desk.refused(agreement) == "agreement_ended"


async def test_a_new_version_counts_from_its_approval_and_the_old_one_stays_on_record(
    desk: SharingDesk, people: People
) -> None:
    await people.register(NUMBER)
    first = await desk.in_force()
    second = await desk.proposed(first.agreement, fields=(AgreedField(SharedField.BIRTH, True),))
    assert (await desk.call(first)).json()["values"] == TELLS
    await desk.decided(second, Decision.APPROVE)

    content = (await desk.call(first)).json()

    assert (content["version"], content["values"]) == (2, {"birth": "1988-**-**"})
    page = await desk.services[Agreements].page(desk.bureau, 10, None)
    assert not isinstance(page, Refusal)
    states = {one.version: (one.state.value, one.terms.fields) for one in page.rows}
    assert states[1] == ("superseded", FIELDS)
    assert states[2][0] == "approved"


async def test_the_rate_holds_for_calls_side_by_side_and_for_unknown_people_too(
    desk: SharingDesk, people: People
) -> None:
    await people.register(NUMBER)
    agreement = await desk.in_force(per_minute=3, per_day=5)
    answers = await asyncio.gather(
        *(desk.call(agreement, number=number) for number in (NUMBER, NOBODY) * 3)
    )
    codes = [one.status_code for one in answers]
    assert codes.count(429) == 3
    assert await desk.refused(agreement) == "rate_minute"
    people.city.clock.advance(60)
    assert [(await desk.call(agreement)).status_code for _ in range(2)] == [200, 200]
    assert await desk.refused(agreement) == "rate_day"
    assert {"refused:rate_minute", "refused:rate_day"} <= {
        row["result"] for row in await desk.rows(action="sharing.answered")
    }


async def test_a_repeated_call_is_one_call(desk: SharingDesk, people: People) -> None:
    await people.register(NUMBER)
    agreement, key = await desk.in_force(per_minute=1, per_day=1), new_key()

    answers = [await desk.call(agreement, idempotency_key=key) for _ in range(3)]

    assert {one.text for one in answers} == {answers[0].text}
    assert answers[0].status_code == 200
    assert len(await desk.rows(action="sharing.answered", result="ok")) == 1
    altered = await desk.refused(agreement, idempotency_key=key, number=NOBODY)
    assert altered == "idempotency_key_reused"
    await desk.decided(agreement, Decision.SUSPEND)
    assert await desk.refused(agreement, idempotency_key=key) == "agreement_suspended"
    await desk.decided(agreement, Decision.RESUME)
    people.city.clock.advance(LASTS.total_seconds() + 1)
    assert await desk.refused(agreement, idempotency_key=key) == "shared_answer_over"
    stored = people.city.house.store.database["kept_answers"]
    assert NUMBER not in str(await stored.find().to_list())


@pytest.mark.feature("L11")
async def test_who_is_not_covered_is_answered_like_who_is_not_known(
    desk: SharingDesk, people: People, sent: list[Command]
) -> None:
    """Not consented, deceased and unknown: one refusal, and the same questions to the store."""
    dead = id_number(sequence="912")
    phone = await people.signed_in("911")
    await people.register(dead)
    register = desk.services[SandboxRegister]
    register.report("c1", ChangeKind.DEATH, dead)
    await desk.services[RegisterFollower].follow()
    terms = {"basis": LegalBasis.CONSENT, "consent_purpose": "health_records"}
    agreement = await desk.in_force(**terms)

    said, asked = set(), set()
    for number in (NUMBER, dead, NOBODY):
        sent.clear()
        answer = await desk.call(agreement, number=number)
        said.add((answer.status_code, answer.text))
        asked.add(tuple((name, command.get(name)) for name, command in sent))
    assert len(said) == len(asked) == 1
    assert "person_not_shared" in said.pop()[1]

    await phone.do("GiveConsent", idempotencyKey=new_key(), purpose="health_records", version=1)
    assert (await desk.call(agreement)).json()["values"] == TELLS
    await phone.do("WithdrawConsent", idempotencyKey=new_key(), purpose="health_records")
    assert await desk.refused(agreement) == "person_not_shared"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"fields": []}, "shared_request_form"),
        ({"fields": "name"}, "shared_request_form"),
        ({"fields": [{"$ne": 1}]}, "shared_request_form"),
        ({"fields": ["name"] * 21}, "shared_request_form"),
        ({"number": {"$gt": ""}}, "shared_request_form"),
        ({"number": None}, "shared_request_form"),
        ({"purpose": "x\0y"}, "shared_request_form"),
        ({"agreement": "\ud800"}, "shared_request_form"),
        ({"agreement": "../../etc"}, "sharing_agreement_unknown"),
        ({"idempotency_key": "kurz"}, "idempotency_key_form"),
        ({"fields": ["name", "__class__"]}, "field_not_agreed"),
    ],
)
async def test_hostile_input_is_a_named_refusal(
    desk: SharingDesk, changed: dict[str, Any], code: str
) -> None:
    agreement = await desk.in_force()

    assert await desk.refused(agreement, **changed) == code


async def test_bodies_that_are_no_object_and_requests_without_a_proof(desk: SharingDesk) -> None:
    for body in (b"", b"[]", b"{", b"[" * 100_000, b"\xff"):
        answer = await desk.consumer.send("POST", "/sharing/v1/requests", body)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")
    bare = await desk.consumer.client.post("/sharing/v1/requests", json={})
    assert (bare.status_code, bare.json()["code"]) == (401, "proof_missing")


async def test_a_replaced_key_is_refused_and_no_two_systems_have_one(
    desk: SharingDesk, people: People
) -> None:
    await people.register(NUMBER)
    agreement, new = await desk.in_force(), consumer_of(people.city)
    assert (await desk.register(new, "library", desk.consumer.key.public.to_pem())) == (
        no.CONSUMER_KEY_IN_USE
    )
    assert await desk.register(new, "housing_fund", "no key") == no.CONSUMER_FORM
    assert isinstance(await desk.register(new, "housing_fund"), Consumer)
    assert await desk.refused(agreement) == "data_consumer_unknown"
    assert (await desk.call(agreement, by=new)).status_code == 200


async def test_every_query_has_its_index(
    desk: SharingDesk, people: People, sent: list[Command]
) -> None:
    await people.register(NUMBER)
    agreement = await desk.in_force()
    await desk.call(agreement)
    await desk.decided(agreement, Decision.SUSPEND)
    page = await desk.services[Agreements].page(desk.guard, 1, None)
    assert not isinstance(page, Refusal)
    await desk.services[Agreements].page(desk.guard, 1, page.rows[0].position, page.rows[0].state)
    asked = [command for name, command in sent if name in EXPLAINED]
    for command in asked:
        assert "COLLSCAN" not in await _stages(people.city.house, command), command
    collections = {command[name] for name, command in sent if name in EXPLAINED}
    assert {"sharing_agreements", "data_consumers", "sharing_counts"} <= collections
